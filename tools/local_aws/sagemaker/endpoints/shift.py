"""Moves traffic to new servers step by step, and watches the alarms after each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.rollout import PACE, TICK, Rollout, steps_of
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.store import Members, name_of


class DeletedError(Exception):
    """What serves is deleted while it is being deployed."""


@dataclass(frozen=True)
class Shift:
    """One deployment, by its DeploymentConfig; `JobFailedError` where the old servers have to come back."""

    account: Account
    rollout: Rollout
    deployment: Members
    is_deleted: Callable[[], bool]
    tell: Callable[[], None]
    """Is called when something can be told of it."""

    def run(self) -> None:
        watched = self.deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        alarms = [name_of(alarm["AlarmName"]) for alarm in watched]
        for step in steps_of(self.deployment, self.rollout.instances):
            if step.instances != self.rollout.active:
                self.rollout.activate(step)
                self.tell()
            self._refuse_trouble(alarms)
            if step.ticks:
                self.rollout.bake(step)
                self.tell()
            for _ in range(step.ticks):
                time.sleep(TICK.total_seconds() / PACE)
                self.rollout.tick()
                self._refuse_trouble(alarms)

    def _refuse_trouble(self, alarms: list[str]) -> None:
        new = self.rollout.fleet
        if self.is_deleted():
            raise DeletedError
        if new.death:
            raise JobFailedError(new.death)
        if not alarms:
            return
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
        cloudwatch = self.account.context.client("cloudwatch", new.role)
        answer = cloudwatch.describe_alarms(AlarmNames=alarms)
        ringing = [alarm["AlarmName"] for alarm in answer["MetricAlarms"] if alarm["StateValue"] == "ALARM"]
        if ringing:
            raise JobFailedError(f"One or more alarms are in alarm state: {', '.join(ringing)}.")
