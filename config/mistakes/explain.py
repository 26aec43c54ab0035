"""Translates what pydantic found into mistakes in the words of the configuration's files."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.mistakes.errors import MISSING, KeyPath, Mistake, MistakesFoundError, suggest
from config.models.network import NETWORKS, kind_of_network

_WRONG_TYPES = {
    "string_type": ("is not text", "text", "put it in quotes"),
    "bool_type": ("is neither true nor false", "true or false", "write true or false, without quotes"),
    "int_type": ("is not a whole number", "a whole number", "write digits, without quotes"),
    "float_type": ("is not a number", "a number", "write a number, without quotes"),
    "tuple_type": ("is not a list", "a list, e.g. [a, b]", "write a list"),
    "dict_type": ("is not a mapping", "lines of `key: value`", "write keys and values"),
    "model_type": ("is not a mapping", "lines of `key: value`", "write keys and values"),
    "finite_number": ("is not finite", "a finite number", "write a number"),
}
_NAME = "name"


def explain(error: ValidationError, model: type[BaseModel]) -> list[Mistake]:
    """Return the mistakes of one file; a misspelt required key is one mistake, not two."""
    mistakes: list[Mistake] = []
    unknown: list[Mistake] = []
    for details in error.errors(include_url=False):
        found = list(_mistakes_of(details, model))
        (unknown if details["type"] == "extra_forbidden" else mistakes).extend(found)
    misspelt = {(*mistake.path[:-1], _meant(mistake)) for mistake in unknown}
    return [m for m in mistakes if m.value is not MISSING or m.path not in misspelt] + unknown


def _meant(mistake: Mistake) -> str:
    return mistake.change.removeprefix("did you mean ").removesuffix("?")


def _mistakes_of(details: ErrorDetails, model: type[BaseModel]) -> Iterator[Mistake]:
    path = tuple(part for part in details["loc"] if part not in (*NETWORKS, "[key]"))
    parent, cause = _model_at(model, details["loc"][:-1]), details.get("ctx", {}).get("error")
    fields = parent.model_fields if parent else {}
    if isinstance(cause, MistakesFoundError):
        yield from (mistake.below(path) for mistake in cause.mistakes)
    elif details["type"] == "extra_forbidden":
        keys = [key for key in fields if key != _NAME]
        change = suggest(path[-1], keys, "remove it")
        yield Mistake(path, details["input"], "is an unknown key", ", ".join(keys), change)
    else:
        yield _wrong_value(path, details, fields.get(str(details["loc"][-1])))


def _wrong_value(path: KeyPath, details: ErrorDetails, field: FieldInfo | None) -> Mistake:
    kind, value = details["type"], details["input"]
    if kind == "missing":
        return Mistake(path, MISSING, "is required", _described(field, "a value"), f"add `{path[-1]}: ...`")
    if kind == "literal_error":
        allowed = str(details["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        change = suggest(value, allowed.split(", "), "write one of these")
        return Mistake(path, value, "is not among the allowed values", allowed, change)
    limits = _limits(field)
    if kind in _WRONG_TYPES:
        problem, allowed, change = _WRONG_TYPES[kind]
        if kind == "string_type":
            allowed = _described(field, allowed)
            change = _text_instead_of(value)
        if value is None:
            change = "write it after the colon, or remove the key"
        return Mistake(path, value, problem, limits or allowed, change)
    return Mistake(path, value, "is out of range", limits or details["msg"], "write a value in the range")


def _text_instead_of(value: object) -> str:
    if isinstance(value, list | dict):
        return "write one text, in quotes, without brackets"
    return f'quote it: "{str(value).lower() if isinstance(value, bool) else value}"'


def _described(field: FieldInfo | None, otherwise: str) -> str:
    return (field.description if field and field.description else otherwise).rstrip(".")


def _limits(field: FieldInfo | None) -> str:
    words = (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
    return " and ".join(
        f"{word} {getattr(limit, attribute):.15g}"
        for limit in (field.metadata if field else ())
        for attribute, word in words
        if hasattr(limit, attribute)
    )


def _model_at(model: type[BaseModel], location: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the model that a location of pydantic's lies in; None inside a plain list or mapping."""
    here: Any = model
    for part in location:
        if part in NETWORKS:
            here = NETWORKS[str(part)]
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        elif _is_model(here) and part in here.model_fields:
            here = here.model_fields[part].annotation
            here = model_in(here) or here
    return here if _is_model(here) else None


def model_in(annotation: Any, value: Mapping[str, object] = MappingProxyType({})) -> type[BaseModel] | None:
    """Return the model that a mapping becomes where an annotation allows one, or one of the two networks."""
    if get_origin(annotation) in (Union, UnionType):
        choices = [_plain(choice) for choice in get_args(annotation) if choice is not NoneType]
        if choices == [*NETWORKS.values()]:
            return NETWORKS[kind_of_network(value)]
        annotation = choices[0]
    return annotation if _is_model(annotation) else None


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
