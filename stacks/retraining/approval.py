"""Approval by rule: states that approve a retrained version which is better by more than chance.

They look at one version only: the one that, as SageMaker says, was registered by the very execution that this
machine has started. What they compare is what that execution has written into the version, where data
scientists change nothing. The margin stands here, so that nobody who starts an execution chooses it.
"""

from dataclasses import dataclass
from typing import Any

from stacks.parts.states import CATCH, choice, task, when
from stacks.training.pipeline_decision import BETTER_BY, COMPARED, GROUPS, LIVE, QUALITY

Json = dict[str, Any]
FOUND = "$.Version.Found[0]"
WAITS = "PendingManualApproval"


@dataclass(frozen=True)
class ApprovalRule:
    """By how much a version must be better than the live one, in the metric of the success criterion."""

    group: str
    package_arn: str
    """Of a version of the group, with `{}` for its number."""
    better_by: float

    @property
    def told(self) -> str:
        return f"the rule asks for {self.better_by:g} at least in 95 of 100 cases"


def approve_by_rule(rule: ApprovalRule, *, approved: str, otherwise: str) -> dict[str, Json]:
    """From `ReadRegistered` on; whatever the rule is not sure of, `otherwise` leaves to people.

    Whether the version still waits is read last, so that hardly a second is left for a person's decision.
    """
    registered, newest = "$.Registered.Arns[0]", "$.Decided.Arns[0]"
    # The version is there, whatever fails here.
    to_people = [{**CATCH, "Next": otherwise}]
    return {
        "ReadRegistered": task(
            "sagemaker:listPipelineExecutionSteps",
            {"PipelineExecutionArn.$": "$.Execution.Arn", "MaxResults": 100},
            "IsAnyRegistered",
            ResultSelector={"Arns.$": "$.PipelineExecutionSteps[*].Metadata.RegisterModel.Arn"},
            ResultPath="$.Registered",
            Catch=to_people,
        ),
        "IsAnyRegistered": choice(
            when(registered, "IsPresent", True, "FindNewestDecided"), default=otherwise
        ),
        **_find_newest_decided(rule.group, "IsNewestApproved", to_people),
        "IsNewestApproved": choice(
            {
                "And": [
                    {"Variable": newest, "IsPresent": True},
                    {"Variable": "$.Decided.Statuses[0]", "StringEquals": "Approved"},
                ],
                "Next": "ReadVersion",
            },
            default=otherwise,
        ),
        "ReadVersion": task(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": registered},
            "IsKnown",
            ResultSelector={
                "Arn.$": "$.ModelPackageArn",
                "Status.$": "$.ModelApprovalStatus",
                # A list, and empty when there are none: what a path does not find, no Catch gets.
                "Found.$": "$..CustomerMetadataProperties",
            },
            ResultPath="$.Version",
            Catch=to_people,
        ),
        "IsKnown": choice({"And": _what_is_known(), "Next": "ReadNumbers"}, default=otherwise),
        "ReadNumbers": {
            "Type": "Pass",
            "Parameters": {
                "BetterBy.$": f"States.StringToJson({FOUND}.{BETTER_BY})",
                "Compared.$": f"States.Format('{rule.package_arn}', {FOUND}.{LIVE})",
            },
            "ResultPath": "$.Rule",
            "Next": "IsBetter",
        },
        "IsBetter": choice(
            {
                "And": [
                    {"Variable": "$.Rule.BetterBy", "NumericGreaterThanEquals": rule.better_by},
                    # Meanwhile people may have approved another one, with which nobody has compared it.
                    {"Variable": newest, "StringEqualsPath": "$.Rule.Compared"},
                ],
                "Next": "Approve",
            },
            default=otherwise,
        ),
        "Approve": _approve(rule, approved, to_people),
    }


def _find_newest_decided(group: str, following: str, to_people: list[Json]) -> dict[str, Json]:
    """Where people have rejected it, a look-alike is theirs to decide, until they approve a newer one."""
    decided = f"$.ModelPackageSummaryList[?(@.ModelApprovalStatus != '{WAITS}')]"
    return {
        "FindNewestDecided": task(
            "sagemaker:listModelPackages",
            {
                "ModelPackageGroupName": group,
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 100,
            },
            following,
            ResultSelector={
                "Arns.$": f"{decided}.ModelPackageArn",
                "Statuses.$": f"{decided}.ModelApprovalStatus",
            },
            ResultPath="$.Decided",
            Catch=to_people,
        )
    }


def _what_is_known() -> list[Json]:
    """It waits, its comparison with the live version says something, and nothing of it is worse."""
    named = [
        {"Variable": f"{FOUND}.{name}", "IsPresent": True}
        for name in (LIVE, BETTER_BY, QUALITY, GROUPS, COMPARED)
    ]
    return [
        {"Variable": "$.Version.Status", "StringEquals": WAITS},
        *named,
        # A number has no such letter; `unknown`, `nan` and `inf` have, and would fail past every Catch.
        {"Not": {"Variable": f"{FOUND}.{BETTER_BY}", "StringMatches": "*n*"}},
        *({"Variable": f"{FOUND}.{name}", "StringEquals": "no"} for name in (QUALITY, GROUPS)),
    ]


def _approve(rule: ApprovalRule, following: str, to_people: list[Json]) -> Json:
    """Not tried again: a minute later somebody may have rejected it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sagemaker:updateModelPackage",
        "Parameters": {
            "ModelPackageArn.$": "$.Version.Arn",
            "ModelApprovalStatus": "Approved",
            "ApprovalDescription.$": (
                f"States.Format('Approved by rule: {{}} - better by {{}} at least - {rule.told} - {{}}', "
                f"{FOUND}.{COMPARED}, {FOUND}.{BETTER_BY}, $$.Execution.Id)"
            ),
        },
        "Catch": to_people,
        "ResultPath": "$.Updated",
        "Next": following,
    }
