from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_quality import describe, suggest
from drift_check import LONGEST_TEXT, Baselines, check

Json = dict[str, Any]
ROWS = 400
AGES = [str(20 + row % 50) for row in range(ROWS)]
PLANS = [("gold", "silver")[row % 2] for row in range(ROWS)]
Change = Callable[[dict[str, Json]], object]


def _files(ages: list[str] = AGES, plans: list[str] = PLANS) -> dict[str, Json]:
    """What an execution leaves: statistics of its columns, metrics, and how one group fares."""
    statistics = describe({"age": ages, "plan": plans})
    metric = {"name": "DPPL", "description": "...", "value": 0.05}
    group = {"value_or_threshold": "(60.0, 93.0]", "metrics": [metric]}
    section = {"label": "leaves", "label_value_or_threshold": "yes", "facets": {"age": [group]}}
    limit = {"threshold": 0.7, "comparison_operator": "LessThanThreshold"}
    return {
        "data-quality/statistics.json": statistics,
        "data-quality/constraints.json": suggest(statistics, 0.1),
        "evaluation/evaluation.json": {"binary_classification_metrics": {"f1": {"value": 0.8}}},
        "evaluation/constraints.json": {"binary_classification_constraints": {"f1": limit}},
        "evaluation/bias/analysis.json": {
            "pre_training_bias_metrics": {**section, "facets": {}},
            "post_training_bias_metrics": section,
        },
        "evaluation/bias/intervals.json": {
            "pre_training_bias_metrics": {},
            "post_training_bias_metrics": {"age above 60.0": {"DPPL": [0.02, 0.08]}},
        },
    }


def _written(folder: Path, files: dict[str, Json]) -> Baselines:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content), "utf-8")
    return Baselines(folder / "data-quality", folder / "evaluation")


def _checked(folder: Path, new: dict[str, Json], live: dict[str, Json] | None = None) -> Json:
    return dict(check("7", _written(folder / "live", live or _files()), _written(folder / "new", new)))


def test_without_a_live_version_nothing_differs(tmp_path: Path) -> None:
    found = check("none", Baselines(tmp_path, tmp_path), Baselines(tmp_path, tmp_path))
    assert (found["has_drifted"], found["told"]) == ("no", "nothing is live")
    assert (found["quality_is_worse"], found["groups_fare_worse"]) == ("no", "no")


def test_the_same_baselines_do_not_differ(tmp_path: Path) -> None:
    found = _checked(tmp_path, _files())
    assert (found["has_drifted"], found["differences"], found["not_compared"]) == ("no", [], [])
    assert found["told"] == "no difference from the baselines of the live version 7"


def _of_group(value: float, low: float, high: float) -> Change:
    def change(files: dict[str, Json]) -> None:
        section = files["evaluation/bias/analysis.json"]["post_training_bias_metrics"]
        (group,) = section["facets"]["age"]
        # The oldest one is another one in each delivery.
        group["value_or_threshold"] = "(60.0, 97.0]"
        group["metrics"][0]["value"] = value
        intervals = files["evaluation/bias/intervals.json"]["post_training_bias_metrics"]
        intervals["age above 60.0"]["DPPL"] = [low, high]

    return change


def _metric(value: float | None) -> Change:
    return lambda files: files["evaluation/evaluation.json"].update(
        binary_classification_metrics={"f1": {"value": value}}
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda files: files.update(_files(ages=[str(int(age) + 20) for age in AGES])),
         ("data-quality", "age", "Baseline drift distance: 0.2", "mean 44.5,", "mean 64.5,")),
        # Every hour this would be chance; of a model a week it is not.
        (lambda files: files.update(_files(ages=[str(int(age) + 12) for age in AGES])),
         ("data-quality", "age", "Baseline drift distance: 0.108", "mean 44.5,", "mean 56.5,")),
        (lambda files: files.update(_files(plans=["gold"] * ROWS)),
         ("data-quality", "plan", "Baseline drift distance", "2 categories,", "1 categories,")),
        (lambda files: files.update(_files(ages=["", *AGES[1:]])),
         ("data-quality", "age", "Data completeness", "mean 44.5, 100.0% of 400 rows", "mean 44.56")),
        (_metric(0.69), ("model-quality", "f1", "LessThanThreshold 0.7", "0.8", "0.69")),
        (_metric(0.71), None),
        (_of_group(0.2, 0.1, 0.3),
         ("bias", "post-training age above 60.0 DPPL", "farther from equal", "0.05", "0.2")),
        (_of_group(-0.2, -0.3, -0.1), ("bias", "post-training age", "farther from equal", "0.05", "-0.2")),
        (_of_group(0.2, 0.01, 0.3), None),
        (_of_group(0.01, 0.0, 0.02), None),
    ],
)  # fmt: skip
def test_what_differs_by_more_than_chance_is_told_with_both_values(
    tmp_path: Path, change: Change, expected: tuple[str, ...] | None
) -> None:
    new = _files()
    change(new)
    found = _checked(tmp_path, new)
    differences = [list(each.values()) for each in found["differences"]]
    assert len(differences) == (1 if expected else 0), differences
    assert found["has_drifted"] == ("yes" if expected else "no")
    for name, baseline in (("quality_is_worse", "model-quality"), ("groups_fare_worse", "bias")):
        assert found[name] == ("yes" if expected and expected[0] == baseline else "no")
    for value, beginning in zip(differences[0], expected or (), strict=True) if expected else ():
        assert value.startswith(beginning)


@pytest.mark.parametrize(("new_costs", "has_drifted"), [([[0, 1], [5, 0]], "yes"), ([[0, 9], [5, 0]], "no")])
def test_what_decisions_cost_has_not_drifted_when_people_say_other_costs(
    tmp_path: Path, new_costs: list[list[int]], has_drifted: str
) -> None:
    live, new = _files(), _files()
    for files, value, costs in ((live, 0.4, [[0, 1], [5, 0]]), (new, 0.9, new_costs)):
        metrics = {"cost_per_row": {"value": value}}
        limit = {"threshold": 0.5, "comparison_operator": "GreaterThanThreshold"}
        files["evaluation/evaluation.json"] = {"binary_classification_metrics": metrics, "costs": costs}
        files["evaluation/constraints.json"] = {"binary_classification_constraints": {"cost_per_row": limit}}
    found = _checked(tmp_path, new, live)
    assert found["has_drifted"] == has_drifted
    assert found["quality_is_worse"] == {"yes": "yes", "no": "unknown"}[has_drifted]


def test_columns_that_come_and_go_are_told(tmp_path: Path) -> None:
    new = _files()
    statistics = describe({"age": AGES, "tariff": PLANS})
    new["data-quality/statistics.json"] = statistics
    checks = [each["check"] for each in _checked(tmp_path, new)["differences"]]
    assert checks == ["There are missing columns: plan", "There are extra columns: tariff"]


@pytest.mark.parametrize(
    ("lacking", "not_compared"),
    [
        (["evaluation/constraints.json"], ["model-quality"]),
        (["evaluation/bias/analysis.json"], ["bias"]),
        (["data-quality/statistics.json"], ["data-quality"]),
    ],
)
def test_what_an_older_version_does_not_have_is_not_compared_and_that_is_told(
    tmp_path: Path, lacking: list[str], not_compared: list[str]
) -> None:
    live = {name: content for name, content in _files().items() if name not in lacking}
    found = _checked(tmp_path, _files(), live)
    assert (found["has_drifted"], found["not_compared"]) == ("no", not_compared)
    assert found["told"].endswith(f"{not_compared[0]} not compared")
    assert found["groups_fare_worse"] == ("unknown" if not_compared == ["bias"] else "no")
    assert found["quality_is_worse"] == ("unknown" if not_compared == ["model-quality"] else "no")


def _facets(files: dict[str, Json]) -> dict[str, list[Json]]:
    facets: dict[str, list[Json]] = files["evaluation/bias/analysis.json"]["post_training_bias_metrics"][
        "facets"
    ]
    return facets


def _value_of_group(value: object) -> Change:
    return lambda files: _facets(files)["age"][0]["metrics"][0].update(value=value)


def _intervals(files: dict[str, Json]) -> Json:
    intervals: Json = files["evaluation/bias/intervals.json"]["post_training_bias_metrics"]
    return intervals


def _new_group(files: dict[str, Json]) -> None:
    _facets(files)["sex"] = [{**_facets(files)["age"][0], "value_or_threshold": "f"}]
    _intervals(files)["sex f"] = {"DPPL": [0.02, 0.08]}


@pytest.mark.parametrize(
    "change",
    [
        _new_group,
        lambda files: _facets(files).clear(),
        _value_of_group(None),
        _value_of_group("Infinity"),
        lambda files: _intervals(files)["age above 60.0"].clear(),
        lambda files: files.pop("evaluation/bias/analysis.json"),
    ],
    ids=["new group", "group is gone", "no value", "infinite", "no interval", "no groups"],
)
def test_a_group_that_was_not_compared_may_fare_worse(tmp_path: Path, change: Change) -> None:
    new = _files()
    change(new)
    found = _checked(tmp_path, new)
    assert found["groups_fare_worse"] == "unknown"
    assert found["has_drifted"] == "no"
    assert found["not_compared"]
    assert all(name.startswith("bias") for name in found["not_compared"])


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_metric_that_was_not_compared_may_be_worse(tmp_path: Path, value: float | None) -> None:
    new = _files()
    _metric(value)(new)
    found = _checked(tmp_path, new)
    assert (found["quality_is_worse"], found["not_compared"]) == ("unknown", ["model-quality f1"])


def test_what_is_told_fits_into_metadata_whatever_columns_are_called(tmp_path: Path) -> None:
    name = 'größe (m²), "x" ; % ' * 20
    new, live = _files(), _files()
    for files, shift in ((live, 0), (new, 30)):
        statistics = describe({name: [str(int(age) + shift) for age in AGES]})
        files["data-quality/statistics.json"] = statistics
        files["data-quality/constraints.json"] = suggest(statistics, 0.1)
    told = _checked(tmp_path, new, live)["told"]
    assert len(told) == LONGEST_TEXT
    assert re.fullmatch(r"[\w .:/=+\-@]*", told)
