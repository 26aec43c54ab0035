"""Template parameters: from what the caller gave to the values the template uses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.template import Template

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(?P<inner>.+)>")
SIMPLE_TYPES = frozenset({"String", "Number", "CommaDelimitedList", "List<Number>", "List<String>"})


@dataclass(frozen=True)
class Parameter:
    """A parameter of one stack: what was given (`text`) and what the template sees (`value`)."""

    name: str
    text: str
    value: Any
    resolved_from_ssm: bool
    no_echo: bool

    def described(self) -> dict[str, str]:
        """As DescribeStacks and DescribeChangeSet show it."""
        shown = {"ParameterKey": self.name, "ParameterValue": "****" if self.no_echo else self.text}
        if self.resolved_from_ssm:
            value = self.value
            shown["ResolvedValue"] = ",".join(value) if isinstance(value, list) else str(value)
        return shown


def resolve_parameters(
    template: Template, given: Mapping[str, str], read_ssm: Callable[[str], str]
) -> dict[str, Parameter]:
    """Checks and resolves every parameter; raises `ValidationError` naming all that are wrong."""
    declared = template.section("Parameters")
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = sorted(name for name in declared if name not in given and "Default" not in declared[name])
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    return {
        name: _resolve(name, declaration, str(given.get(name, declaration.get("Default"))), read_ssm)
        for name, declaration in declared.items()
    }


def _resolve(
    name: str, declaration: Mapping[str, Any], text: str, read_ssm: Callable[[str], str]
) -> Parameter:
    kind = str(declaration.get("Type"))
    ssm = _SSM_VALUE.fullmatch(kind)
    _check_constraints(name, declaration, text)
    content, inner = (read_ssm(text), ssm["inner"]) if ssm else (text, kind)
    return Parameter(
        name=name,
        text=text,
        value=_typed(name, inner, content),
        resolved_from_ssm=ssm is not None,
        no_echo=str(declaration.get("NoEcho", "false")).lower() == "true",
    )


def _typed(name: str, kind: str, text: str) -> Any:
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [item.strip() for item in text.split(",")]
    if kind == "Number":
        _number(name, text)
        return text
    if kind in SIMPLE_TYPES or re.fullmatch(r"AWS::[A-Za-z0-9:]+", kind):
        return text
    raise ValidationError(
        f"Template format error: Unrecognized parameter type {kind} for {name}; allowed are "
        f"{sorted(SIMPLE_TYPES)}, AWS-specific types and AWS::SSM::Parameter::Value<type>."
    )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValidationError(f"Parameter '{name}' must be a number, not {text!r}.") from None


def _check_constraints(name: str, declaration: Mapping[str, Any], text: str) -> None:
    explanation = declaration.get("ConstraintDescription")

    def refuse(rule: str) -> None:
        raise ValidationError(f"Parameter '{name}' failed to satisfy constraint: {explanation or rule}")

    allowed = [str(value) for value in declaration.get("AllowedValues", [])]
    if allowed and text not in allowed:
        refuse(f"must be one of {allowed}, not {text!r}")
    pattern = declaration.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        refuse(f"must match pattern {pattern}")
    if len(text) < int(declaration.get("MinLength", 0)):
        refuse(f"must have at least {declaration['MinLength']} characters")
    if len(text) > int(declaration.get("MaxLength", len(text))):
        refuse(f"must have at most {declaration['MaxLength']} characters")
    if "MinValue" in declaration and _number(name, text) < float(declaration["MinValue"]):
        refuse(f"must be at least {declaration['MinValue']}")
    if "MaxValue" in declaration and _number(name, text) > float(declaration["MaxValue"]):
        refuse(f"must be at most {declaration['MaxValue']}")
