"""Distances are what scipy says, a quiet year is quiet, and planted faults are found and named."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_quality import FALSE_ALARMS_A_YEAR, HOURS_OF_A_YEAR, Comparison, categories_of, describe, suggest
from distances import DISTANCES, Binned, binned, distances_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import association
from tabular import DataError

Json = dict[str, Any]
Cells = np.ndarray[Any, Any]
HOUSES = Path(__file__).parents[2] / "data" / "house_prices.csv"
COLUMNS = (
    *("Lot_Area", "Gr_Liv_Area", "Year_Built", "Total_Bsmt_SF", "Garage_Area", "Full_Bath", "Longitude"),
    *("Neighborhood", "House_Style", "Exterior_1st", "Bldg_Type", "Central_Air"),
)
NUMBERS = st.lists(st.integers(-25, 24).map(float), min_size=50, max_size=100)
"""Of more, one number alone is less than a bin of a hundred."""
ORDERED = [name for name, each in DISTANCES.items() if each.is_ordered]


def _feature(cells: Sequence[object]) -> Json:
    feature: Json = describe({"a": [str(cell) for cell in cells]})["features"][0]
    return feature


def _distance(method: str, before: Sequence[object], after: Sequence[object]) -> float:
    found = binned(_feature(before), _feature(after), DISTANCES[method].levels)
    assert found
    return found.moved(method, 0.01).distance


@settings(max_examples=40, deadline=None)
@given(NUMBERS, NUMBERS)
def test_the_distances_of_numbers_are_those_of_scipy(before: list[float], after: list[float]) -> None:
    """Of so few numbers each is a bin of its own; scipy knows nothing of bins."""
    largest = stats.ks_2samp(before, after, method="asymp").statistic
    assert _distance("kolmogorov-smirnov", before, after) == pytest.approx(largest)
    # Between two numbers of the baseline all others count as their mean.
    inside = [*before, *before[:9]]
    way = stats.wasserstein_distance(before, inside) / (np.std(before) or 1.0)
    assert _distance("wasserstein", before, inside) == pytest.approx(way, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 95), st.integers(5, 95))
def test_the_distances_of_categories_are_those_of_their_tests(new: int, old: int) -> None:
    samples = [["a"] * count + ["b"] * (100 - count) for count in (old, new)]
    counts = np.array([[sample.count(name) for name in "ab"] for sample in samples])
    cramer = association(counts[:, counts.sum(axis=0) > 0], method="cramer") if old != new else 0.0
    assert _distance("chi-square", *samples) == pytest.approx(cramer)
    shares = (counts + 0.5) / 101
    index = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    assert _distance("population-stability-index", *samples) == pytest.approx(index, rel=0.01, abs=1e-3)


@pytest.mark.parametrize("method", DISTANCES)
def test_what_has_not_moved_is_at_no_distance_and_farther_is_more(method: str) -> None:
    still = list(np.random.default_rng(0).normal(0, 1, 500))
    found = [_distance(method, still, [value + step for value in still]) for step in (0, 0.5, 1, 2)]
    assert found[0] == 0
    assert found == sorted(set(found))


def test_one_number_far_outside_neither_is_a_drift_nor_hides_one() -> None:
    generator = np.random.default_rng(0)
    before = _feature(list(generator.normal(0, 1, 1000)))
    for step, is_drift in ((0.0, False), (0.5, True)):
        cells = [*generator.normal(step, 1, 300), 1e6]
        found = binned(before, _feature(cells), DISTANCES["wasserstein"].levels)
        assert found
        assert (found.moved("wasserstein", 1e-6).beyond > 0.1) == is_drift


QUIET = {
    "two": [0.9, 0.1],
    "one in a hundred": [0.99, 0.01],
    "ten alike": [0.1] * 10,
    "few of many": [0.5 / 1.2**place for place in range(30)],
}


@pytest.mark.parametrize("rows", [50, 200, 1000])
@pytest.mark.parametrize("method", DISTANCES)
def test_a_year_of_quiet_hours_raises_no_alarm(method: str, rows: int) -> None:
    """By chance alone a few values seem to move; the threshold of 0.1 comes on top of it."""
    generator = np.random.default_rng(5)
    alarms = {"by chance": 0, "with the threshold": 0}
    for weights in QUIET.values():
        shares = np.array(weights) / sum(weights)
        numbers = np.arange(len(shares))
        places = numbers / np.sqrt(np.cov(numbers, aweights=shares, ddof=0))
        column = Binned(generator.multinomial(1000, shares), generator.multinomial(rows, shares), places)
        moved = column.moved(method, 1 / (HOURS_OF_A_YEAR / FALSE_ALARMS_A_YEAR * len(QUIET)))
        hours = generator.multinomial(rows, shares, HOURS_OF_A_YEAR)
        before = np.broadcast_to(column.before, hours.shape)
        beyond = DISTANCES[method].formula(before, hours, column.places) - moved.chance
        alarms["by chance"] += int((beyond > 0).sum())
        alarms["with the threshold"] += int((beyond > 0.1).sum())
    print(f"false_alarms_a_year={alarms}; {method}, {rows} rows")
    assert alarms["with the threshold"] == 0
    assert alarms["by chance"] <= 5


@pytest.fixture(scope="module")
def houses() -> dict[str, Cells]:
    with HOUSES.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    places = np.random.default_rng(3).permutation(len(rows))
    cells = np.array(rows, dtype=object)[places]
    return {name: cells[:, header.index(name)] for name in COLUMNS}


@pytest.fixture(scope="module")
def learnt(houses: dict[str, Cells]) -> tuple[Json, Json]:
    statistics = describe({name: column[:1000].tolist() for name, column in houses.items()})
    return statistics, suggest(statistics, 0.1)


def _violations(learnt: tuple[Json, Json], window: dict[str, Cells]) -> set[str]:
    live = describe({name: column.tolist() for name, column in window.items()}, categories_of(learnt[0]))
    return {each["feature_name"] for each in Comparison.of(*learnt, live).violations()}


def test_quiet_windows_of_real_rows_raise_nothing(
    houses: dict[str, Cells], learnt: tuple[Json, Json]
) -> None:
    generator = np.random.default_rng(9)
    for rows in (60, 150, 600):
        for _ in range(12):
            chosen = generator.integers(1000, len(houses["Lot_Area"]), rows)
            assert _violations(learnt, {name: cells[chosen] for name, cells in houses.items()}) == set()


@pytest.mark.parametrize("falling", [0.0, 1.0])
@pytest.mark.parametrize("count", [200, 500])
def test_many_categories_are_no_drift_until_they_are_others(count: int, falling: float) -> None:
    """Statistics keep 120 of them: other ones in each sample."""
    generator = np.random.default_rng(4)
    shares = 1 / np.arange(1, count + 1) ** falling
    before, *samples = (
        [f"c{place}" for place in generator.choice(count, rows, p=shares / shares.sum())]
        for rows in (5000, 600, 5000, 40_000)
    )
    learnt = describe({"Postcode": before})
    constraints = suggest(learnt, 0.1)
    for sample in samples:
        # As the monitor sees them, and as the baseline of the next version does.
        for named in (categories_of(learnt), {}):
            live = describe({"Postcode": sample}, named)
            assert Comparison.of(learnt, constraints, live).violations() == [], len(sample)
    moved = ["c0" if cell in {"c1", "c2"} else cell for cell in samples[1]] if falling else ["new"] * 5000
    for named in (categories_of(learnt), {}):
        live = describe({"Postcode": moved}, named)
        assert Comparison.of(learnt, constraints, live).violations() != []


@pytest.mark.parametrize("cell", ["7.5", "steel"])
def test_a_column_that_was_empty_in_training_and_is_not_any_more_is_told(cell: str) -> None:
    learnt = describe({"Hull": [""] * 100})
    constraints = suggest(learnt, 0.1)
    for cells, count in (([""] * 100, 0), (["", cell] * 50, 1)):
        live = describe({"Hull": cells}, categories_of(learnt))
        found = Comparison.of(learnt, constraints, live).violations()
        assert [each["constraint_check_type"] for each in found] == ["completeness_check"] * count


def _numbers(change: Callable[[Cells], Cells]) -> Callable[[Cells], Cells]:
    return lambda cells: np.array([repr(float(value)) for value in change(cells.astype(float))], dtype=object)


def _texts(change: Callable[[str], str]) -> Callable[[Cells], Cells]:
    return lambda cells: np.array([change(cell) for cell in cells], dtype=object)


FAULTS: dict[str, tuple[str, Callable[[Cells], Cells]]] = {
    "square metres instead of square feet": ("Gr_Liv_Area", _numbers(lambda x: x * 0.0929)),
    "acres instead of square feet": ("Lot_Area", _numbers(lambda x: x / 43560)),
    "a sign": ("Longitude", _numbers(np.negative)),
    "a frozen sensor": ("Garage_Area", _numbers(lambda x: np.full_like(x, np.median(x)))),
    "years of two digits": ("Year_Built", _numbers(lambda x: x % 100)),
    "age instead of year": ("Year_Built", _numbers(lambda x: 2010 - x)),
    "zeros for what is missing": ("Total_Bsmt_SF", _numbers(lambda x: np.where(np.arange(len(x)) % 3, x, 0))),
    "minus one for what is missing": (
        "Garage_Area",
        _numbers(lambda x: np.where(np.arange(len(x)) % 3, x, -1)),
    ),
    "a limit": ("Gr_Liv_Area", _numbers(lambda x: np.minimum(x, 1200))),
    "rounded to hundreds": ("Year_Built", _numbers(lambda x: np.round(x, -2))),
    "one more": ("Full_Bath", _numbers(lambda x: x + 1)),
    "all larger by a third": ("Gr_Liv_Area", _numbers(lambda x: x * 1.33)),
    "missing values": ("Lot_Area", lambda x: np.where(np.arange(len(x)) % 2, x, "")),
    "a text among numbers": ("Lot_Area", lambda x: np.where(np.arange(len(x)) == 7, "about 9000", x)),
    "truncated text": ("Neighborhood", _texts(lambda cell: cell[:3])),
    "capital letters": ("House_Style", _texts(str.upper)),
    "a code instead of a word": ("Exterior_1st", _texts(lambda cell: str(len(cell)))),
    "one category for all": ("Neighborhood", lambda x: np.full_like(x, x[0])),
    "two categories exchanged": ("Central_Air", _texts(lambda cell: {"Y": "N", "N": "Y"}[cell])),
    "a half of a category renamed": (
        "Bldg_Type",
        lambda x: np.where((np.arange(len(x)) % 2 == 0) & (x == "OneFam"), "1Fam", x),
    ),
}


def test_of_twenty_planted_faults_nineteen_are_found_and_named(
    houses: dict[str, Cells], learnt: tuple[Json, Json]
) -> None:
    window = {name: cells[1000:1400] for name, cells in houses.items()}
    missed = {
        fault
        for fault, (column, change) in FAULTS.items()
        if _violations(learnt, {**window, column: change(window[column])}) != {column}
    }
    assert len(FAULTS) == 20
    assert len(missed) <= 1, missed
    swapped = {**window, "Lot_Area": window["Gr_Liv_Area"], "Gr_Liv_Area": window["Lot_Area"]}
    assert _violations(learnt, swapped) == {"Lot_Area", "Gr_Liv_Area"}


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ([], ("kolmogorov-smirnov", "jensen-shannon")),
        (["wasserstein:numeric,chi-square:categorical"], ("wasserstein", "chi-square")),
        (["jensen-shannon:numeric", "chi-square:Size"], ("chi-square", "jensen-shannon")),
        # It has no order, whatever people write.
        (["wasserstein:Hull"], ("kolmogorov-smirnov", "jensen-shannon")),
    ],
)
def test_the_constraints_name_the_distance_of_each_column(
    configured: list[str], expected: tuple[str, str]
) -> None:
    statistics = describe({"Size": ["1", "2"], "Hull": ["steel", "wood"]})
    features = suggest(statistics, 0.1, distances_of(configured))["features"]
    overrides = [each["monitoringConfigOverrides"]["distribution_constraints"] for each in features]
    assert tuple(each["comparison_method"] for each in overrides) == expected


@pytest.mark.parametrize("argument", ["kullback-leibler:Size", "wasserstein", "wasserstein:"])
def test_what_is_no_distance_is_refused(argument: str) -> None:
    with pytest.raises(DataError, match="write one of population-stability-index"):
        distances_of([argument])
