"""An endpoint that answers at once, and records what it is asked and answers."""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import WITHOUT_GUARDRAILS, UpdateStrategy
from stacks.serving.mode import ONE_INSTANCE, Mode
from stacks.serving.scaling import create_scaling, fewest_instances
from stacks.serving.variants import Variant
from stacks.use_case_stack import UseCaseStack


class RealTime(Mode):
    """Scaled by the requests of a minute; at least one instance always runs."""

    keeps_instances = True

    def __init__(self, stack: UseCaseStack) -> None:
        super().__init__(stack)
        self.alone_because = self.resources.instances.because or ONE_INSTANCE

    @property
    def role(self) -> iam.Role:
        return self.stack.foundation.job_roles.endpoint

    @property
    def fewest_instances(self) -> int:
        return fewest_instances(self.resources, self.stack.settings.off_hours)

    @property
    def update_strategy(self) -> UpdateStrategy:
        """A second version comes and goes with a share of nothing, and only then without guardrails.

        AWS has them between the same variants only, and by parts a template cannot know which were there:
        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        """
        other = self.stack.deployment.beside
        if other is None:
            return super().update_strategy
        return self.resources.update.strategy or ("all-at-once" if other.share else WITHOUT_GUARDRAILS)

    def configure(self) -> dict[str, Any]:
        config, foundation = sagemaker.CfnEndpointConfig, self.stack.foundation
        share = self.stack.deployment.monitoring.capture_percentage
        captured = config.DataCaptureConfigProperty(
            enable_capture=share > 0,
            initial_sampling_percentage=share,
            destination_s3_uri=f"s3://{foundation.buckets.capture.bucket_name}",
            kms_key_id=foundation.key_arn,
            capture_options=[
                config.CaptureOptionProperty(capture_mode="Input"),
                config.CaptureOptionProperty(capture_mode="Output"),
            ],
            capture_content_type_header=config.CaptureContentTypeHeaderProperty(
                csv_content_types=["text/csv"], json_content_types=["application/json"]
            ),
        )
        return {"data_capture_config": captured}

    def scale(self, endpoint: sagemaker.CfnEndpoint, variants: Sequence[Variant]) -> list[cdk.CfnResource]:
        """A variant that is asked nothing does not scale: AWS removes none that does.

        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
        """
        return [
            resource
            for variant in variants
            if variant.weight
            for resource in create_scaling(self.stack, endpoint, variant.name)
        ]
