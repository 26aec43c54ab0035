"""The state machine that turns a decision on a model version into a deployment, as data.

Amazon States Language, with SDK integrations only: there is no code of ours to patch. Its input is
`{"ModelPackageArn": ..., "UseCase": ..., "FollowsLatest": true | false}`. Events may arrive more than once
and out of order, so the approval is read anew, what was copied stays as it is, and a stack that already has
the version is left alone.
"""

from collections.abc import Mapping
from typing import Any

from stacks.parts.states import CATCH, TELL_PEOPLE, choice, failure, task, when
from stacks.release.components import with_components
from stacks.release.followed import Followed, check_form, check_registry, look_for_newer
from stacks.release.version import (
    CONTAINER,
    Origin,
    Versions,
    check_origin,
    keep_record,
    newest_approved,
    take_files,
)

Json = dict[str, Any]

POLL_SECONDS = 15
CAUSE = (
    "Stacks may differ in ModelVersion; see this execution's history and the events of the stacks. "
    "Where the endpoint kept its old model, Endpoint.FailureReason says why"
)
LIVE_VERSION = "$.Stack.Version[0]"
VERSION = {"ModelVersion": "$.Target.Version"}
"""The parameter that every stack has which is about a version."""


def release_machine(
    versions: Origin | Followed, alert_topic_arn: str, *, shares_endpoint: bool = False
) -> Json:
    """The machine of one environment.

    Serving is updated first, then monitoring, which needs its endpoint, then training, whose executions
    compare with what is live; an environment that follows another one has none. Some models may be on a
    shared endpoint.
    """
    states = {
        **(_of_registry(versions) if isinstance(versions, Followed) else _of_pipelines(versions)),
        **_update_serving(versions),
        **_check_endpoint(versions, "DescribeMonitoring"),
        **_update_watching(versions),
        **_ends(alert_topic_arn),
    }
    if shares_endpoint:
        states = with_components(states, versions.fixed_name, LIVE_VERSION, "DescribeMonitoring")
    return {
        "Comment": "A decision on a model version becomes a deployment",
        "StartAt": "DescribeVersion",
        "States": states,
    }


def _of_pipelines(versions: Origin) -> dict[str, Json]:
    """From a decision to the version that is deployed, where versions come from pipelines of our own."""
    following = "KeepRecord" if versions.is_followed else "FollowsLatest"
    return {
        **_read_decision("WhatWasDecided", approved="NameGroup"),
        **check_origin(versions, "ReadRecord"),
        **take_files(versions, following),
        **(keep_record(versions, "FollowsLatest") if versions.is_followed else {}),
        **_choose_version(versions),
    }


def _of_registry(versions: Followed) -> dict[str, Json]:
    """The same where they come from another environment's registry."""
    return {
        **_read_decision("NameVersion", approved="IsServable"),
        **check_registry(versions, "WhatWasDecided"),
        **check_form(versions, "ReadRecord"),
        **take_files(versions, "FollowsLatest"),
        **_choose_version(versions),
    }


def _update_serving(versions: Origin | Followed) -> dict[str, Json]:
    """What was decided is asked again before the update: the stack may have been busy for hours.

    Another decision that came meanwhile finds an older version live, or waits for the same stack, too.
    """
    states = _update_stack(versions, "Serving", {**VERSION, "ModelImage": "$.Target.Image"}, "HasEndpoint")
    if isinstance(versions, Followed):
        first, look = "LookForNewer", look_for_newer(versions, "UpdateServing")
    else:
        first, look = "ReadDecisionAgain", _look_again("UpdateServing")
    return {**states, "NeedsServingUpdate": {**states["NeedsServingUpdate"], "Default": first}, **look}


def _look_again(following: str) -> dict[str, Json]:
    """Nobody has rejected the version while its release waited."""
    return {
        "ReadDecisionAgain": task(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": "$.Package.Arn"},
            "IsStillApproved",
            ResultSelector={"Status.$": "$.ModelApprovalStatus"},
            ResultPath="$.Decision",
        ),
        "IsStillApproved": choice(
            when("$.Decision.Status", "StringEquals", "Approved", following), default="NothingToDo"
        ),
    }


def _update_watching(versions: Versions) -> dict[str, Json]:
    if isinstance(versions, Followed):
        return _update_stack(versions, "Monitoring", VERSION, "Released")
    return {
        **_update_stack(versions, "Monitoring", VERSION, "DescribeTraining"),
        **_update_stack(versions, "Training", VERSION, "Released"),
    }


def _read_decision(following: str, *, approved: str) -> dict[str, Json]:
    status = "$.Package.Status"
    return {
        "DescribeVersion": task(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": "$.ModelPackageArn"},
            following,
            ResultSelector={
                "Group.$": "$.ModelPackageGroupName",
                "Version.$": "States.Format('{}', $.ModelPackageVersion)",
                "Status.$": "$.ModelApprovalStatus",
                "Arn.$": "$.ModelPackageArn",
                # A path to what a version lacks would end the execution, and nobody would be told.
                "Described.$": "$",
            },
            ResultPath="$.Package",
        ),
        "WhatWasDecided": choice(
            when(status, "StringEquals", "Approved", approved),
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


def _choose_version(versions: Versions) -> dict[str, Json]:
    """An approved version is deployed. When the live one is rejected, the newest approved one follows."""
    return {
        "FollowsLatest": choice(
            when("$.FollowsLatest", "BooleanEquals", True, "TakeThisVersion"), default="NothingToDo"
        ),
        "TakeThisVersion": {
            "Type": "Pass",
            "Parameters": {"Version.$": "$.Package.Version", "Image.$": f"{CONTAINER}.Image"},
            "ResultPath": "$.Target",
            "Next": "DescribeServing",
        },
        "ReadLiveVersion": _describe_stack(versions, "Serving", "IsLiveVersionRejected"),
        "IsLiveVersionRejected": choice(
            when(LIVE_VERSION, "StringEqualsPath", "$.Package.Version", "FindNewestApproved"),
            default="NothingToDo",
        ),
        "FindNewestApproved": task(
            "sagemaker:listModelPackages",
            newest_approved(versions),
            "IsAnyApproved",
            ResultPath="$.Approved",
        ),
        "IsAnyApproved": choice(
            when("$.Approved.ModelPackageSummaryList[0]", "IsPresent", True, "TakeNewestApproved"),
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


def _check_endpoint(versions: Versions, following: str) -> dict[str, Json]:
    """Whether the endpoint runs what its stack says.

    SageMaker takes an update back when an alarm rings, and the endpoint is in service again, with its old
    configuration. Not everything that deploys notices:
    https://github.com/hashicorp/terraform-provider-aws/issues/48997
    """
    intended, version = "$.Stack.EndpointConfigName[0]", "$.Target.Version"
    return {
        "HasEndpoint": choice(
            when(intended, "IsPresent", True, "DescribeEndpoint"),
            when(LIVE_VERSION, "StringEqualsPath", version, following),
            default=TELL_PEOPLE,
        ),
        "DescribeEndpoint": task(
            "sagemaker:describeEndpoint",
            {"EndpointName.$": versions.fixed_name},
            "IsEndpointAsIntended",
            ResultPath="$.Endpoint",
        ),
        "IsEndpointAsIntended": choice(
            {
                "And": [
                    {"Variable": LIVE_VERSION, "StringEqualsPath": version},
                    {"Variable": "$.Endpoint.EndpointConfigName", "StringEqualsPath": intended},
                    {"Not": {"Variable": "$.Endpoint.EndpointStatus", "StringMatches": "*Failed"}},
                ],
                "Next": following,
            },
            default=TELL_PEOPLE,
        ),
    }


def _describe_stack(versions: Versions, kind: str, following: str) -> Json:
    """Status and model version of a stack; of serving also which configuration its endpoint should have."""
    # A stack that is being created has no outputs. `[*]` makes an empty list of that, `[0]` an error that no
    # state catches: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    outputs = "$.Stacks[*].Outputs[?(@.OutputKey == 'EndpointConfigName')].OutputValue"
    return task(
        "cloudformation:describeStacks",
        {"StackName.$": versions.stack(kind.lower())},
        following,
        ResultSelector={
            "Status.$": "$.Stacks[0].StackStatus",
            "Version.$": "$.Stacks[0].Parameters[?(@.ParameterKey == 'ModelVersion')].ParameterValue",
            **({"EndpointConfigName.$": outputs} if kind == "Serving" else {}),
        },
        ResultPath="$.Stack",
    )


def _update_stack(
    versions: Versions, kind: str, parameters: Mapping[str, str], following: str
) -> dict[str, Json]:
    """Wait until the stack is free, update it unless it has the version, wait, check.

    Of serving the endpoint is looked at in any case: it says why an update was taken back.
    CloudFormation refuses to update a stack that another release updates, and one that has the version by
    now: after a refusal the stack is looked at again, and only what neither explains is told to people.
    """
    busy = {"Variable": "$.Stack.Status", "StringMatches": "*_IN_PROGRESS"}
    has_version = when(LIVE_VERSION, "StringEqualsPath", "$.Target.Version", following)
    otherwise = following if kind == "Serving" else TELL_PEOPLE
    return {
        f"Describe{kind}": _describe_stack(versions, kind, f"Needs{kind}Update"),
        f"Needs{kind}Update": choice(
            {**busy, "Next": f"WaitFor{kind}"}, has_version, default=f"Update{kind}"
        ),
        f"WaitFor{kind}": {"Type": "Wait", "Seconds": POLL_SECONDS, "Next": f"Describe{kind}"},
        f"Update{kind}": task(
            "cloudformation:updateStack",
            {
                "StackName.$": versions.stack(kind.lower()),
                "UsePreviousTemplate": True,
                "Parameters": [
                    {"ParameterKey": name, "ParameterValue.$": path} for name, path in parameters.items()
                ],
                # Of a use case whose deliveries come by themselves the training stack has roles; they stay.
                **({"Capabilities": ["CAPABILITY_NAMED_IAM"]} if kind == "Training" else {}),
            },
            f"Await{kind}",
            ResultPath="$.Updated",
            Catch=[{**CATCH, "Next": f"LookAgainAt{kind}"}],
        ),
        f"LookAgainAt{kind}": _describe_stack(versions, kind, f"IsAnotherAt{kind}"),
        f"IsAnotherAt{kind}": choice({**busy, "Next": f"WaitFor{kind}"}, has_version, default=TELL_PEOPLE),
        f"Await{kind}": {"Type": "Wait", "Seconds": POLL_SECONDS, "Next": f"Check{kind}"},
        f"Check{kind}": _describe_stack(versions, kind, f"Is{kind}Updated"),
        f"Is{kind}Updated": choice({**busy, "Next": f"Await{kind}"}, has_version, default=otherwise),
    }


def _ends(alert_topic_arn: str) -> dict[str, Json]:
    return {
        "Released": {"Type": "Succeed"},
        "NothingToDo": {"Type": "Succeed"},
        **failure(
            alert_topic_arn,
            subject="A model release failed",
            error="ReleaseFailed",
            cause=CAUSE,
        ),
    }
