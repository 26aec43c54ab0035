"""What a review says: findings by kind, most dangerous first; equal ones of several places are one row."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

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
    PROTECTION = ("Protection removed", Verdict.NOTABLE)
    ACKNOWLEDGED = ("Findings of the security checks acknowledged", Verdict.NOTABLE)
    MODEL = ("Model version", Verdict.NOTABLE)
    STEPS = ("Steps of pipelines", Verdict.NOTABLE)
    HYPERPARAMETERS = ("Hyperparameters", Verdict.NOTABLE)
    THRESHOLDS = ("Thresholds", Verdict.NOTABLE)
    IMAGES = ("Images", Verdict.NOTABLE)
    INSTANCES = ("Instances", Verdict.NOTABLE)
    ARGUMENTS = ("Arguments and environment of jobs", Verdict.NOTABLE)
    CODE = ("Code that jobs run", Verdict.NOTABLE)
    REPLACED = ("Replaced, holding no data", Verdict.NOTABLE)
    REMOVED = ("Removed", Verdict.NOTABLE)
    ADDED = ("Added", Verdict.NOTABLE)
    CHANGED = ("Changed in place", Verdict.NOTABLE)
    TEXTS = ("Tags, descriptions and outputs", Verdict.NONE)

    def __init__(self, heading: str, verdict: Verdict) -> None:
        self.heading = heading
        self.verdict = verdict


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


_ELSEWHERE_EQUAL = (
    (re.compile(r"(?<!\d)\d{12}(?!\d)"), "<account>"),
    (re.compile(r"\b(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d[a-f]?\b"), "<region>"),
)


def grouped(findings: Iterable[Finding], stacks: Stacks) -> list[Row]:
    """One row for findings that differ in names of environment, account, region or use case only."""
    alike: dict[tuple[Kind, str, str], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        stack = stacks.get(finding.place)
        key = (finding.kind, neutral(finding.subject, stack), neutral(finding.text, stack))
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
    """One row for subjects to which the same happens; what is destroyed has a row of its own."""
    alike: dict[tuple[Kind, str, str], list[Row]] = {}
    for row in rows:
        is_alone = row.kind.verdict is Verdict.DESTRUCTIVE
        alike.setdefault((row.kind, row.text, row.subject if is_alone else ""), []).append(row)
    for (kind, text, _), found in alike.items():
        findings = tuple(finding for row in found for finding in row.findings)
        yield Row(kind, ", ".join(dict.fromkeys(row.subject for row in found)), text, findings)


def neutral(text: str, stack: Stack | None) -> str:
    """The text without what differs between environments and use cases."""
    if stack is not None:
        text = stack.neutral.sub("<prefix>", text)
        if stack.use_case:
            text = text.replace(stack.use_case, "<use case>")
    for pattern, stands_for in _ELSEWHERE_EQUAL:
        text = pattern.sub(stands_for, text)
    return text
