"""A review as one Markdown comment.

What templates say stands in code spans: nothing of it can be a link, a picture or a mention.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator

from tools.review.costs import CostChange, assumptions
from tools.review.findings import OF_USE_CASES, Kind, Row, Verdict
from tools.review.outcome import Review

MARK = "<!-- review of what is deployed -->"
"""The first line, by which the comment is found again."""

_LONGEST_TEXT, _MOST_ROWS = 400, (40, 10, 3)
_LONGEST_COMMENT = 60_000
_MOST_NAMED = 100
_PLAIN_YAML = re.compile(r"[\w./-][\w./ -]*")
OF_NO_USE_CASE = "Of no use case"
FOLDED = (Kind.REPLACED, Kind.REMOVED, Kind.ADDED, Kind.CHANGED, Kind.TEXTS)
VERDICTS = {
    Verdict.NONE: "Nothing notable changes.",
    Verdict.NOTABLE: "Notable: read what follows.",
    Verdict.DESTRUCTIVE: "Destructive, and not approved in docs/approvals.yaml.",
}


def comment(review: Review) -> str:
    """The whole comment; with fewer rows where GitHub would refuse it for its length."""
    for most_rows in _MOST_ROWS:
        text = "\n".join([MARK, *_lines(review, most_rows)]) + "\n"
        if len(text) <= _LONGEST_COMMENT:
            return text
    destroyed = list(dict.fromkeys(finding.what for finding in review.approved.missing))[:_MOST_NAMED]
    short = [
        f"**{VERDICTS[review.verdict]}** It is too long for a comment; its page has all of it.",
        "",
        *(f"- {line}" for line in counts(review)),
        *(f"- not approved: {code(what)}" for what in destroyed),
    ]
    return "\n".join([MARK, *short]) + "\n"


def _lines(review: Review, most_rows: int) -> Iterator[str]:
    yield "## What this changes in what is deployed"
    yield ""
    yield f"**{VERDICTS[review.verdict]}**"
    yield from ["", " · ".join(counts(review)), ""] if review.rows else [""]
    yield from _approvals(review)
    kinds = [kind for kind in Kind if any(row.kind is kind for row in review.rows)]
    for kind in (kind for kind in kinds if kind not in (*FOLDED, *OF_USE_CASES)):
        yield from [f"### {kind.heading}", ""]
        yield from _table(kind, review.rows, most_rows)
    for name, rows in review.by_use_case():
        heading = f"Use case {code(name)}" if name else OF_NO_USE_CASE
        yield from [f"### {heading}", "", "| Kind | What | Change | Where |", "|---|---|---|---|"]
        yield from (f"| {row.kind.heading} {_cells(row)}" for row in rows[:most_rows])
        yield from _rest(rows[most_rows:], columns=4)
    yield from _graphs(review)
    yield from _costs(review.costs, most_rows)
    for kind in (kind for kind in kinds if kind in FOLDED):
        yield from _folded(kind, review.rows, most_rows)
    if review.hidden:
        yield from ["<details><summary>What this review cannot see</summary>", ""]
        yield from (f"- {line}" for line in review.hidden)
        yield from ["", "</details>"]


def counts(review: Review) -> Iterator[str]:
    """How many rows each kind has."""
    for kind in Kind:
        number = sum(row.kind is kind for row in review.rows)
        if number:
            yield f"{kind.heading} {number}"


def _approvals(review: Review) -> Iterator[str]:
    approved = review.approved
    if approved.missing:
        yield "To merge this, say in docs/approvals.yaml why each is right, and until when it may be merged:"
        yield from ["", "```yaml"]
        for what in dict.fromkeys(finding.what for finding in approved.missing):
            yield from [f"- what: {yaml_text(what)}", "  why: …", "  until: …"]
        yield from ["```", ""]
    for finding, approval in approved.approved.items():
        yield f"- approved until {approval.until}: {code(finding.what)}: {code(approval.why)}"
    for approval in approved.expired:
        yield f"- the approval of {code(approval.what)} has expired on {approval.until}"
    for approval in approved.idle:
        yield f"- the approval of {code(approval.what)} matches nothing any more: remove it"
    yield ""


def _cells(row: Row) -> str:
    return f"| {code(row.subject)} | {code(row.text)} | {code(row.places_in_short)} |"


def _table(kind: Kind, rows: Iterable[Row], most_rows: int) -> Iterator[str]:
    shown = [row for row in rows if row.kind is kind]
    yield from ["| What | Change | Where |", "|---|---|---|"]
    yield from (_cells(row) for row in shown[:most_rows])
    yield from _rest(shown[most_rows:], columns=3)


def _rest(rows: list[Row], columns: int) -> Iterator[str]:
    """How many rows follow on the page, and of which environments they are."""
    if rows:
        names = sorted({finding.place.partition("/")[0] for row in rows for finding in row.findings})
        text = f"| and {len(rows)} more, which the page of this review holds, of {code(', '.join(names))} "
        yield f"{text}{'| ' * columns}".rstrip()
    yield ""


def _folded(kind: Kind, rows: list[Row], most_rows: int) -> Iterator[str]:
    number = sum(row.kind is kind for row in rows)
    yield from [f"<details><summary>{kind.heading}: {number}</summary>", ""]
    yield from _table(kind, rows, most_rows)
    yield from ["</details>", ""]


def _graphs(review: Review) -> Iterator[str]:
    for graph in review.graphs:
        for when, drawn in (("before", graph.before), ("after", graph.after)):
            if drawn:
                yield from [f"Pipeline {code(graph.names)} {when}:", "", "```mermaid", drawn, "```", ""]


def _costs(costs: list[CostChange], most_rows: int) -> Iterator[str]:
    if costs:
        yield from ["### Cost of a month", "", "| Where | Before | After | USD |", "|---|---|---|---|"]
        for cost in costs[:most_rows]:
            yield f"| {code(cost.place)} | {code(cost.before)} | {code(cost.after)} | {money(cost.monthly)} |"
        if rest := costs[most_rows:]:
            yield f"| and {len(rest)} more, which the page of this review holds | | | |"
        yield from [f"| all | | | {money(total(costs))} |", "", assumptions(), ""]


def total(costs: Iterable[CostChange]) -> float:
    """Of all whose price is known."""
    return sum(cost.monthly for cost in costs if cost.monthly is not None)


def money(usd: float | None) -> str:
    """`+83.95`; said in words where the table has no price."""
    return "no price in the table" if usd is None else f"{usd:+,.2f}"


def yaml_text(text: str) -> str:
    """As docs/approvals.yaml holds it, on one line that ends no block."""
    return text if _PLAIN_YAML.fullmatch(text) else json.dumps(visible(text).replace("`", "'"))


def visible(text: str) -> str:
    """Without characters that show nothing, or turn what follows them."""
    return "".join(
        f"\\u{ord(each):04x}" if unicodedata.category(each) in ("Cc", "Cf", "Co", "Zl", "Zp") else each
        for each in text.replace("\n", " ").replace("\t", " ")
    )


def code(text: str) -> str:
    """A code span that ends where it should, also within a table."""
    plain = " ".join(visible(text).replace("`", "'").split()).replace("|", "\\|")
    if len(plain) > _LONGEST_TEXT:
        plain = plain[:_LONGEST_TEXT].rstrip("\\") + "…"
    return f"`{plain}`" if plain else ""
