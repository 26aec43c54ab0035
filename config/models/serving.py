"""The ways in which an endpoint answers besides at once on instances of its own, and how many run."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.values import fields


def _above_max(least: int, most: int) -> Iterator[Mistake]:
    if least > most:
        problem, change = f"is above max, {most}", "lower min or raise max"
        yield Mistake(("min",), least, problem, f"1 to {most}", change)


class InstanceRange(ConfigurationModel):
    """How many instances an endpoint may have."""

    min: int = Field(default=2, ge=0)
    """Instances that always run; 0 only for an asynchronous endpoint, and for one that is shared."""
    max: int = Field(default=4, ge=1)
    """Instances at the highest load."""
    because: fields.Reason | None = None
    """Why a protected environment may run on one instance; required there when min is 1."""

    def mistakes(self) -> Iterator[Mistake]:
        yield from _above_max(self.min, self.max)


class Asynchronous(ConfigurationModel):
    """Requests wait in a queue: they and their answers are files, and up to an hour may pass between them."""

    concurrent_invocations: int | None = Field(default=None, ge=1, le=1000)
    """Requests that one instance is sent at the same time; what SageMaker finds best when left out."""
    backlog_per_instance: int = Field(default=5, ge=1)
    """Requests per instance, waiting or in work, that the scaling aims at."""


class Serverless(ConfigurationModel):
    """AWS runs the model when it is asked, in a network of its own; whoever does not ask does not pay."""

    because: fields.Reason
    """Why the model may run outside of the network, reach the internet, and answer unrecorded."""
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 2048
    """Memory of each run of the model in MB."""
    max_concurrency: int = Field(default=5, ge=1, le=200)
    """Requests that are answered at the same time; more are refused."""
    provisioned_concurrency: int | None = Field(default=None, ge=1, le=200)
    """Requests that never wait for the model to start, at a price by the hour; none when left out."""

    def mistakes(self) -> Iterator[Mistake]:
        warm, most = self.provisioned_concurrency, self.max_concurrency
        if warm is not None and warm > most:
            problem, change = f"is above max_concurrency, {most}", "lower it, or raise max_concurrency"
            yield Mistake(("provisioned_concurrency",), warm, problem, f"1 to {most}", change)


class Copies(ConfigurationModel):
    """How many copies of a model run on the shared endpoint."""

    min: int = Field(default=2, ge=0)
    """Copies that always run; with 0 the first requests after a rest are refused for some minutes."""
    max: int = Field(default=4, ge=1)
    """Copies at the highest load."""
    because: fields.Reason | None = None
    """Why a protected environment may do with fewer than two copies; required there when min is below 2."""

    def mistakes(self) -> Iterator[Mistake]:
        yield from _above_max(self.min, self.max)


class Shared(ConfigurationModel):
    """The model is a component of the environment's shared endpoint, and takes a part of its instances.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentComputeResourceRequirements.html
    """

    copies: Copies = Copies()
    """Number of copies, scaled between min and max."""
    memory_mb: int = Field(default=2048, ge=128)
    """Memory that is kept for each copy in MB."""
    cpus: float = Field(default=0.5, ge=0.25)
    """Processors that are kept for each copy."""
    invocations_per_copy_per_minute: int = Field(default=600, ge=1)
    """Load per copy that the scaling aims at."""


class SharedEndpoint(ConfigurationModel):
    """One endpoint for the models of several use cases: those that have `endpoint.shared`."""

    instance_type: fields.EndpointInstanceType = "ml.m5.large"
    """Instance type of the endpoint."""
    instances: InstanceRange = InstanceRange()
    """Number of instances, as many as the copies on them need; none while there is no copy, with min 0."""

    def mistakes(self) -> Iterator[Mistake]:
        least, most = self.instances.min, self.instances.max
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
        if self.instance_type.startswith("ml.t") and least < most:
            problem = f"is burstable and cannot scale from {least} to {most}"
            change = "choose an ml.m type, or set instances.max to instances.min"
            allowed = "instance types that can be scaled"
            yield Mistake(("instance_type",), self.instance_type, problem, allowed, change)
