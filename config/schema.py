"""Writes the JSON Schemas, with which editors check the YAML, and docs/keys.md: `python -m config.schema`."""

import json
from pathlib import Path

from config.keys_page import PAGE, keys_page
from config.models.base import ConfigurationModel
from config.models.environment import Environment
from config.models.use_case import UseCase

SCHEMAS: dict[str, type[ConfigurationModel]] = {"environment": Environment, "use-case": UseCase}


def render(model: type[ConfigurationModel]) -> str:
    """Return the JSON Schema of the files that a model is read from; the name comes from the file's name."""
    schema = model.model_json_schema()
    del schema["properties"]["name"]
    schema["required"].remove("name")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def reference() -> str:
    """Return the page with all keys of all files."""
    return keys_page({name: json.loads(render(model)) for name, model in SCHEMAS.items()})


if __name__ == "__main__":
    for name, model in SCHEMAS.items():
        Path(__file__).with_name("schemas").joinpath(f"{name}.schema.json").write_text(render(model), "utf-8")
    PAGE.write_text(reference(), "utf-8")
