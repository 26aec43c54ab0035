"""EventBridge: what matches a rule is really handed to its targets, or to their dead-letter queue.

Supported targets: Step Functions state machines, SageMaker pipelines, SNS topics, SQS queues, Lambda
functions, event buses. To every other
target the delivery fails, which shows in the log and in the dead-letter queue. Deliveries are not repeated:
whatever fails on one machine would fail again. Rules on a schedule never match an event.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.events.models import events_backends

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context
from tools.local_aws.events.input import InputError, RuleName, select, target_input
from tools.local_aws.iam.authorization import first_refusal
from tools.local_aws.iam.calls.asks import Ask
from tools.local_aws.iam.engine.patterns import ContextValue
from tools.local_aws.iam.identities import identity_of

SERVICE_PRINCIPAL = "events.amazonaws.com"
_SESSION_NAME = "events"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one target of one rule."""

    rule: RuleName
    target: Mapping[str, Any]
    event: Mapping[str, Any]

    @property
    def target_arn(self) -> str:
        return str(self.target["Arn"])


class DeliveryError(Exception):
    """A delivery that cannot succeed; `code` is what AWS puts into the dead-letter queue."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Postman:
    """Carries events to the targets of their rules, in the order in which they were put."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: queue.Queue[Delivery] = queue.Queue()
        self._senders: dict[str, Callable[[Delivery, str], None]] = {
            "states": self._start_state_machine,
            "sagemaker": self._start_pipeline,
            "sns": self._publish,
            "sqs": self._send,
            "lambda": self._invoke,
            "events": self._forward,
        }

    @property
    def accept(self) -> Callable[..., None]:
        """Takes the place of the method of moto's rules that is called with every event put on their bus."""

        def accept(rule: Any, event: dict[str, Any], transform_input: bool = True) -> None:  # noqa: ARG001
            if rule.state != "ENABLED" or not rule.event_pattern.get_pattern():
                return
            self._offer(rule, _as_sent(event))

        return accept

    def _offer(self, rule: Any, sent: Mapping[str, Any]) -> None:
        if rule.state == "ENABLED" and rule.event_pattern.matches_event(sent):
            for target in rule.targets:
                self._waiting.put(Delivery(RuleName(rule.arn, rule.name), dict(target), sent))

    def start(self) -> None:
        threading.Thread(target=self._deliver_for_ever, daemon=True, name="event delivery").start()

    def _deliver_for_ever(self) -> None:
        while True:
            delivery = self._waiting.get()
            try:
                self._deliver(delivery)
            except Exception:
                # One event must not stop all later ones.
                log.exception("Delivery to %s failed unexpectedly", delivery.target_arn)

    def _deliver(self, delivery: Delivery) -> None:
        try:
            self._send_to_target(delivery)
        except ClientError as error:
            self._give_up(delivery, error.response["Error"]["Code"], error.response["Error"]["Message"])
        except InputError as error:
            self._give_up(delivery, "INVALID_INPUT", str(error))
        except DeliveryError as error:
            self._give_up(delivery, error.code, str(error))

    def _send_to_target(self, delivery: Delivery) -> None:
        service = delivery.target_arn.split(":")[2]
        sender = self._senders.get(service)
        if sender is None:
            raise DeliveryError(
                "UNSUPPORTED_TARGET",
                f"The embedded AWS delivers events to {', '.join(sorted(self._senders))}, not to {service}",
            )
        sender(delivery, target_input(delivery.target, delivery.event, delivery.rule))
        log.info(
            "%s delivered %r to %s", delivery.rule.name, delivery.event["detail-type"], delivery.target_arn
        )

    def _start_state_machine(self, delivery: Delivery, text: str) -> None:
        client = self._of(delivery).client("stepfunctions", self._role_of(delivery))
        client.start_execution(stateMachineArn=delivery.target_arn, input=text)

    def _start_pipeline(self, delivery: Delivery, _: str) -> None:
        given = (delivery.target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList") or []
        parameters = [
            {"Name": parameter["Name"], "Value": _parameter_value(parameter["Value"], delivery.event)}
            for parameter in given
        ]
        client = self._of(delivery).client("sagemaker", self._role_of(delivery))
        client.start_pipeline_execution(PipelineName=delivery.target_arn, PipelineParameters=parameters)

    def _publish(self, delivery: Delivery, text: str) -> None:
        client = self._of(delivery).client("sns", self._eventbridge(delivery.rule))
        client.publish(TopicArn=delivery.target_arn, Message=text)

    def _send(self, delivery: Delivery, text: str) -> None:
        group = (delivery.target.get("SqsParameters") or {}).get("MessageGroupId")
        more = {"MessageGroupId": group} if group else {}
        self._send_to_queue(delivery, delivery.target_arn, MessageBody=text, **more)

    def _invoke(self, delivery: Delivery, text: str) -> None:
        client = self._of(delivery).client("lambda", self._eventbridge(delivery.rule))
        client.invoke(FunctionName=delivery.target_arn, InvocationType="Event", Payload=text)

    def _forward(self, delivery: Delivery, _: str) -> None:
        """To another bus, as it is: it keeps its account, its time and its id.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
        """
        arn = delivery.target_arn
        _, _, _, region, account, resource = arn.split(":", 5)
        role = self._role_of(delivery)
        identity = identity_of(role.access_key_id, role.session_token, self._of(delivery).account)
        told: dict[str, ContextValue] = {
            # Keys with several values: a call can put several events.
            "events:source": (str(delivery.event["source"]),),
            "events:detail-type": (str(delivery.event["detail-type"]),),
            "events:eventBusInvocation": "true",
        }
        if refusal := first_refusal(identity, [Ask("events:PutEvents", arn, told)], region):
            raise DeliveryError("NO_PERMISSIONS", refusal.message)
        bus = events_backends[account][region].event_buses.get(resource.partition("/")[2])
        if bus is None:
            raise DeliveryError("NO_RESOURCE", f"Event bus {arn} does not exist.")
        for rule in bus.rules.values():
            self._offer(rule, delivery.event)

    def _send_to_queue(self, delivery: Delivery, queue_arn: str, **message: Any) -> None:
        account, name = queue_arn.split(":")[4:6]
        client = self._of(delivery).client("sqs", self._eventbridge(delivery.rule))
        client.send_message(QueueUrl=f"{self._context.endpoint_url}/{account}/{name}", **message)

    def _of(self, delivery: Delivery) -> Context:
        return self._context.of(delivery.rule.arn)

    def _role_of(self, delivery: Delivery) -> Credentials:
        # PutTargets takes no target without a role that needs one.
        sts = self._of(delivery).client("sts", self._eventbridge(delivery.rule))
        answer = sts.assume_role(RoleArn=delivery.target["RoleArn"], RoleSessionName=_SESSION_NAME)
        return Credentials.from_sts(answer["Credentials"])

    def _eventbridge(self, rule: RuleName) -> Credentials:
        return service_credentials(SERVICE_PRINCIPAL, rule.arn)

    def _give_up(self, delivery: Delivery, code: str, message: str) -> None:
        rule, target = delivery.rule.arn, delivery.target_arn
        log.warning("Event %s not delivered by %s to %s: %s", delivery.event["id"], rule, target, message)
        self._count("FailedInvocations", delivery)
        dead_letter_queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
        if not dead_letter_queue:
            return
        reasons = {"RULE_ARN": rule, "TARGET_ARN": target, "ERROR_CODE": code, "ERROR_MESSAGE": message}
        attributes = {
            name: {"DataType": "String", "StringValue": value or "-"}
            for name, value in {**reasons, "RETRY_ATTEMPTS": "0"}.items()
        }
        try:
            self._send_to_queue(
                delivery,
                dead_letter_queue,
                MessageBody=json.dumps(delivery.event),
                MessageAttributes=attributes,
            )
        except ClientError as error:
            self._count("InvocationsFailedToBeSentToDlq", delivery)
            log.error(
                "Event %s is lost, %s did not take it: %s", delivery.event["id"], dead_letter_queue, error
            )
        else:
            self._count("InvocationsSentToDlq", delivery)

    def _count(self, metric: str, delivery: Delivery) -> None:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html tells the metrics."""
        dimensions = [{"Name": "RuleName", "Value": delivery.rule.name}]
        datum = {"MetricName": metric, "Dimensions": dimensions, "Value": 1, "Unit": "Count"}
        self._of(delivery).client("cloudwatch").put_metric_data(Namespace="AWS/Events", MetricData=[datum])


def _parameter_value(value: str, event: Mapping[str, Any]) -> str:
    if not value.startswith("$."):
        return value
    selected = select(event, value)
    if selected is None:
        raise InputError(f"the event has nothing at {value}")
    return selected if isinstance(selected, str) else json.dumps(selected)


def _as_sent(event: dict[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    moment = datetime.fromtimestamp(float(event["time"]), UTC)
    return sent | {"time": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
