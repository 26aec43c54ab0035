"""Whether a regular expression can backtrack: whether it can take in some text in two ways.

Where the next character alone decides how to go on (Brüggemann-Klein and Wood, "One-Unambiguous Regular
Languages", 1998), each character that a failing match gives back is looked at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

ALPHABET = [chr(code) for code in range(256)]


@dataclass(frozen=True)
class _Part:
    """Positions at which a part of an expression can begin and end, and whether it can be empty."""

    empty: bool
    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()

    def then(self, after: _Part) -> _Part:
        return _Part(
            self.empty and after.empty,
            self.first | after.first if self.empty else self.first,
            self.last | after.last if after.empty else after.last,
        )


@dataclass
class _Positions:
    """Glushkov's automaton: which characters a position takes, and which positions can follow it."""

    flags: int
    takes: list[frozenset[str]] = field(default_factory=list)
    follows: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """A position is there twice when two loops lead to it."""
    ambiguous: bool = False

    def sequence(self, nodes: Iterable[Any]) -> _Part:
        whole = _Part(empty=True)
        for node in nodes:
            part = self._node(*node)
            self._link(whole.last, part.first)
            whole = whole.then(part)
        return whole

    def _node(self, kind: Any, argument: Any) -> _Part:
        if kind is _constants.AT:
            return _Part(empty=True)
        if kind is _constants.SUBPATTERN:
            return self.sequence(argument[3])
        if kind is _constants.BRANCH:
            parts = [self.sequence(branch) for branch in argument[1]]
            self.ambiguous |= sum(part.empty for part in parts) > 1
            return _Part(
                any(part.empty for part in parts),
                frozenset[int]().union(*(part.first for part in parts)),
                frozenset[int]().union(*(part.last for part in parts)),
            )
        if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            least, most, repeated = argument
            part = self.sequence(repeated)
            if most > 1:
                self._link(part.last, part.first)
            return _Part(part.empty or least == 0, part.first, part.last)
        return self._characters(kind, argument)

    def _characters(self, kind: Any, argument: Any) -> _Part:
        assert kind in (_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY), kind
        one = _parser.SubPattern(_parser.State(), [(kind, argument)])
        matches = _compiler.compile(one, self.flags).fullmatch
        self.takes.append(frozenset(filter(matches, ALPHABET)))
        here = frozenset({len(self.takes) - 1})
        return _Part(False, here, here)

    def _link(self, before: Iterable[int], after: Iterable[int]) -> None:
        for position in before:
            self.follows[position] += after


def is_linear(pattern: str, flags: int = 0) -> bool:
    """Whether each next character leaves one way to go on; of no use for expressions with look-around."""
    positions = _Positions(flags & ~re.DEBUG)
    whole = positions.sequence(_parser.parse(pattern, flags))
    choices = [whole.first, *positions.follows.values()]
    return not positions.ambiguous and not any(
        positions.takes[one] & positions.takes[other]
        for choice in choices
        for one, other in combinations(choice, 2)
    )
