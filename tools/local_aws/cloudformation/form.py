"""The form of a template: its sections and their members, before any function in it counts.

The words are recorded from AWS (github.com/localstack/localstack, Apache-2.0,
tests/aws/services/cloudformation, 2025) or reported: https://github.com/aws-cloudformation/cfn-lint/issues/292,
/issues/1295, /issues/2004 and /pull/160, https://github.com/aws/serverless-application-model/issues/1608,
https://github.com/clebert/aws-simple/issues/98, https://github.com/rubyonjets/jets/issues/392,
https://github.com/remind101/empire/issues/861, https://github.com/aws/aws-cdk/issues/16866. Limits:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from tools.local_aws.cloudformation.errors import ValidationError

_MAPS = ("Metadata", "Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs")
_SECTIONS = frozenset({"AWSTemplateFormatVersion", "Description", "Transform", "Hooks", *_MAPS})
# Names that are no names: these members of a section are macros.
MACROS = ("Fn::Transform", "Fn::ForEach::")
_RESOURCE = frozenset(
    {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}
    | {"CreationPolicy", "UpdatePolicy", "Version"}
)
_PARAMETER = frozenset(
    {"Type", "Default", "Description", "NoEcho", "AllowedValues", "AllowedPattern", "ConstraintDescription"}
    | {"MinLength", "MaxLength", "MinValue", "MaxValue"}
)
_LIMITS = {
    "Resources": (500, "Number of resources, {count}, is greater than maximum allowed, {most}"),
    "Outputs": (200, "Outputs count {count} is greater than max allowed {most}"),
    "Parameters": (200, "Parameter count {count} is greater than max allowed {most}"),
    "Mappings": (200, "Mappings count {count} is greater than max allowed {most}"),
}
_LONGEST_DESCRIPTION = 1024
SIMPLE_TYPES = ("String", "Number", "CommaDelimitedList", "List<Number>", "List<String>")
_OF_AWS = (
    r"AWS::(?:EC2::(?:AvailabilityZone::Name|Image::Id|Instance::Id|KeyPair::KeyName|SecurityGroup::GroupName|"
    r"SecurityGroup::Id|Subnet::Id|Volume::Id|VPC::Id)|Route53::HostedZone::Id|SSM::Parameter::Name)"
)
_INNER = rf"(?:{'|'.join(SIMPLE_TYPES)}|{_OF_AWS}|List<{_OF_AWS}>)"
_PARAMETER_TYPE = re.compile(rf"{_INNER}|AWS::SSM::Parameter::Value<{_INNER}>")


def refuse(words: str) -> NoReturn:
    raise ValidationError(f"Template format error: {words}")


def check_form(document: Any) -> None:
    """Raises `ValidationError` for the first thing that has not the form of a template."""
    if not isinstance(document, dict):
        refuse("unsupported structure.")
    _check_values(document, "")
    for section in _MAPS:
        if not isinstance(document.get(section, {}), dict):
            refuse(f"Any {section} member must be an object.")
    if not document.get("Resources"):
        refuse("At least one Resources member must be defined.")
    # What a macro makes of the whole template nobody knows before.
    if "Transform" not in document:
        _check_sections(document)


def _check_sections(document: Mapping[str, Any]) -> None:
    _check_header(document)
    for section, (most, words) in _LIMITS.items():
        if (count := len(document.get(section, {}))) > most:
            refuse(words.format(count=count, most=most))
    for section, check in _MEMBERS.items():
        for name, member in document.get(section, {}).items():
            if name != MACROS[0]:
                check(name, member)


def _check_header(document: Mapping[str, Any]) -> None:
    if unknown := sorted(set(document) - _SECTIONS):
        raise ValidationError(f"Invalid template property or properties [{', '.join(unknown)}]")
    if str(document.get("AWSTemplateFormatVersion", "2010-09-09")) != "2010-09-09":
        refuse("unsupported value for AWSTemplateFormatVersion.")
    description = document.get("Description", "")
    if not isinstance(description, str):
        refuse("Every Description member must be a string.")
    if len(description.encode()) > _LONGEST_DESCRIPTION:
        refuse(f"'Description' length is greater than {_LONGEST_DESCRIPTION}.")


def _check_values(value: Any, path: str) -> None:
    if value is None:
        raise ValidationError(f"[{path}] 'null' values are not allowed in templates")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                refuse(f"[{path}] map keys must be strings; received numeric [{key}] instead")
            _check_values(item, f"{path}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_values(item, f"{path}/{index}")


def _require_alphanumeric(what: str, name: str) -> None:
    if not re.fullmatch("[A-Za-z0-9]{1,255}", name):
        refuse(f"{what} name {name} is non alphanumeric.")


def _check_resource(name: str, raw: Any) -> None:
    _require_alphanumeric("Resource", name)
    if not isinstance(raw, dict):
        refuse("Any Resources member must be an object.")
    if raw.keys() & set(MACROS):
        return
    if not isinstance(raw.get("Type"), str):
        refuse(f"[/Resources/{name}] Every Resources object must contain a Type member.")
    for key in sorted(set(raw) - _RESOURCE):
        raise ValidationError(f"Invalid template resource property '{key}'")
    if not isinstance(raw.get("Properties", {}), dict):
        refuse("Resource properties definition is malformed")
    depends_on = raw.get("DependsOn", [])
    if not all(
        isinstance(item, str) for item in ([depends_on] if isinstance(depends_on, str) else depends_on)
    ):
        refuse("Every DependsOn value must be a string.")
    if not isinstance(raw.get("Condition", ""), str):
        refuse("Every Condition member must be a string.")
    for key, allowed in POLICIES.items():
        value = raw.get(key, "Delete")
        if not isinstance(value, dict) and value not in allowed:
            refuse(f"Unrecognized {key} {value} for resource {name}")


# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}


def _check_parameter(name: str, raw: Any) -> None:
    _require_alphanumeric("Parameter", name)
    if not isinstance(raw, dict) or not isinstance(raw.get("Type"), str):
        refuse("Every Parameters object must contain a Type member.")
    for key in sorted(set(raw) - _PARAMETER):
        raise ValidationError(f"Invalid template parameter property '{key}'")
    if not _PARAMETER_TYPE.fullmatch(raw["Type"]):
        refuse(f"Unrecognized parameter type: {raw['Type']}")
    if isinstance(raw.get("Default"), (dict, list)):
        refuse("Every Default member must be a string.")
    if not isinstance(raw.get("AllowedValues", []), list):
        refuse("Every AllowedValues member must be a list.")


def _check_mapping(name: str, raw: Any) -> None:
    _require_alphanumeric("Mapping", name)
    if not isinstance(raw, dict):
        refuse(f"Every Mappings member {name} must be a map")
    for key, attributes in raw.items():
        if key in MACROS:
            continue
        if not re.fullmatch("[A-Za-z0-9.-]+", key):
            refuse(
                f"Mappings element name '{key}' must be non-empty and can contain only alphanumerics, "
                "'-' or '.'"
            )
        if not isinstance(attributes, dict):
            refuse(f"Every Mappings member {key} must be a map")
        for attribute, value in attributes.items():
            if not re.fullmatch("[A-Za-z0-9]+", attribute) and attribute not in MACROS:
                refuse(f"Mappings attribute name '{attribute}' must contain only alphanumeric characters.")
            if isinstance(value, dict) and attribute not in MACROS:
                refuse("Every Mappings attribute must be a String or a List.")


def _check_output(name: str, raw: Any) -> None:
    _require_alphanumeric("Output", name)
    if not isinstance(raw, dict) or "Value" not in raw:
        refuse("Every Outputs member must contain a Value object")
    export = raw.get("Export", {"Name": ""})
    if not isinstance(export, dict) or "Name" not in export:
        refuse(
            f"Output {name} is malformed. The Name field of every Export member must be specified and "
            "consist only of alphanumeric characters, colons, or hyphens."
        )


def _check_condition(_: str, raw: Any) -> None:
    if not isinstance(raw, dict):
        refuse("Conditions can only be boolean operations on parameters and other conditions")


_MEMBERS: Mapping[str, Callable[[str, Any], None]] = {
    "Parameters": _check_parameter,
    "Mappings": _check_mapping,
    "Conditions": _check_condition,
    "Resources": _check_resource,
    "Outputs": _check_output,
}
