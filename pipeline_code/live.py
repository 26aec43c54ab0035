"""The live model beside a new one, on the same rows: is the new one worse by more than chance?

The live artifact answers by the code that it carries, in a process of its own. One that cannot answer these
rows is told as such, and holds nothing back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from archive import unpack
from drift_check import NOTHING
from live_answers import REFUSED
from metrics import LOWER_IS_BETTER, THRESHOLD, measure, plain, resample
from model import Model
from tabular import SCHEMA_FILE, DataError, Features, evenly

MOST_ROWS = 100_000
"""So many tell models apart; each goes through JSON to a process that holds the live model."""
FEWEST_ROWS = 100
"""Fewer may look alike in all resamples, and then an interval says too much."""
FEWEST_OF_A_LABEL = 50
"""Four rows of a label that only one version gets right are in 98 of 100 resamples, and look certain; a sign
test asks for six. Of so many rows the worse end is one row then, a fiftieth, which a margin is above."""
DRAWS = 1000
"""Of 200 the worse end is the fifth one: another seed moves it by a fifth of a standard deviation, of so many
by a twelfth. With most rows it takes 50 s more."""
UNKNOWN = "unknown"
ROWS_PER_REQUEST = 1000
LONGEST_SECONDS = 1800
# Of the job's own variables the process gets what Python needs; not what leads to the job's credentials.
_NEEDED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "HOME")
ANSWERS_OTHERWISE = "it answers otherwise than a model of this pipeline does"
_SAME = {"problem": "regression", "target": "", "positive": None}
"""What a model must have in common with the new one, with what an old schema leaves out."""


class NotComparableError(Exception):
    """The live model cannot be measured on these rows; the message says why, without cell values."""


@dataclass(frozen=True)
class Live:
    """What is live: a number and its artifact, with the metric that decides about a new version."""

    version: str
    archive: Path
    metric: str


@dataclass(frozen=True)
class Comparison:
    """The metric that decides, of the new version and of the live one."""

    live: Live
    rows: int = 0
    of_rarest: int = 0
    """Rows of the label that has the fewest, or all when numbers are predicted."""
    value: float = np.nan
    live_value: float = np.nan
    interval: tuple[float, float] = (np.nan, np.nan)
    """Of value less live_value: what other rows like these would show, in 95 of 100 cases."""
    why_not: str = ""
    """Why there are no values."""

    @property
    def is_made(self) -> bool:
        return self.live.version != NOTHING and not self.why_not

    @property
    def is_worse(self) -> bool:
        """By more than chance: all of the interval is on the worse side."""
        low, high = self.interval
        return low > 0 if self.live.metric in LOWER_IS_BETTER else high < 0

    @property
    def better_by(self) -> str:
        """At least so much in 95 of 100 cases, below zero if it may be worse; a number as text, or UNKNOWN.

        The registry has it as a text in any case, and a rule that approves reads it there.
        """
        low, high = self.interval
        end = -high if self.live.metric in LOWER_IS_BETTER else low
        are_few = self.rows < FEWEST_ROWS or self.of_rarest < FEWEST_OF_A_LABEL
        return UNKNOWN if are_few or not self.is_made or not np.isfinite(end) else plain(end)

    @property
    def told(self) -> str:
        """In one line of the letters that metadata of a version may have.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
        """
        if self.live.version == NOTHING:
            return "nothing is live"
        if self.why_not:
            return f"the live version {self.live.version} cannot be compared"
        low, high = self.interval
        return (
            f"{self.live.metric} is {plain(self.value)} and that of the live version {self.live.version} "
            f"on the same {self.rows} rows {plain(self.live_value)} - "
            f"the difference is {plain(low)} to {plain(high)}{' - worse' if self.is_worse else ''}"
        )

    @property
    def content(self) -> Mapping[str, object]:
        """comparison.json, of which the pipeline reads `version`, `is_worse`, `better_by` and `told`."""
        low, high = self.interval
        values = {"value": self.value, "live_value": self.live_value, "difference_between": [low, high]}
        return {
            "version": self.live.version,
            "is_worse": "yes" if self.is_worse else "no",
            "better_by": self.better_by,
            "told": self.told,
            **({"metric": self.live.metric, "rows": self.rows, **values} if self.is_made else {}),
            **({"why_not": self.why_not} if self.why_not else {}),
        }


@dataclass(frozen=True)
class Rows:
    """What both versions are asked, and what the new one has answered."""

    features: Features
    actual: np.ndarray
    predicted: np.ndarray
    costs: np.ndarray | None = None
    """Of decisions, the same for both."""

    def evenly(self, most: int) -> Rows:
        """At most so many, evenly taken."""
        taken = evenly(len(self.actual), most)
        features = {name: cells[taken] for name, cells in self.features.items()}
        return Rows(features, self.actual[taken], self.predicted[taken], self.costs)


def compare(live: Live, model: Model, rows: Rows) -> Comparison:
    """The new version against the live one, on at most MOST_ROWS of the rows.

    Raises DataError when something else than the live version itself keeps it from answering.
    """
    if live.version == NOTHING:
        return Comparison(live)
    same = rows.evenly(MOST_ROWS)
    try:
        predicted, threshold = answers_of(live, model, same.features)
    except NotComparableError as error:
        return Comparison(live, why_not=str(error))
    # The draws of a bootstrap depend on actual values only, so both are drawn alike.
    new, old = (
        (model.schema.problem, same.actual, *answered, same.costs)
        for answered in ((same.predicted, model.schema.decision_threshold), (predicted, threshold))
    )
    drawn = [resample(*each, draws=DRAWS)[live.metric] for each in (new, old)]
    low, high = np.quantile(drawn[0] - drawn[1], (0.025, 0.975))
    values = (measure(*new)[live.metric], measure(*old)[live.metric])
    return Comparison(
        live, len(same.actual), _of_rarest(same.actual, model), *values, (float(low), float(high))
    )


def _of_rarest(actual: np.ndarray, model: Model) -> int:
    if model.schema.problem == "regression":
        return len(actual)
    labels = max(len(model.labels), 2)
    return int(np.bincount(actual.astype(int), minlength=labels).min())


def answers_of(live: Live, model: Model, features: Features) -> tuple[np.ndarray, float]:
    """What the live model answers, in the form of the new one's answers, and its decision threshold.

    Raises NotComparableError.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        try:
            unpack(live.archive, folder)
            schema = dict(json.loads((folder / SCHEMA_FILE).read_text("utf-8")))
        except (DataError, OSError, TypeError, ValueError) as error:
            raise NotComparableError("its artifact is not one of a model of this pipeline") from error
        _check_same(schema, model)
        wanted = _wanted(schema, model, features)
        told = _ask(folder, {name: features[name] for name in wanted})
    rows = len(next(iter(features.values())))
    return _read(told, model, rows), float(schema.get("decision_threshold", THRESHOLD))


def _check_same(schema: Mapping[str, Any], model: Model) -> None:
    for name, otherwise in _SAME.items():
        if schema.get(name, otherwise) != getattr(model.schema, name):
            raise NotComparableError(f"it has another {name}")


def _wanted(schema: Mapping[str, Any], model: Model, features: Features) -> list[str]:
    """The columns that the live model uses, when they are what it has learnt from."""
    wanted = [*schema.get("numeric", ()), *schema.get("categorical", ())]
    if missing := [name for name in wanted if name not in features]:
        raise NotComparableError(f"it needs columns that are no features now: {', '.join(missing)}")
    then, now = schema.get("personal", {}), model.schema.personal
    if changed := [name for name in wanted if then.get(name) != now.get(name)]:
        # It would be judged on cells as it has never seen them.
        raise NotComparableError(f"it knows columns that are as coarse no more: {', '.join(changed)}")
    return wanted


def _ask(folder: Path, features: Features) -> str:
    """What the live model's code has written; DataError when it was ended from outside."""
    rows = _rows(features)
    requests = [rows[start : start + ROWS_PER_REQUEST] for start in range(0, len(rows), ROWS_PER_REQUEST)]
    asked, answered = (folder.parent / name for name in ("requests.json", "answers.json"))
    asked.write_text(json.dumps(requests, allow_nan=False), encoding="utf-8")
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    command = [sys.executable, "-c", _text_of("live_answers"), str(folder), str(asked), str(answered)]
    try:
        # What libraries print can hold cells.
        quiet = subprocess.DEVNULL
        ended = subprocess.run(  # noqa: S603 approved by people, and compared with what its pipeline recorded
            command,
            cwd=folder,
            env=environment,
            stdout=quiet,
            stderr=quiet,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotComparableError(f"it does not answer within {LONGEST_SECONDS} s") from error
    if ended.returncode < 0:
        # For want of memory, for example: that is no reason to hold nothing back.
        raise DataError(f"the live model's process was ended by signal {-ended.returncode}")
    told = answered.read_text("utf-8") if answered.is_file() else ""
    if ended.returncode:
        how = "refuses the rows" if ended.returncode == REFUSED else "ends without answers"
        raise NotComparableError(f"its own code {how}: {told or ended.returncode}")
    return told


def _text_of(module: str) -> str:
    """The source of a module, which may lie in a zip."""
    spec = find_spec(module)
    text: str = spec.loader.get_source(module)  # type: ignore[union-attr]
    return text


def _rows(features: Features) -> list[dict[str, object]]:
    """Requests by feature name, so that another order of columns means nothing."""
    columns = {
        name: [None if cell is None or cell != cell else cell for cell in cells.tolist()]
        for name, cells in features.items()
    }
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _read(told: str, model: Model, rows: int) -> np.ndarray:
    try:
        found = as_answered(json.loads(told), model)
    except (LookupError, TypeError, ValueError) as error:
        raise NotComparableError(ANSWERS_OTHERWISE) from error
    shape = (rows,) if len(model.labels) <= 2 else (rows, len(model.labels))
    if found.shape != shape or not np.isfinite(found).all():
        raise NotComparableError(ANSWERS_OTHERWISE)
    return found


def as_answered(answers: list[dict[str, Any]], model: Model) -> np.ndarray:
    """The answers of all requests in the form of the model's; NotComparableError for other labels."""
    if len(model.labels) <= 2:
        return np.array([number for each in answers for number in each["predictions"]], dtype=np.float64)
    rows = [row for each in answers for row in each["probabilities"]]
    if any(set(row) != set(model.labels) for row in rows):
        raise NotComparableError("it knows other labels")
    return np.array([[row[label] for label in model.labels] for row in rows], dtype=np.float64)
