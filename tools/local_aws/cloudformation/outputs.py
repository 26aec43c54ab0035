"""The outputs of a stack, and what other stacks rely on."""

import json
from dataclasses import replace
from typing import Any

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.intrinsics import Evaluator
from tools.local_aws.cloudformation.state import Output, Stack, StackResource, Stacks
from tools.local_aws.cloudformation.template import Template


def checked_outputs(template: Template, evaluator: Evaluator, stack: Stack, stacks: Stacks) -> list[Output]:
    """The resolved outputs; raises `ValidationError` when an export is taken or a used one would change."""
    resources = list(stack.resources.values())
    outputs = [
        replace(
            _output(key, declaration, evaluator),
            masked=any(item.physical.masked and _shows(declaration["Value"], item) for item in resources),
        )
        for key, declaration in live_outputs(template, evaluator).items()
    ]
    exports = {output.export_name: output.value for output in outputs if output.export_name}
    for name in exports:
        other = next((s for s in stacks.all() if s is not stack and name in s.exports), None)
        if other is not None:
            raise ValidationError(f"Export with name {name} is already exported by stack {other.name}")
    for name, value in stack.exports.items():
        users = stacks.importers(name)
        if exports.get(name) != value and users:
            verb = "updated" if name in exports else "deleted"
            raise ValidationError(f"Cannot {verb[:-1]} export {name} as it is in use by {', '.join(users)}")
    return outputs


def live_outputs(template: Template, evaluator: Evaluator) -> dict[str, Any]:
    """The outputs whose condition holds."""
    return {
        key: declaration
        for key, declaration in template.section("Outputs").items()
        if "Condition" not in declaration or evaluator.condition(declaration["Condition"])
    }


def refuse_if_used(stack: Stack, stacks: Stacks) -> None:
    """Raises `ValidationError` when another stack imports something of this one."""
    for name in stack.exports:
        users = [user for user in stacks.importers(name) if user != stack.name]
        if users:
            raise ValidationError(
                f"Delete canceled. Cannot delete export {name} as it is in use by {', '.join(users)}"
            )


def _shows(value: Any, resource: StackResource) -> bool:
    """Whether a value has an attribute of the resource in it."""
    text, name = json.dumps(value), resource.logical_id
    ways = (f'"Fn::GetAtt": ["{name}"', f'"Fn::GetAtt": "{name}.', f"${{{name}.")
    return any(way in text for way in ways)


def _output(key: str, declaration: dict[str, Any], evaluator: Evaluator) -> Output:
    value = evaluator.resolve(declaration["Value"])
    if isinstance(value, (dict, list)):
        raise ValidationError(
            f"Template format error: Output {key} is malformed: its value must be text, not {value!r}"
        )
    export = declaration.get("Export")
    return Output(
        key=key,
        value=str(value).lower() if isinstance(value, bool) else str(value),
        description=declaration.get("Description"),
        export_name=evaluator.resolve(export["Name"]) if export else None,
    )
