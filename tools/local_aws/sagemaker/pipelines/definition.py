"""Reads a pipeline definition and finds what is wrong with it before anything runs.

The format: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.pipelines.conditions import condition_types, known_condition
from tools.local_aws.sagemaker.pipelines.model import (
    EXECUTION_VARIABLES,
    PARAMETER_TYPES,
    STEP_TYPES,
    Definition,
    Step,
    references,
    tokens,
)


def read_definition(text: str) -> Definition:
    """Parses and checks a definition; `ValidationError` lists everything that is wrong with it."""
    try:
        raw = json.loads(text)
        parameters = {item["Name"]: item for item in raw.get("Parameters", [])}
        steps = list(_flatten(raw["Steps"], None))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cause = f"no member {error}" if isinstance(error, KeyError) else str(error)
        raise ValidationError(f"Unable to parse pipeline definition: {cause}") from error
    definition = Definition(parameters, {step.name: step for step in steps})
    found = list(_mistakes(definition, [step.name for step in steps]))
    if found:
        raise ValidationError(f"Invalid pipeline definition: {' '.join(found)}")
    return definition


def _flatten(steps: list[dict[str, Any]], branch: tuple[str, str] | None) -> Iterator[Step]:
    for members in steps:
        yield Step(members["Name"], members["Type"], members, branch)
        if members["Type"] == "Condition":
            for key in ("IfSteps", "ElseSteps"):
                yield from _flatten(members["Arguments"].get(key, []), (members["Name"], key))


def _mistakes(definition: Definition, names: list[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"Step names must be unique: {name} is used {count} times."
    for name, spec in definition.parameters.items():
        if spec.get("Type") not in PARAMETER_TYPES:
            yield f"Parameter {name} has the unknown type {spec.get('Type')!r}."
    for step in definition.steps.values():
        yield from _step_mistakes(definition, step)
    yield from _cycle(definition)


def _step_mistakes(definition: Definition, step: Step) -> Iterator[str]:
    if step.type not in STEP_TYPES:
        known = ", ".join(STEP_TYPES)
        yield f"Step {step.name} has the type {step.type}, which is not run here (known: {known})."
        return
    for need in sorted(step.needs - set(definition.steps)):
        yield f"Step {step.name} needs the step {need}, which does not exist."
    for path in references(step.own_arguments):
        problem = _reference_problem(definition, path)
        if problem:
            yield f"Step {step.name} refers to {path}: {problem}."
    if step.type == "Condition":
        for kind in condition_types(step.own_arguments):
            if not known_condition(kind):
                yield f"Step {step.name} has the unknown condition type {kind}."


def _reference_problem(definition: Definition, path: str) -> str | None:
    head, *rest = tokens(path)
    if head == "Parameters":
        return None if rest and rest[0] in definition.parameters else "there is no such parameter"
    if head == "Execution":
        return None if rest and rest[0] in EXECUTION_VARIABLES else "there is no such execution variable"
    if head != "Steps" or len(rest) < 2:
        return "a reference starts with Parameters, Execution or Steps and names what it wants"
    step = definition.steps.get(str(rest[0]))
    if step is None:
        return None  # reported as a missing step already
    if rest[1] == "PropertyFiles":
        declared = len(rest) > 2 and step.property_file(str(rest[2]))
        return None if declared else "the step declares no such property file"
    return _output_problem(step, rest[1:])


def _output_problem(step: Step, path: list[Any]) -> str | None:
    if path[:2] != ["ProcessingOutputConfig", "Outputs"] or len(path) < 3 or isinstance(path[2], int):
        return None
    outputs = step.arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    if path[2] in [output.get("OutputName") for output in outputs]:
        return None
    return "the step has no such output"


def _cycle(definition: Definition) -> Iterator[str]:
    waiting = {name: step.needs & set(definition.steps) for name, step in definition.steps.items()}
    while waiting:
        free = [name for name, needs in waiting.items() if not needs & set(waiting)]
        if not free:
            yield f"These steps wait for each other: {', '.join(sorted(waiting))}."
            return
        for name in free:
            del waiting[name]
