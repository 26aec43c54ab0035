"""Which stacks exist, and what they hand to each other."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from config.settings import Environment, Settings, UseCase
from stacks.catalog.stack import CatalogStack
from stacks.catalog.use_case_stack import UseCaseCatalogStack
from stacks.delivery.stack import DeliveryStack
from stacks.foundation.replica_stack import ReplicaStack
from stacks.foundation.replication import Replica
from stacks.foundation.stack import FoundationStack
from stacks.monitoring.stack import MonitoringStack
from stacks.network.stack import NetworkStack
from stacks.parts.tags import tag_environment
from stacks.permissions.boundary import limit_roles
from stacks.release.stack import ReleaseStack
from stacks.serving.stack import ServingStack
from stacks.studio.stack import StudioStack
from stacks.training.data_sources import check_bucket_sources
from stacks.training.stack import TrainingStack

CDK_JSON = Path(__file__).parent.parent / "cdk.json"


def build_app(settings: Settings, outdir: str | None = None) -> cdk.App:
    """The CDK app with one stage per environment; app.py and the tests both build it here.

    The feature flags are read from cdk.json, as the CDK CLI does, so that every way to synthesize gives the
    same templates.
    """
    context = json.loads(CDK_JSON.read_text("utf-8"))["context"]
    # Traces and the validation report name temporary folders of the machine, so that two syntheses would
    # differ. The tests validate the templates with cfn-lint and cdk-nag.
    context["aws:cdk:disable-creation-stack-traces"] = True
    app = cdk.App(
        analytics_reporting=False,
        stack_traces=False,
        builtin_cloud_formation_validation=False,
        context=context,
        outdir=outdir,
    )
    for environment in settings.environments:
        MlopsStage(
            app,
            environment=environment,
            use_cases=settings.use_cases,
            shared=account_wide(environment, settings.environments),
        )
    return app


@dataclass(frozen=True)
class AccountWide:
    """What this environment makes for all that share its account; remove such an environment last."""

    job_log_groups: bool
    github_provider: bool


def account_wide(environment: Environment, environments: Iterable[Environment]) -> AccountWide:
    here = [other for other in environments if other.account == environment.account]
    in_region = [other.name for other in here if other.region == environment.region]
    delivered = [other.name for other in here if other.delivery]
    return AccountWide(
        job_log_groups=in_region[0] == environment.name, github_provider=delivered[:1] == [environment.name]
    )


class MlopsStage(cdk.Stage):
    """One environment: an account and region with everything in it."""

    def __init__(
        self,
        scope: Construct,
        *,
        environment: Environment,
        use_cases: dict[str, UseCase],
        shared: AccountWide,
    ) -> None:
        super().__init__(
            scope,
            environment.name,
            env=cdk.Environment(account=environment.account, region=environment.region),
        )
        tag_environment(self, environment)
        here = [use_cases[name] for name in environment.use_cases]
        check_bucket_sources(environment, here)
        sources = [use_case.source.bucket for use_case in here if use_case.source]
        network = NetworkStack(
            self, "network", environment, source_buckets=[source for source in sources if source]
        )
        limit_roles(self, network, environment)
        replica = Replica.of(environment)
        copies = ReplicaStack(self, "copies", environment, replica) if replica else None
        self.foundation = FoundationStack(
            self, "foundation", environment, network=network.jobs, makes_job_log_groups=shared.job_log_groups
        )
        if copies:
            # S3 replicates to buckets that exist only.
            self.foundation.add_stack_dependency(copies)
        self._add_options(environment, here)
        for use_case in here:
            self._add_use_case(use_case)
        ReleaseStack(self, "release", self.foundation)
        if environment.delivery:
            DeliveryStack(
                self,
                "delivery",
                environment,
                delivery=environment.delivery,
                creates_provider=shared.github_provider,
            )

    def _add_options(self, environment: Environment, use_cases: list[UseCase]) -> None:
        catalog = studio = None
        if environment.catalog:
            catalog = CatalogStack(self, "catalog", self.foundation, environment.catalog)
            for use_case in use_cases:
                UseCaseCatalogStack(self, catalog, use_case)
        if environment.studio:
            studio = StudioStack(self, "studio", self.foundation, studio=environment.studio)
        if studio and catalog:
            # The policy of data engineers there belongs to what their profiles may do.
            studio.add_stack_dependency(catalog)

    def _add_use_case(self, use_case: UseCase) -> None:
        TrainingStack(self, self.foundation, use_case)
        serving = ServingStack(self, self.foundation, use_case)
        monitoring = MonitoringStack(self, self.foundation, use_case)
        # The schedule watches an endpoint that has to exist, which only its name says.
        monitoring.add_stack_dependency(serving)
