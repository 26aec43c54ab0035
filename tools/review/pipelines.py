"""Pipelines before and after: their definitions, and their graphs where those differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.diagrams.drawings import pipeline_lines
from tools.review.stacks import Json, Stack, Stacks

_PIPELINE = "AWS::SageMaker::Pipeline"
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
                left, right = old.get(name, []), new.get(name, [])
                if [*pipeline_lines(left)] != [*pipeline_lines(right)]:
                    yield name, left, right


def _pipelines(stack: Stack | None) -> dict[str, list[Json]]:
    return {
        str(body["Properties"].get("PipelineName", logical_id)): definition(body["Properties"])["Steps"]
        for logical_id, body in (stack.resources.items() if stack else ())
        if body["Type"] == _PIPELINE and definition(body["Properties"])
    }


def _drawn(steps: list[Json], others: list[Json], style: str) -> str:
    if not steps:
        return ""
    known = {step["Name"] for step in flat_steps({"Steps": others})}
    marked = [step["Name"] for step in flat_steps({"Steps": steps}) if step["Name"] not in known]
    return "\n".join([*pipeline_lines(steps), *(f"    style {name} {style}" for name in marked)])


def definition(properties: Mapping[str, Any]) -> Json:
    """The definition of a pipeline's readable properties; empty when it is kept elsewhere."""
    body = properties.get("PipelineDefinition", {}).get("PipelineDefinitionBody", {})
    opened: Any = next(iter(body.values()), {}) if isinstance(body, Mapping) else {}
    return opened if isinstance(opened, dict) else {}


def flat_steps(body: Json) -> Iterator[Json]:
    """All steps, also those inside of conditions."""
    for step in body.get("Steps", []):
        yield step
        if step["Type"] == "Condition":
            for branch in ("IfSteps", "ElseSteps"):
                yield from flat_steps({"Steps": step["Arguments"].get(branch, [])})


def defaults(body: Json) -> dict[str, Any]:
    """The default values of a definition's parameters, by the text that asks for them."""
    return {
        str({"Get": f"Parameters.{parameter['Name']}"}): parameter.get("DefaultValue", "")
        for parameter in body.get("Parameters", [])
    }
