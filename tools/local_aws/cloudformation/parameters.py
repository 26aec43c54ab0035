"""Template parameters: from what the caller gave to the values the template uses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.template import Template

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(?P<inner>.+)>")


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
        name: _resolve(name, declaration, as_text(given.get(name, declaration.get("Default"))), read_ssm)
        for name, declaration in declared.items()
    }


def _resolve(
    name: str, declaration: Mapping[str, Any], text: str, read_ssm: Callable[[str], str]
) -> Parameter:
    kind = str(declaration.get("Type"))
    ssm = _SSM_VALUE.fullmatch(kind)
    _check_constraints(name, declaration, text)
    try:
        content, inner = (read_ssm(text), ssm["inner"]) if ssm else (text, kind)
    except ValidationError:
        if "Default" in declaration:
            raise
        # Recorded beside the words of `form`: test_resolve_ssm_missing_parameter.
        raise ValidationError(f"Parameter {name} should either have input value or default value") from None
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


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValidationError(f"Parameter '{name}' must be a number.") from None


# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
_CONSTRAINTS: Mapping[str, tuple[Callable[[Any, str], Any], str]] = {
    "AllowedValues": (lambda rule, text: text in map(as_text, rule), "must be one of AllowedValues"),
    "AllowedPattern": (lambda rule, text: re.fullmatch(rule, text), "must match pattern {}"),
    "MinLength": (lambda rule, text: len(text) >= int(rule), "must contain at least {} characters"),
    "MaxLength": (lambda rule, text: len(text) <= int(rule), "must contain at most {} characters"),
    "MinValue": (lambda rule, text: float(text) >= float(rule), "must be a number not less than {}"),
    "MaxValue": (lambda rule, text: float(text) <= float(rule), "must be a number not greater than {}"),
}


def _check_constraints(name: str, declaration: Mapping[str, Any], text: str) -> None:
    explanation = declaration.get("ConstraintDescription")
    for constraint, (is_kept, words) in _CONSTRAINTS.items():
        rule = declaration.get(constraint)
        in_list = constraint == "AllowedValues" and "List" in declaration["Type"]
        items = [item.strip() for item in text.split(",")] if in_list else [text]
        try:
            kept = rule in (None, "", []) or all(is_kept(rule, item) for item in items)
        except (TypeError, ValueError, re.error):
            kept = False
        if not kept:
            told = f"failed to satisfy constraint: {explanation}" if explanation else words.format(rule)
            raise ValidationError(f"Parameter '{name}' {told}")
