"""Brings an endpoint to a configuration: the new servers are up before the old ones go."""

import json
import logging
import threading
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.fleet import Fleet
from tools.local_aws.sagemaker.endpoints.models import Models
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.store import Members, name_of, now

EVENT = "SageMaker Endpoint State Change"
_EVENT_STATUS = {"InService": "IN_SERVICE", "RollingBack": "ROLLING_BACK"}


log = logging.getLogger(__name__)


@dataclass
class Endpoint:
    """One endpoint: what Describe answers and the servers that answer its requests."""

    record: Members
    fleet: Fleet | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Deployer:
    """Deploys endpoints in the background and keeps their status."""

    account: Account
    models: Models

    def start(self, endpoint: Endpoint, config: Members, request: Members) -> None:
        """Begins a deployment; `request` is that of UpdateEndpoint, or empty for a new endpoint."""
        name = endpoint.record["EndpointName"]
        threading.Thread(
            target=self._deploy, args=(endpoint, config, request), name=f"endpoint {name}", daemon=True
        ).start()

    def _deploy(self, endpoint: Endpoint, config: Members, request: Members) -> None:
        """Starts the new servers beside the old ones, and changes over only when they are healthy."""
        name, old = endpoint.record["EndpointName"], endpoint.fleet
        new = Fleet(self.account, name, config, lambda reason: self._die(endpoint, new, reason))
        try:
            self._try_topics(config)
            new.start(self.models)
            self._refuse_alarms(new, request.get("DeploymentConfig", {}))
        except Exception as error:
            self._roll_back(endpoint, error)
            return
        if old is not None and request.get("RetainAllVariantProperties"):
            _retain(old, new, request)
        with endpoint.lock:
            deleted = endpoint.record["EndpointStatus"] == "Deleting"
            if not deleted:
                endpoint.fleet = new
        if deleted:
            new.stop()
            return
        endpoint.record["EndpointConfigName"] = config["EndpointConfigName"]
        endpoint.record.pop("FailureReason", None)
        if "DeploymentConfig" in request:
            endpoint.record["LastDeploymentConfig"] = request["DeploymentConfig"]
        self.set_status(endpoint, "InService")
        if old is not None:
            old.stop()

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

    def _refuse_alarms(self, new: Fleet, deployment: Members) -> None:
        """Looks at the alarms once, where AWS watches them for as long as the canary takes."""
        watched = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        names = [name_of(alarm["AlarmName"]) for alarm in watched]
        if not names:
            return
        answer = self.account.context.client("cloudwatch").describe_alarms(AlarmNames=names)
        ringing = [alarm["AlarmName"] for alarm in answer["MetricAlarms"] if alarm["StateValue"] == "ALARM"]
        if ringing:
            new.stop()
            raise JobFailedError(f"One or more alarms are in alarm state: {', '.join(ringing)}.")

    def _roll_back(self, endpoint: Endpoint, error: Exception) -> None:
        if not isinstance(error, JobFailedError):
            log.error("Endpoint %s", endpoint.record["EndpointName"], exc_info=error)
        with endpoint.lock:
            if endpoint.record["EndpointStatus"] == "Deleting":
                return
        endpoint.record["FailureReason"] = str(getattr(error, "message", error))[:1024]
        if endpoint.fleet is not None:
            self.set_status(endpoint, "RollingBack")
        self.set_status(endpoint, "InService" if endpoint.fleet is not None else "Failed")

    def _die(self, endpoint: Endpoint, fleet: Fleet, reason: str) -> None:
        if endpoint.fleet is fleet:
            endpoint.record["FailureReason"] = reason
            self.set_status(endpoint, "Failed")

    def set_status(self, endpoint: Endpoint, status: str) -> None:
        record = endpoint.record
        record["EndpointStatus"], record["LastModifiedTime"] = status, now()
        detail = record | {"EndpointStatus": _EVENT_STATUS.get(status, status.upper())}
        self.account.emit(EVENT, detail, record["EndpointArn"])


def _retain(old: Fleet, new: Fleet, request: Members) -> None:
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])}
    for name in old.variants.keys() & new.variants.keys():
        if "DesiredInstanceCount" not in excluded:
            new.variants[name].instances = old.variants[name].instances
        if "DesiredWeight" not in excluded:
            new.variants[name].weight = old.variants[name].weight
