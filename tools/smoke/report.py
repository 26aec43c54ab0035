"""What an account showed, beside what the rehearsal showed, as one page to hand on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOWHERE = "nothing"


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise than in the rehearsal."""

    what: str
    rehearsed: Any
    found: Any


def differences(
    rehearsed: Mapping[str, Any], found: Mapping[str, Any], path: str = ""
) -> Iterator[Difference]:
    """Compare member by member; lists as a whole."""
    for name in sorted(rehearsed.keys() | found.keys()):
        left, right = rehearsed.get(name, NOWHERE), found.get(name, NOWHERE)
        where = f"{path}{name}"
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            yield from differences(left, right, f"{where}: ")
        elif left != right:
            yield Difference(where, left, right)


def page(title: str, failed: Mapping[str, str], different: list[Difference], found: Mapping[str, Any]) -> str:
    """Markdown: what failed, what differs, and all that was seen."""
    lines = [f"# {title}", ""]
    if not failed and not different:
        lines += ["No differences from the rehearsal.", ""]
    for act, why in failed.items():
        lines += [f"**{act}** failed; what comes after it was not tried:", "", "```", why, "```", ""]
    if different:
        lines += ["| What | In the rehearsal | Here |", "|---|---|---|"]
        lines += [
            f"| {_cell(each.what)} | {_cell(each.rehearsed)} | {_cell(each.found)} |" for each in different
        ] + [""]
    lines += ["All that was seen:", "", "```json", json.dumps(found, indent=2, sort_keys=True), "```", ""]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text.replace("|", "\\|").replace("\n", " ")
