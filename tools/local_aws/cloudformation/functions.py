"""Intrinsic functions as a template writes them: the form of each, and whether there is what they name.

The words are recorded from AWS (github.com/localstack/localstack, Apache-2.0,
tests/aws/services/cloudformation, 2025) or reported: https://github.com/aws/aws-cli/pull/2746,
https://github.com/aws-cloudformation/cfn-lint/issues/99, https://github.com/aws/aws-cdk/issues/26560.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.form import refuse

SUB_VARIABLE = re.compile(r"\$\{(?!!)\s*([^}]*?)\s*\}")
_BLOCKS = ("Conditions", "Resources", "Outputs")


class _Form(NamedTuple):
    fits: Callable[[Any], bool]
    words: str


def _several(least: int, most: int, *kinds: type | tuple[type, ...]) -> Callable[[Any], bool]:
    def fits(given: Any) -> bool:
        return (
            isinstance(given, list)
            and least <= len(given) <= most
            and all(isinstance(item, kind) for item, kind in zip(given, kinds, strict=False))
        )

    return fits


def _value(*kinds: type) -> Callable[[Any], bool]:
    return lambda given: isinstance(given, kinds)


def _names_an_attribute(given: Any) -> bool:
    parts = given.split(".", 1) if isinstance(given, str) else given
    return _several(2, 2, str, (str, dict))(parts) and all(parts)


_PARTS = (list, dict)
_TEXT = (str, int, float, dict)
_BOOLEANS = "object requires a list of at least 2 and at most 10 boolean parameters."
FORMS: Mapping[str, _Form] = {
    "Ref": _Form(_value(str), "every Ref object must have a single String value."),
    "Fn::GetAtt": _Form(
        _names_an_attribute,
        "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
        "attribute",
    ),
    "Fn::Sub": _Form(
        lambda given: isinstance(given, str) or _several(2, 2, str, dict)(given),
        "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first "
        "argument, and an optional second argument to specify a mapping of values to replace in the string",
    ),
    "Fn::Join": _Form(
        _several(2, 2, str, _PARTS),
        "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to "
        "be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
    ),
    "Fn::Split": _Form(
        _several(2, 2, str, _TEXT),
        "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split "
        "or a function that returns a string to be split.",
    ),
    "Fn::Select": _Form(
        _several(2, 2, (int, str, dict), _PARTS),
        "Fn::Select requires a list argument with two elements: an integer index and a list",
    ),
    "Fn::FindInMap": _Form(
        _several(3, 3, *(_TEXT,) * 3),
        "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for "
        "return value",
    ),
    "Fn::If": _Form(_several(3, 3, str), "Fn::If requires a list argument with three elements"),
    "Fn::Base64": _Form(_value(*_TEXT), "every Fn::Base64 object must have a String-typed value."),
    "Fn::GetAZs": _Form(_value(str, dict), "every Fn::GetAZs object must have a String-typed value."),
    "Fn::ImportValue": _Form(
        _value(str, dict), "every Fn::ImportValue object must have a String-typed value."
    ),
    "Fn::Cidr": _Form(
        _several(2, 3, (str, dict)),
        "every Fn::Cidr object requires two or three parameters, the ipBlock, the count and the cidrBits",
    ),
    "Fn::Equals": _Form(_several(2, 2), "every Fn::Equals object requires a list of 2 string parameters."),
    "Fn::And": _Form(_several(2, 10, *(dict,) * 10), f"every Fn::And {_BOOLEANS}"),
    "Fn::Or": _Form(_several(2, 10, *(dict,) * 10), f"every Fn::Or {_BOOLEANS}"),
    "Fn::Not": _Form(
        _several(1, 1, dict), "every Fn::Not object requires a list with exactly 1 boolean parameter."
    ),
}
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
NOT_CARRIED_OUT = "Fn::GetStackOutput"
_SUPPORTED = (
    "Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, "
    "Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, "
    "Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr"
)


def malformed(name: str) -> ValidationError:
    """What is said of a function that is not written as it has to be."""
    return ValidationError(f"Template error: {FORMS[name].words}")


def function_of(value: Any) -> tuple[str, Any] | None:
    """Name and argument where a value is a function."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name in FORMS or name.startswith("Fn::"):
            return name, argument
    return None


def calls_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Every function in a value, outermost first."""
    found = function_of(value)
    if found:
        yield found
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        yield from calls_in(item)


def named_in(name: str, argument: Any) -> list[str]:
    """The parameters and resources that one function names."""
    if name == "Ref":
        return [argument]
    if name == "Fn::GetAtt":
        return [argument.split(".")[0] if isinstance(argument, str) else argument[0]]
    if name == "Fn::Sub":
        text, variables = (argument, {}) if isinstance(argument, str) else argument
        return [found.split(".")[0] for found in SUB_VARIABLE.findall(text) if found not in variables]
    return []


@dataclass(frozen=True)
class References:
    """Holds the functions of a document against what the document has."""

    document: Mapping[str, Any]
    names: frozenset[str]

    def check(self) -> None:
        """Raises `ValidationError` for the first function that is malformed or names what there is not."""
        for block in _BLOCKS:
            section = self.document.get(block, {})
            for name, argument in calls_in(list(section.values())):
                self._check_call(name, argument)
            self._check_names(block, section)
        self._refuse_circles()

    def _check_call(self, name: str, argument: Any) -> None:
        if name == NOT_CARRIED_OUT:
            return
        if name not in FORMS:
            refuse(f"Encountered unsupported function: {name} Supported functions are: [{_SUPPORTED}]")
        if not FORMS[name].fits(argument):
            raise malformed(name)
        if name == "Fn::GetAtt" and (owner := named_in(name, argument)[0]) not in self.document["Resources"]:
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {owner}"
            )
        if name == "Fn::If" and argument[0] not in self.document.get("Conditions", {}):
            raise ValidationError(f"Template error: unresolved condition dependency {argument[0]} in Fn::If")
        if name == "Fn::FindInMap" and argument[0] not in self._mappings(argument[0]):
            raise ValidationError(
                f"Template error: Mapping named '{argument[0]}' is not present in the 'Mappings' section of "
                "template."
            )

    def _mappings(self, named: Any) -> Collection[str]:
        """The mappings that there are; what a function will name is not known yet."""
        return self.document.get("Mappings", {}) if isinstance(named, str) else [named]

    def _check_names(self, block: str, section: Mapping[str, Any]) -> None:
        named = {found for call in calls_in(section) for found in named_in(*call)}
        conditions = self.document.get("Conditions", {})
        for raw in section.values() if block != "Conditions" else ():
            named |= set(depends_on(raw))
            if raw.get("Condition", "") not in ("", *conditions):
                refuse(
                    f"Unresolved condition dependency {raw['Condition']} in the {block} block of the template"
                )
        known = self.names - (set(self.document["Resources"]) if block == "Conditions" else set())
        missing = sorted(name for name in named if name not in known and not name.startswith("AWS::"))
        if missing and block == "Conditions":
            refuse(
                f"Unresolved dependencies [{', '.join(missing)}]. Cannot reference resources in the "
                "Conditions block of the template"
            )
        refuse_unresolved(missing, block)

    def _refuse_circles(self) -> None:
        conditions = self.document.get("Conditions", {})
        needs = {name: set(_conditions_in(value)) for name, value in conditions.items()}
        for name in sorted(set().union(*needs.values()) - set(conditions)):
            raise ValidationError(f"Template error: unresolved condition dependency {name} in Condition")
        in_order(needs, "Template format error: Circular dependency between conditions")
        # What an Fn::If leaves out closes no circle, so with conditions only a deployment can tell.
        if not conditions:
            resources = self.document["Resources"].items()
            named = {
                name: [found for call in calls_in(raw) for found in named_in(*call)]
                for name, raw in resources
            }
            in_order({name: {*named[name], *depends_on(raw)} for name, raw in resources})


def refuse_unresolved(missing: list[str], block: str) -> None:
    if missing:
        refuse(
            f"Unresolved resource dependencies [{', '.join(missing)}] in the {block} block of the template"
        )


def in_order(
    needs: Mapping[str, set[str]], words: str = "Circular dependency between resources"
) -> list[str]:
    """The names, each after those that it needs; raises `ValidationError` for a circle."""
    try:
        return list(TopologicalSorter({name: needs[name] & needs.keys() for name in needs}).static_order())
    except CycleError as error:
        raise ValidationError(f"{words}: [{', '.join(sorted(set(error.args[1])))}]") from None


def depends_on(raw: Mapping[str, Any]) -> list[str]:
    given = raw.get("DependsOn", [])
    return [given] if isinstance(given, str) else list(given)


def _conditions_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("Condition"), str) and len(value) == 1:
            yield value["Condition"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _conditions_in(item)
