"""Which members of a request any code reads: its operation's, what that can reach by name, and its room's.

A member that no line mentions cannot be carried out, whatever else happens. So nobody has to list what an
operation reads, and a new operation is judged by its code from its first call.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
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
    **{name: name for name in ("chatbot", "cloudwatch", "codebuild", "dynamodb", "events", "glue", "iam")},
    **{name: name for name in ("sagemaker", "scheduler")},
    "athena": "glue",
    "databrew": "glue",
    "budgets": "small",
    "route53resolver": "small",
    "service-quotas": "small",
    "ssm": "small",
    "stepfunctions": "step_functions",
    "sts": "iam",
    **dict.fromkeys(("sagemaker-runtime", "sagemaker-featurestore-runtime"), "sagemaker"),
}


@dataclass(frozen=True, eq=False)
class _Code:
    """One function. Python compares its own by all that is in them, which takes seconds."""

    name: str
    calls: tuple[str, ...]
    nested: tuple["_Code", ...]
    words: Words

    @classmethod
    def of(cls, code: CodeType) -> "_Code":
        nested = (cls.of(constant) for constant in code.co_consts if isinstance(constant, CodeType))
        return cls(code.co_name, code.co_names, tuple(nested), frozenset(map(plain, _mentioned(code))))

    def all(self) -> Iterator["_Code"]:
        """It and what stands in it."""
        yield self
        for code in self.nested:
            yield from code.all()


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
    return room | _words(_reached([_Code.of(start.__code__) for start in starts], places))


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


def _reached(starts: list[_Code], places: set[Path]) -> Iterator[_Code]:
    by_name: dict[str, list[_Code]] = defaultdict(list)
    for place in places:
        for code in _codes_in(place):
            by_name[code.name].append(code)
    waiting, seen = list(starts), set(starts)
    while waiting:
        code = waiting.pop()
        yield code
        called = (found for name in code.calls for found in by_name.get(name, ()))
        new = {*code.nested, *called} - seen
        waiting += new
        seen |= new


def _place_of(module: str) -> Path:
    """The file of a module, the folder of a package."""
    found = import_module(module)
    return Path(found.__path__[0] if hasattr(found, "__path__") else str(found.__file__))


@cache
def _codes_in(place: Path) -> list[_Code]:
    """Every function of a file or folder, classes and modules counted as functions."""
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    read = (SourceFileLoader("", str(path)).get_code("") for path in paths)
    return [code for module in read if module for code in _Code.of(module).all()]


def _words(codes: Iterable[_Code]) -> Words:
    return frozenset(word for code in codes for word in code.words)


def _mentioned(code: CodeType) -> Iterator[str]:
    # Members are handed on as arguments of the same name.
    yield from code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    for constant in code.co_consts:
        for text in constant if isinstance(constant, tuple | frozenset) else (constant,):
            # A text with a space is a sentence, not a name or a path of names.
            if isinstance(text, str) and " " not in text:
                yield from (text, *_WORD.findall(text))
