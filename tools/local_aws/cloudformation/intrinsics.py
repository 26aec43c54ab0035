"""Evaluates intrinsic functions, dynamic references and conditions of a template for one stack."""

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.form import refuse
from tools.local_aws.cloudformation.functions import function_of, malformed
from tools.local_aws.cloudformation.template import Template
from tools.local_aws.cloudformation.values import ABSENT, UNKNOWN, Surroundings, has_unknown

_VARIABLE = re.compile(r"\$\{(!?)\s*([^}]+?)\s*\}")
_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):([^}]+)\}\}")
AVAILABILITY_ZONE_SUFFIXES = "abc"


class Evaluator:
    """Resolves values of one template with given parameters."""

    def __init__(self, template: Template, parameters: Mapping[str, Any], surroundings: Surroundings) -> None:
        self._template = template
        self._parameters = parameters
        self._surroundings = surroundings
        self._conditions: dict[str, bool] = {}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": lambda value: self._known(
                value, lambda text: base64.b64encode(str(text).encode()).decode()
            ),
            "Fn::GetAZs": self._availability_zones,
            "Fn::Cidr": lambda value: self._known(value, _cidr),
            "Fn::ImportValue": lambda value: self._known(value, self._surroundings.import_value),
        }

    def resolve(self, value: Any) -> Any:
        """The value with every function replaced by its result, and absent members left out."""
        if isinstance(value, str):
            return self._dynamic(value)
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not ABSENT]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in self._functions:
                try:
                    return self._functions[name](argument)
                except (TypeError, ValueError, KeyError, AttributeError):
                    raise malformed(name) from None
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not ABSENT}

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            self._conditions[name] = self.truth(self._template.section("Conditions")[name])
        return self._conditions[name]

    def truth(self, expression: Any) -> bool:
        if isinstance(expression, dict) and isinstance(expression.get("Condition"), str):
            return self.condition(expression["Condition"])
        name, argument = function_of(expression) or ("", [])
        if name == "Fn::Not":
            return not self.truth(argument[0])
        if name == "Fn::And":
            return all(self.truth(item) for item in argument)
        if name == "Fn::Or":
            return any(self.truth(item) for item in argument)
        if name == "Fn::Equals":
            left, right = self.resolve(argument)
            return bool(_comparable(left) == _comparable(right))
        if name == "Fn::Contains":
            items, item = self.resolve(argument)
            return str(item) in [str(candidate) for candidate in items]
        raise ValidationError(
            "Template format error: Conditions can only be boolean operations on parameters and other "
            "conditions"
        )

    def check_rules(self) -> None:
        """Raises `ValidationError` for the first assertion of the Rules section that does not hold."""
        for name, rule in self._template.section("Rules").items():
            if not isinstance(rule, dict) or not isinstance(rule.get("Assertions", []), list):
                refuse("Every Rules member must be an object with a list of Assertions")
            if "RuleCondition" in rule and not self.truth(rule["RuleCondition"]):
                continue
            for assertion in rule.get("Assertions", []):
                if not self.truth(assertion["Assert"]):
                    description = assertion.get("AssertDescription", "the assertion does not hold")
                    raise ValidationError(f"Template error: Rule {name} is not fulfilled: {description}")

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return ABSENT
        pseudo = self._surroundings.pseudo_parameters()
        if name in pseudo:
            return pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        return self._surroundings.reference(name)

    def _get_att(self, argument: Any) -> Any:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._surroundings.attribute(logical_id, self.resolve(attribute))

    def _sub(self, argument: Any) -> Any:
        text, variables = (argument, {}) if isinstance(argument, str) else argument
        values = {name: self.resolve(value) for name, value in variables.items()}
        found: dict[str, Any] = {}
        for literal, name in _VARIABLE.findall(text):
            if not literal:
                found[name] = values[name] if name in values else self._variable(name)
        if has_unknown(list(found.values())):
            return UNKNOWN
        replaced = _VARIABLE.sub(lambda m: f"${{{m[2]}}}" if m[1] else str(found[m[2]]), text)
        return self._dynamic(replaced)

    def _variable(self, name: str) -> Any:
        return self._get_att(name) if "." in name else self._ref(name)

    def _join(self, argument: Any) -> Any:
        separator, parts = argument
        return self._known(parts, lambda items: self._dynamic(separator.join(_plain(item) for item in items)))

    def _select(self, argument: Any) -> Any:
        index, items = self.resolve(argument)
        if items is UNKNOWN:
            return UNKNOWN
        try:
            return items[int(index)]
        except IndexError:
            raise ValidationError(
                f"Template error: Fn::Select cannot select nonexistent value at index {index}"
            ) from None

    def _split(self, argument: Any) -> Any:
        separator, text = argument
        return self._known(text, lambda resolved: str(resolved).split(separator))

    def _if(self, argument: Any) -> Any:
        name, when_true, when_false = argument
        return self.resolve(when_true if self.condition(name) else when_false)

    def _find_in_map(self, argument: Any) -> Any:
        keys = [self.resolve(key) for key in argument[:3]]
        value: Any = self._template.section("Mappings")
        for key in keys:
            if not isinstance(value, dict) or str(key) not in value:
                raise ValidationError(
                    f"Template error: Unable to get mapping for {'::'.join(map(str, keys))}"
                )
            value = value[str(key)]
        return value

    def _availability_zones(self, argument: Any) -> list[str]:
        region = self.resolve(argument) or self._surroundings.pseudo_parameters()["AWS::Region"]
        return [f"{region}{suffix}" for suffix in AVAILABILITY_ZONE_SUFFIXES]

    def _known(self, argument: Any, function: Callable[[Any], Any]) -> Any:
        value = self.resolve(argument)
        return UNKNOWN if has_unknown(value) else function(value)

    def _dynamic(self, text: str) -> str:
        if "{{resolve:" not in text:
            return text
        return _DYNAMIC.sub(lambda m: self._surroundings.dynamic_reference(m[1], m[2]), text)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        raise ValidationError("Template error: every Fn::Join object requires strings to join.")
    return str(value)


def _comparable(value: Any) -> Any:
    return value if isinstance(value, (dict, list)) else _plain(value)


def _cidr(argument: list[Any]) -> list[str]:
    block, count, bits = argument
    network = ipaddress.ip_network(block)
    subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
    return [str(next(subnets)) for _ in range(int(count))]
