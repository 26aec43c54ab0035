"""Which resource needs which other, and the order that follows from it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tools.local_aws.cloudformation.functions import function_of, in_order, named_in, refuse_unresolved
from tools.local_aws.cloudformation.intrinsics import Evaluator
from tools.local_aws.cloudformation.template import ResourceDeclaration, Template


def live_resources(template: Template, evaluator: Evaluator) -> dict[str, ResourceDeclaration]:
    """The resources whose condition holds, each after all it depends on, with policies that are words."""
    live = {
        logical_id: replace(
            resource,
            deletion_policy=evaluator.resolve(resource.deletion_policy),
            update_replace_policy=evaluator.resolve(resource.update_replace_policy),
        )
        for logical_id, resource in template.resources.items()
        if resource.condition is None or evaluator.condition(resource.condition)
    }
    parameters = template.section("Parameters")
    needs = {
        logical_id: set(_named(resource.properties, evaluator))
        .union(resource.depends_on)
        .difference(parameters)
        for logical_id, resource in live.items()
    }
    outputs = [
        [output["Value"], output.get("Export", {})]
        for output in template.section("Outputs").values()
        if "Condition" not in output or evaluator.condition(output["Condition"])
    ]
    for block, named in (
        ("Resources", set().union(*needs.values())),
        ("Outputs", set(_named(outputs, evaluator)).difference(parameters)),
    ):
        refuse_unresolved(sorted(named - set(live)), block)
    return {logical_id: live[logical_id] for logical_id in in_order(needs)}


def _named(value: Any, evaluator: Evaluator) -> Iterator[str]:
    """The parameters and resources that a value needs, as far as its conditions hold."""
    function = function_of(value)
    if function:
        name, argument = function
        yield from (found for found in named_in(name, argument) if not found.startswith("AWS::"))
        if name == "Fn::If":
            value = [argument[1 if evaluator.condition(argument[0]) else 2]]
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _named(item, evaluator)
