"""Reads a pipeline definition; it is refused with everything that is wrong with it before anything runs.

The format: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
AWS tells the first mistake only.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.pipelines.checks import outer_mistakes, parameter_mistakes, step_mistakes
from tools.local_aws.sagemaker.pipelines.model import Definition, Step


def read_definition(text: str) -> Definition:
    """Parses and checks a definition; `ValidationError` lists everything that is wrong with it."""
    try:
        raw = json.loads(text)
        parameters = raw.get("Parameters", [])
        steps = list(_flatten(raw["Steps"], None))
        definition = Definition(
            {parameter["Name"]: parameter for parameter in parameters}, {step.name: step for step in steps}
        )
        found = list(outer_mistakes(raw))
        found += _repeated("Parameter", [parameter["Name"] for parameter in parameters])
        found += _repeated("Step", [step.name for step in steps])
        found += _mistakes(definition)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        cause = f"no member {error}" if isinstance(error, KeyError) else str(error)
        raise ValidationError(f"Unable to parse pipeline definition. {cause}") from error
    if found:
        raise ValidationError(f"Unable to parse pipeline definition. {'; '.join(found)}.")
    return definition


def _flatten(steps: list[dict[str, Any]], branch: tuple[str, str] | None) -> Iterator[Step]:
    for members in steps:
        yield Step(members["Name"], members["Type"], members, branch)
        if members["Type"] == "Condition":
            for key in ("IfSteps", "ElseSteps"):
                yield from _flatten(members["Arguments"].get(key, []), (members["Name"], key))


def _repeated(noun: str, names: list[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{noun} names must be unique: {name} is used {count} times"


def _mistakes(definition: Definition) -> Iterator[str]:
    for parameter in definition.parameters.values():
        yield from parameter_mistakes(parameter)
    for step in definition.steps.values():
        yield from step_mistakes(definition, step)
    yield from _cycle(definition)


def _cycle(definition: Definition) -> Iterator[str]:
    waiting = {name: step.needs & set(definition.steps) for name, step in definition.steps.items()}
    while waiting:
        free = [name for name, needs in waiting.items() if not needs & set(waiting)]
        if not free:
            yield f"These steps wait for each other: {', '.join(sorted(waiting))}"
            return
        for name in free:
            del waiting[name]
