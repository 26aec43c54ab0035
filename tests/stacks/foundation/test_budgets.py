"""An environment has a budget of its own and one for each use case with a limit, counted by tags."""

from pathlib import Path

from config.settings import Environment, Settings
from tests.stacks.cloud import Cloud
from tests.stacks.synthesis import synthesized

BUDGET = "AWS::Budgets::Budget"


def test_a_use_case_with_a_limit_has_a_budget_by_its_tag(limited: Cloud) -> None:
    budgets = limited.stack("dev-foundation").of_type(BUDGET)
    assert {
        budget.get("Budget", "CostFilters", "TagKeyValue")[0]: budget.get("Budget", "BudgetLimit", "Amount")
        for budget in budgets
    } == {"user:environment$dev": 200, "user:use-case$house-prices": 50}


def test_an_environment_without_a_budget_has_none(
    sample_settings: Settings, dev: Environment, tmp_path: Path
) -> None:
    cloud = synthesized(sample_settings, tmp_path, dev.model_copy(update={"budget": None}))
    assert [item for item in cloud.resources if item.type == BUDGET] == []
