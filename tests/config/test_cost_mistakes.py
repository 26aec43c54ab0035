"""Which costs nobody can count with, told before anything is deployed."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

RENTS = "use_cases/rents"
TWO = {"problem": "binary-classification", "positive": "yes", "success": {"metric": "auc", "at_least": 0.8}}
SEVERAL = {"problem": "multiclass-classification", "success": {"metric": "accuracy", "at_least": 0.8}}
BY_COST = {"metric": "cost_per_row", "at_most": 2}
OF_TWO = {"false_positive": 7, "false_negative": 3}


def _between(*pairs: tuple[str, str]) -> dict[str, Any]:
    mistakes = [{"actual": actual, "decided": decided, "cost": 5} for actual, decided in pairs]
    return {"mistake": 1, "mistakes_between": mistakes}


def _written(workspace: "Workspace", values: dict[str, Any]) -> None:
    for key, value in values.items():
        workspace.set(RENTS, key, value)


@pytest.mark.parametrize(
    "values",
    [
        TWO | {"costs": OF_TWO | {"true_positive": 1}, "success": BY_COST},
        SEVERAL | {"costs": _between(("a", "b"), ("b", "a")), "success": BY_COST},
    ],
)
def test_costs_may_decide_about_a_version(workspace: "Workspace", values: dict[str, Any]) -> None:
    _written(workspace, values)
    assert workspace.load().use_cases["rents"].costs is not None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"costs": OF_TWO}, ['costs: {"false_positive": 7', "there are no decisions in regression"]),
        (TWO | {"success": BY_COST}, ["success.metric", "is measured with costs only", "add costs"]),
        (TWO | {"costs": {"mistake": 2}}, ["are no costs of binary-classification"]),
        (TWO | {"costs": {"false_positive": 7}}, ["costs.false_negative", "is missing beside the others"]),
        (TWO | {"costs": {}}, ["say nothing", "false_positive and false_negative, or mistake"]),
        (TWO | {"costs": OF_TWO | {"mistake": 2}}, ["are of two classes and of several"]),
        (TWO | {"costs": OF_TWO | {"false_positive": -1}}, ["costs.false_positive", "-1"]),
        (TWO | {"costs": {"false_positive": 0, "false_negative": 0}}, ["no mistake costs anything"]),
        (SEVERAL | {"costs": {"mistake": 0}}, ["no mistake costs anything", "more than 0"]),
        (
            SEVERAL | {"costs": {"mistake": 2, "true_positive": 1}},
            ["costs.true_positive: 1", "of two classes"],
        ),
        (SEVERAL | {"costs": OF_TWO}, ["are no costs of multiclass-classification", "write mistake"]),
        (
            SEVERAL | {"costs": {"mistakes_between": _between(("a", "b"))["mistakes_between"]}},
            ["costs.mistake:", "what every mistake costs that is not named"],
        ),
        (SEVERAL | {"costs": _between(("a", "b"), ("a", "b"))}, ["mistakes_between[1]", "is named twice"]),
        (SEVERAL | {"costs": _between(("a", "a"))}, ["[0].decided", "a right answer costs nothing"]),
        (SEVERAL | {"costs": _between(("a|b", "c"))}, ["[0].actual", "cannot be an argument of a job"]),
        (SEVERAL | {"costs": _between(*((str(n), "x") for n in range(41)))}, ["41", "at most 40"]),
    ],
)
def test_costs_that_cannot_be_counted_with_are_told(
    workspace: "Workspace", values: dict[str, Any], words: list[str]
) -> None:
    _written(workspace, values)
    (line,) = workspace.mistakes()
    assert all(word in line for word in words), line
