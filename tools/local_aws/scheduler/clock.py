"""EventBridge Scheduler: what its schedules start when the hour strikes.

Different from AWS: schedules only start state machines, and only at one minute of all or some hours of every
day; their time is the next one that this hour still allows, even if that minute has passed.
"""

import re
from collections.abc import Callable
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
    """The first time of a schedule in the hour of this moment or later. ValueError for other expressions."""
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise ValueError(
            f"The embedded AWS schedules by cron(<minute> <hours> * * ? *) only, not by {expression}."
        )
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

    def strike(self) -> list[str]:
        """Start what every enabled schedule starts, as its role; the names of the schedules."""
        client = self._context.client("scheduler")
        started = []
        for summary in client.list_schedules(State="ENABLED")["Schedules"]:
            schedule = client.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
            self._start(schedule)
            started.append(schedule["Name"])
        return started

    def _start(self, schedule: dict[str, Any]) -> None:
        target = schedule["Target"]
        time = scheduled_time(schedule["ScheduleExpression"], datetime.now(UTC))
        given = target.get("Input", "{}").replace(_SCHEDULED_TIME, f"{time:%Y-%m-%dT%H:%M:%SZ}")
        role = self._assume(target["RoleArn"], schedule["Arn"])
        self._context.client("stepfunctions", role).start_execution(
            stateMachineArn=target["Arn"], input=given.replace(_SCHEDULE_ARN, schedule["Arn"])
        )

    def _assume(self, role_arn: str, schedule_arn: str) -> Credentials:
        sts = self._context.client("sts", service_credentials(SERVICE_PRINCIPAL, schedule_arn))
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="scheduler")
        return Credentials.from_sts(answer["Credentials"])
