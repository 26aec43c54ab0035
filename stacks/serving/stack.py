"""One use case's endpoint: model, configuration, safe updates, scaling; and its batches."""

import re
from collections.abc import Mapping
from functools import cached_property
from itertools import chain

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import BatchTransform, Shared, UseCase
from stacks.foundation.stack import FoundationStack
from stacks.parts.encryption import create_log_group
from stacks.parts.images import SERVING_ENVIRONMENT
from stacks.parts.layout import MODEL_DATA
from stacks.parts.model_version import ModelVersion
from stacks.parts.place import COMPONENT_LOGS
from stacks.permissions.acknowledgements import acknowledge, checkov, security_hub
from stacks.permissions.roles import arn_of
from stacks.serving.alarms import create_rollback_alarms, watched_fleet
from stacks.serving.asynchronous import AsynchronousMode
from stacks.serving.batch import ScheduledBatch, environment_of
from stacks.serving.component import SharedComponent
from stacks.serving.mode import Mode, Runtime, isolated
from stacks.serving.real_time import RealTime
from stacks.serving.serverless import ServerlessMode
from stacks.serving.shared_endpoint import SharedEndpointStack
from stacks.serving.updates import deployment_config
from stacks.serving.variants import Variant, id_of, variants_of
from stacks.use_case_stack import UseCaseStack

REGISTRY = {
    "aws": "The container is AWS's own XGBoost image, which SageMaker fetches from AWS's registry; in a "
    "private registry it would be a copy that somebody has to keep patched.",
    "own": "SageMaker fetches the container from the account's own registry in ECR, where nothing but its "
    "build can push; a private registry would be one outside of AWS.",
}
# How the requests are shared is what the configuration says, whoever has changed it in between.
_WEIGHTS = [sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type="DesiredWeight")]


class ServingStack(UseCaseStack):
    """The endpoint of one use case in one environment. Holds no data: it can be deleted and deployed again.

    A new model version replaces model and endpoint configuration and updates the endpoint without downtime;
    if an alarm fires meanwhile, SageMaker puts the old fleet back. On a shared endpoint the model is a
    component of it, and its copies are what changes.
    """

    kind = "serving"
    purpose = "One use case's endpoint: model, configuration, safe updates, scaling; and its batches."

    def __init__(
        self,
        scope: Construct,
        foundation: FoundationStack,
        use_case: UseCase,
        together: SharedEndpointStack | None = None,
    ) -> None:
        """`together` is the endpoint of those use cases that share one."""
        super().__init__(scope, foundation, use_case)
        self.version = ModelVersion(self, self.deployment)
        self._shared = self.deployment.endpoint.shared
        self._together = together
        logs = ("Component", COMPONENT_LOGS) if self._shared else ("Endpoint", "/aws/sagemaker/Endpoints")
        create_log_group(
            self,
            f"{logs[0]}Logs",
            key=foundation.key,
            retention_days=self.settings.log_retention_days,
            name=f"{logs[1]}/{self.fixed_name}",
        )
        if self.version.exists:
            served = self._create_component(self._shared) if self._shared else self._create_endpoint()
            if self.deployment.batch:
                self._create_batch(self.deployment.batch, served)
        asked = self.place.shared_endpoint if self._shared else self.fixed_name
        cdk.CfnOutput(self, "EndpointName", value=self.version.only_with_model(asked))
        if self._shared:
            name = self.version.only_with_model(self.fixed_name)
            cdk.CfnOutput(self, "InferenceComponentName", value=name)
        cdk.CfnOutput(self, "DeployedModelVersion", value=self.version.value)

    def _create_component(self, shared: Shared) -> cdk.CfnResource:
        together = self._together
        assert together is not None, "config/checks/shared_endpoint.py"
        runtime = Runtime(together.role, {}, isolated(self.foundation.network))
        model = self._create_model("Model", self.version.value, runtime)
        component, *others = SharedComponent(self, shared).create(model, together.endpoint_name)
        self.version.require([model, component, *others])
        # The release holds it against the component.
        self.version.tell("ComponentModelName", model.attr_model_name)
        return component

    def _create_endpoint(self) -> sagemaker.CfnEndpoint:
        mode, asked = self._choose_mode(), self.deployment.endpoint
        variants = variants_of(self.deployment, self.version.value)
        models = {
            each: self._create_model(id_of(each.name, "Model"), each.version, mode.runtime)
            for each in variants
        }
        for model in models.values() if mode.open_because else ():
            acknowledge(model, mode.open_because, security_hub(5), checkov("CKV_AWS_370"))
        configuration = self._create_configuration(models, mode)
        configuration_name = configuration.attr_endpoint_config_name
        alarms = {
            variant: create_rollback_alarms(
                self, watched_fleet(self.fixed_name, variant.name, configuration_name), asked.latency_p99_ms
            )
            for variant in variants
        }
        # Nobody waits for a shadow: people are told that it fails, and what answers stays.
        deciding = [alarm for variant in variants if not variant.is_shadow for alarm in alarms[variant]]
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.fixed_name,
            endpoint_config_name=configuration_name,
            deployment_config=deployment_config(asked.update, mode.update_strategy, deciding),
            retain_all_variant_properties=mode.keeps_instances,
            exclude_retained_variant_properties=_WEIGHTS if len(variants) > 1 else None,
        )
        resources = [*models.values(), configuration, endpoint, *mode.scale(endpoint, variants)]
        self.version.require([*resources, *chain.from_iterable(alarms.values())])
        # The release holds it against the endpoint.
        self.version.tell("EndpointConfigName", configuration_name)
        return endpoint

    def _create_batch(self, batch: BatchTransform, served: cdk.CfnResource) -> None:
        """With a model of its own: a job has the rights of its model, and an endpoint may read no rows."""
        role, inside = self.foundation.job_roles.batch_transform, isolated(self.foundation.network)
        runtime = Runtime(role, environment_of(batch), inside)
        model = self._create_model("BatchModel", self.version.value, runtime)
        machine, *others = ScheduledBatch(self, batch, model, self.version.value).create()
        # A version that the alarms bring back has predicted no night.
        machine.add_resource_dependency(served)
        self.version.require([model, machine, *others])
        layout, use_case = self.foundation.layout, self.use_case.name
        cdk.CfnOutput(self, "BatchInputFolder", value=layout.batch_input.key(use_case, ""))
        cdk.CfnOutput(self, "BatchOutputFolder", value=layout.batch_output.key(use_case, ""))

    def _choose_mode(self) -> Mode:
        if asynchronous := self.deployment.endpoint.asynchronous:
            return AsynchronousMode(self, asynchronous)
        if serverless := self.deployment.endpoint.serverless:
            return ServerlessMode(self, serverless)
        return RealTime(self)

    def _create_model(self, construct_id: str, version: str, runtime: Runtime) -> sagemaker.CfnModel:
        """It serves the files that the release has taken: what is said of a version later changes nothing."""
        models = self.foundation.layout.models
        model = sagemaker.CfnModel(
            self,
            construct_id,
            execution_role_arn=arn_of(runtime.role),
            containers=[
                sagemaker.CfnModel.ContainerDefinitionProperty(
                    image=self._image,
                    model_data_url=models.uri(self.use_case.name, version, MODEL_DATA),
                    environment={**SERVING_ENVIRONMENT, **runtime.environment},
                )
            ],
            **runtime.place,
        )
        acknowledge(model, REGISTRY[self.use_case.image], security_hub(19))
        return model

    @cached_property
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

    def _create_configuration(
        self, models: Mapping[Variant, sagemaker.CfnModel], mode: Mode
    ) -> sagemaker.CfnEndpointConfig:
        config = sagemaker.CfnEndpointConfig
        made = {
            variant: config.ProductionVariantProperty(
                variant_name=variant.name,
                model_name=model.attr_model_name,
                initial_variant_weight=variant.weight,
                **mode.size(),
            )
            for variant, model in models.items()
        }
        shadows = [each for variant, each in made.items() if variant.is_shadow]
        configuration = config(
            self,
            "EndpointConfig",
            kms_key_id=self.foundation.key_arn,
            production_variants=[each for variant, each in made.items() if not variant.is_shadow],
            shadow_production_variants=shadows or None,
            **mode.configure(),
        )
        if mode.first_instances == 1:
            acknowledge(configuration, mode.alone_because, security_hub(4))
        return configuration
