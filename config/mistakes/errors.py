"""How mistakes in the configuration are collected and told."""

import difflib
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import AfterValidator

MISSING, UNREADABLE = object(), object()
_LONGEST_SHOWN_VALUE = 60

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Mistake:
    """One thing to correct: where it is, what is wrong, what is allowed and what to change."""

    path: KeyPath
    value: object
    problem: str
    allowed: str
    change: str
    file: str = ""

    def __str__(self) -> str:
        """Return the one line that a user reads."""
        where = f"{self.file}: {show_path(self.path)}: {show_value(self.value)}"
        line = f"{where}: {self.problem}; allowed: {self.allowed}; change: {self.change}"
        return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)

    def below(self, path: KeyPath) -> "Mistake":
        """Return the same mistake with its path starting further up."""
        return replace(self, path=(*path, *self.path))

    def in_file(self, file: str) -> "Mistake":
        """Return the same mistake with the file it is in."""
        return replace(self, file=file)


class MistakesFoundError(ValueError):
    """Raised by validators; pydantic carries it to the report together with the place it was raised at."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def checked(rule: Callable[[Any], Iterator[Mistake]], when: type[Any] = AfterValidator) -> Any:
    """Return a rule as a part of a type; BeforeValidator for one that says itself what other types are."""

    def check(value: Any) -> Any:
        if mistakes := tuple(rule(value)):
            raise MistakesFoundError(*mistakes)
        return value

    return when(check)


class ConfigurationError(Exception):
    """The configuration has mistakes; its text has one line for each of them, of all files."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def show_path(path: KeyPath) -> str:
    """Write a key path as `use_cases.churn.model` or `features.numeric[3]`; `(file)` when there is none."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "(file)"


def show_value(value: object) -> str:
    """Write a value as it could stand in YAML, shortened."""
    if value in (MISSING, UNREADABLE):
        return "(missing)" if value is MISSING else "(unreadable)"
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as it was written: models turn 200 into 200.0
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN_VALUE else f"{text[:_LONGEST_SHOWN_VALUE]}..."


def unknown(
    value: object,
    known: Collection[str],
    problem: str,
    otherwise: str,
    *,
    allowed: str = "",
    path: KeyPath = (),
) -> Iterator[Mistake]:
    """Yield a value that is not among those known, with the nearest one."""
    if value not in known:
        yield Mistake(path, value, problem, allowed or ", ".join(known), suggest(value, known, otherwise))


def suggest(value: object, candidates: Iterable[str], otherwise: str) -> str:
    """Return "did you mean ..." for the candidate nearest to a value, or another advice if none is near.

    A first word that all have makes nobody alike: features_rents is not near to features_churn.
    """
    text, names = str(value), list(candidates)
    shared = text[: text.find("_") + 1]
    begin = len(shared) if all(name.startswith(shared) for name in names) else 0
    by_end = {name[begin:]: name for name in names}
    nearest = difflib.get_close_matches(text[begin:], by_end, n=1)
    return f"did you mean {by_end[nearest[0]]}?" if nearest else otherwise
