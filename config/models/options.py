"""What an environment can switch on: Studio, catalog, delivery, budget, hours of rest."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from config.facts.aws import ALWAYS
from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.models.source import Source
from config.values import fields

Persona = Literal["data-engineer", "data-scientist", "mlops-engineer"]
SignIn = Literal["iam", "identity-center"]
Mlflow = Literal["none", "app", "tracking-server"]
_ENDPOINT_OF_MLFLOW = {"none": (), "app": ("mlflow",), "tracking-server": ("experiments",)}


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
    people: dict[fields.ProfileName, Person] = Field(default={})
    """User profiles by name; removing one deletes the person's profile."""
    only_from_network: bool = False
    """Whether people read objects and open Studio from the environment's VPC only."""
    idle_minutes: Annotated[int, Field(ge=60, le=525600)] = 60
    """Minutes without work after which an application is shut down."""
    storage_gb: StorageGb = StorageGb()
    """Disk of a private space."""
    instance_types: fields.StudioInstanceTypes = ("ml.t3.medium", "ml.t3.large", "ml.m5.large")
    """Instance types that applications may run on; the first one is the default."""
    canvas: bool = False
    """Whether SageMaker Canvas is offered."""
    mlflow: Mlflow = "app"
    """A serverless app, a tracking server, which costs money while it runs, or none."""
    mlflow_size: Literal["Small", "Medium", "Large"] = "Small"
    """Size of a tracking server, only there: for teams of up to 25, 50 or 100 people."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.mlflow != "tracking-server" and "mlflow_size" in self.model_fields_set:
            problem = f"has no meaning with mlflow: {self.mlflow}"
            allowed, change = "no such key without a server", "remove it, or write mlflow: tracking-server"
            yield Mistake(("mlflow_size",), self.mlflow_size, problem, allowed, change)


class Workteam(ConfigurationModel):
    """People who label data with Ground Truth, which is closed to new customers since July 30, 2026.

    They are groups of the Cognito user pool that is the account's private workforce.
    """

    user_pool_id: fields.UserPoolId
    """Cognito user pool of the private workforce, which exists once per account and region."""
    client_id: fields.UserPoolClientId
    """App client of the user pool."""
    user_groups: fields.UserGroups
    """One to ten groups of the user pool whose members label."""


class Catalog(ConfigurationModel):
    """Glue tables with data quality rules, Athena, and the options that cost extra."""

    scan_limit_gb: Annotated[int, Field(ge=1, le=7_000_000)] = 10
    """Gigabytes that one Athena query may read."""
    crawler_hour_utc: int | None = Field(default=None, ge=0, le=23)
    """Hour of the day, in UTC, at which the crawler looks for raw data; on demand when left out."""
    databrew: bool = False
    """Whether raw data is profiled, and personal data masked, with Glue DataBrew."""
    feature_store: Literal["none", "offline", "online"] = "none"
    """Whether each use case has a feature group: none, offline (S3), or online (S3 and low latency)."""
    workteam: Workteam | None = None
    """A Ground Truth work team (closed to new customers since 2026-07-30); none when left out."""


class Delivery(ConfigurationModel):
    """GitHub Actions of one repository, in one of its environments, may deploy here."""

    github_repository: fields.GithubRepository
    """The repository, as owner/name."""
    github_environment: fields.GithubEnvironment | None = None
    """The environment in the repository's settings; the name of this file when left out."""
    identity_provider: Literal["created", "existing"] = "created"
    """Whether GitHub's identity provider is created, once for the account, or exists in it already."""


class Budget(ConfigurationModel):
    """A monthly limit; people are told, nothing is switched off."""

    monthly_usd: Annotated[float, Field(gt=0)]
    """US dollars a month that the whole environment may cost."""
    alert_percentages: fields.AlertPercentages = (50, 80, 100)
    """One to five shares of the limit, in percent, at which alerts.email is told."""


class OffHours(ConfigurationModel):
    """When the endpoints of a non-production environment run on one instance only."""

    days: fields.Weekdays = fields.WORKDAYS
    """Days on which endpoints rest and work again; between two of them they stay as they are."""
    stop: fields.TimeOfDay
    """When endpoints shrink to one instance, e.g. "19:00"."""
    start: fields.TimeOfDay
    """When endpoints may grow again, e.g. "07:00"."""
    timezone: fields.TimeZone = "UTC"
    """Time zone of both, e.g. Europe/Berlin."""


def needed_vpc_endpoints(
    studio: Studio | None, catalog: Catalog | None, sources: Iterable[Source] = ()
) -> tuple[str, ...]:
    """Return the short names of the VPC endpoints that an environment with these options needs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-and-internet-access.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-interface-endpoint-create.html
    """
    names = [*ALWAYS]
    if studio is not None:
        names += ["studio", *_ENDPOINT_OF_MLFLOW[studio.mlflow]]
    if catalog is not None:
        names += ["glue", "athena"]
        if catalog.databrew:
            names.append("databrew")
        if catalog.feature_store != "none":
            names.append("sagemaker.featurestore-runtime")
    delivering = [source for source in sources if source.delivers]
    if delivering and "glue" not in names:
        names.append("glue")
    if any(source.jdbc for source in delivering):
        names.append("secretsmanager")
    return tuple(names)
