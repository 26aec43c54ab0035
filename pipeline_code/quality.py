"""Compares what an endpoint has answered in some hours with what really happened.

Run: python3 code.zip quality --endpoint <name> --namespace <of the metrics> --last-hour <hh>
--window-hours <n> --metric <of the criterion> --at-least|--at-most <threshold> --rows <fewest>; reads
<base>/processing/input/{captured,labels,baseline}, writes <base>/processing/output/report. `baseline` is the
folder of the version, whose evaluation says what its answers mean and how groups fared. Labels name requests
by the id that the client gave or, if it gave none, by that of the captured event, in the format of Model
Monitor:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from bias_drift import Fares, Outcomes, Registered
from captured import UNREADABLE, Captured, identified_answers, lines
from data_quality import FALSE_ALARMS_A_YEAR, LARGEST
from metrics import REPORT_NAMES, THRESHOLD, measure, plain, resample
from served_answers import answers_of_csv
from tabular import Problem, parse_number
from window import Json, Window, inputs, read, write

CERTAINTY = 0.99
"""How sure it has to be that a model misses its criterion before somebody is called."""
Row = tuple[str, tuple[str, ...]]
"""An answer, and the cells that tell groups apart; none of them where nobody knows."""
COUNTS = (
    *("requests", "unreadable_requests", "labelled_requests", "labelled_rows"),
    *("unmatched_labels", "unreadable_labels"),
)
FEWEST_OF_A_CLASS = 10
"""Rows without which a share of a class says nothing: of two positive rows, one is half."""


def main(argv: Sequence[str]) -> None:
    """Write model_quality.json, constraint_violations.json and metrics.json of what is labelled."""
    parser = Window.arguments("quality")
    parser.add_argument("--metric", required=True)
    parser.add_argument("--rows", type=int, required=True)
    bound = parser.add_mutually_exclusive_group(required=True)
    bound.add_argument("--at-least", type=float)
    bound.add_argument("--at-most", type=float)
    arguments = parser.parse_args(list(argv))
    window = Window.of(arguments)
    criterion = Criterion(arguments.metric, arguments.at_least, arguments.at_most)
    version = inputs() / "baseline"
    meaning = Meaning.of(read(version / "evaluation" / "evaluation.json"))
    registered = Registered.of(version / "evaluation")
    requests = Requests.of(version, registered)
    merged = Merged.of(window, meaning, requests)
    rows = len(merged.pairs)
    has_enough = rows >= max(arguments.rows, 1)
    found = meaning.measure(merged.pairs, criterion) if has_enough else {}
    groups = _groups(registered, requests, merged, window) if registered and has_enough else []
    violations = [
        *criterion.violations(found, rows),
        *(each.violation() for each in groups if each.beyond),
    ]
    if groups:
        found |= {"bias_drift": max(each.beyond for each in groups)}
    write("model_quality", {"dataset": {"item_count": rows}, "metrics": found})
    write("constraint_violations", {"violations": violations})
    values = {**merged.counts, "violations": float(len(violations)), **found}
    window.leave_metrics(values)
    print(" ".join(f"{name}={plain(value)};" for name, value in values.items()))


@dataclass(frozen=True)
class Criterion:
    """What a model must reach to be registered, and goes on to reach."""

    metric: str
    at_least: float | None
    at_most: float | None

    def best_end(self, resamples: np.ndarray) -> float:
        """The better end of what chance makes of the metric, one-sided."""
        return float(np.quantile(resamples, CERTAINTY if self.at_most is None else 1 - CERTAINTY))

    @property
    def at_best(self) -> str:
        """The name of the better end."""
        return f"{self.metric}_at_best"

    def violations(self, found: Mapping[str, float], rows: int) -> list[Json]:
        """In the words of Model Monitor: the metric misses the threshold, and not by chance.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-constraints.html
        """
        if self.at_best not in found:
            return []
        value, at_best = found[self.metric], found[self.at_best]
        if self.at_least is not None and at_best < self.at_least:
            kind, threshold = "LessThanThreshold", self.at_least
        elif self.at_most is not None and at_best > self.at_most:
            kind, threshold = "GreaterThanThreshold", self.at_most
        else:
            return []
        seen = f"{plain(value)} on {rows} labelled rows, {plain(at_best)} at best,"
        description = f"Metric {self.metric} with {seen} was {kind} '{plain(threshold)}'"
        return [{"constraint_check_type": kind, "metric_name": self.metric, "description": description}]


def _groups(registered: Registered, requests: Requests, merged: Merged, window: Window) -> list[Fares]:
    """How groups fare by what really happened; of requests that cannot be read nobody knows the group."""
    known = [(pair, row) for pair, row in zip(merged.pairs, merged.cells, strict=True) if row]
    if not known:
        return []
    answers, labels = zip(*(pair for pair, _ in known), strict=True)
    cells = dict(zip(requests.columns, zip(*(row for _, row in known), strict=True), strict=True))
    return registered.compare(cells, Outcomes(answers, labels), FALSE_ALARMS_A_YEAR / window.a_year)


@dataclass(frozen=True)
class Requests:
    """Reads of what was captured the answers, and the columns that tell groups apart."""

    columns: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    """Where these columns stand in a captured row."""
    captured: Captured | None = None
    """None where nobody looks at what was asked: no groups are compared, or the baseline is AWS's."""

    @classmethod
    def of(cls, version: Path, registered: Registered | None) -> Requests:
        if registered is None:
            return cls()
        constraints = read(version / "data-quality" / "constraints.json")
        captured = Captured.like(constraints)
        columns = tuple(dict.fromkeys(each.column for each in registered.groups))
        if "personal" not in constraints or not set(columns) <= set(captured.columns):
            return cls()
        return cls(columns, tuple(map(captured.columns.index, columns)), captured)

    def read(self, line: str) -> tuple[str, list[Row]]:
        """A request's id, and its rows; raises one of UNREADABLE where there are no answers."""
        event = json.loads(line)
        identifier, answers = identified_answers(event)
        return identifier, list(zip(answers, self._cells(event) or [()] * len(answers), strict=True))

    def _cells(self, event: Json) -> list[tuple[str, ...]]:
        """The columns of each row; none of a request that cannot be read."""
        if self.captured is None:
            return []
        try:
            rows = self.captured.rows_of(event["captureData"])
            return [tuple(row[place] for place in self.places) for row in rows]
        except UNREADABLE:
            return []


@dataclass(frozen=True)
class Merged:
    """Answers beside what really happened, and what has found no partner."""

    pairs: list[tuple[str, str]]
    """Answer and label of each row."""
    cells: list[tuple[str, ...]]
    """What tells groups apart, of each row; empty where nobody knows."""
    counts: dict[str, float]

    @classmethod
    def of(cls, window: Window, meaning: Meaning, requests: Requests) -> Merged:
        """A request or label that cannot be read is counted, and never stops the others."""
        counts = Counter(dict.fromkeys(COUNTS, 0))
        asked: dict[str, list[Row]] = {}
        for line in chain.from_iterable(map(lines, window.captured())):
            counts["requests"] += 1
            try:
                identifier, of_request = requests.read(line)
                meaning.predicted([row[0] for row in of_request])
                asked[identifier] = of_request
            except UNREADABLE:
                counts["unreadable_requests"] += 1
        merged: dict[str, list[tuple[Row, str]]] = {}
        told = sorted((inputs() / "labels").rglob("*.jsonl"), key=lambda path: path.name)
        for line in chain.from_iterable(map(lines, told)):
            try:
                identifier, labels = _identified_labels(line)
                meaning.actual(labels)
                if identifier in asked:
                    # What is told later corrects what was told before.
                    merged[identifier] = list(zip(asked[identifier], labels, strict=True))
                else:
                    counts["unmatched_labels"] += 1
            except UNREADABLE:
                counts["unreadable_labels"] += 1
        rows = list(chain.from_iterable(merged.values()))
        counts |= {"labelled_requests": len(merged), "labelled_rows": len(rows)}
        pairs, cells = [(answer, label) for (answer, _), label in rows], [row for (_, row), _ in rows]
        return cls(pairs, cells, {name: float(counts[name]) for name in COUNTS})


def _identified_labels(line: str) -> tuple[str, list[str]]:
    """The request's id and a label for each of its rows; raises one of UNREADABLE."""
    event = json.loads(line)
    data = event["groundTruthData"]
    if data["encoding"] != "CSV":
        raise ValueError("another encoding than CSV")
    return str(event["eventMetadata"]["eventId"]), answers_of_csv(data["data"])


@dataclass(frozen=True)
class Meaning:
    """What the answers of a version mean, as its evaluation says."""

    problem: Problem
    section: Json
    positive: Json | None
    costs: np.ndarray | None = None

    @classmethod
    def of(cls, evaluation: Json) -> Meaning:
        ((problem, section),) = (item for item in REPORT_NAMES.items() if item[1] in evaluation)
        costs = evaluation.get("costs")
        return cls(
            problem,
            evaluation[section],
            evaluation.get("positive"),
            None if costs is None else np.array(costs),
        )

    @property
    def threshold(self) -> float:
        return float(self.positive["from_probability"]) if self.positive else THRESHOLD

    @cached_property
    def classes(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.section["confusion_matrix"])}

    def measure(self, pairs: Sequence[tuple[str, str]], criterion: Criterion) -> dict[str, float]:
        """The metrics that the rows suffice for, and what the criterion's metric is at best."""
        answers, labels = zip(*pairs, strict=True)
        actual, predicted = self.actual(labels), self.predicted(answers)
        unknown = self._unknown(actual, predicted)
        found = measure(self.problem, actual, predicted, self.threshold, self.costs)
        known = {name: value for name, value in found.items() if name not in unknown}
        if criterion.metric not in known:
            return known
        resamples = resample(self.problem, actual, predicted, self.threshold, self.costs)
        return {**known, criterion.at_best: criterion.best_end(resamples[criterion.metric])}

    def _unknown(self, actual: np.ndarray, predicted: np.ndarray) -> set[str]:
        """Metrics of which these rows say nothing, or only what chance does."""
        if self.problem == "multiclass-classification":
            # Answers in classes have no probabilities.
            return {"log_loss"}
        if self.problem == "regression":
            return set()
        positives, claims = int(actual.sum()), int((predicted >= self.threshold).sum())
        few_positives, few_claims = positives < FEWEST_OF_A_CLASS, claims < FEWEST_OF_A_CLASS
        few_others = len(actual) - positives < FEWEST_OF_A_CLASS
        return {
            *(("recall", "f1") if few_positives else ()),
            *(("precision",) if few_claims else ()),
            *(("auc",) if few_positives or few_others else ()),
        }

    def actual(self, labels: Sequence[str]) -> np.ndarray:
        """Numbers, or classes by number; ValueError for a text that is neither."""
        if self.problem == "regression":
            return _numbers(labels)
        if self.positive is None:
            return self._numbered(labels)
        # Evaluations of earlier versions do not name the other label.
        other = self.positive.get("other_label")
        if other is not None and not {self.positive["label"], other} >= set(labels):
            raise ValueError("none of the two labels")
        return np.array([label == self.positive["label"] for label in labels], dtype=np.int64)

    def predicted(self, answers: Sequence[str]) -> np.ndarray:
        """As `metrics` measures them; ValueError for a text that no model of this problem answers."""
        if self.problem == "multiclass-classification":
            chosen: np.ndarray = np.eye(len(self.classes))[self._numbered(answers)]
            return chosen
        return _numbers(answers)

    def _numbered(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.classes[text] for text in texts], dtype=np.int64)


def _numbers(texts: Sequence[str]) -> np.ndarray:
    numbers = np.array([parse_number(text) for text in texts], dtype=np.float64)
    if not (np.abs(numbers) < LARGEST).all():
        raise ValueError("no number whose square is one")
    return numbers
