"""A review as one HTML page that needs nothing else: no script, no network."""

from itertools import groupby

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from tools.review.costs import assumptions
from tools.review.drawing import svg
from tools.review.findings import OF_USE_CASES
from tools.review.markdown import FOLDED, OF_NO_USE_CASE, VERDICTS, counts, money, total, visible, yaml_text
from tools.review.outcome import Review

_TEMPLATES = Environment(
    loader=FileSystemLoader(__file__.rpartition("/")[0]),
    autoescape=select_autoescape(["html"]),
    finalize=lambda value: visible(value) if type(value) is str else value,
)


def page(review: Review) -> str:
    """The whole page, with all rows."""
    return _TEMPLATES.get_template("page.html").render(
        verdict=VERDICTS[review.verdict],
        level=review.verdict.name.lower(),
        counts=list(counts(review)),
        sections=[(kind, list(rows)) for kind, rows in groupby(review.rows, key=lambda row: row.kind)],
        use_cases=review.by_use_case(),
        of_no_use_case=OF_NO_USE_CASE,
        of_use_cases=OF_USE_CASES,
        graphs=[
            (graph, [(when, Markup(svg(text))) for when, text in _of(graph.before, graph.after)])  # noqa: S704
            for graph in review.graphs
        ],
        costs=[(cost, money(cost.monthly)) for cost in review.costs],
        total=money(total(review.costs)),
        assumptions=assumptions(),
        approved=review.approved,
        missing=[yaml_text(what) for what in dict.fromkeys(each.what for each in review.approved.missing)],
        hidden=review.hidden,
        folded=FOLDED,
    )


def _of(before: str, after: str) -> list[tuple[str, str]]:
    return [(when, text) for when, text in (("before", before), ("after", after)) if text]
