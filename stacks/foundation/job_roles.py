"""Roles of the work that runs by itself: one per kind of job, each with what that job touches and no more."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.parts.layout import Layout
from stacks.parts.place import Place
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
    job_statements,
    list_zones,
    pass_role,
    read_zones,
    register_as_pending,
    tag_when_creating,
    use_key,
)


@dataclass(frozen=True)
class JobRoles:
    """One role per kind of job."""

    processing: iam.Role
    training: iam.Role
    experiment: iam.Role
    endpoint: iam.Role
    monitor: iam.Role
    pipeline: iam.Role


def create_job_roles(scope: Construct, *, layout: Layout, key_arn: str) -> JobRoles:
    factory = _RoleFactory(scope, Place.of(scope), layout, key_arn)
    processing = factory.processing()
    training = factory.training()
    return JobRoles(
        processing=processing,
        training=training,
        experiment=factory.experiment(),
        endpoint=factory.endpoint(),
        monitor=factory.monitor(),
        pipeline=factory.pipeline(processing, training),
    )


@dataclass(frozen=True)
class _RoleFactory:
    """What the job roles' statements have in common."""

    scope: Construct
    place: Place
    layout: Layout
    key_arn: str

    def processing(self) -> iam.Role:
        layout = self.layout
        return self._job_role(
            "Processing",
            "Preprocessing, baselines and evaluation",
            [
                *read_zones("Scripts", self.place.assets),
                *read_zones("Data", layout.raw, layout.processed),
                *read_zones("Artifacts", layout.training, layout.data_engineering),
                allow_objects("WriteProcessedData", "s3:PutObject", layout.processed),
                allow_objects("WriteReports", "s3:PutObject", layout.executions),
            ],
        )

    def training(self) -> iam.Role:
        return self._job_role(
            "Training",
            "Training jobs",
            [
                *read_zones("Scripts", self.place.assets),
                *read_zones("ProcessedData", self.layout.processed),
                *read_zones("Artifacts", self.layout.data_science),
                allow_objects("WriteModel", "s3:PutObject", self.layout.training),
            ],
        )

    def experiment(self) -> iam.Role:
        """What data scientists pass to processing jobs of their own.

        The processing role would do as well, and let them read raw data by way of a job.
        """
        return self._job_role(
            "Experiment",
            "Processing jobs of data scientists",
            [
                *read_zones("ProcessedData", self.layout.processed),
                *read_zones("Artifacts", self.layout.data_science, self.layout.training),
                allow_objects("WriteResults", "s3:PutObject", self.layout.data_science),
            ],
        )

    def endpoint(self) -> iam.Role:
        return self._job_role(
            "Endpoint",
            "Real-time endpoints",
            [
                allow_objects("ReadModel", "s3:GetObject", self.layout.training),
                allow_objects("WriteCapturedData", "s3:PutObject", self.layout.captured),
                # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
                allow(
                    "ReadRollbackAlarms",
                    "cloudwatch:DescribeAlarms",
                    ["*"],
                    because="Automatic rollback describes alarms with the endpoint's role.",
                ),
            ],
        )

    def monitor(self) -> iam.Role:
        layout = self.layout
        return self._job_role(
            "Monitor",
            "Model Monitor jobs",
            [
                *read_zones("CapturedData", layout.captured),
                allow_objects("ReadBaselines", "s3:GetObject", layout.models),
                list_zones("ListBaselines", layout.models, layout.monitoring),
                allow_objects("WriteMonitoringReports", "s3:PutObject", layout.monitoring),
            ],
        )

    def pipeline(self, processing: iam.Role, training: iam.Role) -> iam.Role:
        """Starts the jobs of an execution and registers the model, always as pending."""
        place = self.place
        jobs = [place.sagemaker(kind, "pipelines-*") for kind in ("processing-job", "training-job")]
        registry = place.own("model-package-group", "model-package")
        actions = " ".join(
            f"sagemaker:{verb}{job}"
            for verb in ("Create", "Describe", "Stop")
            for job in ("ProcessingJob", "TrainingJob")
        )
        statements = [
            allow(
                "RunSteps",
                actions,
                jobs,
                because="SageMaker names the jobs of pipeline executions; they all start with pipelines-.",
            ),
            tag_when_creating(
                [*jobs, *place.own("model-package")],
                ["CreateModelPackage", "CreateProcessingJob", "CreateTrainingJob"],
            ),
            pass_role("PassJobRoles", [processing.role_arn, training.role_arn], "sagemaker"),
            register_as_pending(registry),
            allow_own(
                "ReadRegistry", "sagemaker:DescribeModelPackage sagemaker:DescribeModelPackageGroup", registry
            ),
            allow_objects("ReadReports", "s3:GetObject", self.layout.executions),
            allow_objects("ReadModel", "s3:GetObject", self.layout.training),
            use_key(self.key_arn),
        ]
        return service_role(
            self.scope,
            "Pipeline",
            service="sagemaker",
            description="Pipeline executions",
            statements=statements,
        ).role

    def _job_role(self, name: str, description: str, statements: list[Statement]) -> iam.Role:
        return service_role(
            self.scope,
            name,
            service="sagemaker",
            description=description,
            statements=[*statements, *job_statements(self.place, self.key_arn)],
        ).role
