"""What a table says about a use case: its problem, the part of each column, and which rows come later."""

from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from tools.new_use_case.table import Column, Table, TableError, correlation, purity, skewness

_SAME = 0.99999
_LEAKS = 0.98
_FEWEST_NUMBERS = 21
"""Whole numbers with fewer different values are taken for classes."""
_MOST_CLASSES = 100
_POSITIVE = ("yes", "true", "1", "y", "t", "positive")
_LATER_SHARE = 0.15
_LATER_SHARES = (0.03, 0.4)
_DRIFT_FEATURES = 5
_FEWEST_ROWS = 150


@dataclass(frozen=True)
class Later:
    """Rows that can come after the others and differ from them."""

    column: str
    value: str = ""
    at_least: float | None = None


@dataclass(frozen=True)
class Findings:
    """All that the file of a use case says."""

    table: Table
    target: Column
    problem: str
    numeric: tuple[Column, ...]
    dates: tuple[Column, ...]
    categorical: tuple[Column, ...]
    drop: dict[str, str]
    later: Later

    @property
    def personal(self) -> list[str]:
        """The columns that look as if they identified people."""
        return [name for name in self.drop if self.table[name].is_personal]

    @property
    def positive(self) -> str:
        """Of two labels the one that is meant, or the rarer one."""
        labels = sorted(self.target.counts, key=lambda label: self.target.counts[label])
        return next((label for label in labels if label.strip().lower() in _POSITIVE), labels[0])

    @property
    def is_skewed(self) -> bool:
        """Whether its logarithm is easier to learn."""
        numbers = self.target.numbers or [0.0]
        return self.problem == "regression" and min(numbers) > 0 and skewness(numbers) > 1

    @property
    def drift(self) -> list[str]:
        """Features to watch, that of the later rows first."""
        names = [column.name for column in (*self.categorical, *self.numeric)]
        return list(dict.fromkeys([self.later.column, *names]))[:_DRIFT_FEATURES]


def look(table: Table, target_name: str) -> Findings:
    """Judge every column of a table; raises TableError."""
    if target_name not in table.columns:
        known = ", ".join(table.columns)
        near = get_close_matches(target_name, table.columns, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {known}"
        raise TableError(f"TARGET={target_name} is no column; {hint}")
    target = table[target_name]
    problem = _problem(target)
    if len(target.present) < _FEWEST_ROWS:
        raise TableError(f"{len(target.present)} rows have a target; {_FEWEST_ROWS} and more can be split")
    others = [column for column in table.columns.values() if column is not target]
    drop = {column.name: reason for column in others for reason in _reasons(column, target, problem)[:1]}
    drop |= _repetitions([column for column in others if column.name not in drop])
    features = [column for column in others if column.name not in drop]
    numeric = tuple(column for column in features if column.numbers is not None and not column.is_code)
    dates = tuple(column for column in features if column.is_iso_date)
    categorical = tuple(column for column in features if column not in (*numeric, *dates))
    if not features:
        reasons = "; ".join(f"{name} {reason}" for name, reason in drop.items())
        raise TableError(f"no column is left to learn from: {reasons}")
    later = _later(numeric, categorical, target)
    return Findings(table, target, problem, numeric, dates, categorical, drop, later)


def _problem(target: Column) -> str:
    labels = len(target.counts)
    if target.numbers is not None and not (target.is_whole and labels < _FEWEST_NUMBERS):
        return "regression"
    if not 2 <= labels <= _MOST_CLASSES:
        raise TableError(
            f"{target.name} has {labels} different values: neither a quantity nor 2 to 100 classes"
        )
    return "binary-classification" if labels == 2 else "multiclass-classification"


def _reasons(column: Column, target: Column, problem: str) -> list[str]:
    """Why a column should be left out; empty when it may stay."""
    if not column.present:
        return ["is always missing"]
    different = f"{len(column.counts)} different values"
    found = {
        "looks like personal data": column.is_personal,
        "is the same in all rows": len(column.counts) == 1,
        "is a date, but not as 2026-01-31": column.is_date and not column.is_iso_date,
        f"identifies rows, {different}": column.is_identifier and not column.is_iso_date,
        f"is free text, {different}": column.is_free_text and not column.is_iso_date,
    }
    share = _share_of_target(column, target, problem)
    leak = f"may leak the target, which follows from it by {share:.1%}; keep it if it is known before"
    return [reason for reason, holds in {**found, leak: share >= _LEAKS}.items() if holds]


def _share_of_target(column: Column, target: Column, problem: str) -> float:
    """How much of the target one column tells alone, from 0 to 1."""
    if problem == "regression":
        return correlation(column, target) if column.numbers is not None else 0.0
    return purity(column, target) if len(column.counts) <= _MOST_CLASSES else 0.0


def _repetitions(columns: list[Column]) -> dict[str, str]:
    """Columns of numbers that say the same as one before them."""
    numeric = [column for column in columns if column.numbers is not None and not column.is_code]
    repeated: dict[str, str] = {}
    for position, column in enumerate(numeric):
        for earlier in numeric[:position]:
            if earlier.name not in repeated and correlation(earlier, column) >= _SAME:
                repeated.setdefault(column.name, f"repeats {earlier.name}, perfectly correlated")
    return repeated


def _later(numeric: tuple[Column, ...], categorical: tuple[Column, ...], target: Column) -> Later:
    """A value of a category that few rows have, otherwise the largest numbers."""
    least, most = _LATER_SHARES
    rows = len(target.cells)
    choices = [
        (abs(count / rows - _LATER_SHARE), column.name, value)
        for column in categorical
        for value, count in column.counts.items()
        if least <= count / rows <= most
    ]
    if choices:
        _, name, value = min(choices)
        return Later(name, value)
    for column in numeric:
        ordered = sorted(column.numbers or [])
        place = int(len(ordered) * (1 - _LATER_SHARE))
        rises = [after for before, after in pairwise(ordered[place - 1 :]) if after > before]
        if rises:
            return Later(column.name, at_least=rises[0])
    raise TableError("no column has rows that differ enough from the others to rehearse a drift")
