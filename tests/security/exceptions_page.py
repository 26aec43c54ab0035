"""docs/exceptions.md: every acknowledged finding of the shipped environments, rule by rule."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from stacks.parts import place as stacks_place
from tests.security.acknowledgements import Acknowledgement

INTRODUCTION = """\
# Exceptions

What the security checks find in the shipped environments and is right, rule by rule: on which resource,
and why. Nothing else is found: `make check-security` fails for a finding that is not listed here, and for one
that is listed and no longer found. `make snapshots` writes this page from the acknowledgements in `stacks/`.
Every other option is checked in the same way, in the variants of `tests/sample/`; it is not listed.

Paths are those of the constructs, below the environment; `<prefix>`, `<account>` and `<region>` stand
for those of each environment, `<tuning>` for what the names of its tuning jobs begin with.
"""


class Place(NamedTuple):
    """What is filled in, in the names of one environment."""

    environment: str
    prefix: str
    account: str
    region: str


class _Row(NamedTuple):
    rule: str
    resource: str
    detail: str
    reason: str


def exceptions_page(acknowledgements: Iterable[Acknowledgement], places: Mapping[str, Place]) -> str:
    """The whole page. `places` are the environments by name."""
    environments: dict[_Row, set[str]] = defaultdict(set)
    for each in acknowledgements:
        environment = each.path.split("/")[0]
        environments[_row(each, places[environment])].add(environment)
    sections = [
        "\n".join([f"## {rule}", "", "| Resource | What | Where | Why |", "|---|---|---|---|", *lines, ""])
        for rule, rows in groupby(sorted(environments), key=lambda row: row.rule)
        for lines in [[_line(row, environments[row]) for row in rows]]
    ]
    return "\n".join([INTRODUCTION, *sections])


def _row(acknowledgement: Acknowledgement, place: Place) -> _Row:
    rule, _, detail = acknowledgement.rule.partition("[")
    resource = acknowledgement.path.removeprefix(f"{place.environment}/")
    kind, _, name = detail.removesuffix("]").partition("::")
    shown = f"{kind.lower()} `{_in_general(name, place)}`" if name else ""
    return _Row(rule, resource, shown, acknowledgement.reason)


def _in_general(name: str, place: Place) -> str:
    name = name.replace(place.account, "<account>").replace(place.region, "<region>")
    tuning = stacks_place.Place(place.prefix, place.account, place.region).tuning_job
    name = re.sub(rf"(?<=[/:]){tuning}(?=-)", "<tuning>", name)
    for before, after in (("/", "-"), ("/", "/"), (":", "-"), (":", "/")):
        name = name.replace(f"{before}{place.prefix}{after}", f"{before}<prefix>{after}")
    return name


def _line(row: _Row, environments: set[str]) -> str:
    return f"| `{row.resource}` | {row.detail} | {', '.join(sorted(environments))} | {row.reason} |"
