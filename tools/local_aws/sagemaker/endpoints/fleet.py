"""The model servers of one endpoint configuration, and what they measure."""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from botocore.exceptions import ClientError

from tools.local_aws.clients import Credentials
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.batch import Batch
from tools.local_aws.sagemaker.endpoints.data_capture import DataCapture
from tools.local_aws.sagemaker.endpoints.model_process import ModelProcess, Room
from tools.local_aws.sagemaker.endpoints.models import Models, ServedModel
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.store import Members, now

_METRICS_SECONDS = 1.0
# PutMetricData refuses more in one metric.
_MOST_VALUES = 150

log = logging.getLogger(__name__)


@dataclass
class Variant:
    """One variant: its process, its capture, its share of the requests, or of their copies."""

    name: str
    process: ModelProcess | None
    """None of a variant that hosts components."""
    image: str
    weight: float
    instances: int
    capture: DataCapture | None
    serverless: Members
    desired: Members = field(default_factory=dict)
    """What UpdateEndpointWeightsAndCapacities is about to change."""

    @property
    def summary(self) -> Members:
        """The variant as DescribeEndpoint shows it."""
        return {
            "VariantName": self.name,
            "DeployedImages": [{"SpecifiedImage": self.image, "ResolvedImage": self.image}]
            if self.image
            else [],
            "CurrentWeight": self.weight,
            "DesiredWeight": self.weight,
            **self._size,
            **self.desired,
        }

    @property
    def _size(self) -> Members:
        if self.serverless:
            return {"CurrentServerlessConfig": self.serverless, "DesiredServerlessConfig": self.serverless}
        return {"CurrentInstanceCount": self.instances, "DesiredInstanceCount": self.instances}


# Who was invoked, with which status, in how many microseconds.
_Measured = tuple[Variant, int, float]


@dataclass
class Fleet:
    """All variants of one endpoint configuration."""

    account: Account
    endpoint: str
    config: Members
    failed: Callable[[str], None]
    variants: dict[str, Variant] = field(default_factory=dict)
    shadows: dict[str, Variant] = field(default_factory=dict)
    """They are sent copies, and nobody hears their answers."""
    ahead: timedelta = timedelta()
    """How far its clock is ahead of ours: an update takes seconds, and its minutes pass for the alarms."""
    busy: int = 0
    """Requests that it is answering; its endpoint's lock guards it."""
    role: Credentials | None = None
    """Of its models: what SageMaker acts with."""
    logs: ClassVar[str] = "/aws/sagemaker/Endpoints"
    """Where the lines of its servers go, in a log group of its name."""
    shared_load: ClassVar[str] = "InvocationsPerInstance"
    """What is measured of each request besides, divided by the number of instances."""
    death: str = ""
    """Why a server of it does not serve any more."""

    def __post_init__(self) -> None:
        self._measured: Batch[_Measured] = Batch(self._put_metrics, _METRICS_SECONDS)

    @property
    def hosts_components(self) -> bool:
        """Whether its variants have no model of their own."""
        return any("ModelName" not in variant for variant in self.config["ProductionVariants"])

    def start(self, models: Models) -> None:
        """Starts a server per variant; `JobFailedError` when one does not start, and then none is left."""
        try:
            for variant in self.config["ProductionVariants"]:
                self._start_variant(variant, models, self.variants)
            for variant in self.config.get("ShadowProductionVariants", []):
                self._start_variant(variant, models, self.shadows)
        except JobFailedError:
            self.stop()
            raise

    def _start_variant(self, variant: Members, models: Models, group: dict[str, Variant]) -> None:
        if "ModelName" not in variant:
            # Components bring their own servers.
            instances = variant["InitialInstanceCount"]
            group[variant["VariantName"]] = Variant(
                variant["VariantName"], None, "", 1.0, instances, None, {}
            )
            return
        name, model = variant["VariantName"], self._served(variant, models)
        # Of a shadow that dies nobody who asks the endpoint takes notice.
        failed = self.failed if group is self.variants else log.warning
        room = Room.of_variant(self.account, f"{self.logs}/{self.endpoint}", name)
        process = ModelProcess(self.account, room, model, failed)
        role = self.role = self.account.assume(model.role_arn)
        capture = None
        capture_config = self.config.get("DataCaptureConfig")
        if capture_config and capture_config.get("EnableCapture", True):
            context = self.account.context
            s3 = context.client("s3", role)
            capture = DataCapture(capture_config, self.endpoint, name, s3, context.calendar)
        weight, instances = variant.get("InitialVariantWeight", 1.0), variant.get("InitialInstanceCount", 1)
        serverless = variant.get("ServerlessConfig", {})
        group[name] = Variant(name, process, model.image, weight, instances, capture, serverless)
        process.start()

    def _served(self, variant: Members, models: Models) -> ServedModel:
        return models.served(variant["ModelName"])

    @property
    def all(self) -> dict[str, Variant]:
        return self.variants | self.shadows

    @property
    def instances(self) -> int:
        configured = {
            variant["VariantName"]: variant.get("InitialInstanceCount", 1)
            for variant in self.config["ProductionVariants"]
        }
        running = {name: variant.instances for name, variant in self.variants.items()}
        return sum((configured | running).values())

    def stop(self) -> None:
        """Ends all servers; what they captured and measured is kept."""
        self.flush()
        for variant in self.all.values():
            if variant.process is not None:
                variant.process.stop()

    def publish(self) -> None:
        """Writes what was measured."""
        self._measured.flush()

    def flush(self) -> None:
        """Writes what was captured and measured."""
        self.publish()
        for variant in self.all.values():
            if variant.capture is not None:
                variant.capture.flush()

    def choose(self, name: str | None) -> Variant | None:
        """The variant of that name, or one by weight."""
        if name is not None:
            return self.variants.get(name)
        variants = list(self.variants.values())
        weights = [variant.weight for variant in variants]
        return random.choices(variants, weights if any(weights) else None)[0]

    def copied_to(self, variant: Variant) -> list[Variant]:
        """The shadow, if it is sent a copy of this request to a variant: as often as their weights say.

        Half the weight is half of the requests: https://github.com/aws/amazon-sagemaker-examples,
        archived/shadow-console/Shadow_variant.ipynb.
        """
        return [each for each in self.shadows.values() if random.random() * variant.weight < each.weight]

    def measure(self, variant: Variant, status: int, latency_microseconds: float) -> None:
        """Adds one invocation to the endpoint's metrics."""
        self._measured.add((variant, status, latency_microseconds))

    def _put_metrics(self, measured: list[_Measured]) -> None:
        data = [datum for variant in self.all.values() for datum in self._data(variant, measured)]
        try:
            self.account.context.client("cloudwatch").put_metric_data(
                Namespace="AWS/SageMaker", MetricData=data
            )
        except ClientError:
            log.exception("Metrics of endpoint %s were lost", self.endpoint)

    def _named(self, variant: Variant) -> list[tuple[dict[str, str], datetime]]:
        """By which dimensions its metrics are found, and of which time they are."""
        of_variant = {"EndpointName": self.endpoint, "VariantName": variant.name}
        # What looks at the new fleet only:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
        of_fleet = of_variant | {"EndpointConfigName": self.config["EndpointConfigName"]}
        return [(of_variant, now()), (of_fleet, now() + self.ahead)]

    def _data(self, variant: Variant, measured: list[_Measured]) -> Iterator[Members]:
        own = [(status, latency) for by, status, latency in measured if by is variant]
        # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
        counted = [] if "AsyncInferenceConfig" in self.config else own
        series = {
            "Invocations": ("Count", [1.0 for _ in counted]),
            self.shared_load: ("Count", [1.0 / max(variant.instances, 1) for _ in counted]),
            "Invocation4XXErrors": ("Count", [float(400 <= status < 500) for status, _ in own]),
            "Invocation5XXErrors": ("Count", [float(status >= 500) for status, _ in own]),
            "ModelLatency": ("Microseconds", [latency for _, latency in own]),
        }
        for dimensions, timestamp in self._named(variant):
            by_name = [{"Name": name, "Value": value} for name, value in dimensions.items()]
            for name, (unit, values) in series.items():
                for start in range(0, len(values), _MOST_VALUES):
                    yield {
                        "MetricName": name,
                        "Values": values[start : start + _MOST_VALUES],
                        "Unit": unit,
                        "Timestamp": timestamp,
                        "Dimensions": by_name,
                    }
