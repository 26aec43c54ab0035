"""docs/configuration.md mentions everything that can be configured."""

import re
from pathlib import Path

import pytest

from config.models.base import ConfigurationModel
from config.models.use_case import METRICS
from config.settings import Settings
from config.values.hyperparameters import LIMITS_OF, OBJECTIVES

REFERENCE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
# Not the answers of `make init`, which are models too.
MODELS = [
    model
    for model in ConfigurationModel.__subclasses__()
    if model is not Settings and model.__module__.startswith("config.")
]
MENTIONED = {part for code in re.findall(r"`([^`\n]+)`", REFERENCE) for part in (code, *code.split("."))}


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_mentioned(model: type[ConfigurationModel]) -> None:
    assert set(model.model_fields) - {"name"} <= MENTIONED


def test_every_metric_hyperparameter_and_problem_is_mentioned() -> None:
    hyperparameters = {name for limits in LIMITS_OF.values() for name in limits}
    assert {*METRICS, *hyperparameters, *LIMITS_OF, *OBJECTIVES} <= MENTIONED


@pytest.mark.parametrize("model", MODELS)
def test_defaults_of_numbers_and_types_are_those_of_the_models(model: type[ConfigurationModel]) -> None:
    for key, field in model.model_fields.items():
        if isinstance(field.default, str | int | float) and not isinstance(field.default, bool):
            rows = [line for line in REFERENCE.splitlines() if re.match(rf"\|.*\b{key}`.*\|", line)]
            assert any(f"`{field.default}`" in row for row in rows), (key, field.default)


@pytest.mark.parametrize("metric", METRICS)
def test_metrics_stand_below_the_key_of_their_threshold(metric: str) -> None:
    column = {"at_least": 2, "at_most": 3}[METRICS[metric].comparison]
    for problem in METRICS[metric].problems:
        (row,) = [line for line in REFERENCE.splitlines() if line.startswith(f"| `{problem}` |")]
        assert f"`{metric}`" in row.split("|")[column]
