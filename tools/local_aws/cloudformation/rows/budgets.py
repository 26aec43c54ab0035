"""Budgets: what may be spent, and who is told."""

import secrets
from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Row, Setting, Work


def _arguments(work: Work) -> dict[str, Any]:
    """The name is a part of a property, so that the driver cannot make one up."""
    budget = dict(work.properties["Budget"])
    budget.setdefault("BudgetName", f"{work.fill('{stack}-{logical}')}-{secrets.token_hex(6)}")
    work.facts["BudgetName"] = budget["BudgetName"]
    return {**work.identity("CreateBudget"), **work.properties, "Budget": budget}


def _change(work: Work) -> None:
    budget = {**work.properties["Budget"], "BudgetName": work.facts["BudgetName"]}
    work.call("UpdateBudget", {"NewBudget": budget})


def _retag(work: Work) -> None:
    new = work.properties.get("ResourceTags", [])
    gone = {tag["Key"] for tag in work.previous.get("ResourceTags", [])} - {tag["Key"] for tag in new}
    if gone:
        work.call("UntagResource", {"ResourceTagKeys": sorted(gone)})
    if new:
        work.call("TagResource", {"ResourceTags": new})


ROWS = (
    Row(
        type_name="AWS::Budgets::Budget",
        service="budgets",
        create="CreateBudget",
        delete="DeleteBudget",
        reference="{BudgetName}",
        identity={
            "AccountId": "{account}",
            "BudgetName": "{BudgetName}",
            "ResourceARN": "arn:aws:budgets::{account}:budget/{BudgetName}",
        },
        arguments=_arguments,
        settings=(
            Setting(("Budget",), _change, created_with=True),
            Setting(("ResourceTags",), _retag, _retag, created_with=True),
        ),
        checks=(reads_back("DescribeBudget", {"Budget": "Budget"}),),
    ),
)
