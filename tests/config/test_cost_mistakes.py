"""Mistakes in budgets, off-hours, allowed instance types and tags."""

from typing import TYPE_CHECKING

import pytest

from tests.config.catalogue import DEPLOYMENT, DEV, PROD, Example, Set, elsewhere, in_dev, refuse, wrong

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

AT_DEV = "environments/dev.yaml: "
OFF_HOURS = {"stop": "19:00", "start": "07:00"}
COST = [
    wrong(DEV, "budget.monthly_usd", 200, "nobody would hear of", "alerts: {email: ...}"),
    wrong(DEV, f"{DEPLOYMENT}monthly_budget_usd", 200, "nobody would hear of"),
    elsewhere(
        f"{AT_DEV}budget.monthly_usd: 0",
        (Set(DEV, "alerts.email", "a@example.com"), Set(DEV, "budget.monthly_usd", 0)),
        "above 0",
    ),
    elsewhere(
        f"{AT_DEV}use_cases.rents.monthly_budget_usd: 300",
        (
            Set(DEV, "alerts.email", "a@example.com"),
            Set(DEV, "budget.monthly_usd", 200),
            Set(DEV, f"{DEPLOYMENT}monthly_budget_usd", 300),
        ),
        "is above the budget of the whole environment, 200",
    ),
    *(
        elsewhere(
            f"{AT_DEV}budget.alert_percentages: ",
            (
                Set(DEV, "alerts.email", "a@example.com"),
                Set(DEV, "budget", {"monthly_usd": 200, "alert_percentages": percentages}),
            ),
            "rising whole numbers",
        )
        for percentages in ([], [100, 50], [50, 50], [0], [1, 2, 3, 4, 5, 6])
    ),
    wrong(PROD, "off_hours", OFF_HOURS, "only with termination_protection: false"),
    wrong(PROD, "registration", "anyone", "anyone with termination_protection: false"),
    wrong(PROD, "registration", "pipelines", "did you mean pipeline-only?"),
    in_dev(
        'off_hours.start: "07:00"',
        "off_hours",
        {**OFF_HOURS, "stop": OFF_HOURS["start"]},
        "two different times of day",
    ),
    in_dev(
        'off_hours.timezone: "Berlin"',
        "off_hours",
        {**OFF_HOURS, "timezone": "Berlin"},
        "mean Europe/Berlin?",
    ),
    in_dev('off_hours.timezone: "CET+1"', "off_hours", {**OFF_HOURS, "timezone": "CET+1"}, "no time zone"),
    in_dev(
        'allowed_instance_types[1]: "ml.m5.larg"',
        "allowed_instance_types",
        ["ml.m5.large", "ml.m5.larg"],
        "did you mean ml.m5.large?",
    ),
    wrong(DEV, "allowed_instance_types", [], "has 0 instance types"),
]
TAGS = [
    wrong(DEV, "tags.environment", "dev", "the project sets itself"),
    wrong(DEV, "tags.Use-Case", "x", "the project sets itself"),
    wrong(DEV, "tags.aws:created", "x", "the tags that AWS sets"),
    wrong(DEV, "tags.sagemaker:domain", "x", "the tags that AWS sets"),
    wrong(DEV, "tags.cost?", "x", "cannot be the key of a tag"),
    wrong(DEV, "tags." + "k" * 129, "x", "1 to 128"),
    wrong(DEV, "tags.owner", "v" * 257, "1 to 256"),
    wrong(DEV, "tags.owner", "", "cannot be the value of a tag"),
    wrong(DEV, "tags.owner", 7, 'quote it: "7"'),
    in_dev('tags.Owner: "b"', "tags", {"owner": "a", "Owner": "b"}, "differs from owner in case only"),
    in_dev("tags: ", "tags", {f"tag-{number}": "x" for number in range(49)}, "at most 48 tags"),
]
EXAMPLES = [*COST, *TAGS]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.beginning[:70] for example in EXAMPLES])
def test_a_mistake_is_told_where_it_is(example: Example, workspace: "Workspace") -> None:
    refuse(example, workspace)
