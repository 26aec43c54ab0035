"""Checks properties against the registry's schema of their type, as CloudFormation does before it acts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.local_aws.cloudformation.schemas import ResourceSchema
from tools.local_aws.cloudformation.values import UNKNOWN

_SCALARS: Mapping[str, tuple[type, ...]] = {
    "string": (str, int, float, bool),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_TEXT_FORMS = {
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "boolean": re.compile(r"true|false", re.IGNORECASE),
}


def mistakes(schema: ResourceSchema, properties: Mapping[str, Any]) -> list[str]:
    """Every way in which the properties break the schema; empty when they are fine."""
    found = [
        f"#/{name}: is set by the service and cannot be declared"
        for name in sorted(schema.read_only & set(properties))
    ]
    root = {"additionalProperties": False, **schema.document}
    return found + list(_check(properties, root, "#", schema.document))


def _check(value: Any, schema: Mapping[str, Any], path: str, root: Mapping[str, Any]) -> Iterator[str]:
    if value is UNKNOWN:
        return
    schema = _dereferenced(schema, root)
    wrong_type = _type_mistake(value, schema)
    if wrong_type:
        yield f"{path}: {wrong_type}"
        return
    if isinstance(value, Mapping):
        yield from _check_object(value, schema, path, root)
    elif isinstance(value, list):
        yield from _check_list(value, schema, path, root)
    else:
        yield from _check_scalar(value, schema, path)
    yield from _check_alternatives(value, schema, path, root)


def _dereferenced(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def _type_mistake(value: Any, schema: Mapping[str, Any]) -> str | None:
    declared = schema.get("type")
    if declared is None:
        return None
    allowed = [declared] if isinstance(declared, str) else list(declared)
    if any(_is_type(value, name) for name in allowed):
        return None
    return f"expected type: {' or '.join(allowed)}, found: {_name_of(value)} ({value!r})"


def _is_type(value: Any, name: str) -> bool:
    if name == "object":
        return isinstance(value, Mapping)
    if name == "array":
        return isinstance(value, list)
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    if isinstance(value, str) and name in _TEXT_FORMS:
        # CloudFormation turns text into numbers and truth values by itself.
        return _TEXT_FORMS[name].fullmatch(value) is not None
    return isinstance(value, _SCALARS.get(name, ()))


def _name_of(value: Any) -> str:
    names: tuple[tuple[type, str], ...] = (
        (Mapping, "object"),
        (list, "array"),
        (bool, "boolean"),
        (str, "string"),
        (int, "integer"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "number")


def _check_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], path: str, root: Mapping[str, Any]
) -> Iterator[str]:
    declared = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for key, item in value.items():
        if key in declared:
            yield from _check(item, declared[key], f"{path}/{key}", root)
            continue
        matching = next((inner for pattern, inner in patterns.items() if _matches(pattern, key)), None)
        if matching is not None:
            yield from _check(item, matching, f"{path}/{key}", root)
        elif schema.get("additionalProperties") is False:
            yield f"{path}: extraneous key [{key}] is not permitted"
    for key in schema.get("required", []):
        if key not in value:
            yield f"{path}: required key [{key}] not found"


def _check_list(
    value: Sequence[Any], schema: Mapping[str, Any], path: str, root: Mapping[str, Any]
) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"{path}: expected minimum item count: {schema['minItems']}, found: {len(value)}"
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{path}: expected maximum item count: {schema['maxItems']}, found: {len(value)}"
    items = schema.get("items")
    if isinstance(items, Mapping):
        for index, item in enumerate(value):
            yield from _check(item, items, f"{path}/{index}", root)


def _check_scalar(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    allowed = schema.get("enum")
    if allowed and text not in [
        str(item).lower() if isinstance(item, bool) else str(item) for item in allowed
    ]:
        yield f"{path}: {text} is not a valid enum value; allowed: {', '.join(map(str, allowed))}"
    pattern = schema.get("pattern")
    if pattern and not _matches(pattern, text):
        yield f"{path}: {text!r} does not match pattern {pattern}"
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield f"{path}: shorter than {schema['minLength']} characters"
        if len(value) > schema.get("maxLength", len(value)):
            yield f"{path}: longer than {schema['maxLength']} characters ({len(value)})"
    if _TEXT_FORMS["number"].fullmatch(text):
        if float(text) < schema.get("minimum", float(text)):
            yield f"{path}: {text} is less than {schema['minimum']}"
        if float(text) > schema.get("maximum", float(text)):
            yield f"{path}: {text} is greater than {schema['maximum']}"


def _check_alternatives(
    value: Any, schema: Mapping[str, Any], path: str, root: Mapping[str, Any]
) -> Iterator[str]:
    for part in schema.get("allOf", []):
        yield from _check(value, part, path, root)
    for keyword in ("oneOf", "anyOf"):
        outcomes = [list(_check(value, part, path, root)) for part in schema.get(keyword, [])]
        if outcomes and all(outcomes):
            yield min(outcomes, key=len)[0]


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        # A few patterns use what only ECMAScript knows, such as \p{L}; the service checks those itself.
        return True
