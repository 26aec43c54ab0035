from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from evaluation_page import PICTURES, Findings, write_page
from sklearn.metrics import log_loss, precision_score, recall_score
from slices import LEAST_ROWS, Slice, losses, slices
from tabular import Schema, to_features
from thresholds import STEPS, decide, most_found, sweep

BOATS = Schema("regression", "Price", "none", ("Age",), ("Hull",))
LEAVES = Schema("binary-classification", "Leaves", "none", ("Age",), ("Plan",), positive="yes")
ROWS = 400
GENERATOR = np.random.default_rng(3)
ACTUAL = GENERATOR.random(ROWS) * 100 + 50
LABELS = (GENERATOR.random(ROWS) < 0.3).astype(float)
PROBABILITIES = np.clip(0.5 * LABELS + GENERATOR.random(ROWS) * 0.6, 0, 1)


def test_the_slice_that_is_predicted_badly_comes_first_and_is_marked() -> None:
    hulls = ["wood" if row % 8 == 0 else "steel" for row in range(ROWS)]
    wrong = np.array([1.5 if hull == "wood" else 1.02 for hull in hulls])
    features = to_features({"Age": np.arange(ROWS) % 40, "Hull": hulls}, BOATS)
    worst, *others = slices(features, BOATS, losses("regression", ACTUAL, ACTUAL * wrong))
    assert (worst.feature, worst.value, worst.rows, worst.is_worse) == ("Hull", "wood", 50, True)
    assert worst.loss == pytest.approx(0.5)
    assert not any(each.is_worse for each in others)


def test_noise_alone_marks_no_slice_in_a_hundred() -> None:
    marked = total = 0
    for seed in range(50):
        generator = np.random.default_rng(seed)
        features = to_features(
            {"Age": generator.random(ROWS), "Hull": generator.choice([*"abcd"], ROWS)}, BOATS
        )
        found = slices(features, BOATS, generator.exponential(size=ROWS))
        total += len(found)
        marked += sum(each.is_worse for each in found)
    assert total == 50 * 8
    assert marked <= 4


def test_every_row_is_in_one_slice_of_each_feature_and_small_slices_are_left_out() -> None:
    ages = np.where(np.arange(ROWS) % 4 == 0, np.nan, GENERATOR.random(ROWS))
    hulls = [None if row % 5 == 0 else "rare" if row % 100 == 1 else "steel" for row in range(ROWS)]
    found = slices(to_features({"Age": ages, "Hull": hulls}, BOATS), BOATS, GENERATOR.random(ROWS))
    assert sum(each.rows for each in found if each.feature == "Age") == ROWS
    assert {each.value for each in found if each.feature == "Hull"} == {"steel", "(missing)"}
    assert min(each.rows for each in found) >= LEAST_ROWS


@pytest.mark.parametrize("age", [np.nan, 7.0])
def test_a_number_that_is_always_missing_or_the_same_makes_no_slice(age: float) -> None:
    features = to_features({"Age": [age] * ROWS, "Hull": ["a"] * ROWS}, BOATS)
    assert slices(features, BOATS, np.ones(ROWS)) == []


def test_the_loss_of_classes_is_that_of_scikit_learn() -> None:
    of_rows = losses("binary-classification", LABELS, PROBABILITIES)
    assert of_rows.mean() == pytest.approx(log_loss(LABELS, PROBABILITIES))
    several = np.column_stack([1 - PROBABILITIES, PROBABILITIES])
    assert losses("multiclass-classification", LABELS, several) == pytest.approx(of_rows)


def test_every_threshold_is_counted_as_scikit_learn_counts() -> None:
    for decided in sweep(LABELS, PROBABILITIES):
        claimed = decided.threshold <= PROBABILITIES
        assert decided.precision == pytest.approx(precision_score(LABELS, claimed, zero_division=0))
        assert decided.recall == pytest.approx(recall_score(LABELS, claimed))
        assert decided.claimed == pytest.approx(claimed.mean())


def test_no_other_threshold_of_the_wanted_precision_finds_more() -> None:
    found = most_found(LABELS, PROBABILITIES)
    assert [each.precision >= wanted for each, wanted in zip(found, (0.8, 0.9, 0.95), strict=True)]
    others = [decide(LABELS, PROBABILITIES, threshold) for threshold in PROBABILITIES]
    for best, wanted in zip(found, (0.8, 0.9, 0.95), strict=True):
        assert best.recall == max(each.recall for each in others if each.precision >= wanted)


def test_a_precision_that_no_threshold_reaches_is_left_out() -> None:
    assert most_found(LABELS, np.full(ROWS, 0.4)) == []


class _Page(HTMLParser):
    """Which tags are left open, and where from something would be loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "img"):
            self.open.append(tag)
        self.sources += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _written(folder: Path, schema: Schema, worst: Slice) -> str:
    for name in PICTURES:
        (folder / name).write_bytes(b"picture")
    found = Findings(
        {"mae": 1234.5}, {"mae": 125.0}, {"mae": (1000.0, 1500.0)}, 0.1, [worst], sweep(LABELS, PROBABILITIES)
    )
    write_page(schema, ROWS, found, folder)
    return (folder / "evaluation.html").read_text("utf-8")


def test_the_page_loads_nothing_and_says_where_it_is_worst(tmp_path: Path) -> None:
    page = _written(tmp_path, LEAVES, Slice("Plan", "gold", 40, 0.25, is_worse=True))
    parsed = _Page(page)
    assert parsed.open == []
    assert len(parsed.sources) == len(PICTURES)
    assert all(source.startswith("data:image/png;base64,") for source in parsed.sources)
    assert re.search(r'class="marked"><td>Plan</td><td>gold</td>.*>40<.*>0.25<.*>250.0%<', page)
    assert "<td>mae</td>" in page
    assert "1,000 to 1,500" in page
    assert page.count("<tr") == 2 + 2 + 1 + len(STEPS)
    assert "A model of this algorithm does not tell." in page


def test_what_a_table_holds_is_text_and_never_a_tag(tmp_path: Path) -> None:
    page = _written(tmp_path, LEAVES, Slice("<b>", "<script>alert(1)</script>", 40, 0.25, is_worse=False))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
