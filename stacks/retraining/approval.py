"""Approval by rule: states that approve a retrained version which is better by more than chance.

They look at one version only: the one that, as SageMaker says, was registered by the very execution that this
machine has started. What they compare is what that execution has written into the version, where data
scientists change nothing. The margin stands here, so that nobody who starts an execution chooses it.
"""

from dataclasses import dataclass
from typing import Any

from stacks.parts.states import choice, task, when
from stacks.training.pipeline_decision import BETTER_BY, COMPARED, GROUPS, LIVE

Json = dict[str, Any]
FOUND = "$.Version.Found"
UNKNOWN = "unknown"
"""What pipeline_code/live.py writes where nothing, or too little, was compared."""


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
    """From `ReadRegistered` on; whatever the rule is not sure of, `otherwise` leaves to people."""
    registered, newest = "$.Registered.Arns[0]", "$.Approved.Arns[0]"
    return {
        "ReadRegistered": task(
            "sagemaker:listPipelineExecutionSteps",
            {"PipelineExecutionArn.$": "$.Execution.Arn", "MaxResults": 100},
            "IsAnyRegistered",
            ResultSelector={"Arns.$": "$.PipelineExecutionSteps[*].Metadata.RegisterModel.Arn"},
            ResultPath="$.Registered",
        ),
        "IsAnyRegistered": choice(when(registered, "IsPresent", True, "ReadVersion"), default=otherwise),
        "ReadVersion": task(
            "sagemaker:describeModelPackage",
            {"ModelPackageName.$": registered},
            "IsKnown",
            ResultSelector={
                "Arn.$": "$.ModelPackageArn",
                "Status.$": "$.ModelApprovalStatus",
                "Found.$": "$.CustomerMetadataProperties",
            },
            ResultPath="$.Version",
        ),
        "IsKnown": choice(
            {"And": _what_is_known(), "Next": "FindNewestApproved"},
            default=otherwise,
        ),
        "FindNewestApproved": task(
            "sagemaker:listModelPackages",
            {
                "ModelPackageGroupName": rule.group,
                "ModelApprovalStatus": "Approved",
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 1,
            },
            "IsAnyApproved",
            ResultSelector={"Arns.$": "$.ModelPackageSummaryList[*].ModelPackageArn"},
            ResultPath="$.Approved",
        ),
        "IsAnyApproved": choice(when(newest, "IsPresent", True, "ReadNumbers"), default=otherwise),
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
        "Approve": task(
            "sagemaker:updateModelPackage",
            {
                "ModelPackageArn.$": "$.Version.Arn",
                "ModelApprovalStatus": "Approved",
                "ApprovalDescription.$": (
                    f"States.Format('Approved by rule: {{}} - better by {{}} at least - {rule.told} - {{}}', "
                    f"{FOUND}.{COMPARED}, {FOUND}.{BETTER_BY}, $$.Execution.Id)"
                ),
            },
            approved,
            ResultPath="$.Updated",
        ),
    }


def _what_is_known() -> list[Json]:
    """It waits, its comparison with the live version says something, and no group fares worse."""
    named = [
        {"Variable": f"{FOUND}.{name}", "IsPresent": True} for name in (LIVE, BETTER_BY, GROUPS, COMPARED)
    ]
    return [
        {"Variable": "$.Version.Status", "StringEquals": "PendingManualApproval"},
        *named,
        {"Not": {"Variable": f"{FOUND}.{BETTER_BY}", "StringEquals": UNKNOWN}},
        {"Variable": f"{FOUND}.{GROUPS}", "StringEquals": "no"},
    ]
