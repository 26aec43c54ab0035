"""Reading a CloudFormation template, JSON or YAML, into something typed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.form import MACROS, check_form, refuse
from tools.local_aws.cloudformation.functions import References, depends_on

# An intrinsic function has three. What reads templates calls itself for each.
_MOST_LEVELS = 200


@dataclass(frozen=True)
class ResourceDeclaration:
    """One entry of the Resources section, intrinsics unresolved."""

    logical_id: str
    type_name: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...]
    condition: str | None
    deletion_policy: Any
    update_replace_policy: Any
    metadata: Any


@dataclass(frozen=True)
class Template:
    """A template as text and as document."""

    body: str
    document: dict[str, Any]

    @classmethod
    def parse(cls, body: str) -> "Template":
        """Reads JSON or YAML; raises `ValidationError` for what CloudFormation would not accept either."""
        document = _load(body)
        check_form(document)
        template = cls(body, document)
        if not template.transforms:
            References(document, frozenset({*template.section("Parameters"), *document["Resources"]})).check()
        return template

    def section(self, name: str) -> dict[str, Any]:
        """A section of the template, empty when it is left out."""
        return self.document.get(name) or {}

    @cached_property
    def transforms(self) -> list[str]:
        """The macros that make the template into another one."""
        declared = self.document.get("Transform", [])
        names = declared if isinstance(declared, list) else [declared]
        names = [name if isinstance(name, str) else str(dict(name).get("Name")) for name in names]
        used = {key for key in _keys(self.document) if key.startswith(MACROS)}
        return [*names, *sorted(used)]

    @cached_property
    def resources(self) -> Mapping[str, ResourceDeclaration]:
        return {
            logical_id: _declaration(logical_id, raw)
            for logical_id, raw in self.document["Resources"].items()
            if isinstance(raw, dict) and isinstance(raw.get("Type"), str)
        }

    @property
    def type_names(self) -> list[str]:
        return sorted({resource.type_name for resource in self.resources.values()})


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _keys(item)


def _declaration(logical_id: str, raw: dict[str, Any]) -> ResourceDeclaration:
    return ResourceDeclaration(
        logical_id=logical_id,
        type_name=raw["Type"],
        properties=raw.get("Properties", {}),
        depends_on=tuple(depends_on(raw)),
        condition=raw.get("Condition"),
        deletion_policy=raw.get("DeletionPolicy", "Delete"),
        update_replace_policy=raw.get("UpdateReplacePolicy", "Delete"),
        metadata=raw.get("Metadata"),
    )


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation reads it: `!Sub` and its like, dates are text, and nothing is said by an alias.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html. Aliases of
    aliases would let a small template grow beyond all memory.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ValidationError("Template error: YAML aliases are not allowed in CloudFormation templates")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


def _load(body: str) -> Any:
    document = _parsed(body)
    level = [document]
    for _ in range(_MOST_LEVELS):
        level = [child for item in level for child in _children(item)]
    if level:
        refuse("the template is nested too deeply.")
    return document


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _parsed(body: str) -> Any:
    """Whatever begins like an object in JSON is none of YAML's."""
    try:
        return json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, Loader=_Loader)
    except json.JSONDecodeError as error:
        refuse(f"JSON not well-formed. (line {error.lineno}, column {error.colno})")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        refuse(
            f"YAML not well-formed. (line {mark.line + 1}, column {mark.column + 1})"
            if mark
            else "YAML not well-formed."
        )
    except (yaml.YAMLError, ValueError):
        refuse("YAML not well-formed.")
    except RecursionError:
        refuse("the template is nested too deeply.")
