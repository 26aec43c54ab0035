"""Which resource needs which other, and the order that follows from it."""

import re
from collections.abc import Mapping
from typing import Any

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.intrinsics import Evaluator
from tools.local_aws.cloudformation.template import ResourceDeclaration, Template

_SUB_NAME = re.compile(r"\$\{([^!}.]+)(?:\.[^}]*)?\}")


def live_resources(template: Template, evaluator: Evaluator) -> dict[str, ResourceDeclaration]:
    """The resources whose condition holds, each after all it depends on."""
    live = {
        logical_id: resource
        for logical_id, resource in template.resources.items()
        if resource.condition is None or evaluator.condition(resource.condition)
    }
    needs = {logical_id: _needs(resource, template, evaluator) for logical_id, resource in live.items()}
    for names in needs.values():
        _check_exists(names, template)
    return {logical_id: live[logical_id] for logical_id in _ordered(needs, live)}


def _needs(resource: ResourceDeclaration, template: Template, evaluator: Evaluator) -> set[str]:
    named = _references(resource.properties, evaluator) | set(resource.depends_on)
    return {name for name in named if not name.startswith("AWS::")} - set(template.section("Parameters"))


def _references(value: Any, evaluator: Evaluator) -> set[str]:
    if isinstance(value, list):
        return set().union(*(_references(item, evaluator) for item in value))
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for name, argument in value.items():
        if name == "Ref" and isinstance(argument, str):
            found.add(argument)
        elif name == "Fn::GetAtt":
            found.add(argument.split(".")[0] if isinstance(argument, str) else argument[0])
        elif name == "Fn::Sub":
            found |= _sub_references(argument, evaluator)
        elif name == "Fn::If":
            found |= _references(argument[1 if evaluator.condition(argument[0]) else 2], evaluator)
        else:
            found |= _references(argument, evaluator)
    return found


def _sub_references(argument: Any, evaluator: Evaluator) -> set[str]:
    text, variables = (argument, {}) if isinstance(argument, str) else argument
    return (set(_SUB_NAME.findall(text)) - set(variables)) | _references(variables, evaluator)


def _check_exists(names: set[str], template: Template) -> None:
    unresolved = sorted(name for name in names if name not in template.resources)
    if unresolved:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(unresolved)}] in the "
            f"Resources block of the template"
        )


def _ordered(needs: Mapping[str, set[str]], live: Mapping[str, Any]) -> list[str]:
    ordered: dict[str, None] = {}

    def visit(logical_id: str, path: tuple[str, ...]) -> None:
        if logical_id in ordered:
            return
        if logical_id in path:
            raise ValidationError(
                f"Circular dependency between resources: [{', '.join(path[path.index(logical_id) :])}]"
            )
        for needed in sorted(needs[logical_id] & set(live)):
            visit(needed, (*path, logical_id))
        ordered[logical_id] = None

    for logical_id in needs:
        visit(logical_id, ())
    return list(ordered)
