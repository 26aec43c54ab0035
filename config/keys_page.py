"""Writes docs/keys.md from the JSON Schemas: every key with its kind, default and meaning."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "keys.md"
FILES = {
    "environment": "config/environments/<environment>.yaml",
    "use-case": "config/use_cases/<use-case>.yaml",
}
SHOWN = 8
"""Of allowed values; longer lists are AWS's, and editors complete them."""
_BEGINNING = """# All keys

Written by `make snapshots` from the models in `config/models/`, which check every file.
[Configuration](configuration.md) says what the keys are for and which go together; here a key is looked up.
"""

Schema = Mapping[str, Any]


def keys_page(schemas: Mapping[str, Schema]) -> str:
    """The page of the schemas by their names."""
    parts = [_BEGINNING]
    for name, schema in schemas.items():
        parts.append(f"\n## {FILES[name].rpartition('/')[0]}\n\nA file is `{FILES[name]}`.\n")
        for heading, model in _models(schema):
            parts.append(f"{heading}\n{_sentence(model.get('description', ''))}\n\n{_table(model, schema)}")
    return "\n".join(parts)


def _models(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The file itself, then each model where it is first named."""
    yield "", schema
    places = list(_below(schema, schema, "", set()))
    for path, model in places:
        forms = sum(place == path for place, _ in places)
        title = f" ({model['title']})" if forms > 1 else ""
        yield f"### `{path}`{title}\n", model


def _below(model: Schema, schema: Schema, path: str, seen: set[str]) -> Iterator[tuple[str, Schema]]:
    for key, value in model["properties"].items():
        for name, place in _named(value, f"{path}{key}"):
            if name not in seen:
                seen.add(name)
                found = schema["$defs"][name]
                if "properties" in found:
                    yield place, found
                    yield from _below(found, schema, f"{place}.", seen)


def _named(value: Schema, place: str) -> Iterator[tuple[str, str]]:
    """The models that a value can be, and where: in a list, by name, or itself."""
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], place
    for choice in (*value.get("anyOf", ()), *value.get("oneOf", ())):
        yield from _named(choice, place)
    if isinstance(value.get("items"), dict):
        yield from _named(value["items"], f"{place}[]")
    if isinstance(value.get("additionalProperties"), dict):
        yield from _named(value["additionalProperties"], f"{place}.<name>")


def _table(model: Schema, schema: Schema) -> str:
    required = model.get("required", ())
    rows = [
        (f"`{key}`", _kind(value, schema), _default(key, value, required), _meaning(value, schema))
        for key, value in model["properties"].items()
    ]
    head = [("Key", "Value", "Default", "Meaning"), ("---",) * 4]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (*head, *rows))


def _meaning(value: Schema, schema: Schema) -> str:
    """Its own description, or that of the only model it can be."""
    names = [name for name, _ in _named(value, "")]
    return _sentence(value.get("description") or schema["$defs"][names[0]].get("description", ""))


def _sentence(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _default(key: str, value: Schema, required: tuple[str, ...]) -> str:
    if key in required:
        return "required"
    default = value.get("default")
    # Models that are left out are those with nothing in them.
    if default is None or isinstance(default, dict):
        return "none"
    text = json.dumps(default) if not isinstance(default, str) else default
    return f"`{text}`" if len(text) <= 100 else "see [configuration](configuration.md)"


def _kind(value: Schema, schema: Schema) -> str:
    if "$ref" in value:
        found = schema["$defs"][value["$ref"].rpartition("/")[2]]
        return "keys below" if "properties" in found else _kind(found, schema)
    choices = [*value.get("anyOf", ()), *value.get("oneOf", ())]
    if choices:
        kinds = [_kind(choice, schema) for choice in choices if choice.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in value:
        return _allowed(value["enum"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'], schema)}{_limits(value, 'minItems', 'maxItems', ' entries')}"
    if value.get("type") == "object":
        return f"by name: {_kind(value['additionalProperties'], schema)}"
    return _plain(value)


def _allowed(values: list[Any]) -> str:
    shown = ", ".join(f"`{value}`" for value in values[:SHOWN])
    return shown if len(values) <= SHOWN else f"{shown} and {len(values) - SHOWN} more"


def _plain(value: Schema) -> str:
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    limits = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    words = [f"{word} {value[key]}" for key, word in limits.items() if key in value]
    length = _limits(value, "minLength", "maxLength", " characters")
    return f"{names[value['type']]}{length}{', ' if words else ''}{', '.join(words)}"


def _limits(value: Schema, least: str, most: str, unit: str) -> str:
    if most in value:
        return f", {value.get(least, 0)} to {value[most]}{unit}"
    return f", {value[least]} or more{unit}" if least in value else ""
