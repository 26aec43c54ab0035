"""How groups fare is measured as AWS's own smclarify measures it."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bias import Bias, Facet, Measured, Question, asked, compare
from bias_metrics import POST_TRAINING, PRE_TRAINING, Metric, counted
from model import Model
from registry_files import bias as report
from registry_files import bias_configuration
from tabular import DataError, Part

LIBRARIES = Path(__file__).parents[2] / ".venv" / "sdk"
ROWS = 40
# How many are in the facet, are positive, and are predicted to be: by chance, and where something is missing.
SHARES = [
    *((0.3, 0.4, 0.5), (0.1, 0.8, 0.7), (0.5, 0.1, 0.1), (0.9, 0.5, 0.05)),
    *((0.1, 1.0, 0.5), (0.2, 0.02, 1.0), (1.0, 0.5, 0.5)),
]
TABLES = [
    tuple(np.random.default_rng(seed).random((3, ROWS)) < np.array([shares]).T)
    for seed, shares in enumerate(SHARES)
]
# All of one group and none of the other: they have no label in common.
TABLES.append((np.arange(ROWS) < 9, np.arange(ROWS) < 9, np.arange(ROWS) < 20))


@pytest.fixture(scope="module")
def smclarify() -> Any:
    if not (LIBRARIES / "smclarify").is_dir():
        pytest.fail("smclarify is missing; `make setup-sdk` installs it", pytrace=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, str(LIBRARIES)])
        from smclarify.bias import report as clarify
    # It writes a traceback for each metric that is not defined.
    logging.getLogger(clarify.__name__).setLevel(logging.CRITICAL)
    return clarify


@pytest.mark.parametrize("stage", ["PRE_TRAINING", "POST_TRAINING"])
@pytest.mark.parametrize("table", TABLES)
def test_every_metric_is_that_of_smclarify(smclarify: Any, table: tuple[Any, ...], stage: str) -> None:
    ours: dict[str, Metric] = {"PRE_TRAINING": PRE_TRAINING, "POST_TRAINING": POST_TRAINING}[stage]
    group, *outcomes = table
    actual, predicted = (
        smclarify.LabelColumn(name, pd.Series(np.where(outcome, "yes", "no")), ["yes"])
        for name, outcome in zip(("actual", "predicted"), outcomes, strict=True)
    )
    frame, facet = (
        pd.DataFrame({"group": np.where(group, "in", "out"), "x": 1.0}),
        smclarify.FacetColumn("group", ["in"]),
    )
    (theirs,) = smclarify.bias_report(
        frame, facet, actual, smclarify.StageType[stage], predicted, metrics=list(ours)
    )
    assert {each["name"]: each["description"] for each in theirs["metrics"]} == {
        name: metric.description for name, metric in ours.items()
    }
    for each in theirs["metrics"]:
        value = np.nan if each["value"] is None else float(each["value"])
        assert float(ours[each["name"]].formula(counted(*table))) == pytest.approx(value, nan_ok=True)


STEEL = Question((Facet("Hull", ("steel", "wood")), Facet("Age", above=20)), above=9000)


@pytest.fixture(scope="module")
def found(boat_model: Model, boat_part: Part) -> Bias:
    return compare(STEEL, boat_model, boat_part, boat_part, boat_model.predict(boat_part.features))


def test_a_group_is_who_has_a_category_or_is_above_a_number(found: Bias, boat_part: Part) -> None:
    hull, age = found.after
    assert (hull.told, hull.rows, hull.all_rows) == ("steel,wood", 150, 300)
    known = boat_part.features["Age"]
    assert (age.told, age.rows) == ("(20.0, 39.0]", int(np.sum(known > 20)))
    assert found.told == f"(9000.0, {boat_part.target.max()}]"


def test_an_interval_holds_the_value_and_tells_difference_from_chance(found: Bias) -> None:
    for watched in (*found.before, *found.after):
        for each in watched.measured:
            low, high = each.interval
            assert low <= each.value <= high, each
    old = {each.name: each for each in found.before[1].measured}
    assert old["DPL"].value > 0.3
    assert old["DPL"].is_unequal


def test_groups_that_chance_alone_made_are_hardly_ever_marked(boat_model: Model) -> None:
    question = Question((Facet("Length", above=0.5),), above=0.5)
    marked = 0
    for seed in range(40):
        cells, target, predicted = np.random.default_rng(seed).random((3, 400))
        part = Part({"Length": cells}, target)
        (watched,) = compare(question, boat_model, part, part, predicted).after
        marked += sum(each.is_unequal for each in watched.measured if each.name == "DPPL")
    assert marked <= 5


def test_what_is_not_defined_is_not_marked_as_unequal() -> None:
    for metric in POST_TRAINING.values():
        assert not Measured("x", metric, float("nan"), (float("nan"), float("nan"))).is_unequal


def test_a_group_without_rows_has_no_metrics() -> None:
    nobody = np.zeros(ROWS, dtype=bool)
    for table in (PRE_TRAINING, POST_TRAINING):
        counts = counted(nobody, np.arange(ROWS) < 20, np.arange(ROWS) < 10)
        known = {name for name, metric in table.items() if not np.isnan(metric.formula(counts))}
        assert known <= {"GE"}


def test_where_nobody_is_predicted_to_be_positive_there_is_no_impact() -> None:
    """smclarify gives up there; a ratio of nothing to nothing must not look like the worst that there is."""
    half = np.arange(ROWS) % 2 == 0
    counts = counted(half, np.arange(ROWS) < 20, np.zeros(ROWS, dtype=bool))
    assert np.isnan(POST_TRAINING["DI"].formula(counts))
    assert POST_TRAINING["DPPL"].formula(counts) == 0


def test_the_report_has_clarifys_shape_and_only_what_json_can_say(found: Bias, boat_model: Model) -> None:
    undefined = replace(found.after[0].measured[0], value=np.nan)
    infinite = replace(undefined, value=-np.inf)
    watched = replace(found.after[0], measured=(undefined, infinite))
    content = json.loads(json.dumps(report(replace(found, after=(watched,))), allow_nan=False))
    section = content["post_training_bias_metrics"]
    assert (section["label"], section["label_value_or_threshold"]) == ("Price", found.told)
    ((facet,),) = section["facets"].values()
    assert facet["value_or_threshold"] == "steel,wood"
    nothing, much = facet["metrics"]
    assert (nothing["value"], much["value"], "error" in much) == (None, "-Infinity", False)
    assert nothing["error"]
    assert bias_configuration(STEEL, boat_model.schema) == {
        "headers": ["Price", "Length", "Age", "Hull"],
        "label": "Price",
        "label_values_or_threshold": [9000],
        "facet": [
            {"name_or_index": "Hull", "value_or_threshold": ["steel", "wood"]},
            {"name_or_index": "Age", "value_or_threshold": [20]},
        ],
    }


def test_outcomes_of_classes_are_their_labels_and_the_decision_threshold(boat_model: Model) -> None:
    schema = replace(
        boat_model.schema, problem="binary-classification", positive="yes", decision_threshold=0.7
    )
    two = replace(boat_model, schema=schema, labels=("no", "yes"))
    assert STEEL.outcomes(two, np.array([0.6, 0.7])).tolist() == [False, True]
    several = replace(two, schema=replace(schema, problem="multiclass-classification", positive=None))
    question = Question((), labels=("yes",))
    assert question.outcomes(several, np.array([[0.6, 0.4], [0.2, 0.8]])).tolist() == [False, True]
    assert question.outcomes(several, np.array([1.0, 0.0])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("facet", "problem"),
    [
        (("Hull", "steel"), "--facet Hull: steel is neither =A|B nor >NUMBER"),
        (("Hull", "="), "--facet Hull: = is neither"),
        (("Age", ">old"), "--facet Age: >old is not > and a number"),
    ],
)
def test_an_argument_that_is_no_group_is_refused(facet: tuple[str, str], problem: str) -> None:
    with pytest.raises(DataError, match=problem.replace("|", r"\|")):
        asked([facet], "", np.nan)


def test_a_facet_that_is_no_feature_is_refused(boat_model: Model, boat_part: Part) -> None:
    with pytest.raises(DataError, match="no features of this model, so no facets: Buyer"):
        compare(Question((Facet("Buyer", ("me",)),)), boat_model, boat_part, boat_part, boat_part.target)
