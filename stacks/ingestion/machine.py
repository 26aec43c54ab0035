"""The state machine that turns a table of DynamoDB into a delivery and starts the pipeline with it, as data.

Amazon States Language, with SDK integrations only: there is no code of ours to patch. Its input says nothing:
every execution makes a delivery of its own, and a call that is tried again means the same one, by its token.
"""

from dataclasses import dataclass
from typing import Any

from stacks.parts.layout import Zone
from stacks.parts.pipeline_runs import run_pipeline, wait_for
from stacks.parts.states import TELL_PEOPLE, choice, failure, task, when

Json = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """What is exported, where to, and what happens with it."""

    table_arn: str
    target: Zone
    """The folder of deliveries."""
    key_arn: str
    pipeline: str


def ingestion_machine(delivery: Delivery, alert_topic_arn: str) -> Json:
    return {
        "Comment": "A table of DynamoDB becomes a delivery, and the pipeline starts with it",
        "StartAt": "ReadTime",
        "States": {
            **_name_delivery(delivery.target, "Export"),
            **_export(delivery, "StartPipeline"),
            **run_pipeline(delivery.pipeline, "Delivered"),
            "Delivered": {"Type": "Succeed"},
            **failure(
                alert_topic_arn,
                subject="A delivery from DynamoDB failed",
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


def _export(delivery: Delivery, following: str) -> dict[str, Json]:
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
                "TableArn": delivery.table_arn,
                "ExportFormat": "DYNAMODB_JSON",
                "S3Bucket": delivery.target.bucket.name,
                "S3Prefix.$": "$.Delivery.Prefix",
                "S3SseAlgorithm": "KMS",
                "S3SseKmsKeyId": delivery.key_arn,
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
