"""The parts of a pipeline definition."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.local_aws.sagemaker.errors import ValidationError

STEP_TYPES = ("Processing", "Training", "Tuning", "Condition", "RegisterModel", "Fail")
PARAMETER_TYPES = {"String": str, "Integer": int, "Float": float, "Boolean": bool}
EXECUTION_VARIABLES = (
    "CurrentDateTime",
    "PipelineArn",
    "PipelineExecutionArn",
    "PipelineExecutionId",
    "PipelineName",
    "StartDateTime",
)
_FUNCTIONS = ("Get", "Std:Join", "Std:JsonGet")
_TOKEN = re.compile(r"\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]|([^.\[\]]+)")


@dataclass(frozen=True)
class Step:
    """One step. `branch` is the condition step and the branch (`IfSteps`, `ElseSteps`) that hold it."""

    name: str
    type: str
    members: dict[str, Any]
    branch: tuple[str, str] | None = None

    @property
    def arguments(self) -> Any:
        """The request of the step, with expressions in it."""
        return self.members.get("Arguments", {})

    @property
    def own_arguments(self) -> Any:
        """The arguments without the steps that a condition holds."""
        if self.type == "Condition":
            return self.arguments.get("Conditions", [])
        return self.arguments

    def property_file(self, name: str) -> dict[str, Any] | None:
        declared = self.members.get("PropertyFiles", [])
        return next((item for item in declared if item["PropertyFileName"] == name), None)

    @property
    def needs(self) -> set[str]:
        """The steps that must have ended well before this one."""
        named = {
            item if isinstance(item, str) else item["Step"] for item in self.members.get("DependsOn", [])
        }
        referred = {path[1] for path in map(tokens, references(self.own_arguments)) if path[0] == "Steps"}
        return named | {str(name) for name in referred} | ({self.branch[0]} if self.branch else set())


@dataclass(frozen=True)
class Definition:
    """A checked definition."""

    parameters: dict[str, dict[str, Any]]
    steps: dict[str, Step]

    def parameter_values(self, given: dict[str, str]) -> dict[str, Any]:
        """The values of an execution; raises `ValidationError` for unknown, missing or refused ones."""
        unknown = sorted(set(given) - set(self.parameters))
        if unknown:
            raise ValidationError(
                f"Unknown pipeline parameters: {', '.join(unknown)}. Known: {', '.join(self.parameters)}."
            )
        return {name: _value(name, spec, given.get(name)) for name, spec in self.parameters.items()}


def _value(name: str, spec: dict[str, Any], given: str | None) -> Any:
    value = spec.get("DefaultValue") if given is None else given
    if value is None:
        raise ValidationError(f"Pipeline parameter [{name}] has neither a value nor a default.")
    try:
        value = PARAMETER_TYPES[spec["Type"]](value) if spec["Type"] != "Boolean" else _boolean(value)
    except ValueError as error:
        raise ValidationError(f"Pipeline parameter [{name}]: {value!r} is no {spec['Type']}.") from error
    allowed = spec.get("EnumValues")
    if allowed and value not in allowed:
        raise ValidationError(f"Pipeline parameter [{name}]: {value!r} is not one of {allowed}.")
    return value


def _boolean(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError(value)
    return str(value).lower() == "true"


def tokens(path: str) -> list[str | int]:
    """`Steps.A.Outputs['train'].X[0]` as `["Steps", "A", "Outputs", "train", "X", 0]`."""
    found = _TOKEN.findall(path)
    return [int(number) if number else single or double or plain for number, single, double, plain in found]


def is_expression(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _FUNCTIONS


def expressions(value: Any) -> Iterator[tuple[str, Any]]:
    """Every expression in the value, also inside others: its function and its argument."""
    if is_expression(value):
        yield from value.items()
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from expressions(inner)


def references(value: Any) -> Iterator[str]:
    """Every path that a `Get` in the value names."""
    return (argument for function, argument in expressions(value) if function == "Get")
