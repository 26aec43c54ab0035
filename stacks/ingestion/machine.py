"""The state machine that brings a delivery and starts the pipeline with it, as data.

Amazon States Language, with SDK integrations only: what there is to do, a job of Glue does. Its input says
nothing: every execution makes a delivery of its own.
"""

from dataclasses import dataclass
from typing import Any

from stacks.parts.layout import Zone
from stacks.parts.pipeline_runs import run_pipeline, wait_for
from stacks.parts.states import TELL_PEOPLE, choice, failure, task, when

Json = dict[str, Any]

# https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
UNFINISHED = ("STARTING", "RUNNING", "STOPPING", "WAITING")


@dataclass(frozen=True)
class Export:
    """A table of DynamoDB, and the key that its export is encrypted with."""

    table_arn: str
    key_arn: str


@dataclass(frozen=True)
class Delivery:
    """What brings a delivery, where to, and what happens with it."""

    job: str
    """Reads the source, or what was exported, holds it against the rules and delivers it."""
    target: Zone
    """The folder of deliveries."""
    pipeline: str
    export: Export | None = None
    """What comes before the job, which checks it where it is."""
    may_be_nothing: bool = False
    """Whether the job may find that nothing is new."""


def ingestion_machine(delivery: Delivery, alert_topic_arn: str) -> Json:
    first = "Export" if delivery.export else "StartJob"
    return {
        "Comment": "A delivery is brought and checked, and the pipeline starts with it",
        "StartAt": "ReadTime",
        "States": {
            **_name_delivery(delivery.target, first),
            **(_export(delivery.export, delivery.target, "StartJob") if delivery.export else {}),
            **_run_job(delivery.job, "LookForDelivery" if delivery.may_be_nothing else "StartPipeline"),
            **(_look(delivery.target, "StartPipeline") if delivery.may_be_nothing else {}),
            **run_pipeline(delivery.pipeline, "Delivered"),
            "Delivered": {"Type": "Succeed"},
            **failure(
                alert_topic_arn,
                subject="A delivery failed",
                error="DeliveryFailed",
                cause="No model was registered; see this execution's history, and the pipeline's",
            ),
        },
    }


def _name_delivery(target: Zone, following: str) -> dict[str, Json]:
    """By its second and a part of its token, because two may start in one second."""
    folder = "{}-{}-{}-{}"
    names = "$.Parts[0], $.Parts[1], $.Parts[2], States.ArrayGetItem(States.StringSplit($.Token, '-'), 4)"
    return {
        "ReadTime": {
            "Type": "Pass",
            "Parameters": {
                "Parts.$": "States.StringSplit($$.Execution.StartTime, ':.Z')",
                "Token.$": "States.UUID()",
            },
            "Next": "NameDelivery",
        },
        "NameDelivery": {
            "Type": "Pass",
            "Parameters": {
                "Token.$": "$.Token",
                "Prefix.$": f"States.Format('{target.key(folder)}', {names})",
                "Uri.$": f"States.Format('{target.uri(folder, '')}', {names})",
            },
            "ResultPath": "$.Delivery",
            "Next": following,
        },
    }


def _export(export: Export, target: Zone, following: str) -> dict[str, Json]:
    described = {
        "Arn.$": "$.ExportDescription.ExportArn",
        "Status.$": "$.ExportDescription.ExportStatus",
        # A path to what an export lacks would end the execution, and nobody would be told.
        "Described.$": "$.ExportDescription",
    }
    return {
        "Export": task(
            "dynamodb:exportTableToPointInTime",
            {
                "TableArn": export.table_arn,
                "ExportFormat": "DYNAMODB_JSON",
                "S3Bucket": target.bucket.name,
                "S3Prefix.$": "$.Delivery.Prefix",
                "S3SseAlgorithm": "KMS",
                "S3SseKmsKeyId": export.key_arn,
                "ClientToken.$": "$.Delivery.Token",
            },
            "AwaitExport",
            ResultSelector=described,
            ResultPath="$.Export",
        ),
        **wait_for(
            "Export",
            task(
                "dynamodb:describeExport",
                {"ExportArn.$": "$.Export.Arn"},
                "IsExported",
                ResultSelector=described,
                ResultPath="$.Export",
            ),
        ),
        "IsExported": choice(
            when("$.Export.Status", "StringEquals", "IN_PROGRESS", "AwaitExport"),
            when("$.Export.Status", "StringEquals", "COMPLETED", following),
            default=TELL_PEOPLE,
        ),
    }


def _run_job(job: str, following: str) -> dict[str, Json]:
    """Why a run failed is in its description, which people are told."""
    state = "$.Run.State"
    return {
        "StartJob": task(
            "glue:startJobRun",
            {"JobName": job, "Arguments": {"--delivery.$": "$.Delivery.Uri"}},
            "AwaitJob",
            ResultSelector={"Id.$": "$.JobRunId"},
            ResultPath="$.Run",
        ),
        **wait_for(
            "Job",
            task(
                "glue:getJobRun",
                {"JobName": job, "RunId.$": "$.Run.Id"},
                "HasJobEnded",
                ResultSelector={
                    "Id.$": "$.JobRun.Id",
                    "State.$": "$.JobRun.JobRunState",
                    "Described.$": "$.JobRun",
                },
                ResultPath="$.Run",
            ),
        ),
        "HasJobEnded": choice(
            *(when(state, "StringEquals", each, "AwaitJob") for each in UNFINISHED),
            when(state, "StringEquals", "SUCCEEDED", following),
            default=TELL_PEOPLE,
        ),
    }


def _look(target: Zone, following: str) -> dict[str, Json]:
    return {
        "LookForDelivery": task(
            "s3:listObjectsV2",
            {"Bucket": target.bucket.name, "Prefix.$": "$.Delivery.Prefix", "MaxKeys": 1},
            "IsDelivered",
            ResultSelector={"Count.$": "$.KeyCount"},
            ResultPath="$.Found",
        ),
        "IsDelivered": choice(when("$.Found.Count", "NumericEquals", 1, following), default="NothingNew"),
        "NothingNew": {"Type": "Succeed"},
    }
