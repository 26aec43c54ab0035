"""EventBridge Scheduler: when the hour strikes, schedules really start something, with their role."""

from collections.abc import Collection
from typing import Any

from moto.scheduler.models import EventBridgeSchedulerBackend

from tools.local_aws.context import Context
from tools.local_aws.scheduler.clock import Clock


def install(context: Context) -> None:
    clock = Clock(context)
    backend = EventBridgeSchedulerBackend
    backend.create_schedule = clock.checked(backend.create_schedule)
    backend.update_schedule = clock.checked(backend.update_schedule)
    for account in context.accounts.values():
        _let_the_hour_strike(account)


def _let_the_hour_strike(context: Context) -> None:
    clock = Clock(context)
    # First SageMaker's schedules: they also write what endpoints have captured so far.
    strike_of_sagemaker = context.controls["strike-hour"]

    def strike_hour(schedules: Collection[str] = ()) -> dict[str, Any]:
        return {"started": [*strike_of_sagemaker()["started"], *clock.strike(schedules)]}

    context.controls["strike-hour"] = strike_hour
    context.controls["pass-days"] = context.calendar.pass_days
