"""A day's rows that are predicted in one go, and what the monitor of batches says of them."""

import csv
import io
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.local_aws.sagemaker.transform.records import RecordError, selected
from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Person
from tools.rehearse.samples import Row
from tools.rehearse.waiting import wait_for

_TIMEOUT_SECONDS = 120
_MOST_OTHER_COLUMNS = 64


@dataclass(frozen=True)
class BatchFindings:
    """What the monitor has found in two batches: of rows like the delivery none, of later ones something."""

    rows: int
    violations: list[dict[str, str]]
    alarm_state: str


@dataclass(frozen=True)
class Batches:
    """The machine that has rows predicted, as it is deployed."""

    name: str
    """Of the endpoint beside it."""
    bucket: str
    folder: str
    """Of the use case's rows in it."""
    definition: dict[str, Any]

    @classmethod
    def of(cls, engineer: Person, name: str, bucket: str, folder: str) -> "Batches":
        machine = cls._machine(engineer, name)
        described = engineer.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
        return cls(name, bucket, folder, json.loads(described["definition"]))

    @property
    def are_watched(self) -> bool:
        return "StartMonitor" in self.definition["States"]

    @property
    def monitor(self) -> str:
        """The name of the machine that compares them."""
        return f"{self.name}-batch-monitor"

    def bring(self, engineer: Person, day: datetime, features: Sequence[str], rows: Sequence[Row]) -> None:
        """A file for the day, with the columns where the job looks for them."""
        processing = self.definition["States"]["StartTransform"]["Parameters"]["DataProcessing"]
        text = io.StringIO()
        width, places = _places(processing["InputFilter"], len(features))
        for number, row in enumerate(rows):
            cells = [f"row-{number}"] * width
            for place, feature in zip(places, features, strict=True):
                cells[place] = row[feature]
            csv.writer(text, lineterminator="\n").writerow(cells)
        key = f"{self.folder}{day:%Y/%m/%d}/rows.csv"
        engineer.client("s3").put_object(Bucket=self.bucket, Key=key, Body=text.getvalue().encode())

    def predict(self, engineer: Person, day: datetime) -> None:
        """Have the day predicted, as its schedule does."""
        states, machine = engineer.client("stepfunctions"), self._machine(engineer, self.name)
        told = json.dumps({"time": f"{day:%Y-%m-%dT%H:%M:%SZ}"})
        started = states.start_execution(stateMachineArn=machine, input=told)

        def ended() -> str | None:
            status = states.describe_execution(executionArn=started["executionArn"])["status"]
            return None if status == "RUNNING" else str(status)

        if (status := wait_for("a batch", ended, _TIMEOUT_SECONDS, engineer.pace)) != "SUCCEEDED":
            raise RehearsalError(f"the batch of {self.name} ended as {status}")

    @staticmethod
    def _machine(engineer: Person, name: str) -> str:
        aws = engineer.aws
        return f"arn:aws:states:{aws.region}:{aws.account}:stateMachine:{name}-batch"


def _places(input_filter: str, count: int) -> tuple[int, list[int]]:
    """How wide a row is, and where in it the so many columns stand that the model is asked with."""
    for width in range(count, count + _MOST_OTHER_COLUMNS):
        with suppress(RecordError):
            places = selected(input_filter, [str(place) for place in range(width)])
            if len(places) == count:
                return width, [int(place) for place in places]
    raise RehearsalError(f"no row has {count} columns by batch.input_filter {input_filter}")
