from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from costs import Asked, add_arguments, asked
from evaluate import findings, report
from evaluation_page import PICTURES, write_page
from metrics import measure, resample
from model import Model
from quality import Meaning
from tabular import Arguments, DataError, Part
from thresholds import STEPS, cheapest, decide, sweep

from config.models.costs import Costs
from stacks.training.pipeline_definition import cost_arguments

OF_TWO = np.array([[0.0, 7.0], [3.0, 1.0]])
ACTUAL = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
SAID = np.array([0.1, 0.6, 0.3, 0.4, 0.9])


def _asked(costs: Mapping[str, object]) -> Asked:
    """What the job is asked by what the use case says."""
    parser = Arguments()
    add_arguments(parser)
    return asked(parser.parse_args(cost_arguments(Costs.model_validate(costs))))


def test_two_classes_cost_by_what_was_decided() -> None:
    costs = {"false_positive": 7, "false_negative": 3, "true_positive": 1}
    matrix = _asked(costs).matrix(("no", "yes"))
    assert matrix is not None
    assert matrix.tolist() == OF_TWO.tolist()
    # One of three negatives is claimed, one of two positives is not, the other one is.
    found = measure("binary-classification", ACTUAL, SAID, 0.5, matrix)
    assert found["cost_per_row"] == pytest.approx((7 + 3 + 1) / 5)


def test_several_classes_cost_by_pair_and_all_other_mistakes_alike() -> None:
    between = [{"actual": "c", "decided": "-a", "cost": 20}]
    matrix = _asked({"mistake": 2, "mistakes_between": between}).matrix(("-a", "b", "c"))
    assert matrix is not None
    assert matrix.tolist() == [[0, 2, 2], [2, 0, 2], [20, 2, 0]]
    found = measure("multiclass-classification", np.array([0, 1, 2]), np.eye(3)[[0, 2, 0]], costs=matrix)
    assert found["cost_per_row"] == pytest.approx((0 + 2 + 20) / 3)


def test_a_label_that_no_row_has_is_told() -> None:
    between = [{"actual": "c", "decided": "a", "cost": 20}]
    with pytest.raises(DataError, match="labels that the training part does not have: c"):
        _asked({"mistake": 2, "mistakes_between": between}).matrix(("a", "b"))


def test_a_cost_that_is_no_number_is_told() -> None:
    parser = Arguments()
    add_arguments(parser)
    with pytest.raises(DataError, match=r"ACTUAL\|DECIDED\|COST"):
        asked(parser.parse_args(["--cost=1", "--cost-of=a|b"]))


def test_without_costs_nothing_is_measured_by_them() -> None:
    assert Asked().matrix(("no", "yes")) is None
    assert "cost_per_row" not in measure("binary-classification", ACTUAL, SAID)
    assert "cost_per_row" not in resample("binary-classification", ACTUAL, SAID)


@pytest.mark.parametrize("costs", [OF_TWO, np.array([[0, 1.0], [50.0, 0]]), np.array([[0, 50.0], [1.0, 0]])])
def test_no_threshold_costs_less_than_the_cheapest(costs: np.ndarray) -> None:  # type: ignore[type-arg]
    generator = np.random.default_rng(4)
    actual = (generator.random(300) < 0.3).astype(float)
    said = np.clip(0.4 * actual + generator.random(300) * 0.6, 0, 1)
    found = cheapest(actual, said, costs)
    assert found.cost is not None
    every = [decide(actual, said, threshold, costs).cost or 0.0 for threshold in (*said, *STEPS, 0.0, 1.0)]
    assert found.cost == pytest.approx(min(every))


def test_the_page_names_the_cheapest_threshold_and_the_report_keeps_the_costs(
    boat_model: Model, boat_part: Part, tmp_path: Path
) -> None:
    schema = replace(boat_model.schema, problem="binary-classification", positive="yes")
    model = replace(boat_model, schema=schema, labels=("no", "yes"))
    rows = {name: cells[:5] for name, cells in boat_part.features.items()}
    found = replace(findings(model, rows, ACTUAL, SAID, OF_TWO), explanation=None)
    for name in PICTURES:
        (tmp_path / name).write_bytes(b"")
    write_page(schema, 5, found, tmp_path)
    page = " ".join((tmp_path / "evaluation.html").read_text("utf-8").split())
    best = cheapest(ACTUAL, SAID, OF_TWO)
    assert '<th class="number">cost per row</th>' in page
    assert f"These rows cost least from {best.threshold} on: {best.cost} per row, and 2.2 from 0.5 on" in page
    assert [each.cost for each in found.decisions] == [each.cost for each in sweep(ACTUAL, SAID, OF_TWO)]
    content = json.loads(json.dumps(report(model, ACTUAL, SAID, found)))
    assert content["binary_classification_metrics"]["cost_per_row"]["value"] == pytest.approx(2.2)
    live = Meaning.of(content)
    assert live.costs is not None
    assert live.costs.tolist() == OF_TWO.tolist()
