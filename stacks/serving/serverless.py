"""An endpoint without instances: AWS runs the model when it is asked, outside of the environment's network.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import Serverless
from stacks.serving.mode import Mode
from stacks.use_case_stack import UseCaseStack


class ServerlessMode(Mode):
    """Neither network nor isolation nor data capture: AWS has none of them here. The configuration says why.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html
    """

    fewest_instances = first_instances = 0

    def __init__(self, stack: UseCaseStack, serverless: Serverless) -> None:
        super().__init__(stack)
        self._serverless = serverless
        self.open_because = f"AWS has no isolation for serverless endpoints: {serverless.because}"

    @property
    def role(self) -> iam.Role:
        return self.stack.foundation.job_roles.serverless

    def isolate(self) -> dict[str, Any]:
        return {}

    def size(self) -> dict[str, Any]:
        return {
            "serverless_config": sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                memory_size_in_mb=self._serverless.memory_mb,
                max_concurrency=self._serverless.max_concurrency,
                provisioned_concurrency=self._serverless.provisioned_concurrency,
            )
        }

    def configure(self) -> dict[str, Any]:
        return {}
