"""docs/keys.md: every key of every model, with its kind, default and meaning."""

import json
import re

import pytest

from config.keys_page import keys_page
from config.models.base import ConfigurationModel
from config.schema import SCHEMAS, reference, render
from config.settings import Settings

MODELS = [model for model in ConfigurationModel.__subclasses__() if model is not Settings]


@pytest.mark.parametrize("model", MODELS)
def test_every_key_has_a_row(model: type[ConfigurationModel]) -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", reference(), re.MULTILINE))
    assert set(model.model_fields) - {"name"} <= named


def test_every_row_says_what_the_key_means() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.rstrip(" |").count("|") < 4] == []


@pytest.mark.parametrize(
    ("schema", "row"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "whole number, at least 1, at most 9"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}], "default": None}, "number"),
        ({"enum": ["a", "b"], "type": "string"}, "`a`, `b`"),
        ({"enum": list("abcdefghij"), "type": "string"}, "`h` and 2 more"),
        (
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5},
            "list of text, 1 to 5",
        ),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "by name: `true` or `false`"),
    ],
)
def test_a_kind_is_told_in_words(schema: dict[str, object], row: str) -> None:
    page = keys_page(
        {"environment": {"properties": {"key": {**schema, "description": "What for."}}, "$defs": {}}}
    )
    assert row in page


def test_two_forms_of_a_key_are_told_apart() -> None:
    page = keys_page({"environment": json.loads(render(SCHEMAS["environment"]))})
    assert "### `network` (ManagedNetwork)" in page
    assert "### `network` (ExistingNetwork)" in page
