"""What a review says: findings by kind, most dangerous first; equal ones of several places are one row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from tools.review.stacks import Stack, Stacks


class Verdict(Enum):
    """How a program ends that reviews: its exit code."""

    NONE = 0
    NOTABLE = 1
    DESTRUCTIVE = 2


class Kind(Enum):
    """In the order of their danger: the heading, and what a finding of it means for the verdict."""

    DATA = ("Data lost or replaced", Verdict.DESTRUCTIVE)
    ENDPOINT = ("Endpoints interrupted", Verdict.DESTRUCTIVE)
    PERMISSIONS = ("Permissions widened", Verdict.NOTABLE)
    NETWORK = ("Network opened", Verdict.NOTABLE)
    SENT = ("Data, logs or messages sent elsewhere", Verdict.NOTABLE)
    PROTECTION = ("Protection removed", Verdict.NOTABLE)
    ACKNOWLEDGED = ("Findings of the security checks acknowledged", Verdict.NOTABLE)
    MODEL = ("Model version", Verdict.NOTABLE)
    STEPS = ("Steps of pipelines and state machines", Verdict.NOTABLE)
    HYPERPARAMETERS = ("Hyperparameters", Verdict.NOTABLE)
    THRESHOLDS = ("Thresholds", Verdict.NOTABLE)
    IMAGES = ("Images", Verdict.NOTABLE)
    INSTANCES = ("Instances, copies and traffic", Verdict.NOTABLE)
    ARGUMENTS = ("Arguments and environment of jobs", Verdict.NOTABLE)
    CODE = ("Code that runs", Verdict.NOTABLE)
    REPLACED = ("Replaced, holding no data", Verdict.NOTABLE)
    REMOVED = ("Removed", Verdict.NOTABLE)
    ADDED = ("Added", Verdict.NOTABLE)
    CHANGED = ("Changed in place", Verdict.NOTABLE)
    TEXTS = ("Tags, descriptions and outputs", Verdict.NONE)

    def __init__(self, heading: str, verdict: Verdict) -> None:
        self.heading = heading
        self.verdict = verdict


class Home(NamedTuple):
    """Where an environment is; empty where its templates do not say so."""

    account: str
    region: str


OF_USE_CASES = (
    *(Kind.MODEL, Kind.STEPS, Kind.HYPERPARAMETERS, Kind.THRESHOLDS),
    *(Kind.IMAGES, Kind.INSTANCES, Kind.ARGUMENTS),
)


@dataclass(frozen=True)
class Finding:
    """One thing that one stack, or a place outside of the stacks, gets."""

    kind: Kind
    place: str
    subject: str
    text: str
    what: str = ""
    """By which docs/approvals.yaml names what is destroyed: `dev/foundation/Data666C94C7 removed`."""


@dataclass(frozen=True)
class Row:
    """Equal findings of several places."""

    kind: Kind
    subject: str
    text: str
    findings: tuple[Finding, ...]
    use_cases: str = ""
    """Of which use cases the places are."""

    @property
    def places(self) -> str:
        return ", ".join(dict.fromkeys(finding.place for finding in self.findings))

    @property
    def places_in_short(self) -> str:
        """All environments, and how many stacks where they are many."""
        if len(self.places) <= _LONGEST_PLACES:
            return self.places
        stacks: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            stacks.setdefault(finding.place.partition("/")[0], {})[finding.place] = None
        return ", ".join(
            f"{len(found)} stacks of {name}" if len(found) > 1 else next(iter(found))
            for name, found in stacks.items()
        )


_LONGEST_PLACES = 200


def grouped(findings: Iterable[Finding], stacks: Stacks, homes: Mapping[str, Home]) -> list[Row]:
    """One row for findings that differ only in names: of use case, environment, its account and region."""
    alike: dict[tuple[Kind, str, str], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        stack = stacks.get(finding.place)
        home = homes.get(stack.environment) if stack else None
        key = (finding.kind, neutral(finding.subject, stack, home), neutral(finding.text, stack, home))
        alike.setdefault(key, []).append(finding)
    rows = [_row(key, found) for key, found in sorted(alike.items(), key=lambda item: _order(*item))]
    return [replace(row, use_cases=_use_cases(row, stacks)) for row in _together(rows)]


def _use_cases(row: Row, stacks: Stacks) -> str:
    found = {stacks[each.place].use_case for each in row.findings if each.place in stacks}
    return ", ".join(sorted(found))


def _order(key: tuple[Kind, str, str], found: list[Finding]) -> tuple[int, str, str]:
    return [*Kind].index(key[0]), found[0].place, key[1]


def _row(key: tuple[Kind, str, str], found: list[Finding]) -> Row:
    kind, subject, text = key
    subjects, texts = {finding.subject for finding in found}, {finding.text for finding in found}
    return Row(
        kind,
        subjects.pop() if len(subjects) == 1 else subject,
        texts.pop() if len(texts) == 1 else text,
        tuple(found),
    )


def _together(rows: list[Row]) -> Iterator[Row]:
    """One row for subjects to which the same happens in the same places; what is destroyed has its own."""
    alike: dict[tuple[Kind, str, str, str], list[Row]] = {}
    for row in rows:
        is_alone = row.kind.verdict is Verdict.DESTRUCTIVE
        alike.setdefault((row.kind, row.text, row.places, row.subject if is_alone else ""), []).append(row)
    for (kind, text, _, _), found in alike.items():
        findings = tuple(finding for row in found for finding in row.findings)
        yield Row(kind, ", ".join(dict.fromkeys(row.subject for row in found)), text, findings)


def neutral(text: str, stack: Stack | None, home: Home | None) -> str:
    """The text without what differs between environments and use cases; other accounts stay as they are."""
    if stack is not None:
        text = stack.neutral.sub("<prefix>", text)
        if stack.use_case:
            text = text.replace(stack.use_case, "<use case>")
    for name, stands_for in zip(home or (), ("<account>", "<region>"), strict=False):
        text = re.sub(rf"(?<![0-9a-z]){re.escape(name)}(?!\d)", stands_for, text) if name else text
    return text
