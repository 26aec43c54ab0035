"""Reading a CloudFormation template, JSON or YAML, into something typed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from tools.local_aws.cloudformation.errors import ValidationError

SECTIONS = frozenset(
    {"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Rules"}
    | {"Resources", "Outputs"}
)
RESOURCE_KEYS = frozenset(
    {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}
)
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html; the words:
# https://github.com/clebert/aws-simple/issues/98, https://github.com/rubyonjets/jets/issues/392 and
# https://github.com/remind101/empire/issues/861
_LIMITS = {
    "Resources": (500, "Number of resources, {count}, is greater than maximum allowed, {most}"),
    "Outputs": (200, "Outputs count {count} is greater than max allowed {most}"),
    "Parameters": (200, "Parameter count {count} is greater than max allowed {most}"),
}
DELETION_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate")
_TOO_DEEP = "Template format error: the template is nested too deeply."
# An intrinsic function has three. What reads templates calls itself for each.
_MOST_LEVELS = 200
UPDATE_REPLACE_POLICIES = ("Delete", "Retain")


@dataclass(frozen=True)
class ResourceDeclaration:
    """One entry of the Resources section, intrinsics unresolved."""

    logical_id: str
    type_name: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...]
    condition: str | None
    deletion_policy: str
    update_replace_policy: str


@dataclass(frozen=True)
class Template:
    """A template as text and as document."""

    body: str
    document: dict[str, Any]

    @classmethod
    def parse(cls, body: str) -> "Template":
        """Reads JSON or YAML; raises `ValidationError` for what CloudFormation would not accept either."""
        document = _load(body)
        if not isinstance(document, dict):
            raise ValidationError("Template format error: the template is not an object.")
        unknown = sorted(set(document) - SECTIONS)
        if unknown:
            raise ValidationError(
                f"Template format error: unsupported sections {unknown}; allowed are {sorted(SECTIONS)}."
            )
        if not document.get("Resources"):
            raise ValidationError("Template format error: At least one Resources member must be defined.")
        for section, (most, words) in _LIMITS.items():
            if (count := len(document.get(section) or {})) > most:
                raise ValidationError(f"Template format error: {words.format(count=count, most=most)}")
        template = cls(body, document)
        _ = template.resources
        return template

    def section(self, name: str) -> dict[str, Any]:
        """A section of the template, empty when it is left out."""
        return self.document.get(name) or {}

    @cached_property
    def resources(self) -> Mapping[str, ResourceDeclaration]:
        return {
            logical_id: _declaration(logical_id, raw)
            for logical_id, raw in self.document["Resources"].items()
        }

    @property
    def type_names(self) -> list[str]:
        return sorted({resource.type_name for resource in self.resources.values()})


def _declaration(logical_id: str, raw: Any) -> ResourceDeclaration:
    where = f"Template format error: [/Resources/{logical_id}]"
    if not isinstance(raw, dict) or not isinstance(raw.get("Type"), str):
        raise ValidationError(f"{where} Every Resources object must contain a Type member.")
    unknown = sorted(set(raw) - RESOURCE_KEYS)
    if unknown:
        raise ValidationError(f"{where} unsupported attributes {unknown}; allowed: {sorted(RESOURCE_KEYS)}.")
    depends_on = raw.get("DependsOn", [])
    return ResourceDeclaration(
        logical_id=logical_id,
        type_name=raw["Type"],
        properties=raw.get("Properties") or {},
        depends_on=(depends_on,) if isinstance(depends_on, str) else tuple(depends_on),
        condition=raw.get("Condition"),
        deletion_policy=_policy(raw, "DeletionPolicy", DELETION_POLICIES, where),
        update_replace_policy=_policy(raw, "UpdateReplacePolicy", UPDATE_REPLACE_POLICIES, where),
    )


def _policy(raw: Mapping[str, Any], key: str, allowed: tuple[str, ...], where: str) -> str:
    value = raw.get(key, "Delete")
    if value not in allowed:
        raise ValidationError(f"{where} {key} is {value!r}; the embedded AWS knows {', '.join(allowed)}.")
    return str(value)


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
        raise ValidationError(_TOO_DEEP)
    return document


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        pass
    except RecursionError:
        raise ValidationError(_TOO_DEEP) from None
    try:
        # A SafeLoader, extended by tags that only build plain data.
        return yaml.load(body, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ValidationError(f"Template format error: neither JSON nor YAML: {error}") from error
    except RecursionError:
        raise ValidationError(_TOO_DEEP) from None
