"""Which members of a request any code reads: its operation's, what that can reach by name, and its room's.

A member that no line mentions cannot be carried out, whatever else happens. So nobody has to list what an
operation reads, and a new operation is judged by its code from its first call.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

from moto.core.utils import camelcase_to_underscores

Words = frozenset[str]
_LOCAL_AWS = Path(__file__).parents[1]
_WORD = re.compile(r"[\w-]+")
# What is stored at one call is read at another one, or when an hour strikes: by these rooms of ours.
_ROOMS = {
    **{name: name for name in ("cloudwatch", "codebuild", "dynamodb", "events", "glue", "iam")},
    **{name: name for name in ("sagemaker", "scheduler")},
    "athena": "glue",
    "databrew": "glue",
    "budgets": "small",
    "route53resolver": "small",
    "ssm": "small",
    "stepfunctions": "step_functions",
    "sts": "iam",
    **dict.fromkeys(("sagemaker-runtime", "sagemaker-featurestore-runtime"), "sagemaker"),
}


@cache
def words_read(response_class: Hashable, service: str, operation: str) -> Words:
    """Every name that code of the operation mentions; plain, as `plain` makes them."""
    package = str(response_class.__module__).rpartition(".responses")[0]
    room = _words(_codes_in(_LOCAL_AWS / _ROOMS[service])) if service in _ROOMS else frozenset()
    method = getattr(response_class, camelcase_to_underscores(operation), None)
    if service == "s3" or method is None:
        # One method of S3 answers many operations.
        return room | _words(_codes_in(_place_of(package)))
    starts = list(_functions(method))
    places = {_place_of(name) for name in (package, *(start.__module__ for start in starts)) if name}
    return room | _words(_reached([start.__code__ for start in starts], places))


def plain(name: str) -> str:
    """A name without what differs between `VpcId`, `vpc_id`, `vpcId` and `vpc-id`."""
    return name.replace("_", "").replace("-", "").lower()


def _functions(found: Any, seen: tuple[Any, ...] = ()) -> Iterator[FunctionType]:
    """A function together with those that it has closed over: what it wraps."""
    found = getattr(found, "func", found) if isinstance(found, partial) else found
    found = found.__func__ if isinstance(found, MethodType) else found
    if isinstance(found, FunctionType) and found not in seen:
        yield found
        for cell in found.__closure__ or ():
            yield from _functions(cell.cell_contents, (*seen, found))


def _reached(starts: list[CodeType], places: set[Path]) -> Iterator[CodeType]:
    by_name: dict[str, list[CodeType]] = defaultdict(list)
    for place in places:
        for code in _codes_in(place):
            by_name[code.co_name].append(code)
    waiting, seen = list(starts), set(starts)
    while waiting:
        code = waiting.pop()
        yield code
        nested = {constant for constant in code.co_consts if isinstance(constant, CodeType)}
        called = {found for name in code.co_names for found in by_name.get(name, ())}
        waiting += (new := (nested | called) - seen)
        seen |= new


def _place_of(module: str) -> Path:
    """The file of a module, the folder of a package."""
    found = import_module(module)
    return Path(found.__path__[0] if hasattr(found, "__path__") else str(found.__file__))


@cache
def _codes_in(place: Path) -> list[CodeType]:
    """Every function of a file or folder, classes and modules counted as functions."""
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return [code for path in paths for code in _all_in(SourceFileLoader("", str(path)).get_code(""))]


def _all_in(code: CodeType | None) -> Iterator[CodeType]:
    if code is not None:
        yield code
        for constant in code.co_consts:
            yield from _all_in(constant if isinstance(constant, CodeType) else None)


def _words(codes: Iterable[CodeType]) -> Words:
    return frozenset(plain(word) for code in codes for word in _mentioned(code))


def _mentioned(code: CodeType) -> Iterator[str]:
    # Members are handed on as arguments of the same name.
    yield from code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    for constant in code.co_consts:
        for text in constant if isinstance(constant, tuple | frozenset) else (constant,):
            # A text with a space is a sentence, not a name or a path of names.
            if isinstance(text, str) and " " not in text:
                yield from (text, *_WORD.findall(text))
