"""Roles of the work that runs by itself: one per kind of job, each with what that job touches and no more."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.parts.layout import Layout
from stacks.parts.place import ANSWERED, FAILED, Place
from stacks.permissions.roles import service_role, service_trust, trust
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
    container_statements,
    grant_key,
    job_statements,
    list_zones,
    pass_role,
    read_zones,
    register_as_pending,
    tag_when_creating,
    use_key,
)

JOBS_OF_SCHEDULES = "model-monitoring-*"
# https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
READ_ROLLBACK_ALARMS = allow(
    "ReadRollbackAlarms",
    "cloudwatch:DescribeAlarms",
    ["*"],
    because="Automatic rollback describes alarms with the endpoint's role.",
)
_CREATED = ("HyperParameterTuningJob", "ModelPackage", "ProcessingJob", "TrainingJob")


class JobRoles:
    """One role per kind of job."""

    def __init__(self, scope: Construct, *, layout: Layout, key_arn: str, watches_batches: bool) -> None:
        self._scope = scope
        self._place = Place.of(scope)
        self._layout = layout
        self._key_arn = key_arn
        self.processing = self._processing()
        self.training = self._training()
        self.preparation = self._preparation()
        self.experiment = self._experiment()
        self.endpoint = self._endpoint()
        self.asynchronous = self._asynchronous()
        self.serverless = self._serverless()
        self.batch_transform = self._batch_transform()
        self.monitor = self._monitor(watches_batches)
        self.pipeline = self._pipeline()

    def _processing(self) -> iam.Role:
        """Like the training role passed by pipelines only: whoever can pass it writes what is evaluated."""
        layout = self._layout
        return self._job_role_with_identity(
            "Processing",
            "Preprocessing, baselines and evaluation",
            [
                *read_zones("Scripts", self._place.assets),
                *read_zones("Data", layout.raw, layout.processed),
                *read_zones("Results", layout.training, layout.executions, layout.models),
                allow_objects("WriteProcessedData", "s3:PutObject", layout.processed),
                allow_objects("WriteReports", "s3:PutObject", layout.executions),
            ],
        )

    def _training(self) -> iam.Role:
        return self._job_role_with_identity(
            "Training",
            "Training jobs",
            [
                *read_zones("Scripts", self._place.assets),
                *read_zones("ProcessedData", self._layout.processed),
                *read_zones("Checkpoints", self._layout.checkpoints),
                allow_objects("WriteModel", "s3:PutObject", self._layout.training, self._layout.checkpoints),
                allow_own(
                    "WriteLogsOfTuning",
                    "logs:CreateLogStream logs:PutLogEvents",
                    [self._place.tuning_log_streams],
                ),
            ],
        )

    def _preparation(self) -> iam.Role:
        """What data engineers pass to jobs of their own; it changes nothing that a pipeline reads or made."""
        layout = self._layout
        return self._job_role_with_identity(
            "Preparation",
            "Jobs of data engineers",
            [
                *read_zones("Data", layout.raw, layout.processed),
                *read_zones("Artifacts", layout.data_engineering),
                allow_objects("WriteResults", "s3:PutObject", layout.data_engineering),
            ],
        )

    def _experiment(self) -> iam.Role:
        """What data scientists pass to jobs of their own.

        With a role of the pipeline's they could read raw data, or replace a model after it was approved.
        """
        return self._job_role_with_identity(
            "Experiment",
            "Jobs of data scientists",
            [
                *read_zones("Scripts", self._place.assets),
                *read_zones("ProcessedData", self._layout.processed),
                *read_zones("Artifacts", self._layout.data_science, self._layout.training),
                allow_objects("WriteResults", "s3:PutObject", self._layout.data_science),
            ],
        )

    def _endpoint(self) -> iam.Role:
        captured = self._layout.captured(self._place.name("*"))
        return self._job_role(
            "Endpoint",
            "Real-time endpoints",
            [
                allow_objects("ReadModel", "s3:GetObject", self._layout.models),
                allow_objects("WriteCapturedData", "s3:PutObject", captured),
                READ_ROLLBACK_ALARMS,
            ],
        )

    def _asynchronous(self) -> iam.Role:
        """Unlike a real-time endpoint's it reads requests and publishes, because they are files.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
        """
        layout, place = self._layout, self._place
        topics = [place.arn("sns", place.name("*", kind)) for kind in (ANSWERED, FAILED)]
        return self._job_role(
            "AsynchronousEndpoint",
            "Asynchronous endpoints",
            [
                allow_objects("ReadModel", "s3:GetObject", layout.models),
                allow_objects("ReadRequests", "s3:GetObject", layout.requests),
                allow_objects(
                    "WriteAnswers", "s3:AbortMultipartUpload s3:PutObject", layout.answers, layout.failures
                ),
                allow_own("TellOfAnswers", "sns:Publish", topics),
                READ_ROLLBACK_ALARMS,
            ],
        )

    def _serverless(self) -> iam.Role:
        """The least of all: the container is not cut off from the network, and may act as this role."""
        endpoint = [
            allow_objects("ReadModel", "s3:GetObject", self._layout.models),
            READ_ROLLBACK_ALARMS,
            use_key(self._key_arn),
            grant_key("GrantKeyToEndpoint", self._key_arn),
            *container_statements(self._place, self._place.endpoint_logs),
        ]
        role = service_role(self._scope, "ServerlessEndpoint", "sagemaker", "Serverless endpoints", endpoint)
        return role.role

    def _batch_transform(self) -> iam.Role:
        """Its rows and answers are files, too, and SageMaker uploads answers in parts.

        https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-errors.html
        """
        layout = self._layout
        return self._job_role(
            "BatchTransform",
            "Batch transform jobs",
            [
                allow_objects("ReadModel", "s3:GetObject", layout.models),
                *read_zones("Rows", layout.batch_input),
                allow_objects("WriteAnswers", "s3:AbortMultipartUpload s3:PutObject", layout.batch_output),
                allow_own(
                    "WriteLogsOfTransforms",
                    "logs:CreateLogStream logs:PutLogEvents",
                    [self._place.transform_log_streams],
                ),
            ],
        )

    def _monitor(self, watches_batches: bool) -> iam.Role:
        """Rows of batches say whose they are: it reads them only where it has to."""
        layout = self._layout
        batches = read_zones("Batches", layout.batch_input, layout.batch_output) if watches_batches else ()
        return self._job_role(
            "Monitor",
            "Monitoring jobs",
            [
                *read_zones("Scripts", self._place.assets),
                *read_zones("CapturedData", layout.captured(self._place.name("*"))),
                *read_zones("Labels", layout.ground_truth),
                *batches,
                allow_objects("ReadBaselines", "s3:GetObject", layout.models),
                list_zones("ListBaselines", layout.models, layout.monitoring),
                allow_objects("WriteMonitoringReports", "s3:PutObject", layout.monitoring),
                allow(
                    "WriteLogsOfSchedules",
                    "logs:CreateLogStream logs:PutLogEvents",
                    self._place.job_log_streams(JOBS_OF_SCHEDULES),
                    because="Model Monitor names the jobs of its schedules itself.",
                ),
            ],
        )

    def _pipeline(self) -> iam.Role:
        """Starts the jobs of an execution and registers the model, always as pending."""
        place = self._place
        jobs = place.pipeline_jobs("processing-job", "training-job")
        searches = place.tuning_jobs("hyper-parameter-tuning-job")
        registry = place.own("model-package-group", "model-package")
        actions = " ".join(
            f"sagemaker:{verb}{job}"
            for verb in ("Create", "Describe", "Stop")
            for job in ("ProcessingJob", "TrainingJob")
        )
        statements = [
            allow_own("RunSteps", actions, jobs),
            # https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
            allow_own(
                "RunTuningStep",
                "sagemaker:CreateHyperParameterTuningJob sagemaker:DescribeHyperParameterTuningJob "
                "sagemaker:StopHyperParameterTuningJob sagemaker:ListTrainingJobsForHyperParameterTuningJob",
                searches,
            ),
            tag_when_creating(
                [*jobs, *searches, *place.own("model-package")],
                [f"Create{what}" for what in _CREATED],
            ),
            pass_role("PassJobRoles", [self.processing.role_arn, self.training.role_arn], "sagemaker"),
            register_as_pending(registry),
            allow_own(
                "ReadRegistry", "sagemaker:DescribeModelPackage sagemaker:DescribeModelPackageGroup", registry
            ),
            allow_objects("ReadReports", "s3:GetObject", self._layout.executions),
            allow_objects("ReadModel", "s3:GetObject", self._layout.training),
            use_key(self._key_arn),
        ]
        role = service_role(self._scope, "Pipeline", "sagemaker", "Pipeline executions", statements).role
        return self._with_source_identity(role)

    def _job_role(self, name: str, description: str, statements: list[Statement]) -> iam.Role:
        allowed = [*statements, *job_statements(self._place, self._key_arn)]
        return service_role(self._scope, name, "sagemaker", description, allowed).role

    def _job_role_with_identity(self, name: str, description: str, statements: list[Statement]) -> iam.Role:
        return self._with_source_identity(self._job_role(name, description, statements))

    def _with_source_identity(self, role: iam.Role) -> iam.Role:
        """Let the session of a job say who started it; SageMaker refuses the job otherwise.

        https://docs.aws.amazon.com/sagemaker/latest/dg/monitor-user-access-how-to.html
        """
        name_them = "sts:SetSourceIdentity"
        account = self._place.account
        trust(role, [service_trust("ServiceOfThisAccount", "sagemaker", account, name_them)])
        return role
