"""The baselines of an execution against those that are registered with the live version: what differs.

What Model Monitor and Clarify have steps of a pipeline for, which are closed to new customers:
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle.html
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bias_metrics import POST_TRAINING, PRE_TRAINING
from costs import METRIC
from data_quality import Comparison, common, completeness
from metrics import REPORT_NAMES, plain

Json = dict[str, Any]
NOTHING = "none"
"""The live version while nothing is live."""
DATA_QUALITY, MODEL_QUALITY, BIAS = "data-quality", "model-quality", "bias"
SECTIONS = {
    "pre_training_bias_metrics": PRE_TRAINING,
    "post_training_bias_metrics": POST_TRAINING,
}
EXECUTIONS_A_YEAR = 52
"""How many comparisons share the false alarms of a year: one with each model, not one each hour."""
LONGEST_TEXT = 256
# What metadata of a version may not hold:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
_UNTELLABLE = re.compile(r"[^\w .:/=+\-@]")


@dataclass(frozen=True)
class Difference:
    """Something that a baseline says otherwise than that of the live version, by more than chance."""

    baseline: str
    """One of _CHECKS."""
    name: str
    """A column, a metric, or a group's metric."""
    check: str
    live: str
    now: str


@dataclass(frozen=True)
class NotCompared:
    """A baseline, or a metric of it, that a version lacks, or whose value or limit is no finite number."""

    baseline: str
    name: str = ""

    @property
    def told(self) -> str:
        return f"{self.baseline} {self.name}".rstrip()


Findings = Iterator[Difference | NotCompared]


@dataclass(frozen=True)
class Baselines:
    """The files of a version: of a new one in the job's inputs, of the live one as the release took them."""

    data_quality: Path
    evaluation: Path

    def read(self, folder: str, file: str) -> Json | None:
        """None where a version has no such file, because it is older or compares no groups."""
        path: Path = getattr(self, folder) / file
        if not path.is_file():
            return None
        content: Json = json.loads(path.read_text("utf-8"))
        return content


def check(version: str, live: Baselines, new: Baselines) -> Mapping[str, object]:
    """drift-check.json, of which the pipeline reads the texts; a rule that approves asks for two of them."""
    if version == NOTHING:
        nothing = {"has_drifted": "no", "quality_is_worse": "no", "groups_fare_worse": "no"}
        return {"version": version, **nothing, "told": "nothing is live", "differences": []}
    found: list[Difference] = []
    lacking: list[NotCompared] = []
    for name, compare in _CHECKS.items():
        try:
            for each in compare(live, new):
                if isinstance(each, Difference):
                    found.append(each)
                else:
                    lacking.append(each)
        except (_MissingError, LookupError, TypeError, ValueError, ZeroDivisionError):
            lacking.append(NotCompared(name))
    return {
        "version": version,
        "has_drifted": "yes" if found else "no",
        "quality_is_worse": _is_worse(MODEL_QUALITY, found, lacking),
        "groups_fare_worse": _is_worse(BIAS, found, lacking),
        "told": _told(version, found, lacking),
        "differences": [asdict(each) for each in found],
        "not_compared": [each.told for each in lacking],
    }


def _is_worse(baseline: str, found: list[Difference], lacking: list[NotCompared]) -> str:
    """A rule approves on `no` only, and what was not compared may be worse."""
    if any(each.baseline == baseline for each in found):
        return "yes"
    return "unknown" if any(each.baseline == baseline for each in lacking) else "no"


class _MissingError(Exception):
    """A version lacks the file of a baseline."""


def _told(version: str, found: list[Difference], lacking: list[NotCompared]) -> str:
    """In one line of the letters that metadata of a version may have."""
    names = [f"{each.baseline} {each.name}" for each in found]
    count = f"{len(found)} difference{'s' if len(found) != 1 else ''}" if found else "no difference"
    parts = [f"{count} from the baselines of the live version {version}", *names]
    parts += [f"{each.told} not compared" for each in lacking]
    return _UNTELLABLE.sub("_", " - ".join(parts))[:LONGEST_TEXT]


def _pair(live: Baselines, new: Baselines, folder: str, file: str) -> tuple[Json, Json]:
    both = live.read(folder, file), new.read(folder, file)
    if both[0] is None or both[1] is None:
        raise _MissingError(file)
    return both[0], both[1]


def _data_quality(live: Baselines, new: Baselines) -> Findings:
    """What the monitor would say of rows like the new ones if the live version had answered them."""
    before, after = _pair(live, new, "data_quality", "statistics.json")
    constraints, _ = _pair(live, new, "data_quality", "constraints.json")
    compared = Comparison.of(before, constraints, after, EXECUTIONS_A_YEAR)
    for violation in compared.violations():
        name = violation["feature_name"]
        texts = [_column(each.get(name)) for each in (compared.baseline, compared.live)]
        if violation["constraint_check_type"].endswith("_column_check"):
            texts = [", ".join(sorted(each)) for each in (compared.baseline, compared.live)]
        yield Difference(DATA_QUALITY, name, violation["description"], *texts)


def _column(feature: Json | None) -> str:
    if feature is None:
        return "not there"
    counts = common(feature)
    present = f"{completeness(feature):.1%} of {counts['num_present'] + counts['num_missing']} rows present"
    if "numerical_statistics" in feature:
        return f"mean {plain(feature['numerical_statistics']['mean'])}, {present}"
    return f"{feature['string_statistics']['distinct_count']:.0f} categories, {present}"


def _model_quality(live: Baselines, new: Baselines) -> Findings:
    """Metrics beyond the worse end of what chance made of the live version's, on its own test part."""
    before, after = _pair(live, new, "evaluation", "evaluation.json")
    limits, _ = _pair(live, new, "evaluation", "constraints.json")
    (section,) = (name for name in REPORT_NAMES.values() if name in before)
    for name, limit in limits[section.replace("_metrics", "_constraints")].items():
        values = [each[section].get(name, {}).get("value") for each in (before, after)]
        kind, threshold = limit["comparison_operator"], limit["threshold"]
        has_other_costs = name == METRIC and before.get("costs") != after.get("costs")
        if has_other_costs or not all(map(_is_number, (*values, threshold))):
            yield NotCompared(MODEL_QUALITY, name)
            continue
        is_beyond = values[1] > threshold if kind == "GreaterThanThreshold" else values[1] < threshold
        if is_beyond:
            yield Difference(MODEL_QUALITY, name, f"{kind} {plain(threshold)}", *map(plain, values))


def _bias(live: Baselines, new: Baselines) -> Findings:
    """Metrics that are farther from equal than the live version's, which is not what chance makes of them."""
    if not any(each.read("evaluation", "bias/analysis.json") for each in (live, new)):
        return
    before, now = _pair(live, new, "evaluation", "bias/analysis.json")
    intervals = new.read("evaluation", "bias/intervals.json") or {}
    for section, metrics in SECTIONS.items():
        both = groups(before[section]), groups(now[section])
        named = {(group, name) for each in both for group, names in each.items() for name in names}
        for group, name in sorted(named):
            equal, what = metrics[name].equal, f"{section.partition('_training')[0]}-training {group} {name}"
            if equal is None:
                continue
            was, value = (each.get(group, {}).get(name) for each in both)
            interval = intervals[section].get(group, {}).get(name)
            if was is None or value is None or interval is None:
                yield NotCompared(BIAS, what)
            elif not interval[0] <= was <= interval[1] and abs(value - equal) > abs(was - equal):
                yield Difference(BIAS, what, "farther from equal", plain(was), plain(value))


def groups(section: Json) -> dict[str, dict[str, float | None]]:
    """The metrics of each group by name; none has the value of one that is no finite number."""
    found: dict[str, dict[str, float | None]] = {}
    for facet, of_facet in section["facets"].items():
        for each in of_facet:
            values = {metric["name"]: metric["value"] for metric in each["metrics"]}
            found[group_name(facet, each["value_or_threshold"])] = {
                name: float(value) if _is_number(value) else None for name, value in values.items()
            }
    return found


def group_name(facet: str, told: str) -> str:
    """Of numbers a group is told with the largest one, which another delivery moves."""
    return f"{facet} above {told[1:].partition(',')[0]}" if told.startswith("(") else f"{facet} {told}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


_CHECKS = {DATA_QUALITY: _data_quality, MODEL_QUALITY: _model_quality, BIAS: _bias}
