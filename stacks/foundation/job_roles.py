"""Roles of the work that runs by itself: one per kind of job, each with what that job touches and no more."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.foundation.buckets import Buckets
from stacks.permissions.policies import managed_policy
from stacks.permissions.statements import (
    allow,
    job_statements,
    list_prefixes,
    pass_role,
    tag_when_creating,
    use_key,
)
from stacks.permissions.trust import service_trust, trust


@dataclass(frozen=True)
class JobRoles:
    """One role per kind of job."""

    processing: iam.Role
    training: iam.Role
    experiment: iam.Role
    endpoint: iam.Role
    monitor: iam.Role
    pipeline: iam.Role


def create_job_roles(scope: Construct, *, prefix: str, key: kms.IKey, buckets: Buckets) -> JobRoles:
    """The job roles of one environment, whose resources are all named `<prefix>-...`."""
    factory = _RoleFactory(scope, prefix, key, buckets)
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


def service_role(
    scope: Construct, name: str, *, service: str, description: str, statements: list[iam.PolicyStatement]
) -> iam.Role:
    """A role that one AWS service may assume, only on behalf of this account, and its managed policy.

    Managed rather than inline, so that the policy is one resource to review and can be waited for.
    """
    principal = iam.ServicePrincipal(f"{service}.amazonaws.com")
    role = iam.Role(scope, f"{name}Role", assumed_by=principal, description=description)
    trust(role, [service_trust("ServiceOfThisAccount", service, cdk.Stack.of(scope).account)])
    managed_policy(scope, f"{name}Policy", roles=[role], description=description, statements=statements)
    return role


class _RoleFactory:
    """What the job roles' statements have in common."""

    def __init__(self, scope: Construct, prefix: str, key: kms.IKey, buckets: Buckets) -> None:
        stack = cdk.Stack.of(scope)
        self.scope = scope
        self.prefix = prefix
        self.key = key
        self.data = buckets.data.bucket_arn
        self.artifacts = buckets.artifacts.bucket_arn
        self.capture = buckets.capture.bucket_arn
        self.account = stack.account
        self.region = stack.region
        self.assets = f"arn:aws:s3:::cdk-hnb659fds-assets-{stack.account}-{stack.region}"

    def processing(self) -> iam.Role:
        return self._job_role(
            "Processing",
            "Preprocessing, baselines and evaluation",
            [
                allow("ReadScripts", ["s3:GetObject"], [f"{self.assets}/*"]),
                allow("ListScripts", ["s3:ListBucket"], [self.assets]),
                allow("ReadData", ["s3:GetObject"], [f"{self.data}/raw/*", f"{self.data}/processed/*"]),
                list_prefixes("ListData", self.data, ["raw/*", "processed/*"]),
                *self._read_artifacts("training", "data-engineering"),
                allow("WriteProcessedData", ["s3:PutObject"], [f"{self.data}/processed/*"]),
                allow("WriteReports", ["s3:PutObject"], [f"{self.artifacts}/executions/*"]),
            ],
        )

    def training(self) -> iam.Role:
        return self._job_role(
            "Training",
            "Training jobs",
            [
                allow("ReadScripts", ["s3:GetObject"], [f"{self.assets}/*"]),
                allow("ListScripts", ["s3:ListBucket"], [self.assets]),
                allow("ReadProcessedData", ["s3:GetObject"], [f"{self.data}/processed/*"]),
                list_prefixes("ListProcessedData", self.data, ["processed/*"]),
                *self._read_artifacts("data-science"),
                allow("WriteModel", ["s3:PutObject"], [f"{self.artifacts}/training/*"]),
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
                allow("ReadProcessedData", ["s3:GetObject"], [f"{self.data}/processed/*"]),
                list_prefixes("ListProcessedData", self.data, ["processed/*"]),
                *self._read_artifacts("data-science", "training"),
                allow("WriteResults", ["s3:PutObject"], [f"{self.artifacts}/data-science/*"]),
            ],
        )

    def endpoint(self) -> iam.Role:
        return self._job_role(
            "Endpoint",
            "Real-time endpoints",
            [
                allow("ReadModel", ["s3:GetObject"], [f"{self.artifacts}/training/*"]),
                allow("WriteCapturedData", ["s3:PutObject"], [f"{self.capture}/*"]),
                # Automatic rollback reads the alarms with the endpoint's role:
                # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
                allow("ReadRollbackAlarms", ["cloudwatch:DescribeAlarms"], ["*"]),
            ],
        )

    def monitor(self) -> iam.Role:
        return self._job_role(
            "Monitor",
            "Model Monitor jobs",
            [
                allow("ReadCapturedData", ["s3:GetObject"], [f"{self.capture}/*"]),
                allow("ListCapturedData", ["s3:ListBucket"], [self.capture]),
                allow("ReadBaselines", ["s3:GetObject"], [f"{self.artifacts}/models/*"]),
                list_prefixes("ListBaselines", self.artifacts, ["models/*", "monitoring/*"]),
                allow("WriteMonitoringReports", ["s3:PutObject"], [f"{self.artifacts}/monitoring/*"]),
            ],
        )

    def pipeline(self, processing: iam.Role, training: iam.Role) -> iam.Role:
        """Starts the jobs of an execution and registers the model, always as pending."""
        sagemaker = f"arn:aws:sagemaker:{self.region}:{self.account}"
        jobs = [f"{sagemaker}:{kind}/pipelines-*" for kind in ("processing-job", "training-job")]
        group = f"{sagemaker}:model-package-group/{self.prefix}-*"
        versions = f"{sagemaker}:model-package/{self.prefix}-*"
        actions = [
            f"sagemaker:{verb}{job}"
            for verb in ("Create", "Describe", "Stop")
            for job in ("ProcessingJob", "TrainingJob")
        ]
        statements = [
            allow("RunSteps", actions, jobs),
            tag_when_creating(
                [*jobs, versions], ["CreateModelPackage", "CreateProcessingJob", "CreateTrainingJob"]
            ),
            pass_role("PassJobRoles", [processing.role_arn, training.role_arn], "sagemaker"),
            allow(
                "RegisterAsPending",
                ["sagemaker:CreateModelPackage"],
                [group, versions],
                {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
            ),
            allow(
                "ReadRegistry",
                ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"],
                [group, versions],
            ),
            allow("ReadReports", ["s3:GetObject"], [f"{self.artifacts}/executions/*"]),
            allow("ReadModel", ["s3:GetObject"], [f"{self.artifacts}/training/*"]),
            use_key(self.key.key_arn),
        ]
        return service_role(
            self.scope,
            "Pipeline",
            service="sagemaker",
            description="Pipeline executions",
            statements=statements,
        )

    def _read_artifacts(self, *prefixes: str) -> list[iam.PolicyStatement]:
        objects = [f"{prefix}/*" for prefix in prefixes]
        return [
            allow("ReadArtifacts", ["s3:GetObject"], [f"{self.artifacts}/{below}" for below in objects]),
            list_prefixes("ListArtifacts", self.artifacts, objects),
        ]

    def _job_role(self, name: str, description: str, statements: list[iam.PolicyStatement]) -> iam.Role:
        common = job_statements(self.account, self.region, self.key.key_arn)
        return service_role(
            self.scope,
            name,
            service="sagemaker",
            description=description,
            statements=[*statements, *common],
        )
