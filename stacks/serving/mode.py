"""The ways in which an endpoint answers: each is a class, and says what is its own."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import UpdateStrategy
from stacks.network.stack import JobNetwork
from stacks.serving.variants import Variant
from stacks.use_case_stack import UseCaseStack

ONE_INSTANCE = (
    "An environment that is not protected against deletion serves nobody who depends on it: one instance, "
    "at half the cost, is enough to try a model out."
)


def isolated(network: JobNetwork) -> dict[str, Any]:
    """A model's place in the environment's network, its container cut off from it."""
    inside = sagemaker.CfnModel.VpcConfigProperty(
        subnets=network.subnet_ids, security_group_ids=network.security_group_ids
    )
    return {"enable_network_isolation": True, "vpc_config": inside}


@dataclass(frozen=True)
class Runtime:
    """What a model's container runs with: whose rights, what it is told, and where it is."""

    role: iam.Role
    environment: Mapping[str, str]
    place: Mapping[str, Any]


class Mode(ABC):
    """What differs from one way to answer to another."""

    environment: Mapping[str, str] = {}
    """What the model server is told besides."""
    alone_because = ""
    """Why one instance may be enough."""
    keeps_instances = False
    """Whether an update leaves the number of instances as scaling has chosen it.

    Of none nothing would show that a new version starts.
    """
    open_because = ""
    """Why a model may run that is not isolated from the network; empty where it is."""

    def __init__(self, stack: UseCaseStack) -> None:
        self.stack = stack
        self.resources = stack.deployment.endpoint

    @property
    @abstractmethod
    def role(self) -> iam.Role:
        """Whose rights the endpoint has."""

    @property
    @abstractmethod
    def fewest_instances(self) -> int:
        """Instances that an update may find."""

    @property
    def update_strategy(self) -> UpdateStrategy:
        """How traffic moves to a new version."""
        return self.resources.update.chosen(self.fewest_instances)

    @property
    def first_instances(self) -> int:
        """Instances that a new endpoint starts with."""
        return self.resources.instances.min

    def isolate(self) -> dict[str, Any]:
        """Put the model into the environment's network, or say how it is not."""
        return isolated(self.stack.foundation.network)

    @property
    def runtime(self) -> Runtime:
        """What the models of the endpoint run with."""
        return Runtime(self.role, self.environment, self.isolate())

    def size(self) -> dict[str, Any]:
        """Say what the variant runs on."""
        return {
            "instance_type": self.resources.instance_type,
            "initial_instance_count": self.first_instances,
        }

    @abstractmethod
    def configure(self) -> dict[str, Any]:
        """Say what the endpoint's configuration has beside its variant."""

    def scale(
        self,
        endpoint: sagemaker.CfnEndpoint,  # noqa: ARG002
        variants: Sequence[Variant],  # noqa: ARG002
    ) -> list[cdk.CfnResource]:
        """Create what changes the number of instances, and what else goes with the endpoint; here nothing."""
        return []
