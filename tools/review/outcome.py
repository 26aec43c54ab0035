"""One review: all that is found between two sets of stacks, judged."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from tools.review.approvals import Approval, Approved, approve
from tools.review.costs import CostChange, cost_changes
from tools.review.differences import compare
from tools.review.findings import OF_USE_CASES, Finding, Row, Verdict, grouped
from tools.review.homes import homes, moves
from tools.review.inspection import inspect, inspect_stack, inspect_tags
from tools.review.permissions import widened_permissions
from tools.review.pipelines import Graphs, graphs
from tools.review.resolved import resolved
from tools.review.stacks import Stacks


@dataclass(frozen=True)
class Review:
    """What a comment and a page say."""

    rows: list[Row]
    graphs: list[Graphs]
    costs: list[CostChange]
    approved: Approved
    hidden: list[str] = field(default_factory=list)
    """What the compared material does not show."""

    def by_use_case(self) -> list[tuple[str, list[Row]]]:
        """Rows of kinds that only use cases have; equal ones of several use cases together."""
        rows = [row for row in self.rows if row.kind in OF_USE_CASES]
        names = sorted({row.use_cases for row in rows})
        return [(name, [row for row in rows if row.use_cases == name]) for name in names]

    @property
    def verdict(self) -> Verdict:
        if self.approved.missing:
            return Verdict.DESTRUCTIVE
        is_notable = any(row.kind.verdict is not Verdict.NONE for row in self.rows)
        return Verdict.NOTABLE if is_notable else Verdict.NONE


def review(
    before: Stacks,
    after: Stacks,
    *,
    more: Iterable[Finding] = (),
    approvals: Iterable[Approval] = (),
    today: datetime.date,
    hidden: Iterable[str] = (),
) -> Review:
    """Compare two sets of stacks; `more` are findings that no template shows."""
    moved, before = moves(before, after)
    comparison = compare(*resolved(before, after))
    before, after = comparison.before, comparison.after
    at = {**homes(before), **homes(after)}
    findings = [*more, *moved]
    for difference in comparison.differences:
        findings += inspect(difference)
    findings += inspect_tags(comparison.differences, {**before, **after}, at)
    for place in sorted(before.keys() | after.keys()):
        findings += inspect_stack(before.get(place), after.get(place))
    findings += widened_permissions(before, after, at)
    return Review(
        rows=grouped(findings, {**before, **after}, at),
        graphs=graphs(before, after),
        costs=cost_changes(before, after),
        approved=approve(findings, list(approvals), today),
        hidden=list(hidden),
    )
