"""An endpoint that answers at once, and records what it is asked and answers."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from stacks.serving.mode import VARIANT, Mode
from stacks.serving.scaling import create_scaling, fewest_instances
from stacks.use_case_stack import UseCaseStack

ONE_INSTANCE = (
    "An environment that is not protected against deletion serves nobody who depends on it: one instance, "
    "at half the cost, is enough to try a model out."
)


class RealTime(Mode):
    """Scaled by the requests of a minute; at least one instance always runs."""

    keeps_instances = True

    def __init__(self, stack: UseCaseStack) -> None:
        super().__init__(stack)
        self.alone_because = self.resources.instances.because or ONE_INSTANCE

    @property
    def role(self) -> iam.IRole:
        return self.stack.foundation.job_roles.endpoint

    @property
    def fewest_instances(self) -> int:
        return fewest_instances(self.resources, self.stack.settings.off_hours)

    def configure(self) -> dict[str, Any]:
        config, foundation = sagemaker.CfnEndpointConfig, self.stack.foundation
        share = self.stack.deployment.monitoring.capture_percentage
        captured = config.DataCaptureConfigProperty(
            enable_capture=share > 0,
            initial_sampling_percentage=share,
            destination_s3_uri=f"s3://{foundation.buckets.capture.bucket_name}",
            kms_key_id=foundation.key.key_arn,
            capture_options=[
                config.CaptureOptionProperty(capture_mode="Input"),
                config.CaptureOptionProperty(capture_mode="Output"),
            ],
            capture_content_type_header=config.CaptureContentTypeHeaderProperty(
                csv_content_types=["text/csv"], json_content_types=["application/json"]
            ),
        )
        return {"data_capture_config": captured}

    def scale(self, endpoint: sagemaker.CfnEndpoint) -> list[cdk.CfnResource]:
        off_hours = self.stack.settings.off_hours
        return create_scaling(endpoint, variant=VARIANT, resources=self.resources, off_hours=off_hours)
