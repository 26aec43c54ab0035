"""Synthesizes once per test session what all tests of the stacks look at."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import aws_cdk as cdk

from config.settings import (
    ENDPOINTS,
    BucketSource,
    Catalog,
    Deployment,
    Environment,
    ExistingNetwork,
    Person,
    Settings,
    Source,
    StorageGb,
    Studio,
    Workteam,
)
from stacks.stage import build_app
from tests.stacks.cloud import Cloud, read_assembly
from tests.stacks.nag import NagFinding, nag_findings

PINNED_VERSION = 7
LATEST_APPROVED = "latest-approved"
PRIVATE = "private-prices"


@dataclass(frozen=True)
class Synthesis:
    """The committed environments, and variants of them."""

    shipped_app: cdk.App
    variants_app: cdk.App
    shipped_folder: Path
    variants_folder: Path
    nag_findings: tuple[NagFinding, ...]

    @cached_property
    def shipped(self) -> Cloud:
        return Cloud(read_assembly(self.shipped_folder))

    @cached_property
    def everything(self) -> Cloud:
        return Cloud([*self.shipped.templates, *read_assembly(self.variants_folder)])


def synthesize(settings: Settings, folder: Path) -> Synthesis:
    """Synthesize the committed settings as app.py does, and the variants next to them."""
    shipped, variants = folder / "shipped", folder / "variants"
    apps = build_app(settings, outdir=str(shipped)), build_app(variants_of(settings), outdir=str(variants))
    # Before the synthesis, which turns references between stacks into imports that cdk-nag cannot read.
    findings = tuple(finding for app in apps for finding in nag_findings(app))
    for app in apps:
        app.synth()
    return Synthesis(*apps, shipped, variants, findings)


def variants_of(settings: Settings) -> Settings:
    """Every way to choose a model, in production; and an environment in a network that exists.

    Production is committed without a model, so the promises about its endpoint need these to say anything.
    """
    production = next(environment for environment in settings.environments if environment.name == "prod")
    existing = ExistingNetwork(
        vpc_id="vpc-0123456789abcdef0",
        subnet_ids=("subnet-00000001", "subnet-00000002"),
        security_group_ids=("sg-00000001",),
        availability_zones=("eu-west-1a", "eu-west-1b"),
        vpc_endpoints=tuple(ENDPOINTS),
    )
    variants = (
        _variant(production, "none", "none"),
        _variant(production, "pinned", PINNED_VERSION),
        _variant(production, "latest", LATEST_APPROVED),
        _variant(production, "existing", PINNED_VERSION).model_copy(
            update={"network": existing, "region": "eu-west-1"}
        ),
    )
    private = settings.use_cases["house-prices"].model_copy(
        update={
            "name": PRIVATE,
            "personal_data": ("Longitude", "Latitude"),
            "source": Source(
                bucket=BucketSource(
                    name="land-registry",
                    prefix="sales/prices",
                    account="333333333333",
                    key_arn="arn:aws:kms:us-east-1:333333333333:key/11111111-2222-3333-4444-555555555555",
                )
            ),
        }
    )
    return settings.model_copy(
        update={
            "environments": (
                *variants,
                _with_all_options_of_data(production),
                _with_all_options_of_studio(production),
            ),
            "use_cases": {**settings.use_cases, PRIVATE: private},
        }
    )


def _with_all_options_of_data(production: Environment) -> Environment:
    """Personal data, an online feature store, people who label, and a copy in another region."""
    workteam = Workteam(user_pool_id="us-east-1_Labels", client_id="abc123", user_groups=("experts",))
    return production.model_copy(
        update={
            "name": "data",
            "catalog": Catalog(crawler_hour_utc=5, databrew=True, feature_store="online", workteam=workteam),
            "replication_region": "us-west-2",
            "use_cases": {PRIVATE: production.use_cases["house-prices"]},
        }
    )


def _with_all_options_of_studio(production: Environment) -> Environment:
    """People who sign in with IAM Identity Center, and everything that Studio offers."""
    studio = Studio(
        sign_in="identity-center",
        people={"ada": Person(persona="data-scientist", single_sign_on_user="ada@example.com")},
        idle_minutes=120,
        storage_gb=StorageGb(default=10, max=20),
        instance_types=("ml.m5.large", "ml.t3.medium"),
        canvas=True,
        mlflow="tracking-server",
        mlflow_size="Large",
    )
    return production.model_copy(update={"name": "studio", "studio": studio, "tags": {"cost-center": "ml"}})


def _variant(environment: Environment, name: str, model: str | int) -> Environment:
    use_cases: dict[str, Deployment] = {
        use_case: deployment.model_copy(update={"model": model})
        for use_case, deployment in environment.use_cases.items()
    }
    return environment.model_copy(update={"name": name, "use_cases": use_cases})
