"""The tables of docs/costs.md: what a month costs, by the templates and the dated prices."""

import re
from collections.abc import Mapping
from pathlib import Path

from tools.review.costs import assumptions, costs_of
from tools.review.stacks import Stack, Stacks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "costs.md"
_PLACE = re.compile(r"(<!-- costs -->\n).*?(<!-- end of costs -->)", re.DOTALL)
_SHARED = "shared by all"
_NOT_LOOKED_UP = "no price in the table"


def with_costs(page: str, stacks: Stacks) -> str:
    """The page with its tables written anew between `<!-- costs -->` and `<!-- end of costs -->`."""
    return _PLACE.sub(lambda match: f"{match[1]}{tables(stacks)}{match[2]}", page)


def tables(stacks: Stacks) -> str:
    """One table for each environment, and what all of them assume."""
    environments = sorted({stack.environment for stack in stacks.values()})
    parts = [
        _table(name, [stack for stack in stacks.values() if stack.environment == name])
        for name in environments
    ]
    return "\n\n".join([*parts, assumptions()]) + "\n"


def _table(environment: str, stacks: list[Stack]) -> str:
    sums = _sums(stacks)
    rows = [f"| {owner} | {what} | {_money(monthly)} |" for (owner, what), monthly in sums.items()]
    total = sum(monthly or 0 for monthly in sums.values())
    return "\n".join(
        [
            f"## {environment}",
            "",
            "| for | what | US dollars a month |",
            "|---|---|---:|",
            *rows,
            f"| | **together** | **{total:,.2f}** |",
        ]
    )


def _sums(stacks: list[Stack]) -> Mapping[tuple[str, str], float | None]:
    """What is shared first, then by use case; in each the dearest first."""
    sums: dict[tuple[str, str], float | None] = {}
    for stack in stacks:
        for cost in costs_of(stack).values():
            key = (stack.use_case or _SHARED, _kind(cost.what))
            before = sums.get(key, 0.0)
            sums[key] = None if before is None or cost.monthly is None else before + cost.monthly
    order = sorted(sums, key=lambda key: (key[0] != _SHARED, key[0], -(sums[key] or 0), key[1]))
    return {key: sums[key] for key in order}


def _kind(what: str) -> str:
    """Steps of a pipeline are one row, and so are resources of a type however many of them there are."""
    if what.startswith("step "):
        return "executions of the pipeline"
    words = {"VPCEndpoint": "interface endpoints", "Key": "keys", "Alarm": "alarms", "Dashboard": "dashboard"}
    return words.get(what.partition(" × ")[0], what)


def _money(monthly: float | None) -> str:
    return _NOT_LOOKED_UP if monthly is None else f"{monthly:,.2f}"
