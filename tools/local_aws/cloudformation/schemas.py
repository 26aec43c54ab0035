"""The registry's resource schemas, as bundled by cfn-lint."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# The schemas differ between regions only in what is offered there, not in how a type behaves.
SCHEMA_REGION = "us-east-1"
CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
NESTED_STACK = "AWS::CloudFormation::Stack"
_PREFIX = "/properties/"

_CFN_LINT = find_spec("cfnlint")
assert _CFN_LINT is not None
assert _CFN_LINT.origin is not None
_BUNDLED = Path(_CFN_LINT.origin).with_name("data")


@dataclass(frozen=True)
class ResourceSchema:
    """What the registry knows about one resource type."""

    document: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        """The schema of every top-level property."""
        properties: Mapping[str, Any] = self.document["properties"]
        return properties

    def paths(self, kind: str) -> list[tuple[str, ...]]:
        """The property paths under `createOnlyProperties`, `readOnlyProperties` and the like."""
        return [tuple(path.removeprefix(_PREFIX).split("/")) for path in self.document.get(kind, [])]

    def replacing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
        """The top-level properties whose change makes CloudFormation create the resource anew."""
        return {path[0] for path in self.paths("createOnlyProperties") if _at(old, path) != _at(new, path)}

    @property
    def read_only(self) -> set[str]:
        """Top-level properties that only the service sets."""
        return {path[0] for path in self.paths("readOnlyProperties") if len(path) == 1}

    @property
    def tag_property(self) -> str | None:
        """The property that holds tags, if the type can be tagged."""
        tagging = self.document.get("tagging", {})
        if not tagging.get("taggable", False):
            return None
        name = tagging.get("tagProperty", "/properties/Tags").removeprefix(_PREFIX)
        return name if name in self.properties else None


# All but these is between a template and its function; that decides what is replaced, too.
_OF_CUSTOM_RESOURCES = ResourceSchema(
    {
        "properties": {"ServiceToken": {"type": "string"}, "ServiceTimeout": {"type": "integer"}},
        "required": ["ServiceToken"],
        "additionalProperties": True,
    }
)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


@functools.cache
def resource_schema(type_name: str) -> ResourceSchema | None:
    """The schema of a type, or None when AWS has no such type."""
    if is_custom(type_name):
        return _OF_CUSTOM_RESOURCES
    name = _names_of_files().get(type_name)
    return None if name is None else ResourceSchema(bundled(f"schemas/resources/{name}.json"))


@functools.cache
def _names_of_files() -> dict[str, str]:
    return bundled(f"schemas/providers/{SCHEMA_REGION}.json")


def bundled(path: str) -> dict[str, Any]:
    """A file that cfn-lint bundles; nothing of it is imported, which would take half a second."""
    content: dict[str, Any] = json.loads((_BUNDLED / path).read_text("utf-8"))
    return content


def is_custom(type_name: str) -> bool:
    """Whether a function of the template's author stands behind the type, and knows its properties."""
    return type_name == CUSTOM_RESOURCE or type_name.startswith("Custom::")


def has_open_attributes(type_name: str) -> bool:
    """Whether attributes are known only when the resource exists."""
    return is_custom(type_name) or type_name == NESTED_STACK
