"""Roles of people: who brings data, who trains, who decides.

People of this account assume them, and Studio does on behalf of their user profiles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.settings import Environment, Registration, Studio
from stacks.foundation.components import create_policies_of_components
from stacks.foundation.job_roles import JobRoles
from stacks.foundation.people import trust_people
from stacks.foundation.studio_access import PERSONA, only_from, studio_statements
from stacks.foundation.watching import watching_machines
from stacks.parts.layout import Layout, Zone
from stacks.parts.place import Place
from stacks.parts.state_machines import BATCH, INGESTION
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import studio_trust, trust
from stacks.permissions.statements import (
    OF_THIS_ENVIRONMENT,
    Statement,
    allow,
    allow_objects,
    allow_own,
    deny,
    list_zones,
    pass_role,
    read_zones,
    register_as_pending,
    tag_when_creating,
)

PERSONAS = {
    "data-engineer": "DataEngineer",
    "data-scientist": "DataScientist",
    "mlops-engineer": "MlopsEngineer",
}
"""The name of the role for each persona of the configuration."""


def create_personas(
    scope: Construct,
    *,
    layout: Layout,
    key_arn: str,
    vpc_id: str,
    job_roles: JobRoles,
    environment: Environment,
) -> dict[str, iam.Role]:
    """The persona roles of one environment by name: a policy each, and what they share."""
    place = Place.of(scope)
    statements = _Statements(place, layout, job_roles, environment.registration)
    personas = {
        "DataEngineer": statements.data_engineer(),
        "DataScientist": statements.data_scientist(),
        "MlopsEngineer": statements.mlops_engineer(),
    }
    people = _people(environment.studio)
    roles = {name: _role(scope, name, own, people[name]) for name, own in personas.items()}
    for persona, name in PERSONAS.items():
        cdk.Tags.of(roles[name]).add(PERSONA, persona)
    managed_policy(
        scope,
        "StudioPolicy",
        description="What everybody who works in Studio may do",
        roles=list(roles.values()),
        statements=studio_statements(place, key_arn, shares_endpoint=environment.shared_endpoint is not None),
    )
    if environment.shared_endpoint:
        create_policies_of_components(scope, everybody=list(roles.values()), operator=roles["MlopsEngineer"])
    if environment.registration == "anyone":
        managed_policy(
            scope,
            "RegistrationPolicy",
            description="Data scientists register versions of their own, which the release never deploys",
            roles=[roles["DataScientist"]],
            statements=[register_as_pending(place.own("model-package-group", "model-package"))],
        )
    if environment.studio and environment.studio.only_from_network:
        managed_policy(
            scope,
            "NetworkPolicy",
            description="People read objects and open Studio from the VPC only",
            roles=list(roles.values()),
            statements=[only_from(vpc_id)],
        )
    return roles


def _people(studio: Studio | None) -> Mapping[str, list[str]]:
    """Whom the configuration names, by the name of their persona's role."""
    named = studio.people if studio else {}
    return {
        role: sorted(name for name, person in named.items() if person.persona == persona)
        for persona, role in PERSONAS.items()
    }


def _role(scope: Construct, name: str, statements: list[Statement], people: Sequence[str]) -> iam.Role:
    account = Place.of(scope).account
    role = iam.Role(scope, f"{name}Role", assumed_by=iam.AccountPrincipal(account), description=name)
    trust(role, [*trust_people(account, people), studio_trust(account)])
    managed_policy(scope, f"{name}Policy", roles=[role], description=name, statements=statements)
    return role


@dataclass(frozen=True)
class _Statements:
    """The statements of one environment's personas."""

    place: Place
    layout: Layout
    job_roles: JobRoles
    registration: Registration

    def data_engineer(self) -> list[Statement]:
        """Brings and prepares data. Feature groups are deployed, with their keys; engineers fill them."""
        layout = self.layout
        return [
            *_keep("Data", layout.raw, layout.features, layout.ground_truth),
            *_keep("Batches", layout.batch_input),
            *read_zones("AnswersToBatches", layout.batch_output),
            *_keep("Scripts", layout.data_engineering),
            # What a pipeline has made stays as it is: another execution may take it from the cache.
            *read_zones("ProcessedData", layout.processed),
            *self._run_jobs(["ProcessingJob"], ["processing-job"]),
            pass_role("PassPreparationRole", [self.job_roles.preparation.role_arn], "sagemaker"),
            allow_own(
                "KeepFeatures",
                "sagemaker:BatchGetRecord sagemaker:DeleteRecord sagemaker:GetRecord sagemaker:PutRecord "
                "sagemaker:UpdateFeatureGroup sagemaker:UpdateFeatureMetadata",
                self.place.own("feature-group"),
            ),
            # What it trains with is what is configured, and the model waits for a decision like any other.
            *self._run_machines("BringDeliveries", "WatchDeliveries", self.place.name("*", INGESTION)),
        ]

    def data_scientist(self) -> list[Statement]:
        """Runs pipelines and experiments. What is registered waits for somebody else's decision.

        The denials repeat what is not allowed here, because they also hold against policies added later.
        """
        roles, layout = self.job_roles, self.layout
        unless_pending = {"StringNotEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
        return [
            allow_own(
                "RunPipelines",
                "sagemaker:RetryPipelineExecution sagemaker:StartPipelineExecution "
                "sagemaker:StopPipelineExecution",
                self.place.own("pipeline"),
            ),
            *self._run_jobs(["ProcessingJob", "TrainingJob"], ["processing-job", "training-job"]),
            pass_role("PassExperimentRole", [roles.experiment.role_arn], "sagemaker"),
            self._track_experiments(),
            deny(
                "RegisterNothingElse",
                "sagemaker:CreateModelPackage",
                unless_pending if self.registration == "anyone" else None,
            ),
            deny("NeverDecide", "sagemaker:UpdateModelPackage"),
            allow_own(
                "ReadFeatures",
                "sagemaker:BatchGetRecord sagemaker:GetRecord",
                self.place.own("feature-group"),
            ),
            *read_zones("Data", layout.processed, layout.features),
            *_keep("Experiments", layout.data_science),
            *read_zones("Reports", layout.executions, layout.training),
        ]

    def mlops_engineer(self) -> list[Statement]:
        """Decides on models, and operates what was deployed. Whoever decides trains nothing."""
        layout = self.layout
        others = [self.place.name("release"), self.place.name("*", BATCH)]
        machines = [*others, *watching_machines(self.place)]
        return [
            allow(
                "DecideOnModels",
                "sagemaker:UpdateModelPackage",
                self.place.own("model-package"),
                {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}},
                because=OF_THIS_ENVIRONMENT,
            ),
            allow_own(
                "OperateEndpoints",
                "sagemaker:InvokeEndpoint sagemaker:InvokeEndpointAsync "
                "sagemaker:UpdateEndpointWeightsAndCapacities",
                self.place.own("endpoint"),
            ),
            allow_own(
                "StopBatches",
                "sagemaker:DescribeTransformJob sagemaker:StopTransformJob",
                self.place.own("transform-job"),
            ),
            allow_own(
                "PauseMonitors",
                "sagemaker:StartMonitoringSchedule sagemaker:StopMonitoringSchedule",
                self.place.own("monitoring-schedule"),
            ),
            # The release reads the version's approval itself: a replay deploys nothing that is not approved.
            *self._run_machines("ReplayReleaseAndMonitors", "WatchReleaseAndMonitors", *machines),
            allow(
                "ReadAlarms",
                "cloudwatch:DescribeAlarms cloudwatch:GetMetricData",
                ["*"],
                because="Reading alarms and metrics changes nothing, and metrics have no ARN.",
            ),
            allow_own(
                "ReadDashboards",
                "cloudwatch:GetDashboard",
                [self.place.global_arn("cloudwatch", f"dashboard/{self.place.name('*')}")],
            ),
            *read_zones("Reports", layout.executions, layout.models, layout.monitoring),
            *read_zones("CapturedData", layout.captured(self.place.name("*"))),
            # Of a request that was not answered it is said there why, not what was asked.
            *read_zones("FailedRequests", layout.failures),
        ]

    def _run_machines(self, start: str, watch: str, *machines: str) -> list[Statement]:
        return [
            allow_own(
                start,
                "states:DescribeStateMachine states:ListExecutions states:StartExecution",
                [self.place.arn("states", f"stateMachine:{machine}") for machine in machines],
            ),
            allow_own(
                watch,
                "states:DescribeExecution states:GetExecutionHistory states:StopExecution",
                [self.place.arn("states", f"execution:{machine}:*") for machine in machines],
            ),
        ]

    def _run_jobs(self, jobs: Sequence[str], kinds: Sequence[str]) -> list[Statement]:
        """Jobs of one's own, by their name, and not in the name of a pipeline."""
        actions = " ".join(f"sagemaker:{verb}{job}" for verb in ("Create", "Stop") for job in jobs)
        own_jobs = self.place.own(*kinds)
        return [
            allow_own("RunJobs", actions, own_jobs),
            deny("JobsOfPipelines", actions, resources=self.place.pipeline_jobs(*kinds)),
            tag_when_creating(own_jobs, [f"Create{job}" for job in jobs]),
        ]

    def _track_experiments(self) -> Statement:
        kinds = ("Experiment", "Trial", "TrialComponent")
        actions = " ".join(f"sagemaker:{verb}{kind}" for verb in ("Create", "Update") for kind in kinds)
        return allow_own(
            "TrackExperiments",
            f"{actions} sagemaker:AssociateTrialComponent sagemaker:BatchPutMetrics",
            self.place.own("experiment", "experiment-trial", "experiment-trial-component"),
        )


def _keep(what: str, *zones: Zone) -> list[Statement]:
    actions = "s3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:PutObject"
    return [allow_objects(f"Keep{what}", actions, *zones), list_zones(f"List{what}", *zones)]
