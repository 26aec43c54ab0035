"""Endpoints: created, updated blue/green, deleted."""

import json
from collections.abc import Mapping

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.endpoints.deployment import Deployer, Endpoint
from tools.local_aws.sagemaker.endpoints.fleet import Fleet
from tools.local_aws.sagemaker.endpoints.models import Models, table_of
from tools.local_aws.sagemaker.endpoints.variants import changed_variants, refuse_other_variants
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, now

_IN_PROGRESS = ("Creating", "Updating", "RollingBack")


class Endpoints:
    """The endpoints and their deployments."""

    def __init__(self, account: Account, models: Models) -> None:
        self.account = account
        self.models = models
        self._deployer = Deployer(account, models)
        self.table = table_of(account, "endpoint", "endpoint")
        self._live: dict[str, Endpoint] = {}
        self.components: Mapping[str, Endpoint] = {}
        """The models that endpoints without a model of their own host, by name."""

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateEndpoint": self._create,
            "DescribeEndpoint": self._describe,
            "ListEndpoints": lambda request: page(
                self.table.values(), request, "Endpoints", "EndpointName", "EndpointStatus"
            ),
            "UpdateEndpoint": self._update,
            "UpdateEndpointWeightsAndCapacities": self._resize,
            "DeleteEndpoint": self._delete,
        }

    def live(self, name: str) -> Endpoint | None:
        """The endpoint behind an invocation."""
        return self._live.get(name)

    def flush(self) -> None:
        """Writes what the endpoints captured and measured."""
        for endpoint in [*self._live.values(), *self.components.values()]:
            if endpoint.fleet is not None:
                endpoint.fleet.flush()

    def _create(self, request: Members) -> Members:
        name, config = request["EndpointName"], self.models.configs.get(request["EndpointConfigName"])
        arn, created = self.account.arn("endpoint", name), now()
        record = {
            "EndpointName": name,
            "EndpointArn": arn,
            "EndpointConfigName": config["EndpointConfigName"],
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        self.table.add(name, record)
        self.account.tags.register(arn, request.get("Tags"))
        endpoint = self._live[name] = Endpoint(record)
        self._deployer.set_status(endpoint, "Creating")
        self._deployer.start(endpoint, config, request)
        return {"EndpointArn": arn}

    def _update(self, request: Members) -> Members:
        record = self.table.get(request["EndpointName"])
        config = self.models.configs.get(request["EndpointConfigName"])
        endpoint = self._live[record["EndpointName"]]
        _refuse_in_progress(record)
        if endpoint.fleet and _is_serverless(config) and not _is_serverless(endpoint.fleet.config):
            # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
            raise ValidationError("An endpoint with instances cannot become serverless.")
        was_asynchronous = endpoint.fleet and "AsyncInferenceConfig" in endpoint.fleet.config
        if was_asynchronous and "AsyncInferenceConfig" not in config:
            # https://github.com/aws/sagemaker-python-sdk/pull/3124
            raise ValidationError("The AsyncInferenceConfig parameter cannot be removed from this endpoint.")
        if endpoint.fleet:
            _refuse_another_kind(endpoint.fleet, config)
            refuse_other_variants(endpoint.fleet.config, config, request)
            self._refuse_scaled(record["EndpointName"], endpoint.fleet.config, config)
        self._deployer.set_status(endpoint, "Updating")
        self._deployer.start(endpoint, config, request)
        return {"EndpointArn": record["EndpointArn"]}

    def _refuse_scaled(self, name: str, old: Members, new: Members) -> None:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html."""
        changed = {f"endpoint/{name}/variant/{variant}": variant for variant in changed_variants(old, new)}
        if not changed:
            return
        scaling = self.account.context.client("application-autoscaling")
        found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=list(changed))
        if scaled := [changed[target["ResourceId"]] for target in found["ScalableTargets"]]:
            raise ValidationError(
                f'The variant(s) "{json.dumps(scaled)}" must be deregistered as scalable targets with AWS '
                "Auto Scaling before they can be removed or have their instance type updated."
            )

    def _resize(self, request: Members) -> Members:
        """Weights and capacities change a moment later, all or none; until then it is Updating."""
        record = self.table.get(request["EndpointName"])
        endpoint = self._live[record["EndpointName"]]
        _refuse_in_progress(record)
        variants = endpoint.fleet.all if endpoint.fleet else {}
        changes = {change["VariantName"]: change for change in request["DesiredWeightsAndCapacities"]}
        for name in changes:
            if name not in variants:
                raise ValidationError(f"Variant {name} does not exist.")
        self._deployer.resize(endpoint, changes)
        return {"EndpointArn": record["EndpointArn"]}

    def _describe(self, request: Members) -> Members:
        record = self.table.get(request["EndpointName"])
        endpoint = self._live[record["EndpointName"]]
        fleet, rollout = endpoint.fleet, endpoint.rollout
        shown = record | ({"PendingDeploymentSummary": rollout.summary} if rollout else {})
        if fleet is None:
            return shown
        shown["ProductionVariants"] = [variant.summary for variant in fleet.variants.values()]
        if fleet.shadows:
            shown["ShadowProductionVariants"] = [variant.summary for variant in fleet.shadows.values()]
        capture = fleet.config.get("DataCaptureConfig")
        if capture:
            enabled = capture.get("EnableCapture", True)
            shown["DataCaptureConfig"] = {
                "EnableCapture": enabled,
                "CaptureStatus": "Started" if enabled else "Stopped",
                "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
                "DestinationS3Uri": capture["DestinationS3Uri"],
                "KmsKeyId": capture.get("KmsKeyId", ""),
            }
        return shown

    def _delete(self, request: Members) -> None:
        record = self.table.get(request["EndpointName"])
        endpoint = self._live[record["EndpointName"]]
        if record["EndpointStatus"] in _IN_PROGRESS:
            # https://github.com/aws/amazon-sagemaker-examples/pull/3188
            raise _in_progress(record)
        with endpoint.lock:
            self._deployer.set_status(endpoint, "Deleting")
            fleet, endpoint.fleet = endpoint.fleet, None
        if fleet is not None:
            fleet.stop()
        self._leave_components_behind(record["EndpointName"])
        self.table.remove(record["EndpointName"])
        del self._live[record["EndpointName"]]
        self.account.tags.forget(record["EndpointArn"])

    def _leave_components_behind(self, name: str) -> None:
        """They survive without servers, say that they are in service, and keep their names.

        https://github.com/huggingface/skills, hf-cloud-sagemaker-deploy, July 2026.
        """
        for component in self.components.values():
            if component.record["EndpointName"] == name and component.fleet is not None:
                component.fleet.stop()
                component.fleet = None


def _refuse_another_kind(fleet: Fleet, config: Members) -> None:
    """In words of ours: components are on endpoints that were made for them."""
    if fleet.hosts_components != any("ModelName" not in each for each in config["ProductionVariants"]):
        raise ValidationError("An endpoint hosts either models or inference components, from its begin on.")


def _refuse_in_progress(record: Members) -> None:
    if record["EndpointStatus"] != "InService":
        # Of one that failed: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
        raise _in_progress(record)


def _in_progress(record: Members) -> ValidationError:
    return ValidationError(
        f'Cannot update in-progress endpoint "{record["EndpointArn"]}": it is {record["EndpointStatus"]}.'
    )


def _is_serverless(config: Members) -> bool:
    return any("ServerlessConfig" in variant for variant in config["ProductionVariants"])
