"""Pipelines before and after: their definitions, and their graphs where those differ."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.diagrams.drawings import pipeline_lines
from tools.review.stacks import Json, Stack, Stacks

_PIPELINE = "AWS::SageMaker::Pipeline"
# No dashes: Mermaid would take two of them for an arrow.
_NAME = re.compile(r"\w{1,64}")
_ENDS = re.compile(r'^ +(\w+) -->(?:\|"\w*"\|)? (\w+)$', re.MULTILINE)
_NEW, _GONE = "stroke:#1a7f37,stroke-width:3px", "stroke:#cf222e,stroke-width:3px,stroke-dasharray:4"


@dataclass(frozen=True)
class Graphs:
    """Pipelines that are alike, as Mermaid text before and after; empty where they are not there."""

    names: str
    before: str
    after: str


def graphs(before: Stacks, after: Stacks) -> list[Graphs]:
    """The pipelines whose steps, or the order of steps, are others."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, left, right in _changed(before, after):
        drawn = _drawn(left, right, _GONE), _drawn(right, left, _NEW)
        alike.setdefault(drawn, []).append(name)
    return [Graphs(", ".join(names), *drawn) for drawn, names in alike.items()]


def _changed(before: Stacks, after: Stacks) -> Iterator[tuple[str, list[Json], list[Json]]]:
    for place in sorted(before.keys() | after.keys()):
        if before.get(place) is not after.get(place):
            old, new = _pipelines(before.get(place)), _pipelines(after.get(place))
            for name in sorted(old.keys() | new.keys()):
                both = old.get(name, {}), new.get(name, {})
                if not all(_can_be_drawn(body) for body in both if body):
                    continue
                left, right = (body.get("Steps", []) for body in both)
                if [*pipeline_lines(left)] != [*pipeline_lines(right)]:
                    yield name, left, right


def _pipelines(stack: Stack | None) -> dict[str, Json]:
    return {
        str(body["Properties"].get("PipelineName", logical_id)): definition(body["Properties"])
        for logical_id, body in (stack.resources.items() if stack else ())
        if body["Type"] == _PIPELINE
    }


def _can_be_drawn(body: Json) -> bool:
    """Whether names are words, and arrows lead to steps that are there; rows tell of all others."""
    try:
        steps = [*flat_steps(body)]
        words = [str(word) for step in steps for word in (step["Name"], step["Type"])]
        drawn = "\n".join(pipeline_lines(body.get("Steps", [])))
    except (KeyError, TypeError, AttributeError):
        return False
    known = {step["Name"] for step in steps}
    return (
        bool(steps)
        and all(_NAME.fullmatch(word) for word in words)
        and all(end in known for arrow in _ENDS.findall(drawn) for end in arrow)
    )


def _drawn(steps: list[Json], others: list[Json], style: str) -> str:
    if not steps:
        return ""
    known = {step["Name"] for step in flat_steps({"Steps": others})}
    marked = [step["Name"] for step in flat_steps({"Steps": steps}) if step["Name"] not in known]
    return "\n".join([*pipeline_lines(steps), *(f"    style {name} {style}" for name in marked)])


def definition(properties: Mapping[str, Any]) -> Json:
    """The definition of a pipeline's readable properties; empty when it is kept elsewhere."""
    held = properties.get("PipelineDefinition")
    body = held.get("PipelineDefinitionBody") if isinstance(held, Mapping) else None
    opened: Any = next(iter(body.values()), {}) if isinstance(body, Mapping) else {}
    return opened if isinstance(opened, dict) else {}


def flat_steps(body: Json) -> Iterator[Json]:
    """All steps, also those inside of conditions."""
    for step in body.get("Steps", []):
        yield step
        if step.get("Type") == "Condition":
            for branch in ("IfSteps", "ElseSteps"):
                yield from flat_steps({"Steps": step.get("Arguments", {}).get(branch, [])})


def defaults(body: Json) -> dict[str, Any]:
    """The default values of a definition's parameters, by the text that asks for them."""
    return {
        str({"Get": f"Parameters.{parameter.get('Name')}"}): parameter.get("DefaultValue", "")
        for parameter in body.get("Parameters", [])
    }
