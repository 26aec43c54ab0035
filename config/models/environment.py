"""An environment: the account and region, its network, which use cases run there, and how large they are."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.alerts import Alerts
from config.models.base import ConfigurationModel
from config.models.batch import BatchTransform
from config.models.network import Network
from config.models.options import Budget, Catalog, Delivery, OffHours, Studio
from config.models.retraining import Retraining
from config.models.serving import Asynchronous, InstanceRange, Serverless, Shared, SharedEndpoint
from config.models.updates import AT_ONCE, EndpointUpdate
from config.models.variants import Challenger, Shadow
from config.values import fields
from config.values.tags import Tags

DEFAULT_INSTANCE_TYPES = (
    *("ml.t3.medium", "ml.t3.large", "ml.t3.xlarge", "ml.t3.2xlarge"),
    *("ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.4xlarge"),
    *("ml.c5.xlarge", "ml.c5.2xlarge", "ml.c5.4xlarge"),
)
_HOURS_OF_A_DAY = 24
_LATENCY_MS, _LATENCY_MS_OF_FILES = 1_000, 60_000
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
_LONGEST_LATENCY_MS = 60_000
_WITHOUT_MEANING = {
    "serverless": ("instance_type", "instances", "asynchronous"),
    "shared": ("instance_type", "instances", "asynchronous", "serverless"),
}
"""By the way to answer, what only other ones have."""
_LOADS = {
    "asynchronous": "asynchronous.backlog_per_instance",
    "serverless": "serverless.max_concurrency",
    "shared": "shared.invocations_per_copy_per_minute",
}
"""What is said in place of the load of an instance."""
MonitoringEngine = Literal["own", "model-monitor", "none"]
ImageReferences = Literal["by-tag", "by-digest"]
Registration = Literal["pipeline-only", "anyone"]


class TrainingResources(ConfigurationModel):
    """The size of the pipeline's jobs."""

    processing_instance_type: fields.ProcessingInstanceType = "ml.m5.large"
    """Instance type of preprocessing, baseline and evaluation."""
    processing_instances: int = Field(default=1, ge=1, le=20)
    """Machines of preprocessing; from two on, Spark does it."""
    training_instance_type: fields.TrainingInstanceType = "ml.m5.large"
    """Instance type of the training job."""
    instances: int = Field(default=1, ge=1, le=20)
    """Machines of one training, which boost together."""
    spot: bool = False
    """Whether training runs on spare machines for less money; it continues where one was taken away."""
    keep_alive_minutes: int | None = Field(default=None, ge=1, le=60)
    """Minutes that a machine waits for the next training; none when left out, and never with spot."""
    warm_start: tuple[fields.TuningJobName, ...] = Field(default=(), max_length=5, strict=False)
    """Tuning jobs of this account whose trials the next search knows, at most 5."""
    volume_size_gb: int = Field(default=30, ge=1, le=16384)
    """Disk of every job in GB."""

    def mistakes(self) -> Iterator[Mistake]:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html
        if self.spot and self.keep_alive_minutes is not None:
            problem, change = "spot machines do not wait", "remove keep_alive_minutes, or spot"
            path, allowed = ("keep_alive_minutes",), "left out with spot"
            yield Mistake(path, self.keep_alive_minutes, problem, allowed, change)
        for index, job in enumerate(self.warm_start):
            if job in self.warm_start[:index]:
                where = ("warm_start", index)
                yield Mistake(where, job, "is named twice", "each tuning job once", "remove one of them")


class EndpointResources(ConfigurationModel):
    """How a use case's endpoint answers, and its size. It is a real-time endpoint if nothing else is said."""

    instance_type: fields.EndpointInstanceType = "ml.m5.large"
    """Instance type of the endpoint."""
    instances: InstanceRange = InstanceRange()
    """Number of instances, scaled between min and max."""
    invocations_per_instance_per_minute: int = Field(default=600, ge=1)
    """Load per instance that the scaling of a real-time endpoint aims at."""
    update: EndpointUpdate = EndpointUpdate()
    """How it changes over to another model version."""
    asynchronous: Asynchronous | None = None
    """Requests are queued, and answered in files; the endpoint answers at once when left out."""
    serverless: Serverless | None = None
    """No instances at all, and neither network nor isolation nor monitors; instances when left out."""
    shared: Shared | None = None
    """A part of the environment's shared endpoint, without monitors; an endpoint of its own when left out."""

    @property
    def way(self) -> str:
        """The key that says how it answers; empty of a real-time endpoint on instances of its own."""
        return next((key for key in ("shared", "serverless", "asynchronous") if getattr(self, key)), "")

    @property
    def is_real_time(self) -> bool:
        """Whether it answers at once, on instances of its own: only then SageMaker records requests.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html
        """
        return not self.way

    @property
    def latency_p99_ms(self) -> int:
        """Milliseconds that one answer in a hundred may take."""
        return self.update.latency_p99_ms or (_LATENCY_MS_OF_FILES if self.asynchronous else _LATENCY_MS)

    def mistakes(self) -> Iterator[Mistake]:
        if self.shared:
            yield from self.update.mistakes_of_a_component()
        else:
            yield from self.update.mistakes_with(0 if self.serverless else self.instances.min)
        if self.asynchronous is None and self.latency_p99_ms > _LONGEST_LATENCY_MS:
            problem, change = "is longer than SageMaker waits for an answer", "lower it"
            path, allowed = ("update", "latency_p99_ms"), f"1 to {_LONGEST_LATENCY_MS}"
            yield Mistake(path, self.latency_p99_ms, problem, allowed, change)
        for key in _WITHOUT_MEANING.get(self.way, ()):
            if key in self.model_fields_set:
                problem, allowed = "has no meaning without instances of its own", f"left out with {self.way}"
                shown = self.model_dump(include={key})[key]
                yield Mistake((key,), shown, problem, allowed, f"remove it, or remove {self.way}")
        load, least = "invocations_per_instance_per_minute", self.instances.min
        if self.way and load in self.model_fields_set:
            problem, change = "is the load of a real-time endpoint on instances of its own", "remove it"
            shown = self.invocations_per_instance_per_minute
            yield Mistake((load,), shown, problem, _LOADS[self.way], change)
        if not self.way and least == 0:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html
            problem, change = "leaves nobody to answer at once", "raise it, or add `asynchronous: {}`"
            yield Mistake(("instances", "min"), least, problem, "at least 1", change)
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
        if self.instance_type.startswith("ml.t") and self.instances.min < self.instances.max:
            problem = f"is burstable and cannot scale from {self.instances.min} to {self.instances.max}"
            change = "choose an ml.m type, or set instances.max to instances.min"
            allowed = "instance types that can be scaled"
            yield Mistake(("instance_type",), self.instance_type, problem, allowed, change)


class GroundTruth(ConfigurationModel):
    """How answers are compared with what really happened."""

    after_days: int = Field(default=7, ge=0, le=80)
    """Days after which most of what happened to a day is known; what is captured expires after 90."""
    rows: int = Field(default=50, ge=10)
    """Fewest rows of a day with a label that say something about the model."""


class MonitoringResources(ConfigurationModel):
    """How an endpoint's traffic is watched for drift."""

    engine: MonitoringEngine = "own"
    """Who compares traffic with training data: own jobs, Model Monitor (closed to new customers) or none."""
    instance_type: fields.ProcessingInstanceType = "ml.m5.large"
    """Instance type of the monitoring job."""
    every_hours: int = Field(default=1, ge=1, le=24)
    """Hours between two monitoring executions."""
    capture_percentage: int = Field(default=100, ge=0, le=100)
    """Share of requests and answers that is recorded for monitoring."""
    ground_truth: GroundTruth | None = None
    """Measures the live model on requests whose outcome somebody tells; needs engine own."""
    because: fields.Reason | None = None
    """Why nothing is captured; required when capture_percentage is 0."""

    def mistakes(self) -> Iterator[Mistake]:
        # Both engines count hours from midnight on: a window of `own` lies within a day, and a schedule of
        # Model Monitor is `cron(0 0/N ? * * *)`.
        if _HOURS_OF_A_DAY % self.every_hours:
            divisors = ", ".join(str(hours) for hours in range(1, 25) if _HOURS_OF_A_DAY % hours == 0)
            problem = "does not divide the day, so that executions would not be equally far apart"
            yield Mistake(("every_hours",), self.every_hours, problem, divisors, "write one of these")
        if self.ground_truth and (self.engine != "own" or self.capture_percentage == 0):
            problem = "needs requests that are captured, and our own monitors"
            change = "remove it, or write engine: own and a capture_percentage above 0"
            yield Mistake(("ground_truth",), self.ground_truth.model_dump(), problem, "engine: own", change)
        if self.capture_percentage == 0 and self.because is None:
            problem = "leaves the endpoint unwatched without a reason"
            change = "raise it, or add `because: ...` next to it"
            yield Mistake(("capture_percentage",), 0, problem, "1 to 100, or 0 with because", change)


class Deployment(ConfigurationModel):
    """One use case in one environment."""

    model: fields.ModelVersion
    """Version that is served: none, a model package version (7), or latest-approved."""
    challenger: Challenger | None = None
    """Another version that answers a share of the requests; none when left out."""
    shadow: Shadow | None = None
    """Another version that is sent copies of requests and answers nobody; none when left out."""
    training: TrainingResources = TrainingResources()
    """Size of the pipeline's jobs."""
    endpoint: EndpointResources = EndpointResources()
    """Size of the endpoint."""
    batch: BatchTransform | None = None
    """Rows that are predicted on a schedule, in one go; none when left out."""
    monitoring: MonitoringResources = MonitoringResources()
    """How traffic is watched."""
    retraining: Retraining | None = None
    """When the model is trained anew by itself; only when somebody starts the pipeline when left out."""
    monthly_budget_usd: float | None = Field(default=None, gt=0)
    """US dollars a month that the use case may cost; alerts.email is told. None when left out."""

    @property
    def watches_batches(self) -> bool:
        """Whether the rows of each batch are compared with the training data."""
        return self.batch is not None and self.model != "none" and self.monitoring.engine == "own"

    @property
    def beside(self) -> Challenger | Shadow | None:
        """The version that the endpoint has besides the one that serves."""
        return self.challenger or self.shadow

    @property
    def _beside_key(self) -> str:
        return "challenger" if self.challenger else "shadow"

    def mistakes(self) -> Iterator[Mistake]:
        yield from self._captured_in_vain()
        if self.beside:
            yield from self._beside_in_vain(self.beside)
            yield from self._beside_in_parts()
        yield from self._approved_in_vain()
        if self.batch and self.watches_batches:
            yield from self.batch.mistakes_when_watched()
        monitoring, path = self.monitoring, ("retraining", "alarms")
        alarms = self.retraining.alarms if self.retraining else ()
        if alarms and (monitoring.engine == "none" or monitoring.capture_percentage == 0):
            change = "remove retraining, or let something watch the traffic"
            yield Mistake(path, list(alarms), "nothing watches the traffic", "a monitor", change)
        elif "quality" in alarms and monitoring.ground_truth is None:
            change = "add `ground_truth: {after_days: 7}` to monitoring, or write alarms: [drift]"
            problem = "nobody says what really happened, so that there is no such alarm"
            yield Mistake(path, list(alarms), problem, "quality together with ground_truth", change)

    def _approved_in_vain(self) -> Iterator[Mistake]:
        margin = self.retraining and self.retraining.approve_when_better_by
        if margin and isinstance(self.model, int):
            problem = (
                f"would approve once: version {self.model} stays live, and the next one is compared with it, "
                "not with the one that was approved"
            )
            path, change = (
                ("retraining", "approve_when_better_by"),
                "remove it, or write latest-approved into model",
            )
            yield Mistake(path, margin, problem, "left out where model is a number", change)

    def _captured_in_vain(self) -> Iterator[Mistake]:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html
        share, path = self.monitoring.capture_percentage, ("monitoring", "capture_percentage")
        if share and not self.endpoint.is_real_time:
            kind = self.endpoint.way
            problem, allowed = f"is not captured of an endpoint that is {kind}", "0 with because"
            change = f"write `capture_percentage: 0` and `because: ...`, or remove endpoint.{kind}"
            yield Mistake(path, share, problem, allowed, change)

    def _beside_in_vain(self, other: Challenger | Shadow) -> Iterator[Mistake]:
        key, shown, endpoint = self._beside_key, other.model_dump(), self.endpoint
        if self.challenger and self.shadow:
            # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
            problem, change = "AWS has a shadow of a single version only", "remove one of them"
            yield Mistake(("shadow",), self.shadow.model_dump(), problem, "left out with challenger", change)
        if not isinstance(self.model, int):
            problem = f"an approval would change what it is compared with: model is {self.model}"
            change = "write the number of the version that serves into model"
            yield Mistake((key,), shown, problem, "left out, unless model is a number", change)
        elif other.version == self.model:
            problem, change = "is the version that model serves already", "choose another one"
            yield Mistake((key, "version"), other.version, problem, "another version than model", change)
        if not endpoint.is_real_time:
            kind = endpoint.way
            # https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html
            problem, change = f"an endpoint that is {kind} has one version", f"remove it, or endpoint.{kind}"
            yield Mistake((key,), shown, problem, f"left out with {kind}", change)
        if self.monitoring.engine == "model-monitor":
            # https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html
            problem, change = "mixes what several versions answer", "write engine: own"
            yield Mistake(("monitoring", "engine"), "model-monitor", problem, f"own, none with {key}", change)

    def _beside_in_parts(self) -> Iterator[Mistake]:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        key, update, path = self._beside_key, self.endpoint.update, ("endpoint", "update")
        if update.strategy not in (None, *AT_ONCE):
            problem = (
                f"moves traffic by parts, which AWS refuses where versions come and go: there is a {key}"
            )
            change = "remove it"
            yield Mistake((*path, "strategy"), update.strategy, problem, f"all-at-once with {key}", change)
        elif update.percent is not None and update.strategy is None:
            problem = f"has no meaning where all traffic moves at once: there is a {key}"
            yield Mistake((*path, "percent"), update.percent, problem, "left out", f"remove it, or {key}")


class Environment(ConfigurationModel):
    """One AWS account and region, deployed as one CDK stage."""

    name: str
    """The file's name without .yaml; the first part of every stack's name."""
    trained_in: str | None = None
    """Another environment, whose versions this one serves; it trains its own when left out."""
    project: fields.Project | None = None
    """What every name begins with, before the environment's: two projects in an account differ by it."""
    account: fields.Account
    """AWS account id, 12 digits, quoted."""
    region: fields.Region
    """AWS region."""
    termination_protection: bool = True
    """Whether stacks refuse to be deleted; true means production."""
    log_retention_days: fields.LogRetentionDays = 90
    """Days that log groups keep their events."""
    network: Network
    """A network that is created (cidr, availability_zones) or one that exists (vpc_id, ...)."""
    alerts: Alerts = Alerts()
    """Who hears about alarms."""
    images: ImageReferences = "by-tag"
    """How AWS's images are named: by-tag, or by-digest as `make images` has written down."""
    registration: Registration = "pipeline-only"
    """Who registers model versions: pipeline-only, or anyone who trains; only a pipeline's are deployed."""
    shared_endpoint: SharedEndpoint | None = None
    """The endpoint of all use cases with endpoint.shared; none when left out."""
    studio: Studio | None = None
    """SageMaker Studio for the people who work here; none when left out."""
    catalog: Catalog | None = None
    """Glue tables, data quality rules and Athena; none when left out."""
    delivery: Delivery | None = None
    """The GitHub repository that may deploy here; none when left out."""
    replication_region: fields.Region | None = None
    """Another region that data and artifacts are copied to; none when left out."""
    budget: Budget | None = None
    """What the environment may cost a month; alerts.email is told. None when left out."""
    off_hours: OffHours | None = None
    """When endpoints rest; only without termination_protection."""
    allowed_instance_types: fields.InstanceTypes = DEFAULT_INSTANCE_TYPES
    """Instance types that may be used here, by configuration and by people."""
    tags: Tags = Field(default={})
    """Tags of every resource; changing one later replaces monitoring's job definitions."""
    use_cases: dict[str, Deployment] = Field(default={})
    """Use cases that run here, by the name of their file in config/use_cases."""

    @property
    def watches_batches(self) -> bool:
        """Whether somebody here compares the rows of batches."""
        return any(deployment.watches_batches for deployment in self.use_cases.values())

    @property
    def prefix(self) -> str:
        """What all names on AWS begin with."""
        return f"{self.project}-{self.name}" if self.project else self.name
