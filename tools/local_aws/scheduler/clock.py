"""EventBridge Scheduler: what its schedules start when the hour strikes.

Different from AWS: schedules only start state machines, again and again; whichever hour strikes is theirs.
At one minute of all or some hours of every day their time is the next one that this hour still allows, even
if that minute has passed, and otherwise this minute. What fails once has failed for good.
"""

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from moto.scheduler.exceptions import ValidationException

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context

SERVICE_PRINCIPAL = "scheduler.amazonaws.com"
_EXPRESSION = re.compile(r"cron\((?P<minute>\d{1,2}) (?P<hours>\*|\d{1,2}(?:,\d{1,2})*) \* \* \? \*\)")
_STATE_MACHINE = re.compile(r"arn:aws:states:[^:]+:\d+:stateMachine:.+")
_SCHEDULED_TIME, _SCHEDULE_ARN = "<aws.scheduler.scheduled-time>", "<aws.scheduler.schedule-arn>"


def scheduled_time(expression: str, moment: datetime) -> datetime:
    """The first time of a schedule in this hour or later. ValueError for what does not repeat."""
    found = _EXPRESSION.fullmatch(expression)
    if expression.startswith("at("):
        raise ValueError(f"The embedded AWS schedules what repeats only, by cron or rate, not {expression}.")
    if found is None:
        return moment.replace(second=0, microsecond=0)
    hours = range(24) if found["hours"] == "*" else [int(hour) for hour in found["hours"].split(",")]
    midnight = moment.replace(hour=0, minute=int(found["minute"]), second=0, microsecond=0)
    times = [midnight + timedelta(days=day, hours=hour) for day in (0, 1) for hour in hours]
    return min(time for time in times if time >= moment.replace(minute=0, second=0, microsecond=0))


class Clock:
    """The schedules of the account."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def checked(self, change: Callable[..., Any]) -> Callable[..., Any]:
        """Refuses what AWS refuses, and what here would never start."""

        def changed(backend: Any, **given: Any) -> Any:
            target, expression = given["target"], given["schedule_expression"]
            try:
                if not _STATE_MACHINE.fullmatch(target["Arn"]):
                    raise ValueError(f"The embedded AWS schedules state machines only: {target['Arn']}")
                scheduled_time(expression, datetime.now(UTC))
                self._assume(target["RoleArn"], "")
            except ValueError as error:
                raise ValidationException(str(error)) from error
            except ClientError as error:
                raise ValidationException(
                    "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
                ) from error
            return change(backend, **given)

        return changed

    def strike(self, names: Collection[str] = ()) -> list[str]:
        """Start what every enabled schedule starts, or those of these names, as its role; tells which."""
        client = self._context.client("scheduler")
        started = []
        for summary in client.list_schedules(State="ENABLED")["Schedules"]:
            if names and summary["Name"] not in names:
                continue
            schedule = client.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
            self._start(schedule)
            started.append(schedule["Name"])
        return started

    def _start(self, schedule: dict[str, Any]) -> None:
        target = schedule["Target"]
        time = scheduled_time(schedule["ScheduleExpression"], self._context.calendar.now())
        given = target.get("Input", "{}").replace(_SCHEDULED_TIME, f"{time:%Y-%m-%dT%H:%M:%SZ}")
        role = self._assume(target["RoleArn"], schedule["Arn"])
        given = given.replace(_SCHEDULE_ARN, schedule["Arn"])
        try:
            self._context.client("stepfunctions", role).start_execution(
                stateMachineArn=target["Arn"], input=given
            )
        except ClientError as error:
            if "DeadLetterConfig" not in target:
                raise
            self._keep(target, given, error, role)

    def _keep(self, target: dict[str, Any], given: str, error: ClientError, role: Credentials) -> None:
        """https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html."""
        queue = target["DeadLetterConfig"]["Arn"].rsplit(":", 1)[-1]
        told = {
            "ERROR_CODE": error.response["Error"]["Code"],
            "ERROR_MESSAGE": error.response["Error"]["Message"],
            "TARGET_ARN": target["Arn"],
        }
        self._context.client("sqs", role).send_message(
            QueueUrl=self._context.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"],
            MessageBody=given,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in told.items()
            },
        )

    def _assume(self, role_arn: str, schedule_arn: str) -> Credentials:
        sts = self._context.of(role_arn).client("sts", service_credentials(SERVICE_PRINCIPAL, schedule_arn))
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="scheduler")
        return Credentials.from_sts(answer["Credentials"])
