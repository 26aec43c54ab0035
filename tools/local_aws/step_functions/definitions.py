"""What Step Functions refuses of a definition, and moto's interpreter would only meet while it runs.

The language: https://states-language.net/spec.html; words as in
https://github.com/localstack/localstack/issues/11978 and https://github.com/aws-cloudformation/cfn-lint/issues/4073.
"""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import UnknownServiceError

from tools.local_aws.errors import ApiError
from tools.local_aws.shapes.constraints import service_model
from tools.local_aws.step_functions.tasks import BOTO_NAMES

_WITHOUT_NEXT = ("Choice", "Succeed", "Fail")
_NAME_LENGTH = 80
_SDK = "arn:aws:states:::aws-sdk:"
_TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector")


def check(text: str) -> None:
    """Raises `ApiError` with all that is wrong."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise _invalid(f"INVALID_JSON_DESCRIPTION: {error}") from error
    if not isinstance(definition, dict) or not isinstance(definition.get("States"), dict):
        # What is no machine at all, moto's parser refuses.
        return
    try:
        mistakes = list(_of_machine(definition, ""))
    except (AttributeError, TypeError) as error:
        raise _invalid("SCHEMA_VALIDATION_FAILED: a member is not of its type") from error
    if mistakes:
        raise _invalid(", ".join(mistakes))


def _invalid(mistake: str) -> ApiError:
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{mistake}'")


def _of_machine(machine: dict[str, Any], where: str) -> Iterator[str]:
    states, start = machine["States"], machine.get("StartAt")
    if start is not None and start not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {start} at {where}/StartAt"
    if machine.get("TimeoutSeconds", 1) == 0:
        yield f"SCHEMA_VALIDATION_FAILED: TimeoutSeconds must be positive at {where}/TimeoutSeconds"
    targets = {start}
    for name, state in states.items():
        place = f"{where}/States/{name}"
        if len(name) > _NAME_LENGTH:
            yield f"SCHEMA_VALIDATION_FAILED: A name has up to {_NAME_LENGTH} characters at {place}"
        for at, target in _transitions(state):
            targets.add(target)
            if target not in states:
                yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {place}/{at}"
        yield from (f"SCHEMA_VALIDATION_FAILED: {mistake} at {place}" for mistake in _of_state(state))
        for inner in _machines_in(state):
            yield from _of_machine(inner, place)
    for name in states:
        if name not in targets:
            yield f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {where}/States/{name}'


def _machines_in(state: dict[str, Any]) -> list[dict[str, Any]]:
    inner = (*state.get("Branches", []), state.get("ItemProcessor"), state.get("Iterator"))
    return [machine for machine in inner if machine and isinstance(machine.get("States"), dict)]


def _transitions(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for member in ("Next", "Default"):
        if member in state:
            yield member, state[member]
    for member in ("Choices", "Catch"):
        yield from ((member, rule["Next"]) for rule in state.get(member, []) if "Next" in rule)


def _of_state(state: dict[str, Any]) -> Iterator[str]:
    kind = state.get("Type")
    ways = sum((state.get("End") is True, "Next" in state))
    if kind in _WITHOUT_NEXT and ways:
        yield f"A {kind} state has neither Next nor End"
    if kind not in _WITHOUT_NEXT and ways != 1:
        yield "Exactly one of Next and End must be given"
    if kind == "Choice" and (not state.get("Choices") or any("Next" not in r for r in state["Choices"])):
        yield "A Choice state has Choices, and each of them a Next"
    for member in ("Retry", "Catch"):
        rules = state.get(member, [])
        for position, rule in enumerate(rules, start=1):
            everything = "States.ALL" in rule.get("ErrorEquals", [])
            if everything and (len(rule["ErrorEquals"]) > 1 or position < len(rules)):
                yield f"States.ALL stands alone, and in the last one of {member}"
    resource = str(state.get("Resource", ""))
    if resource.startswith(_SDK) and not _is_a_call(*resource.removeprefix(_SDK).partition(":")[::2]):
        yield f"The resource provided {resource} is not recognized. The value is not a valid resource ARN"
    for template in _TEMPLATES:
        for value in _computed(state.get(template)):
            yield f"The values of '{template}' must be valid JSONPath or intrinsic functions: {value}"


def _is_a_call(service: str, action: str) -> bool:
    """Whether the SDK has it, as far as botocore knows the service under the SDK's name."""
    operation = action.partition(".")[0]
    try:
        known = service_model(BOTO_NAMES.get(service, service)).operation_names
    except UnknownServiceError:
        return action[:1].islower()
    return action[:1].islower() and operation[:1].upper() + operation[1:] in known


def _computed(template: Any) -> Iterator[str]:
    if isinstance(template, list):
        for inner in template:
            yield from _computed(inner)
    for name, value in template.items() if isinstance(template, dict) else ():
        if name.endswith(".$") and not str(value).startswith(("$", "States.")):
            yield str(value)
        yield from _computed(value)
