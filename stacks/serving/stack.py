"""One use case's real-time endpoint: model, configuration, safe updates, scaling."""

import re

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import UseCase
from stacks.foundation.stack import FoundationStack
from stacks.parts.encryption import create_log_group
from stacks.parts.images import SERVING_ENVIRONMENT
from stacks.parts.layout import MODEL_DATA
from stacks.parts.model_version import ModelVersion
from stacks.permissions.acknowledgements import acknowledge, security_hub
from stacks.serving.alarms import create_rollback_alarms
from stacks.serving.scaling import create_scaling, fewest_instances
from stacks.serving.updates import deployment_config
from stacks.use_case_stack import UseCaseStack

# Stable on purpose: scaling targets and metrics are bound to the variant's name.
VARIANT = "AllTraffic"
ONE_INSTANCE = (
    "An environment that is not protected against deletion serves nobody who depends on it: one instance, "
    "at half the cost, is enough to try a model out."
)

REGISTRY = {
    "aws": "The container is AWS's own XGBoost image, which SageMaker fetches from AWS's registry; in a "
    "private registry it would be a copy that somebody has to keep patched.",
    "own": "SageMaker fetches the container from the account's own registry in ECR, where nothing but its "
    "build can push; a private registry would be one outside of AWS.",
}


class ServingStack(UseCaseStack):
    """The endpoint of one use case in one environment. Holds no data: it can be deleted and deployed again.

    A new model version replaces model and endpoint configuration and updates the endpoint without downtime;
    if an alarm fires meanwhile, SageMaker puts the old fleet back.
    """

    kind = "serving"
    purpose = "One use case's real-time endpoint: model, configuration, safe updates, scaling."

    def __init__(self, scope: Construct, foundation: FoundationStack, use_case: UseCase) -> None:
        super().__init__(scope, foundation, use_case)
        self.off_hours = self.settings.off_hours
        self.version = ModelVersion(self, self.deployment)
        create_log_group(
            self,
            "EndpointLogs",
            key=foundation.key,
            retention_days=self.settings.log_retention_days,
            name=f"/aws/sagemaker/Endpoints/{self.fixed_name}",
        )
        if self.version.exists:
            self._create_endpoint()
        cdk.CfnOutput(self, "EndpointName", value=self.version.only_with_model(self.fixed_name))
        cdk.CfnOutput(self, "DeployedModelVersion", value=self.version.value)

    def _create_endpoint(self) -> None:
        model = self._create_model()
        configuration = self._create_configuration(model)
        update, configuration_name = self.deployment.endpoint.update, configuration.attr_endpoint_config_name
        alarms = create_rollback_alarms(self, VARIANT, configuration_name, update.latency_p99_ms)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.fixed_name,
            endpoint_config_name=configuration_name,
            deployment_config=deployment_config(update, self._fewest_instances, alarms),
            # Without it an update would reset the instance count that scaling has chosen.
            retain_all_variant_properties=True,
        )
        scaling = create_scaling(
            endpoint, variant=VARIANT, resources=self.deployment.endpoint, off_hours=self.off_hours
        )
        alarm_resources = [alarm.node.default_child for alarm in alarms]
        resources = [model, configuration, endpoint, *scaling, *alarm_resources]
        self.version.require(resource for resource in resources if isinstance(resource, cdk.CfnResource))
        # The release holds it against the endpoint.
        self.version.tell("EndpointConfigName", configuration_name)

    @property
    def _fewest_instances(self) -> int:
        return fewest_instances(self.deployment.endpoint, self.off_hours)

    def _create_model(self) -> sagemaker.CfnModel:
        """It serves the files that the release has taken: what is said of a version later changes nothing."""
        network, models = self.foundation.network, self.foundation.layout.models
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.foundation.job_roles.endpoint.role_arn,
            enable_network_isolation=True,
            containers=[
                sagemaker.CfnModel.ContainerDefinitionProperty(
                    image=self._image(),
                    model_data_url=models.uri(self.use_case.name, self.version.value, MODEL_DATA),
                    environment=SERVING_ENVIRONMENT,
                )
            ],
            vpc_config=sagemaker.CfnModel.VpcConfigProperty(
                subnets=network.subnet_ids, security_group_ids=network.security_group_ids
            ),
        )
        acknowledge(model, REGISTRY[self.use_case.image], security_hub(19))
        return model

    def _image(self) -> str:
        """The one of the version: of a new one it is known when the release has read it."""
        if not self.version.is_parameter:
            return self.image
        repositories = "|".join(map(re.escape, self.images.repositories(self.use_case)))
        return cdk.CfnParameter(
            self,
            "ModelImage",
            type="String",
            default=self.image,
            allowed_pattern=f"({repositories})(:[0-9A-Za-z._-]+|@sha256:[0-9a-f]{{64}})",
            description="Image of the model package; set by the release, kept by every deployment",
        ).value_as_string

    def _create_configuration(self, model: sagemaker.CfnModel) -> sagemaker.CfnEndpointConfig:
        config = sagemaker.CfnEndpointConfig
        resources = self.deployment.endpoint
        key_arn = self.foundation.key.key_arn
        configuration = config(
            self,
            "EndpointConfig",
            kms_key_id=key_arn,
            production_variants=[
                config.ProductionVariantProperty(
                    variant_name=VARIANT,
                    model_name=model.attr_model_name,
                    instance_type=resources.instance_type,
                    initial_instance_count=resources.instances.min,
                    initial_variant_weight=1,
                )
            ],
            data_capture_config=config.DataCaptureConfigProperty(
                enable_capture=self.deployment.monitoring.capture_percentage > 0,
                initial_sampling_percentage=self.deployment.monitoring.capture_percentage,
                destination_s3_uri=f"s3://{self.foundation.buckets.capture.bucket_name}",
                kms_key_id=key_arn,
                capture_options=[
                    config.CaptureOptionProperty(capture_mode="Input"),
                    config.CaptureOptionProperty(capture_mode="Output"),
                ],
                capture_content_type_header=config.CaptureContentTypeHeaderProperty(
                    csv_content_types=["text/csv"], json_content_types=["application/json"]
                ),
            ),
        )
        if resources.instances.min == 1:
            acknowledge(configuration, resources.instances.because or ONE_INSTANCE, security_hub(4))
        return configuration
