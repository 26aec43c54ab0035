"""Runs beside pipeline_code: `python planted_faults.py` prints how the monitor's defaults judge real rows.

Of each sample in data/ a random half is the baseline, and windows are drawn from the other half: quiet ones,
and those with a fault that is planted in one or two columns. A fault is found when its columns are named.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from data_quality import Comparison, categories_of, describe, suggest

from config.settings import UseCase, load_settings

Cells = np.ndarray[Any, Any]
Window = dict[str, Cells]
DATA = Path(__file__).resolve().parents[1] / "data"
QUIET_WINDOWS, ROWS = 200, (60, 150, 400, 1000)
FAULT_ROWS = (200, 400)


def _numbers(change: Callable[[Cells], Cells]) -> Callable[[Cells], Cells]:
    def changed(cells: Cells) -> Cells:
        filled = cells != ""
        result = cells.copy()
        result[filled] = [repr(float(value)) for value in change(cells[filled].astype(float))]
        return result

    return changed


def _words(change: Callable[[str], str]) -> Callable[[Cells], Cells]:
    return lambda cells: np.array([change(cell) for cell in cells], dtype=object)


def _every_other(value: str) -> Callable[[Cells], Cells]:
    return lambda cells: np.where(np.arange(len(cells)) % 2, cells, value)


FAULTS: dict[str, dict[str, tuple[str, Callable[[Cells], Cells]]]] = {
    "house-prices": {
        "square metres": ("Gr_Liv_Area", _numbers(lambda x: x * 0.0929)),
        "a frozen sensor": ("First_Flr_SF", _numbers(lambda x: np.full_like(x, np.median(x)))),
        "missing values": ("Total_Bsmt_SF", _every_other("")),
        "truncated text": ("Neighborhood", _words(lambda cell: cell[:4])),
        "a category renamed": ("Foundation", _words(lambda cell: "Poured" if cell == "PConc" else cell)),
        "age for a year": ("Year_Built", _numbers(lambda x: 2010 - x)),
        "an upper limit": ("Lot_Area", _numbers(lambda x: np.minimum(x, 8000))),
        "lower case": ("House_Style", _words(str.lower)),
    },
    "churn": {
        "seconds for minutes": ("total_day_minutes", _numbers(lambda x: x * 60)),
        "hours for minutes": ("total_eve_minutes", _numbers(lambda x: x / 60)),
        "a sensor that is stuck now and then": ("total_night_calls", _every_other("100")),
        "yes and no exchanged": ("international_plan", _words({"yes": "no", "no": "yes"}.__getitem__)),
        "a code for a word": ("voice_mail_plan", _words({"yes": "1", "no": "0"}.__getitem__)),
        "one state for all": ("state", lambda cells: np.full_like(cells, cells[0])),
        "a shift by a fifth": ("total_intl_minutes", _numbers(lambda x: x * 1.2)),
        "empty text for a word": ("area_code", _every_other("")),
    },
    "used-cars": {
        "kilometres for miles": ("Mileage", _numbers(lambda x: x * 1.609)),
        "always two doors": ("Doors", lambda cells: np.full_like(cells, "2")),
        "a flag turned round": ("Leather", _words({"1": "0", "0": "1"}.__getitem__)),
    },
}
SWAPPED = ("house-prices", "Gr_Liv_Area", "Lot_Area")


def main() -> None:
    cases = load_settings().use_cases
    judges = {name: _Judge(cases[name]) for name in FAULTS}
    quiet = {name: judge.false_alarms() for name, judge in judges.items()}
    found = {rows: _found(judges, rows) for rows in FAULT_ROWS}
    print(json.dumps({"windows": QUIET_WINDOWS, "false_alarms": quiet, "found": found}))


def _found(judges: "dict[str, _Judge]", rows: int) -> dict[str, bool]:
    """By fault, in a window of so many rows."""
    found = {
        f"{name}: {fault}": judges[name].names(rows, {column: change}) == {column}
        for name, faults in FAULTS.items()
        for fault, (column, change) in faults.items()
    }
    name, first, second = SWAPPED
    found[f"{name}: two columns exchanged"] = judges[name].swapped(rows, first, second) == {first, second}
    return found


class _Judge:
    """The monitor of a use case, with its default distances and the threshold of its file."""

    def __init__(self, use_case: UseCase) -> None:
        assert use_case.sample is not None
        with (DATA / use_case.sample.file).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        self._random = np.random.default_rng(17)
        cells = np.array(rows, dtype=object)[self._random.permutation(len(rows))]
        half = len(rows) // 2
        features = [*use_case.features.numeric, *use_case.features.categorical]
        self._rest = {name: cells[half:, header.index(name)] for name in features}
        self._baseline = describe({name: cells[:half, header.index(name)].tolist() for name in features})
        self._constraints = suggest(self._baseline, use_case.drift.threshold)

    def false_alarms(self) -> int:
        return sum(
            bool(self._violations(self._window(ROWS[number % len(ROWS)]))) for number in range(QUIET_WINDOWS)
        )

    def names(self, rows: int, changes: dict[str, Callable[[Cells], Cells]]) -> set[str]:
        window = self._window(rows)
        return self._violations(window | {name: change(window[name]) for name, change in changes.items()})

    def swapped(self, rows: int, first: str, second: str) -> set[str]:
        window = self._window(rows)
        return self._violations(window | {first: window[second], second: window[first]})

    def _window(self, rows: int) -> Window:
        chosen = self._random.integers(0, len(next(iter(self._rest.values()))), rows)
        return {name: cells[chosen] for name, cells in self._rest.items()}

    def _violations(self, window: Window) -> set[str]:
        live = describe(
            {name: cells.tolist() for name, cells in window.items()}, categories_of(self._baseline)
        )
        return {
            each["feature_name"]
            for each in Comparison.of(self._baseline, self._constraints, live).violations()
        }


if __name__ == "__main__":
    main()
