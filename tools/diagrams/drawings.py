"""The diagrams as Mermaid text: stacks and what they hand on, the pipeline's steps, the release."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tools.diagrams.assembly import DiagramError, Json, StackTemplate, embedded_json

_STEP_REFERENCE = re.compile(r'"Steps\.(\w+)\.')
_COMPARISONS = {
    "BooleanEquals": "{} is {}",
    "IsPresent": "{} is present: {}",
    "StringEquals": "{} is {}",
    "StringEqualsPath": "{} is {}",
    "StringMatches": "{} matches {}",
}
_STATE_SHAPES = {
    "Task": '["{}"]',
    "Choice": '{{"{}"}}',
    "Pass": '["{}"]',
    "Wait": '("{}")',
    "Succeed": '(["{}"])',
    "Fail": '(["{}"])',
    "Map": '[["{}<br/>for each file"]]',
}


PARTS_SHOWN = 2
"""Of a condition of several; more would be no drawing any more."""


def draw(stacks: list[StackTemplate]) -> dict[str, str]:
    """All diagrams by name. Raises DiagramError for something that has no drawing."""
    lines = {
        "stacks": _stack_lines(stacks),
        "pipeline": pipeline_lines(_steps(stacks)),
        "release": _release_lines(stacks),
    }
    return {name: "\n".join(drawing) for name, drawing in lines.items()}


def _stack_lines(stacks: list[StackTemplate]) -> Iterator[str]:
    yield "flowchart LR"
    exports = {
        output["Export"]["Name"]: (stack, output["Value"])
        for stack in stacks
        for output in stack.body.get("Outputs", {}).values()
        if "Export" in output
    }
    for stack in stacks:
        yield f'    {stack.name}["{stack.name}"]'
    for stack in stacks:
        handed: dict[str, set[str]] = {name: set() for name in stack.waits_for}
        for export in _imports(stack.body):
            source, value = exports[export]
            handed[source.name].add(_kind(source, value))
        for source_name in sorted(handed):
            label = "<br/>".join(sorted(handed[source_name]))
            arrow = f'-->|"{label}"|' if label else "-.->"
            yield f"    {source_name} {arrow} {stack.name}"


def _imports(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "Fn::ImportValue" in node:
            yield node["Fn::ImportValue"]
        else:
            for value in node.values():
                yield from _imports(value)
    elif isinstance(node, list):
        for item in node:
            yield from _imports(item)


def _kind(stack: StackTemplate, value: Json) -> str:
    """What an export is about: the last word of its resource's type."""
    target = value["Fn::GetAtt"][0] if "Fn::GetAtt" in value else value["Ref"]
    kind: str = stack.body["Resources"][target]["Type"]
    return kind.rsplit("::", 1)[1]


def _steps(stacks: list[StackTemplate]) -> list[Json]:
    path = ("PipelineDefinition", "PipelineDefinitionBody")
    steps: list[Json] = embedded_json(stacks, "AWS::SageMaker::Pipeline", *path)["Steps"]
    return steps


def pipeline_lines(steps: list[Json]) -> Iterator[str]:
    """The steps of a pipeline's definition, and what each waits for."""
    needs = {step["Name"]: _needed_steps(step) for step in steps}
    yield "flowchart LR"
    for step in steps:
        yield _step_node(step)
        for source in sorted(needs[step["Name"]]):
            yield f"    {source} --> {step['Name']}"
    for condition in (step for step in steps if step["Type"] == "Condition"):
        known = _all_before(condition["Name"], needs)
        for branch, label in (("IfSteps", "yes"), ("ElseSteps", "no")):
            for step in condition["Arguments"][branch]:
                yield _step_node(step)
                yield f'    {condition["Name"]} -->|"{label}"| {step["Name"]}'
                for source in sorted(_needed_steps(step) - known):
                    yield f"    {source} --> {step['Name']}"


def _step_node(step: Json) -> str:
    shape = '{{"{}<br/>{}"}}' if step["Type"] == "Condition" else '["{}<br/>{}"]'
    return f"    {step['Name']}{shape.format(step['Name'], step['Type'])}"


def _needed_steps(step: Json) -> set[str]:
    is_condition = step["Type"] == "Condition"
    read = step["Arguments"]["Conditions"] if is_condition else step["Arguments"]
    return set(_STEP_REFERENCE.findall(json.dumps(read)))


def _all_before(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    return needs[name].union(*(_all_before(other, needs) for other in needs[name]))


def _release_lines(stacks: list[StackTemplate]) -> Iterator[str]:
    release = [stack for stack in stacks if stack.name == "release"]
    machine = embedded_json(release, "AWS::StepFunctions::StateMachine", "DefinitionString")
    states: dict[str, Json] = machine["States"]
    yield "flowchart TD"
    yield from _state_lines(states)
    for name, state in states.items():
        if state["Type"] == "Map":
            yield f"    {name} -.-> {state['ItemProcessor']['StartAt']}"
            yield from _state_lines(state["ItemProcessor"]["States"])
    yield from _catch_lines([state for state in states.values() if state["Type"] in ("Task", "Map")])


def _state_lines(states: Mapping[str, Json]) -> Iterator[str]:
    for name, state in states.items():
        action = state.get("Resource", "").rpartition("aws-sdk:")[2]
        label = f"{name}<br/>{action}" if action else name
        yield f"    {name}{_STATE_SHAPES[state['Type']].format(label)}"
    for name, state in states.items():
        for choice in state.get("Choices", []):
            yield f'    {name} -->|"{_condition(choice)}"| {choice["Next"]}'
        if "Default" in state:
            yield f'    {name} -->|"otherwise"| {state["Default"]}'
        if "Next" in state:
            yield f"    {name} --> {state['Next']}"


def _catch_lines(tasks: list[Json]) -> Iterator[str]:
    """One arrow for all tasks that go to the same state when they fail."""
    for target in sorted({catch["Next"] for task in tasks for catch in task.get("Catch", [])}):
        caught = sum(any(catch["Next"] == target for catch in task.get("Catch", [])) for task in tasks)
        yield f'    failing{target}(("{caught} of {len(tasks)} tasks,<br/>when retries fail")) -.-> {target}'


def _condition(choice: Json) -> str:
    if "And" in choice:
        parts = choice["And"]
        if len(parts) > PARTS_SHOWN:
            return f"all of {len(parts)} conditions hold"
        return " and ".join(_condition(part) for part in parts)
    for operator, words in _COMPARISONS.items():
        if operator in choice:
            return words.format(_plain(choice["Variable"]), _plain(choice[operator]))
    raise DiagramError(f"no words for the condition {choice}; add its operator to _COMPARISONS")


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).removeprefix("$.")
