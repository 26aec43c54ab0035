"""Changes to a template, such as somebody makes by mistake; each is a function of the template's body."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.security.controls import ABSENT, Json, set_property

Change = Callable[[Json], None]


def put(resource_type: str, path: str, becomes: object) -> Change:
    """Change a property of the first resource of a type, or remove it with ABSENT."""

    def change(template: Json) -> None:
        set_property(first(template, resource_type)["Properties"], path, becomes)

    return change


def attribute(resource_type: str, name: str, becomes: object) -> Change:
    """Change an attribute of the first resource of a type, such as DependsOn."""

    def change(template: Json) -> None:
        set_property(first(template, resource_type), name, becomes)

    return change


def wait_for(resource_type: str, other_type: str) -> Change:
    """Let the first resource of a type wait for the first one of another."""

    def change(template: Json) -> None:
        first(template, resource_type)["DependsOn"] = [first_id(template, other_type)]

    return change


def remove(resource_type: str) -> Change:
    """Remove the first resource of a type."""

    def change(template: Json) -> None:
        del template["Resources"][first_id(template, resource_type)]

    return change


def rename(resource_type: str) -> Change:
    """Give the first resource of a type another logical id, and follow it in all references."""

    def change(template: Json) -> None:
        old = first_id(template, resource_type)
        renamed = _replace(template, old, f"{old}Renamed")
        template.clear()
        template.update(renamed)

    return change


def add(logical_id: str, resource_type: str, **properties: object) -> Change:
    """Add a resource."""

    def change(template: Json) -> None:
        template["Resources"][logical_id] = {"Type": resource_type, "Properties": properties}

    return change


def statement(sid: str, **becomes: object) -> Change:
    """Change elements of the first statement that has a Sid, in a policy of whatever kind."""

    def change(template: Json) -> None:
        for each in _statements(template):
            if each.get("Sid") == sid:
                each.update({name: value for name, value in becomes.items() if value is not ABSENT})
                for name in [name for name, value in becomes.items() if value is ABSENT]:
                    del each[name]
                return
        raise LookupError(f"no statement has the Sid {sid}")

    return change


def embedded(resource_type: str, path: str, change_text: Callable[[str], str]) -> Change:
    """Change the JSON text inside a property, wherever CloudFormation joins it from pieces."""

    def change(template: Json) -> None:
        properties = first(template, resource_type)["Properties"]
        *parents, last = path.split(".")
        for part in parents:
            properties = properties[part]
        changed = _in_text(properties[last], change_text)
        if changed == properties[last]:
            raise LookupError(f"{path} of {resource_type} has nothing to change")
        properties[last] = changed

    return change


def first_id(template: Json, resource_type: str) -> str:
    """The logical id of the first resource of a type. Raises LookupError when there is none."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == resource_type:
            return str(logical_id)
    raise LookupError(f"the template has no {resource_type}")


def first(template: Json, resource_type: str) -> Json:
    """The first resource of a type."""
    resource: Json = template["Resources"][first_id(template, resource_type)]
    return resource


def _statements(node: Any) -> list[Json]:
    if isinstance(node, Mapping):
        own = node["Statement"] if isinstance(node.get("Statement"), list) else []
        return [*own, *(found for value in node.values() for found in _statements(value))]
    if isinstance(node, list):
        return [found for value in node for found in _statements(value)]
    return []


def _replace(node: Any, old: str, new: str) -> Any:
    if isinstance(node, Mapping):
        return {_replace(key, old, new): _replace(value, old, new) for key, value in node.items()}
    if isinstance(node, list):
        return [_replace(value, old, new) for value in node]
    return new if node == old else node


def _in_text(node: Any, change_text: Callable[[str], str]) -> Any:
    if isinstance(node, str):
        return change_text(node)
    if isinstance(node, Mapping):
        return {key: _in_text(value, change_text) for key, value in node.items()}
    return [_in_text(value, change_text) for value in node]
