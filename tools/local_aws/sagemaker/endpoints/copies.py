"""The copies of one inference component, and which endpoint has room for them.

One model server stands for all copies, as one does for all instances of a variant.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.deployment import Endpoint
from tools.local_aws.sagemaker.endpoints.fleet import Fleet, Variant
from tools.local_aws.sagemaker.endpoints.instances import Space, instances_for, space_of
from tools.local_aws.sagemaker.endpoints.models import Models, ServedModel
from tools.local_aws.sagemaker.store import Members, now


@dataclass
class Copies(Fleet):
    """What serves one version of a component; its configuration is made of the component's request."""

    logs: ClassVar[str] = "/aws/sagemaker/InferenceComponents"
    shared_load: ClassVar[str] = "InvocationsPerCopy"

    def _served(self, variant: Members, models: Models) -> ServedModel:
        """It acts as the role of the endpoint's configuration.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
        """
        return replace(super()._served(variant, models), role_arn=self.config["ExecutionRoleArn"])

    def _named(self, variant: Variant) -> list[tuple[dict[str, str], datetime]]:  # noqa: ARG002
        """Old and new copies are measured together: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html."""
        return [({"InferenceComponentName": self.endpoint}, now() + self.ahead)]


@dataclass
class Component(Endpoint):
    """One inference component: what Describe answers, and the copies that answer its requests."""

    def begin(self, account: Account, host: Endpoint, specification: Members, count: int) -> Copies:
        """Copies of a specification on an endpoint, not yet started."""
        assert host.fleet is not None
        name = self.record["InferenceComponentName"]
        variant = {
            "VariantName": self.record["VariantName"],
            "ModelName": specification["ModelName"],
            "InitialInstanceCount": count,
        }
        config = {
            "EndpointConfigName": name,
            "ExecutionRoleArn": host.fleet.config["ExecutionRoleArn"],
            "ProductionVariants": [variant],
        }

        def failed(reason: str) -> None:
            if self.fleet is copies:
                self.record["FailureReason"] = reason

        copies = Copies(account, name, config, failed)
        return copies

    @property
    def count(self) -> int:
        """Copies that run."""
        return self.fleet.instances if self.fleet else 0

    @property
    def each(self) -> Space:
        """What is kept for a copy."""
        return space_kept(self.record["Specification"])


def space_kept(specification: Members) -> Space:
    kept = specification["ComputeResourceRequirements"]
    return Space(float(kept.get("NumberOfCpuCoresRequired", 0)), float(kept["MinMemoryRequiredInMb"]))


@dataclass(frozen=True)
class Room:
    """The instances of an endpoint that hosts components."""

    host: Endpoint

    @property
    def _variant(self) -> Members:
        assert self.host.fleet is not None
        variant: Members = self.host.fleet.config["ProductionVariants"][0]
        return variant

    @property
    def _range(self) -> tuple[int, int]:
        scaling = self._variant.get("ManagedInstanceScaling", {})
        first = self._variant["InitialInstanceCount"]
        if scaling.get("Status") != "ENABLED":
            return first, first
        return scaling.get("MinInstanceCount", first), scaling.get("MaxInstanceCount", first)

    def has_place_for(self, copies: list[Space]) -> bool:
        return instances_for(copies, space_of(self._variant["InstanceType"])) <= self._range[1]

    def settle(self, copies: list[Space]) -> None:
        """As many instances as the copies need, within the limits: they come and go in a moment.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantManagedInstanceScaling.html
        """
        if self.host.fleet is None:
            return
        needed, least = instances_for(copies, space_of(self._variant["InstanceType"])), self._range[0]
        for variant in self.host.fleet.variants.values():
            variant.instances = int(max(needed, least))
