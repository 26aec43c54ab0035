"""The state machine that has a day's rows predicted by a transform job, as data.

Amazon States Language, with SDK integrations only: there is no code of ours to patch, and unlike Step
Functions' own `createTransformJob.sync` they take every member of the request. Its input is
`{"time": "2026-11-21T03:00:00Z"}`: a moment of the day whose folder is read. That there is nothing, that a
row cannot be predicted and that it takes too long are failures, so that no row is lost in silence. Where
batches are watched, it starts the machine that compares what was answered.
"""

from dataclasses import dataclass
from typing import Any

from stacks.parts.layout import Zone
from stacks.parts.pipeline_runs import POLL_SECONDS, wait_for
from stacks.parts.states import CATCH, TELL_PEOPLE, choice, failure, task, when

Json = dict[str, Any]

PREDICTED = "Predicted"
_CAUSE = "There are no rows, or rows without an answer"
_LOOKS_AN_HOUR = 3600 // POLL_SECONDS


@dataclass(frozen=True)
class Batch:
    """What is read, by whom it is answered, and how long that may take."""

    name: str
    """What the names of its jobs begin with."""
    rows: Zone
    answers: Zone
    request: Json
    """CreateTransformJob, without names and places."""
    max_hours: int
    version: str
    """Of the model that answers."""
    monitor_arn: str | None = None
    """Of the machine that compares rows and answers with the version's baseline."""


def batch_machine(batch: Batch, alert_topic_arn: str) -> Json:
    """The machine of one use case."""
    uncompared = ", or nobody compares them" if batch.monitor_arn else ""
    return {
        "Comment": "The rows of a day's folder are predicted, and written to a folder with their answers",
        "StartAt": "ReadTime",
        "States": {
            **_name_batch(batch, "FindRows"),
            **_find_rows(batch, "StartTransform"),
            **_transform(batch),
            **(_compare(batch, batch.monitor_arn) if batch.monitor_arn else {}),
            PREDICTED: {"Type": "Succeed"},
            **failure(
                alert_topic_arn,
                subject="A batch failed",
                error="BatchFailed",
                cause=f"{_CAUSE}{uncompared}; see this execution's history",
            ),
        },
    }


def _name_batch(batch: Batch, following: str) -> dict[str, Json]:
    day = "$.Parts[0], $.Parts[1], $.Parts[2]"
    unique = "States.ArrayGetItem(States.StringSplit($.Token, '-'), 4)"
    places = {
        "Prefix": batch.rows.key("{}", "{}", "{}", ""),
        "Rows": batch.rows.uri("{}", "{}", "{}", ""),
        "Answers": batch.answers.uri("{}", "{}", "{}", "{}", ""),
    }
    return {
        "ReadTime": {
            "Type": "Pass",
            "Parameters": {
                "Parts.$": "States.StringSplit($.time, '-T:Z')",
                "Token.$": "States.UUID()",
                **({"Time.$": "$.time"} if batch.monitor_arn else {}),
            },
            "Next": "NameBatch",
        },
        "NameBatch": {
            "Type": "Pass",
            "Parameters": {
                **({"Folder.$": unique} if batch.monitor_arn else {}),
                "Job.$": f"States.Format('{batch.name}-{{}}', {unique})",
                "Prefix.$": f"States.Format('{places['Prefix']}', {day})",
                "Rows.$": f"States.Format('{places['Rows']}', {day})",
                "Answers.$": f"States.Format('{places['Answers']}', {day}, {unique})",
            },
            "ResultPath": "$.Batch",
            "Next": following,
        },
    }


def _find_rows(batch: Batch, following: str) -> dict[str, Json]:
    return {
        "FindRows": task(
            "s3:listObjectsV2",
            {
                "Bucket": batch.rows.bucket.name,
                "Prefix.$": "$.Batch.Prefix",
                # The folder itself can be an object, as the console makes one.
                "StartAfter.$": "$.Batch.Prefix",
                "MaxKeys": 1,
            },
            "AreAnyRows",
            ResultSelector={"Count.$": "$.KeyCount"},
            ResultPath="$.Found",
        ),
        "AreAnyRows": choice(
            when("$.Found.Count", "NumericGreaterThan", 0, following), default=_failing(batch)
        ),
    }


def _failing(batch: Batch) -> str:
    """What comes before people are told: of a file that fails others are answered."""
    return "CompareWhatIsThere" if batch.monitor_arn else TELL_PEOPLE


def _compare(batch: Batch, monitor_arn: str) -> dict[str, Json]:
    """Started only: it takes its time, and an alarm of its own tells when it fails."""
    told = {"time.$": "$.Time", "batch.$": "$.Batch.Folder", "version": batch.version}
    start = {
        "StateMachineArn": monitor_arn,
        "Name.$": "$.Batch.Job",
        "Input.$": "States.JsonToString($.Told)",
    }

    def after(suffix: str, following: str) -> dict[str, Json]:
        compare, started = f"Compare{suffix}", f"StartMonitor{suffix}"
        return {
            compare: {"Type": "Pass", "Parameters": told, "ResultPath": "$.Told", "Next": started},
            started: task("sfn:startExecution", start, following, ResultPath="$.Compared"),
        }

    return {**after("", PREDICTED), **after("WhatIsThere", TELL_PEOPLE)}


def _transform(batch: Batch) -> dict[str, Json]:
    """A transform job has no limit of its own: looks are counted, and what nobody can look at is stopped."""
    status, looks = "$.Transform.Status", "$.Looked.Times"
    source, target = batch.request["TransformInput"], batch.request["TransformOutput"]
    data = {"S3DataType": "S3Prefix", "S3Uri.$": "$.Batch.Rows"}
    places = {
        "TransformJobName.$": "$.Batch.Job",
        "TransformInput": {"DataSource": {"S3DataSource": data}, **source},
        "TransformOutput": {"S3OutputPath.$": "$.Batch.Answers", **target},
    }
    look = task(
        "sagemaker:describeTransformJob",
        {"TransformJobName.$": "$.Batch.Job"},
        "HasTransformEnded",
        ResultSelector={"Status.$": "$.TransformJobStatus", "Described.$": "$"},
        ResultPath="$.Transform",
        Catch=[{**CATCH, "Next": "StopTransform"}],
    )
    return {
        "StartTransform": task(
            "sagemaker:createTransformJob", {**batch.request, **places}, "CountLooks", ResultPath="$.Started"
        ),
        "CountLooks": _count("0", "AwaitTransform"),
        **wait_for("Transform", look),
        "HasTransformEnded": choice(
            when(status, "StringEquals", "Completed", "Compare" if batch.monitor_arn else PREDICTED),
            when(status, "StringEquals", "Failed", _failing(batch)),
            when(status, "StringEquals", "Stopped", _failing(batch)),
            when(looks, "NumericGreaterThanEquals", batch.max_hours * _LOOKS_AN_HOUR, "StopTransform"),
            default="CountOn",
        ),
        "CountOn": _count(looks, "AwaitTransform"),
        "StopTransform": task(
            "sagemaker:stopTransformJob",
            {"TransformJobName.$": "$.Batch.Job"},
            TELL_PEOPLE,
            ResultPath="$.Stopped",
        ),
    }


def _count(before: str, following: str) -> Json:
    return {
        "Type": "Pass",
        "Parameters": {"Times.$": f"States.MathAdd({before}, 1)"},
        "ResultPath": "$.Looked",
        "Next": following,
    }
