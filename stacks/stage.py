"""Which stacks exist, and what they hand to each other."""

import json
from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from config.settings import Catalog, Environment, Settings, UseCase
from stacks.catalog.stack import CatalogStack
from stacks.delivery.stack import DeliveryStack
from stacks.foundation.replica_stack import ReplicaStack
from stacks.foundation.replication import Replica
from stacks.foundation.stack import FoundationStack
from stacks.monitoring.stack import MonitoringStack
from stacks.network.stack import NetworkStack
from stacks.parts.account_wide import AccountWide, account_wide
from stacks.parts.tags import tag_environment, tag_use_case
from stacks.permissions.boundary import limit_roles
from stacks.release.stack import ReleaseStack
from stacks.serving.stack import ServingStack
from stacks.studio.stack import StudioStack
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
        self.environment = environment
        sources = [use_cases[name].source for name in environment.use_cases]
        self.network = NetworkStack(
            self,
            "network",
            environment=environment,
            source_buckets=[source.bucket for source in sources if source and source.bucket],
        )
        limit_roles(self, self.network, environment)
        replica = Replica.of(environment)
        copies = ReplicaStack(self, "copies", environment=environment, replica=replica) if replica else None
        self.foundation = FoundationStack(
            self,
            "foundation",
            environment=environment,
            network=self.network.jobs,
            makes_job_log_groups=shared.job_log_groups,
        )
        if copies:
            # S3 replicates to buckets that exist only.
            self.foundation.add_stack_dependency(copies)
        catalog = self._add_catalog(environment.catalog, use_cases) if environment.catalog else None
        if environment.studio:
            studio = StudioStack(
                self,
                "studio",
                environment=environment,
                studio=environment.studio,
                foundation=self.foundation,
            )
            if catalog:
                # The policy of data engineers there belongs to what their profiles may do.
                studio.add_stack_dependency(catalog)
        for use_case_name in environment.use_cases:
            self._add_use_case(use_cases[use_case_name])
        ReleaseStack(self, "release", environment=environment, foundation=self.foundation)
        if environment.delivery:
            DeliveryStack(
                self,
                "delivery",
                environment=environment,
                delivery=environment.delivery,
                creates_provider=shared.github_provider,
            )

    def _add_catalog(self, catalog: Catalog, use_cases: dict[str, UseCase]) -> CatalogStack:
        return CatalogStack(
            self,
            "catalog",
            environment=self.environment,
            catalog=catalog,
            use_cases=[use_cases[name] for name in self.environment.use_cases],
            foundation=self.foundation,
        )

    def _add_use_case(self, use_case: UseCase) -> None:
        name = self.foundation.place.name(use_case.name)
        deployment = self.environment.use_cases[use_case.name]
        foundation, network = self.foundation, self.network.jobs
        training = TrainingStack(
            self,
            f"{use_case.name}-training",
            name=name,
            use_case=use_case,
            training=deployment.training,
            foundation=foundation,
            network=network,
        )
        serving = ServingStack(
            self,
            f"{use_case.name}-serving",
            name=name,
            environment=self.environment,
            deployment=deployment,
            foundation=foundation,
            network=network,
        )
        monitoring = MonitoringStack(
            self,
            f"{use_case.name}-monitoring",
            name=name,
            use_case=use_case,
            deployment=deployment,
            foundation=foundation,
            network=network,
        )
        # The schedule watches an endpoint that has to exist, which only its name says.
        monitoring.add_stack_dependency(serving)
        tag_use_case((training, serving, monitoring), use_case.name)
