"""The state machine that turns a decision on a model version into a deployment, as data.

Amazon States Language, with SDK integrations only: there is no code of ours to patch. Its input is
`{"ModelPackageArn": ..., "UseCase": ..., "FollowsLatest": true | false}`. Events may arrive more than once
and out of order, so the approval is read anew, copies overwrite themselves, and a stack that already has the
version is left alone.
"""

from dataclasses import dataclass
from typing import Any

from stacks.parts.layout import DATA_QUALITY, Zone

Json = dict[str, Any]

POLL_SECONDS = 15
RETRY: Json = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 5,
    "BackoffRate": 2.0,
    "MaxAttempts": 4,
}
CATCH: Json = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.Error", "Next": "TellPeople"}


@dataclass(frozen=True)
class Pipelines:
    """What a version looks like that a pipeline of this environment has registered.

    Whoever may register can write anything into a version, and whoever approves it can change what it
    consists of. What nobody can do is write below these prefixes.
    """

    group: str
    """The name of its group, with `{}` for the use case."""
    repository: str
    """Of its image."""
    training: Zone
    executions: Zone


def release_machine(pipelines: Pipelines, models: Zone, alert_topic_arn: str) -> Json:
    """The machine of one environment. Serving is updated first, then monitoring, which needs its endpoint."""
    return {
        "Comment": "A decision on a model version becomes a deployment",
        "StartAt": "DescribeVersion",
        "States": {
            **_read_decision(),
            **_check_origin(pipelines),
            **_copy_baselines(models),
            **_choose_version(),
            **_update_stack("Serving", "DescribeMonitoring"),
            **_update_stack("Monitoring", "Released"),
            **_ends(alert_topic_arn),
        },
    }


def _task(action: str, parameters: Json, following: str, **fields: Any) -> Json:
    """A call of an AWS API, tried again when it fails, told to people when it keeps failing."""
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:{action}",
        "Parameters": parameters,
        "Retry": [RETRY],
        "Catch": [CATCH],
        "Next": following,
        **fields,
    }


def _when(variable: str, comparison: str, value: str | bool, following: str) -> Json:
    return {"Variable": variable, comparison: value, "Next": following}


def _choice(*rules: Json, default: str) -> Json:
    return {"Type": "Choice", "Choices": list(rules), "Default": default}


def _read_decision() -> dict[str, Json]:
    status = "$.Package.Status"
    return {
        "DescribeVersion": _task(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": "$.ModelPackageArn"},
            "WhatWasDecided",
            ResultSelector={
                "Group.$": "$.ModelPackageGroupName",
                "Version.$": "States.Format('{}', $.ModelPackageVersion)",
                "Status.$": "$.ModelApprovalStatus",
                "Baseline.$": "$.CustomerMetadataProperties.DataQualityBaseline",
                "Containers.$": "$.InferenceSpecification.Containers",
            },
            ResultPath="$.Package",
        ),
        "WhatWasDecided": _choice(
            _when(status, "StringEquals", "Approved", "NameGroup"),
            {
                "And": [
                    {"Variable": status, "StringEquals": "Rejected"},
                    {"Variable": "$.FollowsLatest", "BooleanEquals": True},
                ],
                "Next": "ReadLiveVersion",
            },
            default="NothingToDo",
        ),
    }


def _check_origin(pipelines: Pipelines) -> dict[str, Json]:
    """Only what the pipeline has made goes on: one container with its image, its artifact, its baseline."""
    container = "$.Package.Containers[0]"
    artifact = pipelines.training.uri("*", "output", "model.tar.gz")
    baseline = f"{pipelines.executions.bucket.name}/{pipelines.executions.key('*', DATA_QUALITY)}"
    return {
        "NameGroup": {
            "Type": "Pass",
            "Parameters": {"Group.$": f"States.Format('{pipelines.group}', $.UseCase)"},
            "ResultPath": "$.Expected",
            "Next": "IsFromThePipeline",
        },
        "IsFromThePipeline": _choice(
            {
                "And": [
                    {"Variable": "$.Package.Group", "StringEqualsPath": "$.Expected.Group"},
                    {"Variable": "$.Package.Containers[1]", "IsPresent": False},
                    {"Variable": f"{container}.Image", "StringMatches": f"{pipelines.repository}:*"},
                    {"Variable": f"{container}.ModelDataUrl", "StringMatches": artifact},
                    {"Variable": "$.Package.Baseline", "StringMatches": baseline},
                ],
                "Next": "CopyStatistics",
            },
            default="RefuseOrigin",
        ),
        "RefuseOrigin": {
            "Type": "Pass",
            "Result": "The version's group, image, artifact or baseline is not what the pipeline registers",
            "ResultPath": "$.Error",
            "Next": "TellPeople",
        },
    }


def _copy_baselines(models: Zone) -> dict[str, Json]:
    """The version's baselines go where monitoring looks for them: below the version's number."""

    def copy(name: str, following: str) -> Json:
        key = models.key("{}", "{}", DATA_QUALITY, f"{name}.json")
        return _task(
            "s3:copyObject",
            {
                "Bucket": models.bucket.name,
                "CopySource.$": f"States.Format('{{}}/{name}.json', $.Package.Baseline)",
                "Key.$": f"States.Format('{key}', $.UseCase, $.Package.Version)",
            },
            following,
            # Not null, which CDK leaves out of the JSON: the answer would then replace the input.
            ResultPath="$.Copied",
        )

    return {
        "CopyStatistics": copy("statistics", "CopyConstraints"),
        "CopyConstraints": copy("constraints", "FollowsLatest"),
    }


def _choose_version() -> dict[str, Json]:
    """An approved version is deployed. When the live one is rejected, the newest approved one follows."""
    return {
        "FollowsLatest": _choice(
            _when("$.FollowsLatest", "BooleanEquals", True, "TakeThisVersion"), default="NothingToDo"
        ),
        "TakeThisVersion": {
            "Type": "Pass",
            "Parameters": {"Version.$": "$.Package.Version"},
            "ResultPath": "$.Target",
            "Next": "DescribeServing",
        },
        "ReadLiveVersion": _describe_stack("Serving", "IsLiveVersionRejected"),
        "IsLiveVersionRejected": _choice(
            _when("$.Stack.Version", "StringEqualsPath", "$.Package.Version", "FindNewestApproved"),
            default="NothingToDo",
        ),
        "FindNewestApproved": _task(
            "sagemaker:listModelPackages",
            {
                "ModelPackageGroupName.$": "$.Package.Group",
                "ModelApprovalStatus": "Approved",
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 1,
            },
            "IsAnyApproved",
            ResultPath="$.Approved",
        ),
        "IsAnyApproved": _choice(
            _when("$.Approved.ModelPackageSummaryList[0]", "IsPresent", True, "TakeNewestApproved"),
            # Nothing can take over: the endpoint keeps serving until people decide.
            default="TellPeople",
        ),
        # It is looked at like any other: somebody may have changed it since it was approved.
        "TakeNewestApproved": {
            "Type": "Pass",
            "Parameters": {
                "ModelPackageArn.$": "$.Approved.ModelPackageSummaryList[0].ModelPackageArn",
                "UseCase.$": "$.UseCase",
                "FollowsLatest.$": "$.FollowsLatest",
            },
            "Next": "AwaitRegistry",
        },
        "AwaitRegistry": {"Type": "Wait", "Seconds": POLL_SECONDS, "Next": "DescribeVersion"},
    }


def _describe_stack(kind: str, following: str) -> Json:
    """Status and model version of a stack. `ModelVersion` is its only parameter, a test holds."""
    return _task(
        "cloudformation:describeStacks",
        {"StackName.$": f"States.Format('{{}}-{kind.lower()}', $.Package.Group)"},
        following,
        ResultSelector={
            "Status.$": "$.Stacks[0].StackStatus",
            "Version.$": "$.Stacks[0].Parameters[0].ParameterValue",
        },
        ResultPath="$.Stack",
    )


def _update_stack(kind: str, following: str) -> dict[str, Json]:
    """Wait until the stack is free, update it unless it has the version, wait, check."""
    busy = {"Variable": "$.Stack.Status", "StringMatches": "*_IN_PROGRESS"}
    has_version = _when("$.Stack.Version", "StringEqualsPath", "$.Target.Version", following)
    return {
        f"Describe{kind}": _describe_stack(kind, f"Needs{kind}Update"),
        f"Needs{kind}Update": _choice(
            {**busy, "Next": f"WaitFor{kind}"}, has_version, default=f"Update{kind}"
        ),
        f"WaitFor{kind}": {"Type": "Wait", "Seconds": POLL_SECONDS, "Next": f"Describe{kind}"},
        f"Update{kind}": _task(
            "cloudformation:updateStack",
            {
                "StackName.$": f"States.Format('{{}}-{kind.lower()}', $.Package.Group)",
                "UsePreviousTemplate": True,
                "Parameters": [{"ParameterKey": "ModelVersion", "ParameterValue.$": "$.Target.Version"}],
            },
            f"Await{kind}",
            ResultPath="$.Updated",
        ),
        f"Await{kind}": {"Type": "Wait", "Seconds": POLL_SECONDS, "Next": f"Check{kind}"},
        f"Check{kind}": _describe_stack(kind, f"Is{kind}Updated"),
        f"Is{kind}Updated": _choice({**busy, "Next": f"Await{kind}"}, has_version, default="TellPeople"),
    }


def _ends(alert_topic_arn: str) -> dict[str, Json]:
    return {
        "Released": {"Type": "Succeed"},
        "NothingToDo": {"Type": "Succeed"},
        "TellPeople": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sns:publish",
            "Parameters": {
                "TopicArn": alert_topic_arn,
                "Subject": "A model release failed",
                "Message.$": "States.JsonToString($)",
            },
            "Next": "ReleaseFailed",
        },
        "ReleaseFailed": {
            "Type": "Fail",
            "Error": "ReleaseFailed",
            "Cause": "The previous version still serves; see this execution's history and the stack's events",
        },
    }
