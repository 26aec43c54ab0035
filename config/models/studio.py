"""Who works in SageMaker Studio, with which persona, and what they may start there."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.values.fields import ProfileName, StudioInstanceTypes

Persona = Literal["data-engineer", "data-scientist", "mlops-engineer"]
SignIn = Literal["iam", "identity-center"]


class Person(ConfigurationModel):
    """One user profile of the domain."""

    persona: Persona
    """What the person may do: data-engineer, data-scientist or mlops-engineer."""
    single_sign_on_user: str | None = Field(default=None, min_length=1)
    """User name in IAM Identity Center; required with sign_in identity-center, and only there."""


class StorageGb(ConfigurationModel):
    """Disk of a private space in GB."""

    default: int = Field(default=5, ge=5, le=16384)
    """Disk that a space gets when nothing is said."""
    max: int = Field(default=50, ge=5, le=16384)
    """Largest disk that a space may have."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.default > self.max:
            problem, change = f"is above max, {self.max}", "lower default or raise max"
            yield Mistake(("default",), self.default, problem, f"5 to {self.max}", change)


class Studio(ConfigurationModel):
    """A SageMaker domain that is reached through the environment's network only."""

    sign_in: SignIn = "iam"
    """With IAM (presigned URLs) or with IAM Identity Center; changing it later replaces the domain."""
    people: dict[ProfileName, Person] = Field(default={})
    """User profiles by name; removing one deletes the person's profile."""
    idle_minutes: Annotated[int, Field(ge=60, le=525600)] = 60
    """Minutes without work after which an application is shut down."""
    storage_gb: StorageGb = StorageGb()
    """Disk of a private space."""
    instance_types: StudioInstanceTypes = ("ml.t3.medium", "ml.t3.large", "ml.m5.large")
    """Instance types that applications may run on; the first one is the default."""
    canvas: bool = False
    """Whether SageMaker Canvas is offered."""
    mlflow: Literal["none", "tracking-server"] = "none"
    """Whether the environment has an MLflow tracking server, which costs money while it runs."""
    mlflow_size: Literal["Small", "Medium", "Large"] = "Small"
    """Size of the tracking server: for teams of up to 25, 50 or 100 people."""
