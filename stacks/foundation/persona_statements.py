"""What each persona may do, beyond what everybody may: who brings data, who trains, who decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from stacks.foundation.buckets import Buckets
from stacks.foundation.job_roles import JobRoles
from stacks.parts.place import Place
from stacks.permissions.statements import allow, deny, list_prefixes, pass_role, tag_when_creating

_DECISIONS = ["Approved", "Rejected"]


@dataclass(frozen=True)
class PersonaStatements:
    """The statements of one environment's personas."""

    place: Place
    buckets: Buckets
    job_roles: JobRoles

    def data_engineer(self) -> list[iam.PolicyStatement]:
        """Brings and prepares data. Feature groups are deployed, with their keys; engineers fill them."""
        zones = ["raw", "processed", "features", "ground-truth"]
        return [
            *self._keep("Data", self._data, zones),
            *self._keep("Scripts", self._artifacts, ["data-engineering"]),
            *self._run_jobs(["ProcessingJob"], ["processing-job"]),
            pass_role("PassProcessingRole", [self.job_roles.processing.role_arn], "sagemaker"),
            allow(
                "KeepFeatures",
                [
                    "sagemaker:BatchGetRecord",
                    "sagemaker:DeleteRecord",
                    "sagemaker:GetRecord",
                    "sagemaker:PutRecord",
                    "sagemaker:UpdateFeatureGroup",
                    "sagemaker:UpdateFeatureMetadata",
                ],
                self.place.own("feature-group"),
            ),
        ]

    def data_scientist(self) -> list[iam.PolicyStatement]:
        """Runs pipelines and experiments. What is registered waits for somebody else's decision.

        The denials repeat what is not allowed here, because they also hold against policies added later.
        """
        roles = self.job_roles
        versions = self.place.own("model-package-group", "model-package")
        return [
            allow(
                "RunPipelines",
                [
                    "sagemaker:RetryPipelineExecution",
                    "sagemaker:StartPipelineExecution",
                    "sagemaker:StopPipelineExecution",
                ],
                self.place.own("pipeline"),
            ),
            *self._run_jobs(["ProcessingJob", "TrainingJob"], ["processing-job", "training-job"]),
            pass_role(
                "PassExperimentRoles", [roles.experiment.role_arn, roles.training.role_arn], "sagemaker"
            ),
            self._track_experiments(),
            allow(
                "RegisterAsPending",
                ["sagemaker:CreateModelPackage"],
                versions,
                {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
            ),
            deny(
                "RegisterNothingElse",
                ["sagemaker:CreateModelPackage"],
                ["*"],
                {"StringNotEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
            ),
            deny("NeverDecide", ["sagemaker:UpdateModelPackage"], ["*"]),
            allow(
                "ReadFeatures",
                ["sagemaker:BatchGetRecord", "sagemaker:GetRecord"],
                self.place.own("feature-group"),
            ),
            *self._read("Data", self._data, ["processed", "features"]),
            *self._keep("Experiments", self._artifacts, ["data-science"]),
            *self._read("Reports", self._artifacts, ["executions", "training"]),
        ]

    def mlops_engineer(self) -> list[iam.PolicyStatement]:
        """Decides on models, and operates what was deployed. Whoever decides trains nothing."""
        machine = f"{self.place.environment}-release"
        return [
            allow(
                "DecideOnModels",
                ["sagemaker:UpdateModelPackage"],
                self.place.own("model-package"),
                {"StringEquals": {"sagemaker:ModelApprovalStatus": _DECISIONS}},
            ),
            allow(
                "OperateEndpoints",
                ["sagemaker:InvokeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"],
                self.place.own("endpoint"),
            ),
            allow(
                "PauseMonitors",
                ["sagemaker:StartMonitoringSchedule", "sagemaker:StopMonitoringSchedule"],
                self.place.own("monitoring-schedule"),
            ),
            # The machine reads the version's approval itself: a replay deploys nothing that is not approved.
            allow(
                "ReplayRelease",
                ["states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"],
                [self.place.arn("states", f"stateMachine:{machine}")],
            ),
            allow(
                "WatchRelease",
                ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"],
                [self.place.arn("states", f"execution:{machine}:*")],
            ),
            allow("ReadAlarms", ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"], ["*"]),
            *self._read("Reports", self._artifacts, ["executions", "models", "monitoring"]),
            allow("ReadCapturedData", ["s3:GetObject"], [f"{self._capture}/*"]),
            allow("ListCapturedData", ["s3:ListBucket"], [self._capture]),
        ]

    @property
    def _data(self) -> str:
        return self.buckets.data.bucket_arn

    @property
    def _artifacts(self) -> str:
        return self.buckets.artifacts.bucket_arn

    @property
    def _capture(self) -> str:
        return self.buckets.capture.bucket_arn

    def _run_jobs(self, jobs: Sequence[str], kinds: Sequence[str]) -> list[iam.PolicyStatement]:
        """Jobs of one's own, by their name; those of pipelines are called `pipelines-...`."""
        actions = [f"sagemaker:{verb}{job}" for verb in ("Create", "Stop") for job in jobs]
        own_jobs = self.place.own(*kinds)
        return [
            allow("RunJobs", actions, own_jobs),
            tag_when_creating(own_jobs, [f"Create{job}" for job in jobs]),
        ]

    def _track_experiments(self) -> iam.PolicyStatement:
        kinds = ("Experiment", "Trial", "TrialComponent")
        actions = [f"sagemaker:{verb}{kind}" for verb in ("Create", "Update") for kind in kinds]
        return allow(
            "TrackExperiments",
            [*actions, "sagemaker:AssociateTrialComponent", "sagemaker:BatchPutMetrics"],
            self.place.own("experiment", "experiment-trial", "experiment-trial-component"),
        )

    def _read(self, what: str, bucket: str, prefixes: Sequence[str]) -> list[iam.PolicyStatement]:
        below = [f"{prefix}/*" for prefix in prefixes]
        return [
            allow(f"Read{what}", ["s3:GetObject"], [f"{bucket}/{objects}" for objects in below]),
            list_prefixes(f"List{what}", bucket, below),
        ]

    def _keep(self, what: str, bucket: str, prefixes: Sequence[str]) -> list[iam.PolicyStatement]:
        below = [f"{prefix}/*" for prefix in prefixes]
        actions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        return [
            allow(f"Keep{what}", actions, [f"{bucket}/{objects}" for objects in below]),
            list_prefixes(f"List{what}", bucket, below),
        ]
