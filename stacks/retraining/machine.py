"""The state machine that trains a model anew when an alarm asks for it, as data.

Amazon States Language, with SDK integrations only: there is no code of ours to patch. What its input says is
shown to people and changes nothing. While one execution runs or rests, others end at once, so that whatever
comes in, a model is trained once in so many days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stacks.parts.layout import Zone
from stacks.parts.pipeline_runs import run_pipeline
from stacks.parts.states import CATCH, TELL_PEOPLE, choice, task, wait_for_days, when
from stacks.retraining.approval import ApprovalRule, approve_by_rule

Json = dict[str, Any]

OTHERS_SECONDS = 60
"""Lists of executions are complete a moment later.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
"""
SETTLING_SECONDS = 900
"""A folder that has not grown for so long is a whole delivery."""
_RUNNING = 100
"""More executions than can wait for a list at the same time."""
_LISTED = 500
"""A list of so many objects stays below the 256 KiB that a state may hold."""
_BEHIND = "~"
"""Behind what names of files begin with."""
_OWN = "$$.StateMachine.Id"


@dataclass(frozen=True)
class Retraining:
    """What is trained anew, with what, and how often."""

    pipeline: str
    deliveries: Zone
    """The folder of deliveries."""
    ingestion_arn: str
    """The machine that brings one and trains with it; empty where people bring them."""
    alarms: Sequence[str]
    """Names of those that ask for it."""
    rest_days: int
    rule: ApprovalRule | None = None
    """Who else than people approves."""


def retraining_machine(retraining: Retraining, alert_topic_arn: str) -> Json:
    """The machine of one use case."""
    trains = (
        _have_delivered(retraining.ingestion_arn)
        if retraining.ingestion_arn
        else _train_with_newest(retraining, alert_topic_arn)
    )
    return {
        "Comment": "A model is trained anew on the newest delivery, once in so many days",
        "StartAt": "AwaitOthers",
        "States": {
            **_be_the_only_one(next(iter(trains))),
            **trains,
            **wait_for_days(retraining.rest_days, "ReadAlarms"),
            **_start_anew(retraining.alarms),
            "Rested": {"Type": "Succeed"},
            # The same delivery would fail again: it rests too, and looks for a newer one.
            TELL_PEOPLE: {
                **_tell(alert_topic_arn, f"{retraining.pipeline}: a retraining failed", "CountHours"),
                "Catch": [{**CATCH, "Next": "CountHours"}],
            },
        },
    }


def _have_delivered(ingestion_arn: str) -> dict[str, Json]:
    """What it starts is followed to its end by itself."""
    start = {"StateMachineArn": ingestion_arn, "Input": "{}"}
    return {"StartIngestion": task("sfn:startExecution", start, "CountHours", ResultPath="$.Ingestion")}


def _train_with_newest(retraining: Retraining, alert_topic_arn: str) -> dict[str, Json]:
    deliveries, subject = retraining.deliveries, f"{retraining.pipeline}: "
    return {
        **_find_last_input(retraining.pipeline, deliveries, "ListDeliveries"),
        **_find_newest(deliveries, found="CountObjects", otherwise="TellOfNothingNewer"),
        "TellOfNothingNewer": _tell(
            alert_topic_arn, f"{subject}no newer delivery to train with", "CountHours"
        ),
        **_settle(deliveries, "NameDelivery"),
        "NameDelivery": {
            "Type": "Pass",
            "Parameters": {"Uri.$": "$.Newest.Uri", "Token.$": "States.UUID()"},
            "ResultPath": "$.Delivery",
            "Next": "StartPipeline",
        },
        # That the data differ from those of the live version is why it is trained anew.
        **run_pipeline(
            retraining.pipeline, "ReadRegistered" if retraining.rule else "TellOfVersion", DriftCheck="warn"
        ),
        **_decide(retraining.rule, alert_topic_arn, subject),
        "TellOfVersion": _tell(
            alert_topic_arn, f"{subject}a retrained version waits for approval", "CountHours"
        ),
    }


def _decide(rule: ApprovalRule | None, alert_topic_arn: str, subject: str) -> dict[str, Json]:
    if rule is None:
        return {}
    told = _tell(alert_topic_arn, f"{subject}a retrained version was approved by rule", "CountHours")
    states = approve_by_rule(rule, approved="TellOfApproval", otherwise="TellOfVersion")
    return {**states, "TellOfApproval": told}


def _tell(alert_topic_arn: str, subject: str, following: str) -> Json:
    message = {"TopicArn": alert_topic_arn, "Subject": subject, "Message.$": "States.JsonToString($)"}
    return task("sns:publish", message, following, ResultPath="$.Told")


def _last(path: str) -> str:
    return f"States.ArrayGetItem({path}, States.MathAdd(States.ArrayLength({path}), -1))"


def _be_the_only_one(following: str) -> dict[str, Json]:
    """The oldest of those that run goes on. The list begins with the newest."""
    arns = "$.Running.Arns"
    return {
        "AwaitOthers": {"Type": "Wait", "Seconds": OTHERS_SECONDS, "Next": "ListRunning"},
        "ListRunning": task(
            "sfn:listExecutions",
            {"StateMachineArn.$": _OWN, "StatusFilter": "RUNNING", "MaxResults": _RUNNING},
            "IsAnyListed",
            ResultSelector={"Arns.$": "$.Executions[*].ExecutionArn"},
            ResultPath="$.Running",
        ),
        "IsAnyListed": choice(when(f"{arns}[0]", "IsPresent", True, "NameOldest"), default=following),
        "NameOldest": {
            "Type": "Pass",
            "Parameters": {"Oldest.$": _last(arns), "Own.$": "$$.Execution.Id"},
            "ResultPath": "$.Running",
            "Next": "IsOldest",
        },
        "IsOldest": choice(
            {"Variable": "$.Running.Oldest", "StringEqualsPath": "$.Running.Own", "Next": following},
            default="AnotherRuns",
        ),
        "AnotherRuns": {"Type": "Succeed"},
    }


def _find_last_input(pipeline: str, deliveries: Zone, following: str) -> dict[str, Json]:
    """Behind which key newer deliveries are: whatever became of it, a delivery that failed fails again."""
    arn = "$.Last.Executions[0]"
    below = deliveries.uri("")
    name = "States.ArrayGetItem(States.StringSplit($.Last.Input, '/'), 4)"
    return {
        "FindLastExecution": task(
            "sagemaker:listPipelineExecutions",
            {
                "PipelineName": pipeline,
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 1,
            },
            "WasThereOne",
            ResultSelector={"Executions.$": "$.PipelineExecutionSummaries[*].PipelineExecutionArn"},
            ResultPath="$.Last",
        ),
        "WasThereOne": choice(when(arn, "IsPresent", True, "ReadParameters"), default="FromTheFirst"),
        "ReadParameters": task(
            "sagemaker:listPipelineParametersForExecution",
            {"PipelineExecutionArn.$": arn},
            "NameLastInput",
            ResultSelector={"Inputs.$": "$.PipelineParameters[?(@.Name == 'InputData')].Value"},
            ResultPath="$.Read",
        ),
        "NameLastInput": {
            "Type": "Pass",
            "Parameters": {"Input.$": "$.Read.Inputs[0]"},
            "ResultPath": "$.Last",
            "Next": "IsOneDelivery",
        },
        "IsOneDelivery": choice(
            when("$.Last.Input", "StringEquals", below, "FromTheFirst"),
            when("$.Last.Input", "StringMatches", f"{below}*", "FromTheNext"),
            default="FromTheFirst",
        ),
        "FromTheNext": {
            "Type": "Pass",
            "Parameters": {"Behind.$": f"States.Format('{deliveries.key('{}', _BEHIND)}', {name})"},
            "ResultPath": "$.Last",
            "Next": following,
        },
        "FromTheFirst": {
            "Type": "Pass",
            "Result": {"Behind": deliveries.key("")},
            "ResultPath": "$.Last",
            "Next": following,
        },
    }


def _find_newest(deliveries: Zone, *, found: str, otherwise: str) -> dict[str, Json]:
    """By name: those of deliveries follow one another as their days do. A delivery is a folder or a file."""
    return {
        "ListDeliveries": task(
            "s3:listObjectsV2",
            {
                "Bucket": deliveries.bucket.name,
                "Prefix": deliveries.key(""),
                "Delimiter": "/",
                "StartAfter.$": "$.Last.Behind",
                "MaxKeys": _LISTED,
            },
            "IsAnyFolder",
            ResultPath="$.Listed",
        ),
        **_newest_of("Folder", "CommonPrefixes", "Prefix", "IsAnyFile"),
        **_newest_of("File", "Contents", "Key", "WhichIsNewer"),
        "WhichIsNewer": choice(
            {"Variable": "$.File.Key", "StringGreaterThanPath": "$.Folder.Key", "Next": "TakeFile"},
            when("$.Folder.Key", "StringEquals", "", otherwise),
            default="TakeFolder",
        ),
        **{
            f"Take{what}": {
                "Type": "Pass",
                "Parameters": {
                    "Key.$": f"$.{what}.Key",
                    "Uri.$": f"States.Format('s3://{deliveries.bucket.name}/{{}}', $.{what}.Key)",
                },
                "ResultPath": "$.Newest",
                "Next": "ForgetList",
            }
            for what in ("File", "Folder")
        },
        "ForgetList": {"Type": "Pass", "Result": {}, "ResultPath": "$.Listed", "Next": found},
    }


def _newest_of(what: str, listed: str, name: str, following: str) -> dict[str, Json]:
    path = f"$.Listed.{listed}"
    return {
        f"IsAny{what}": choice(when(f"{path}[0]", "IsPresent", True, f"Newest{what}"), default=f"No{what}"),
        f"Newest{what}": {
            "Type": "Pass",
            "Parameters": {"Item.$": _last(path)},
            "ResultPath": f"$.{what}",
            "Next": f"Name{what}",
        },
        f"Name{what}": {
            "Type": "Pass",
            "Parameters": {"Key.$": f"$.{what}.Item.{name}"},
            "ResultPath": f"$.{what}",
            "Next": following,
        },
        f"No{what}": {"Type": "Pass", "Result": {"Key": ""}, "ResultPath": f"$.{what}", "Next": following},
    }


def _settle(deliveries: Zone, following: str) -> dict[str, Json]:
    """Nothing says that a folder is complete; one that still grows is waited for, up to so many objects."""

    def count(name: str, then: str) -> Json:
        return task(
            "s3:listObjectsV2",
            {"Bucket": deliveries.bucket.name, "Prefix.$": "$.Newest.Key", "MaxKeys": _LISTED},
            then,
            ResultSelector={"Objects.$": "$.KeyCount"},
            ResultPath=f"$.{name}",
        )

    return {
        "CountObjects": count("Counted", "AwaitMore"),
        "AwaitMore": {"Type": "Wait", "Seconds": SETTLING_SECONDS, "Next": "CountAgain"},
        "CountAgain": count("CountedAgain", "IsComplete"),
        "IsComplete": choice(
            {
                "Variable": "$.CountedAgain.Objects",
                "NumericEqualsPath": "$.Counted.Objects",
                "Next": following,
            },
            default="CountObjects",
        ),
    }


def _start_anew(alarms: Sequence[str]) -> dict[str, Json]:
    """An alarm that was raised while this execution rested, or that nothing has calmed, is not told again.

    The new execution waits until this one has ended.
    """
    return {
        "ReadAlarms": task(
            "cloudwatch:describeAlarms",
            {"AlarmNames": list(alarms), "StateValue": "ALARM"},
            "IsAnyRaised",
            ResultPath="$.Alarms",
        ),
        "IsAnyRaised": choice(
            when("$.Alarms.MetricAlarms[0]", "IsPresent", True, "StartAnew"), default="Rested"
        ),
        "StartAnew": task(
            "sfn:startExecution",
            {"StateMachineArn.$": _OWN, "Input": '{"because": "an alarm is still raised"}'},
            "Rested",
            ResultPath="$.Next",
        ),
    }
