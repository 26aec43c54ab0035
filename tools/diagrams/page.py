"""The page with the diagrams, and how they are put into it."""

import re
from collections.abc import Mapping
from pathlib import Path

from tools.diagrams.assembly import DiagramError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"

_PLACE = re.compile(r"(<!-- diagram: (?P<name>[a-z-]+) -->\n).*?(<!-- end of diagram -->)", re.DOTALL)


def with_diagrams(page: str, drawn: Mapping[str, str]) -> str:
    """The page with its diagrams drawn anew between `<!-- diagram: NAME -->` and `<!-- end of diagram -->`.

    Raises DiagramError when the page has other diagrams than those drawn.
    """
    found = [match["name"] for match in _PLACE.finditer(page)]
    if sorted(found) != sorted(drawn):
        raise DiagramError(f"the page has the diagrams {sorted(found)}, drawn are {sorted(drawn)}")
    return _PLACE.sub(lambda match: f"{match[1]}```mermaid\n{drawn[match['name']]}\n```\n{match[3]}", page)
