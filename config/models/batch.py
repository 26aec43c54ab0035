"""Rows that are predicted in one go, on a schedule."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from config.facts.aws import INSTANCE_TYPES, WITH_OWN_DISKS
from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.values import fields
from config.values.schedules import Schedule

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
_MOST_MB_AT_A_TIME = 100
_ONCE_A_DAY = re.compile(r"rate\(\d+ days?\)|cron\(\d+ \d+ .*")
_COLUMN = r"\d+:\d*|:\d+|-?\d+"
_COLUMNS = fields.matching(
    # Of a row of CSV only indexes can be said:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
    rf"(?=.{{1,63}}$)\$(?:\[(?:{_COLUMN})(?:,(?:{_COLUMN}))*\])?",
    "is no JSONPath of columns",
    "$ for all, or indexes from 0 and slices: $[1:], $[0,-1], at most 63 characters",
    "write e.g. $[1:] for all columns but the first one",
)
Columns = Annotated[str, _COLUMNS]


class BatchTransform(ConfigurationModel):
    """A transform job predicts the rows of the day's folder; an endpoint is not asked.

    Files are CSV without a header and without empty lines.
    """

    schedule: Schedule
    """When, in UTC; the folder is that of this day, so once a day at most."""
    instance_type: fields.TransformInstanceType = "ml.m5.large"
    """Instance type of the job."""
    instances: int = Field(default=1, ge=1, le=100)
    """Machines of the job; each takes files, none a part of a file."""
    input_filter: Columns = "$"
    """Columns that the model is asked with, e.g. $[1:] where the first one says whose row it is."""
    join_source: Literal["Input", "None"] = "Input"
    """Whether an answer stands behind its row (Input), or alone (None)."""
    output_filter: Columns = "$"
    """Columns that are kept of row and answer, e.g. $[0,-1]."""
    max_payload_mb: int = Field(default=6, ge=1, le=_MOST_MB_AT_A_TIME)
    """Megabytes of rows in one request to the model."""
    max_concurrent_transforms: int = Field(default=1, ge=1, le=_MOST_MB_AT_A_TIME)
    """Requests that one machine is sent at the same time."""
    invocation_timeout_seconds: int = Field(default=600, ge=1, le=3600)
    """Seconds that one request may take; then it is sent once more."""
    max_hours: int = Field(default=6, ge=1, le=120)
    """Hours after which the job is stopped, and people are told."""

    def mistakes_when_watched(self) -> Iterator[Mistake]:
        """Where answers are joined, the last column has to be kept, whatever the width of a row."""
        columns = self.output_filter.removeprefix("$[").removesuffix("]").split(",")
        is_kept = any(column in ("$", "-1") or column.endswith(":") for column in columns)
        if not is_kept and self.join_source == "Input":
            path, allowed = ("batch", "output_filter"), "$, or columns with -1 or a slice without an end"
            problem = "does not keep the answer for sure, which stands last and is compared with the baseline"
            change = "write -1 for the answer, or monitoring.engine: none"
            yield Mistake(path, self.output_filter, problem, allowed, change)

    def mistakes(self) -> Iterator[Mistake]:
        if not _ONCE_A_DAY.fullmatch(self.schedule):
            problem = (
                "strikes several times a day, or at another hour each day, and a folder is that of a day"
            )
            allowed, change = "rate(<number> days), or cron(...) with one hour", "write e.g. rate(1 day)"
            yield Mistake(("schedule",), self.schedule, problem, allowed, change)
        at_a_time = self.max_payload_mb * self.max_concurrent_transforms
        if at_a_time > _MOST_MB_AT_A_TIME:
            most = _MOST_MB_AT_A_TIME // self.max_payload_mb
            problem = f"times max_payload_mb is {at_a_time} MB, and SageMaker takes {_MOST_MB_AT_A_TIME}"
            path, change = ("max_concurrent_transforms",), "lower it, or max_payload_mb"
            yield Mistake(path, self.max_concurrent_transforms, problem, f"1 to {most}", change)
        if self.instance_type.startswith(WITH_OWN_DISKS):
            problem = "has disks of its own, which take no key, and everything here has the environment's"
            fitting = [name for name in INSTANCE_TYPES["transform"] if not name.startswith(WITH_OWN_DISKS)]
            path, change = ("instance_type",), "choose another family"
            yield Mistake(path, self.instance_type, problem, ", ".join(fitting), change)
        if self.join_source == "None" and "output_filter" in self.model_fields_set:
            problem, allowed = (
                "has no meaning where an answer stands alone",
                "left out with join_source: None",
            )
            change = "remove it, or write join_source: Input"
            yield Mistake(("output_filter",), self.output_filter, problem, allowed, change)
