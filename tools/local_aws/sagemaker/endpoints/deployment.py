"""Brings an endpoint to a configuration: the new servers are up before the old ones go.

Traffic moves to them in steps; when an alarm rings meanwhile, the old ones take all of it again.
"""

import json
import logging
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.fleet import Fleet, Variant
from tools.local_aws.sagemaker.endpoints.model_process import INVOCATION_TIMEOUT_SECONDS
from tools.local_aws.sagemaker.endpoints.models import Models
from tools.local_aws.sagemaker.endpoints.rollout import Rollout
from tools.local_aws.sagemaker.endpoints.shift import DeletedError, Shift
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.store import Members, now

EVENT = "SageMaker Endpoint State Change"
DEPLOYMENT_EVENT = "SageMaker Endpoint Deployment State Change"
_EVENT_STATUS = {"InService": "IN_SERVICE", "RollingBack": "ROLLING_BACK"}
_POLL_SECONDS = 0.01
_RESIZE_SECONDS = 0.05
_DESIRED = {"DesiredWeight", "DesiredInstanceCount"}


log = logging.getLogger(__name__)


@dataclass
class Endpoint:
    """One endpoint: what Describe answers and the servers that answer its requests."""

    record: Members
    fleet: Fleet | None = None
    rollout: Rollout | None = None
    """The new fleet, as long as a deployment goes on."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def answering(self) -> Iterator[Fleet | None]:
        """The fleet that takes a request, which is not stopped before the request is answered."""
        with self.lock:
            fleet = self.fleet
            if fleet is not None and self.rollout is not None and random.random() < self.rollout.share:
                fleet = self.rollout.fleet
            if fleet is not None:
                fleet.busy += 1
        try:
            yield fleet
        finally:
            if fleet is not None:
                with self.lock:
                    fleet.busy -= 1


@dataclass(frozen=True)
class Deployer:
    """Deploys endpoints in the background and keeps their status."""

    account: Account
    models: Models

    def start(self, endpoint: Endpoint, config: Members, request: Members) -> None:
        """Begins a deployment; `request` is that of CreateEndpoint or of UpdateEndpoint."""
        name = endpoint.record["EndpointName"]
        threading.Thread(
            target=self._deploy, args=(endpoint, config, request), name=f"endpoint {name}", daemon=True
        ).start()

    def resize(self, endpoint: Endpoint, changes: Mapping[str, Members]) -> None:
        """Begins a change of weights and capacities, by the names of the variants."""
        variants = endpoint.fleet.all if endpoint.fleet else {}
        for name, change in changes.items():
            variants[name].desired = {key: change[key] for key in _DESIRED & change.keys()}
        self.set_status(endpoint, "Updating")
        name = endpoint.record["EndpointName"]
        threading.Thread(
            target=self._resize,
            args=(endpoint, list(variants.values())),
            name=f"endpoint {name}",
            daemon=True,
        ).start()

    def _resize(self, endpoint: Endpoint, variants: list[Variant]) -> None:
        time.sleep(_RESIZE_SECONDS)
        for variant in variants:
            variant.weight = variant.desired.get("DesiredWeight", variant.weight)
            variant.instances = variant.desired.get("DesiredInstanceCount", variant.instances)
            variant.desired = {}
        if endpoint.record["EndpointStatus"] != "Deleting":
            self.set_status(endpoint, "InService")

    def _deploy(self, endpoint: Endpoint, config: Members, request: Members) -> None:
        """Starts the new servers beside the old ones, and changes over only when they are healthy."""
        name, old = endpoint.record["EndpointName"], endpoint.fleet
        new = Fleet(self.account, name, config, lambda reason: self._die(endpoint, new, reason))
        rollout = endpoint.rollout = Rollout(new)
        deployment = _deployment(endpoint.record, request)
        try:
            self._try_topics(config)
            new.start(self.models)
            if old is not None:
                if request.get("RetainAllVariantProperties"):
                    _retain(old, new, request)
                Shift(
                    self.account,
                    rollout,
                    deployment,
                    is_deleted=lambda: endpoint.record["EndpointStatus"] == "Deleting",
                    tell=lambda: self._tell(endpoint),
                ).run()
            self._change_over(endpoint, new)
        except Exception as error:
            self._roll_back(endpoint, new, error)
            return
        endpoint.record["EndpointConfigName"] = config["EndpointConfigName"]
        endpoint.record.pop("FailureReason", None)
        if deployment:
            endpoint.record["LastDeploymentConfig"] = deployment
        if old is not None:
            retire(old)
        self.set_status(endpoint, "InService")

    def _try_topics(self, config: Members) -> None:
        """Sends a test notification, so that what waits for the first answer is not the first to fail.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint.html
        """
        topics = config.get("AsyncInferenceConfig", {}).get("OutputConfig", {}).get("NotificationConfig", {})
        message = {"eventVersion": "1.0", "eventSource": "aws:sagemaker", "eventName": "TestNotification"}
        for name in topics.keys() & {"SuccessTopic", "ErrorTopic"}:
            sns = self.account.context.client("sns", self.models.role_of(config))
            try:
                sns.publish(TopicArn=topics[name], Message=json.dumps(message))
            except ClientError as error:
                raise JobFailedError(f"Could not publish to {name} {topics[name]}: {error}") from error

    def _change_over(self, endpoint: Endpoint, new: Fleet) -> None:
        with endpoint.lock:
            if endpoint.record["EndpointStatus"] == "Deleting":
                raise DeletedError
            endpoint.fleet, endpoint.rollout = new, None

    def _roll_back(self, endpoint: Endpoint, new: Fleet, error: Exception) -> None:
        """The old fleet takes all traffic again, at once."""
        with endpoint.lock:
            endpoint.rollout = None
            deleted = endpoint.record["EndpointStatus"] == "Deleting"
        if not deleted:
            self._explain(endpoint, error)
        retire(new)
        if not deleted:
            self.set_status(endpoint, "InService" if endpoint.fleet is not None else "Failed")

    def _explain(self, endpoint: Endpoint, error: Exception) -> None:
        if not isinstance(error, JobFailedError):
            log.error("Endpoint %s", endpoint.record["EndpointName"], exc_info=error)
        endpoint.record["FailureReason"] = str(getattr(error, "message", error))[:1024]
        if endpoint.fleet is not None:
            self.set_status(endpoint, "RollingBack")

    def _die(self, endpoint: Endpoint, fleet: Fleet, reason: str) -> None:
        fleet.death = reason
        if endpoint.fleet is fleet:
            endpoint.record["FailureReason"] = reason
            self.set_status(endpoint, "Failed")

    def _tell(self, endpoint: Endpoint) -> None:
        """An event of the deployment."""
        record, rollout = endpoint.record, endpoint.rollout
        pending = {"PendingDeploymentSummary": rollout.summary} if rollout else {}
        detail = record | {"EndpointStatus": record["EndpointStatus"].upper()} | pending
        self.account.emit(DEPLOYMENT_EVENT, detail, record["EndpointArn"])

    def set_status(self, endpoint: Endpoint, status: str) -> None:
        record = endpoint.record
        record["EndpointStatus"], record["LastModifiedTime"] = status, now()
        detail = record | {"EndpointStatus": _EVENT_STATUS.get(status, status.upper())}
        self.account.emit(EVENT, detail, record["EndpointArn"])


def _deployment(record: Members, request: Members) -> Members:
    """The deployment configuration of an update: its own one, or the last one if that is to be retained."""
    retained = record.get("LastDeploymentConfig", {}) if request.get("RetainDeploymentConfig") else {}
    deployment: Members = request.get("DeploymentConfig") or retained
    return deployment


def retire(fleet: Fleet) -> None:
    """Stops a fleet when it has answered its last request."""
    deadline = time.monotonic() + INVOCATION_TIMEOUT_SECONDS
    while fleet.busy and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    fleet.stop()


def _retain(old: Fleet, new: Fleet, request: Members) -> None:
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])}
    before, after = old.all, new.all
    for name in before.keys() & after.keys():
        if "DesiredInstanceCount" not in excluded:
            after[name].instances = before[name].instances
        if "DesiredWeight" not in excluded:
            after[name].weight = before[name].weight
