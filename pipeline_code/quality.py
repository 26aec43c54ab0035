"""Compares what an endpoint has answered in some hours with what really happened.

Run: python3 code.zip quality --endpoint <name> --namespace <of the metrics> --last-hour <hh>
--window-hours <n> --metric <of the criterion> --at-least|--at-most <threshold> --rows <fewest>; reads
<base>/processing/input/{captured,labels,baseline}, writes <base>/processing/output/report. `baseline` is the
folder of the version's evaluation, which says what its answers mean. Labels name requests by the id that the
client gave or, if it gave none, by that of the captured event, in the format of Model Monitor:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from captured import UNREADABLE, identified_answers, lines
from metrics import THRESHOLD, measure, plain, resample
from served_answers import answers_of_csv
from tabular import DataError, Problem, parse_number
from window import Json, Window, inputs, read, write

CERTAINTY = 0.99
"""How sure it has to be that a model misses its criterion before somebody is called."""
SECTIONS: Mapping[str, Problem] = {
    "regression_metrics": "regression",
    "binary_classification_metrics": "binary-classification",
    "multiclass_classification_metrics": "multiclass-classification",
}
COUNTS = ("requests", "unreadable_requests", "labelled_requests", "unmatched_labels", "unreadable_labels")
# Answers in classes have no probabilities.
UNKNOWN_WITHOUT_PROBABILITIES = ("log_loss",)


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
    meaning = Meaning.of(read(inputs() / "baseline" / "evaluation.json"))
    merged = Merged.of(window, meaning)
    rows = len(merged.pairs)
    found: dict[str, float] = {}
    violations: list[Json] = []
    if rows >= arguments.rows:
        found, at_best = meaning.measure(merged.pairs, criterion)
        violations = criterion.violations(found[criterion.metric], at_best, rows)
        found |= {f"{criterion.metric}_at_best": at_best}
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

    def violations(self, value: float, at_best: float, rows: int) -> list[Json]:
        """In the words of Model Monitor: the metric misses the threshold, and not by chance.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-constraints.html
        """
        if self.at_least is not None and at_best < self.at_least:
            kind, threshold = "LessThanThreshold", self.at_least
        elif self.at_most is not None and at_best > self.at_most:
            kind, threshold = "GreaterThanThreshold", self.at_most
        else:
            return []
        seen = f"{plain(value)} on {rows} labelled rows, {plain(at_best)} at best,"
        description = f"Metric {self.metric} with {seen} was {kind} '{plain(threshold)}'"
        return [{"constraint_check_type": kind, "metric_name": self.metric, "description": description}]


@dataclass(frozen=True)
class Merged:
    """Answers beside what really happened, and what has found no partner."""

    pairs: list[tuple[str, str]]
    """Answer and label of each row."""
    counts: dict[str, float]

    @classmethod
    def of(cls, window: Window, meaning: Meaning) -> Merged:
        """A request or label that cannot be read is counted, and never stops the others."""
        counts = Counter(dict.fromkeys(COUNTS, 0))
        answers: dict[str, list[str]] = {}
        for line in chain.from_iterable(map(lines, window.captured())):
            counts["requests"] += 1
            try:
                identifier, of_request = identified_answers(line)
                meaning.predicted(of_request)
                answers[identifier] = of_request
            except UNREADABLE:
                counts["unreadable_requests"] += 1
        pairs: dict[str, list[tuple[str, str]]] = {}
        for line in chain.from_iterable(map(lines, sorted((inputs() / "labels").rglob("*.jsonl")))):
            try:
                identifier, labels = _identified_labels(line)
                meaning.actual(labels)
                if identifier in answers:
                    # What is told later corrects what was told before.
                    pairs[identifier] = list(zip(answers[identifier], labels, strict=True))
                else:
                    counts["unmatched_labels"] += 1
            except UNREADABLE:
                counts["unreadable_labels"] += 1
        counts["labelled_requests"] = len(pairs)
        rows = [pair for of_request in pairs.values() for pair in of_request]
        return cls(rows, {name: float(counts[name]) for name in COUNTS})


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

    @classmethod
    def of(cls, evaluation: Json) -> Meaning:
        ((section, problem),) = (item for item in SECTIONS.items() if item[0] in evaluation)
        return cls(problem, evaluation[section], evaluation.get("positive"))

    @property
    def threshold(self) -> float:
        return float(self.positive["from_probability"]) if self.positive else THRESHOLD

    @cached_property
    def classes(self) -> dict[str, int]:
        return {label: number for number, label in enumerate(self.section["confusion_matrix"])}

    def measure(
        self, pairs: Sequence[tuple[str, str]], criterion: Criterion
    ) -> tuple[dict[str, float], float]:
        """The metrics of the rows, and what the criterion's metric is at best."""
        answers, labels = zip(*pairs, strict=True)
        actual, predicted = self.actual(labels), self.predicted(answers)
        self._check_texts(labels)
        found = measure(self.problem, actual, predicted, self.threshold)
        resamples = resample(self.problem, actual, predicted, self.threshold)
        known = {name: value for name, value in found.items() if self._is_known(name, value)}
        if criterion.metric not in known:
            raise DataError(f"{criterion.metric} cannot be computed: all {len(pairs)} rows have one label")
        return known, criterion.best_end(resamples[criterion.metric])

    def _is_known(self, name: str, value: float) -> bool:
        has_probabilities = self.problem != "multiclass-classification"
        return bool(np.isfinite(value)) and (has_probabilities or name not in UNKNOWN_WITHOUT_PROBABILITIES)

    def actual(self, labels: Sequence[str]) -> np.ndarray:
        """Numbers, or classes by number; ValueError for a text that is neither."""
        if self.problem == "regression":
            return _numbers(labels)
        if self.positive is None:
            return self._numbered(labels)
        return np.array([label == self.positive["label"] for label in labels], dtype=np.int64)

    def predicted(self, answers: Sequence[str]) -> np.ndarray:
        """As `metrics` measures them; ValueError for a text that no model of this problem answers."""
        if self.problem == "multiclass-classification":
            chosen: np.ndarray = np.eye(len(self.classes))[self._numbered(answers)]
            return chosen
        return _numbers(answers)

    def _check_texts(self, labels: Sequence[str]) -> None:
        """The evaluation names the positive label only: whatever the other is, it is one."""
        if self.positive and len({*labels, self.positive["label"]}) > 2:
            raise DataError(
                f"labels of two classes have {len({*labels, self.positive['label']})} different texts"
            )

    def _numbered(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.classes[text] for text in texts], dtype=np.int64)


def _numbers(texts: Sequence[str]) -> np.ndarray:
    numbers = np.array([parse_number(text) for text in texts], dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("no finite number")
    return numbers
