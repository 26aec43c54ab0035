"""Requests that contradict themselves: each row of `rules.yaml` is a condition that AWS refuses.

A condition is JMESPath over the members of the request and over `here`, its account and region, with the
functions below. It holds for what is wrong; a member that is not given breaks nothing by itself.
"""

import hashlib
import io
import json
import re
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any
from zipfile import is_zipfile
from zoneinfo import ZoneInfo

import jmespath
import yaml
from jmespath.exceptions import JMESPathTypeError
from jmespath.functions import Functions, signature

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import Request
from tools.local_aws.requests.words import code_of
from tools.local_aws.scheduler.expressions import is_schedule

# What is named so in the words of a row is read from the request.
_NAMED = re.compile(r"\{\{(.+?)\}\}")
_RULES = Path(__file__).with_name("rules.yaml")
_Question = Callable[..., Any]


def _of(count: int) -> Callable[[_Question], _Question]:
    """How JMESPath is told of a function that takes so many values, each of any type."""
    told: Callable[[_Question], _Question] = signature(*[{"types": []}] * count)
    return told


class _Questions(Functions):  # type: ignore[misc]
    """What a condition may ask; what is not given is never wrong."""

    @_of(1)
    def _func_twice(self, found: Any) -> bool:
        texts = [json.dumps(value, default=str) for value in found or []]
        return len(set(texts)) < len(texts)

    @_of(1)
    def _func_overlapping(self, found: Any) -> bool:
        """Whether one value is another, or matches it with its wildcard."""
        return any(fnmatchcase(one, other) for one, other in permutations(found or [], 2))

    @_of(2)
    def _func_unlike(self, found: Any, pattern: str) -> bool:
        try:
            fits = re.compile(pattern, re.DOTALL | re.ASCII).fullmatch
        except re.error:
            # A pattern of Java's, given in the request: Python cannot tell.
            return False
        return any(fits(_text(value)) is None for value in _each(found))

    @_of(2)
    def _func_no_schedule(self, found: Any, forms: list[str]) -> bool:
        return any(not is_schedule(value, forms) for value in _each(found))

    @_of(1)
    def _func_no_json(self, found: Any) -> bool:
        return any(_fails(json.loads, value) for value in _each(found))

    @_of(1)
    def _func_parsed(self, found: Any) -> Any:
        return None if found is None or _fails(json.loads, found) else json.loads(found)

    @_of(1)
    def _func_no_zone(self, found: Any) -> bool:
        return any(_fails(ZoneInfo, value) for value in _each(found))

    @_of(1)
    def _func_no_zip(self, found: Any) -> bool:
        return any(not is_zipfile(io.BytesIO(value)) for value in _each(found))

    @_of(2)
    def _func_digest(self, algorithm: str, found: Any) -> str:
        return _digest(algorithm, found or b"")

    @_of(1)
    def _func_span(self, found: Any) -> Any:
        return max(found) - min(found) if found else 0

    @_of(1)
    def _func_age(self, moment: Any) -> float:
        return (
            (datetime.now(UTC) - moment.replace(tzinfo=moment.tzinfo or UTC)).total_seconds()
            if moment
            else 0.0
        )

    @_of(3)
    def _func_beyond(self, found: Any, least: float, most: float) -> bool:
        return any(_fails(float, value) or not least <= float(value) <= most for value in _each(found))

    @_of(1)
    def _func_size(self, found: Any) -> int:
        return sum(len(str(value).encode()) for value in _each(found))

    @_of(1)
    def _func_letters(self, found: Any) -> int:
        return len("".join(str(found or "").split()))

    @_of(2)
    def _func_remainder(self, found: Any, divisor: int) -> int:
        return (found or 0) % divisor

    @_of(2)
    def _func_times(self, one: Any, other: Any) -> float:
        return (one or 0) * (other or 0)

    @_of(3)
    def _func_points(self, start: Any, end: Any, period: Any) -> float:
        both = start is not None and end is not None
        return float((end - start).total_seconds() / period) if both and period else 0.0


def _each(found: Any) -> list[Any]:
    return [value for value in (found if isinstance(found, list) else [found]) if value is not None]


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _digest(algorithm: str, body: bytes) -> str:
    if algorithm == "crc32":
        return b64encode(zlib.crc32(body).to_bytes(4)).decode()
    return b64encode(hashlib.new(algorithm, body, usedforsecurity=False).digest()).decode()


def _fails(read: Any, value: Any) -> bool:
    try:
        read(value)
    except (ValueError, KeyError):
        return True
    return False


_OPTIONS = jmespath.Options(custom_functions=_Questions())


@cache
def sections() -> dict[str, list[tuple[str, str, str, str]]]:
    sections: dict[str, list[tuple[str, str, str, str]]] = yaml.safe_load(_RULES.read_text("utf-8"))
    return sections


@cache
def _rules(service: str, operation: str) -> list[tuple[Any, str, str]]:
    return [
        (jmespath.compile(condition), code or code_of(service), words)
        for calls, condition, code, words in sections().get(service, [])
        if any(fnmatchcase(operation, call) for call in calls.split("|"))
    ]


def broken_rules(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what the request says, each in the words of its rule."""
    members = {**request.members, "here": {"account": account, "region": region}}
    for condition, code, words in _rules(request.service, request.operation):
        if _holds(condition, members):
            yield ApiError(code, _NAMED.sub(lambda found: _told(found[1], members), words))


def _told(expression: str, members: dict[str, Any]) -> str:
    value = jmespath.search(expression, members, _OPTIONS)
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _holds(condition: Any, members: dict[str, Any]) -> bool:
    try:
        return bool(condition.search(members, _OPTIONS))
    except JMESPathTypeError:
        # A function of JMESPath itself was asked about a member that is not given.
        return False
