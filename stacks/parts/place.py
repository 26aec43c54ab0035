"""Where an environment is, what is called by its name, and the ARNs that follow."""

from dataclasses import dataclass
from hashlib import sha256

import aws_cdk as cdk
from constructs import IConstruct

from stacks.parts.layout import Bucket, Zone

_LONGEST_QUALIFIER = 10
# The tags by which costs are told apart and things are found. They are fixed on purpose: job definitions and
# feature groups cannot change a tag, so another one replaces them, as docs/operations.md says.
ENVIRONMENT = "environment"
USE_CASE = "use-case"
PIPELINE_JOBS = "pipeline"
"""What jobs of pipelines have in their names after the prefix, and jobs of people may not."""
TRACKING_JOBS = "tracking"
"""The same of the jobs that reach MLflow, and so the network."""
_TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"
JOB_LOG_GROUPS = ("/aws/sagemaker/ProcessingJobs", _TRAINING_LOGS)
"""SageMaker's names, the same for the whole account; a stream begins with the name of its job.

https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""
# A job's name has 63 characters: `<this>-<execution, 12>-<token, 10>-<failures, 2>`.
# https://github.com/aws/sagemaker-python-sdk/pull/3946
_LONGEST_PIPELINE_JOB = 63 - len("-abcdefghijkl-0123456789-00")
# A tuning job's has 32, and AWS takes six of them from us:
# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
_LONGEST_TUNING_JOB = 6

TRANSFORM_LOGS = "/aws/sagemaker/TransformJobs"
"""The log group of all transform jobs of the account."""
ALL_JOB_LOG_GROUPS = (*JOB_LOG_GROUPS, TRANSFORM_LOGS)

COMPONENT_LOGS = "/aws/sagemaker/InferenceComponents"
"""Below it each model on a shared endpoint has a log group of its name.

https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""
SHARED_ENDPOINT = "shared"
"""The last part of the name of the endpoint of several models, and of its stack."""

ANSWERED, FAILED = "answered", "failed"
"""The last part of the names of the topics that an asynchronous endpoint tells of its requests."""

DELIVER = "deliver"
"""The last part of the name of a use case's job of Glue, of what it needs, and of its role."""


@dataclass(frozen=True)
class Place:
    """Account and region of an environment, and what all names there begin with."""

    prefix: str
    """`<project>-<environment>`; only the environment where it has no project."""
    account: str
    region: str

    @classmethod
    def of(cls, construct: IConstruct) -> "Place":
        """Where a construct will be; its environment is the stage that it is in."""
        stack, stage = cdk.Stack.of(construct), cdk.Stage.of(construct)
        return cls(stage.stage_name if stage else "", stack.account, stack.region)

    def name(self, *parts: str) -> str:
        """The name of a use case's things, or of others: `<prefix>-<use case>`."""
        return "-".join((self.prefix, *parts))

    def bucket(self, kind: str) -> str:
        """The name of a bucket, which the account makes unique in the world."""
        return self.name(self.account, kind)

    def own(self, *kinds: str) -> list[str]:
        """ARN patterns of this environment's SageMaker resources of some kinds."""
        return [self.sagemaker(kind, self.name("*")) for kind in kinds]

    def sagemaker(self, kind: str, name: str) -> str:
        return self.arn("sagemaker", f"{kind}/{name}")

    def pipeline_jobs(self, *kinds: str) -> list[str]:
        """ARN patterns of the jobs that executions of this environment's pipelines start."""
        return [self.sagemaker(kind, self.name(PIPELINE_JOBS, "*")) for kind in kinds]

    def pipeline_job(self, step: str) -> str:
        """What the name of a step's job begins with, before execution, token and failures."""
        shortest = self.name(PIPELINE_JOBS)
        return f"{shortest}-{step}"[: max(_LONGEST_PIPELINE_JOB, len(shortest))].rstrip("-")

    @property
    def tracking_jobs(self) -> list[str]:
        """ARN patterns of the jobs that tell MLflow of executions."""
        return [self.sagemaker("processing-job", self.name(TRACKING_JOBS, "*"))]

    @property
    def tuning_job(self) -> str:
        """What the names of tuning jobs begin with, and so those of the trainings that they start."""
        return self.qualifier[:_LONGEST_TUNING_JOB]

    def tuning_jobs(self, *kinds: str) -> list[str]:
        """ARN patterns of the tuning jobs that executions start, or of their trainings."""
        return [self.sagemaker(kind, f"{self.tuning_job}-*") for kind in kinds]

    @property
    def tuning_log_streams(self) -> str:
        """ARN pattern of the log streams of a tuning job's trainings."""
        return self.log_group(f"{_TRAINING_LOGS}:log-stream:{self.tuning_job}-*")

    def job_log_streams(self, job: str) -> list[str]:
        """ARN patterns of the log streams of some jobs: the groups are the account's."""
        return [self.log_group(f"{group}:log-stream:{job}") for group in JOB_LOG_GROUPS]

    @property
    def transform_log_streams(self) -> str:
        """ARN pattern of the log streams of this environment's transform jobs."""
        return self.log_group(f"{TRANSFORM_LOGS}:log-stream:{self.name('*')}")

    def metrics(self, name: str) -> str:
        """The namespace of metrics of our own."""
        return f"{self.prefix}/{name}"

    def log_group(self, name: str) -> str:
        return self.arn("logs", f"log-group:{name}")

    @property
    def endpoint_logs(self) -> str:
        """ARN pattern of the log groups of this environment's endpoints, and of their streams."""
        return self.log_group(f"/aws/sagemaker/Endpoints/{self.name('*')}")

    @property
    def component_logs(self) -> str:
        """The same of the models on the shared endpoint."""
        return self.log_group(f"{COMPONENT_LOGS}/{self.name('*')}")

    @property
    def shared_endpoint(self) -> str:
        """The name of the endpoint of several models."""
        return self.name(SHARED_ENDPOINT)

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource of a service that is in each region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """ARN of a resource of a service that has no regions."""
        return f"arn:aws:{service}::{self.account}:{resource}"

    def role_arn(self, name: str) -> str:
        """ARN of a role of this environment that has a name."""
        return self.global_arn("iam", f"role{self.path}{name}")

    @property
    def path(self) -> str:
        """The path of all roles and policies: what is outside of it, a deployment cannot touch."""
        return f"/{self.prefix}/"

    @property
    def boundary_arn(self) -> str:
        """The permissions boundary, which `make bootstrap` makes outside of that path."""
        return self.global_arn("iam", f"policy/{self.name('boundary')}")

    @property
    def qualifier(self) -> str:
        """The part of the names of all that `cdk bootstrap` makes: each environment has its own."""
        return qualifier(self.prefix)

    @property
    def assets(self) -> Zone:
        """What `cdk deploy` uploads."""
        return Zone(Bucket.named(f"cdk-{self.qualifier}-assets-{self.account}-{self.region}"))

    def bootstrap_role(self, name: str) -> str:
        return self.global_arn("iam", f"role/cdk-{self.qualifier}-{name}-role-{self.account}-{self.region}")


def qualifier(prefix: str) -> str:
    """A digest, because the CDK takes ten characters at most and prefixes may begin alike.

    https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
    """
    return f"m{sha256(prefix.encode()).hexdigest()}"[:_LONGEST_QUALIFIER]
