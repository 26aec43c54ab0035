"""Which stacks exist, and what they hand to each other."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from config.settings import Environment, Settings, UseCase
from stacks.catalog.stack import CatalogStack
from stacks.catalog.use_case_stack import UseCaseCatalogStack
from stacks.chosen import choose
from stacks.delivery.stack import DeliveryStack
from stacks.foundation.replication import Replica, ReplicaStack
from stacks.foundation.stack import FoundationStack
from stacks.image.stack import ImageStack
from stacks.monitoring.stack import MonitoringStack
from stacks.network.stack import NetworkStack
from stacks.parts.images import Images
from stacks.parts.neighbours import Neighbours
from stacks.parts.place import ENVIRONMENT
from stacks.permissions.boundary import limit_roles
from stacks.release.stack import ReleaseStack
from stacks.serving.shared_endpoint import SharedEndpointStack
from stacks.serving.stack import ServingStack
from stacks.studio.stack import StudioStack
from stacks.training.data_sources import check_bucket_sources
from stacks.training.stack import TrainingStack

CDK_JSON = Path(__file__).parent.parent / "cdk.json"


def build_app(
    settings: Settings, outdir: str | None = None, context: Mapping[str, str] | None = None
) -> cdk.App:
    """The CDK app with one stage per environment; app.py and the tests both build it here.

    The feature flags are read from cdk.json, as the CDK CLI does, so that every way to synthesize gives the
    same templates.
    """
    given = {**json.loads(CDK_JSON.read_text("utf-8"))["context"], **(context or {})}
    # Traces and the validation report name temporary folders of the machine, so that two syntheses would
    # differ. The tests validate the templates with cfn-lint and cdk-nag.
    given["aws:cdk:disable-creation-stack-traces"] = True
    app = cdk.App(
        analytics_reporting=False,
        stack_traces=False,
        builtin_cloud_formation_validation=False,
        context=given,
        outdir=outdir,
    )
    chosen = choose(settings, app.node)
    for environment in chosen.environments:
        MlopsStage(app, environment, settings, chosen.use_cases)
    return app


class MlopsStage(cdk.Stage):
    """One environment: an account and region with everything in it."""

    def __init__(
        self, scope: Construct, environment: Environment, settings: Settings, chosen: Collection[str]
    ) -> None:
        """`chosen` are the use cases that get stacks of their own; what they share is made for all."""
        super().__init__(
            scope,
            environment.name,
            stage_name=environment.prefix,
            env=cdk.Environment(account=environment.account, region=environment.region),
        )
        for key, value in {**environment.tags, ENVIRONMENT: environment.prefix}.items():
            cdk.Tags.of(self).add(key, value)
        # The first environment of an account makes what the others there use; remove such a one last.
        of_account = [other for other in settings.environments if other.account == environment.account]
        first_of_region = next(other for other in of_account if other.region == environment.region)
        first_delivered = next((other for other in of_account if other.delivery), None)
        here = [settings.use_cases[name] for name in environment.use_cases]
        neighbours = Neighbours.of(environment, settings)
        trained = [] if neighbours.trainer else here
        check_bucket_sources(environment, trained)
        network = NetworkStack(self, environment, [each.source for each in trained if each.source])
        replica = Replica.of(environment)
        copies = ReplicaStack(self, environment, replica) if replica else None
        self.foundation = FoundationStack(
            self,
            environment,
            network.jobs,
            makes_job_log_groups=environment is first_of_region,
            neighbours=neighbours,
        )
        if copies:
            # S3 replicates to buckets that exist only.
            self.foundation.add_stack_dependency(copies)
        own = [use_case for use_case in here if use_case.name in chosen]
        self._add_options(environment, own)
        image = ImageStack(self, self.foundation) if any(each.image == "own" for each in here) else None
        shared = environment.shared_endpoint
        together = SharedEndpointStack(self, self.foundation, shared, image) if shared else None
        for use_case in own:
            self._add_use_case(use_case, image, together)
        ReleaseStack(self, self.foundation, Images(environment).repositories(*here))
        if environment.delivery:
            is_missing = environment.delivery.identity_provider == "created"
            creates_provider = is_missing and environment is first_delivered
            DeliveryStack(
                self,
                environment,
                environment.delivery,
                creates_provider=creates_provider,
                builds_image=image is not None,
            )
        limit_roles(self, network.place)

    def _add_options(self, environment: Environment, use_cases: list[UseCase]) -> None:
        catalog = studio = None
        if environment.catalog:
            catalog = CatalogStack(self, self.foundation, environment.catalog)
            for use_case in use_cases:
                UseCaseCatalogStack(self, catalog, use_case)
        if environment.studio:
            studio = StudioStack(self, self.foundation, environment.studio)
        if studio and catalog:
            # The policy of data engineers there belongs to what their profiles may do.
            studio.add_stack_dependency(catalog)

    def _add_use_case(
        self, use_case: UseCase, image: ImageStack | None, together: SharedEndpointStack | None
    ) -> None:
        serving = ServingStack(self, self.foundation, use_case, together)
        monitoring = MonitoringStack(self, self.foundation, use_case)
        # The schedule watches an endpoint that has to exist, which only its name says.
        monitoring.add_stack_dependency(serving)
        if image and use_case.image == "own":
            # What is built there is known by its name only.
            serving.add_stack_dependency(image)
        if self.foundation.neighbours.trainer:
            return
        training = TrainingStack(self, self.foundation, use_case)
        # A version that a pull request pins is compared with as the live one, which it is once it serves.
        training.add_stack_dependency(serving)
        if image and use_case.image == "own":
            training.add_stack_dependency(image)
