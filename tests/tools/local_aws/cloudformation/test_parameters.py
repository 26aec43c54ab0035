import json
from typing import Any

import pytest

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.parameters import Parameter, resolve_parameters
from tools.local_aws.cloudformation.template import Template


def resolve(declared: dict[str, Any], **given: str) -> dict[str, Parameter]:
    template = Template.parse(json.dumps({"Resources": {"A": {"Type": "T"}}, "Parameters": declared}))
    return resolve_parameters(template, given, lambda name: f"a, value of {name}")


def test_lists_and_stored_parameters_are_resolved() -> None:
    resolved = resolve(
        {
            "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"},
            "StoredList": {"Type": "AWS::SSM::Parameter::Value<List<String>>"},
        },
        StoredList="/y",
    )
    assert resolved["Names"].value == ["a", "b"]
    assert resolved["Stored"].value == "a, value of /x"
    assert resolved["StoredList"].value == ["a", "value of /y"]
    assert resolved["Stored"].described() == {
        "ParameterKey": "Stored",
        "ParameterValue": "/x",
        "ResolvedValue": "a, value of /x",
    }


def test_a_truth_value_of_yaml_is_text_in_lower_case() -> None:
    flag = {"Type": "String", "Default": True, "AllowedValues": [True, False]}
    assert resolve({"A": flag})["A"].value == "true"
    assert resolve({"A": flag}, A="false")["A"].value == "false"


def test_a_secret_parameter_is_never_shown() -> None:
    secret = resolve({"Password": {"Type": "String", "NoEcho": True}}, Password="hidden")["Password"]
    assert secret.value == "hidden"
    assert secret.described() == {"ParameterKey": "Password", "ParameterValue": "****"}


@pytest.mark.parametrize(
    ("declared", "given", "problem"),
    [
        ({"A": {"Type": "String"}}, {}, r"Parameters: \[A\] must have values"),
        ({}, {"B": "1"}, r"Parameters: \[B\] do not exist in the template"),
        ({"A": {"Type": "String", "AllowedValues": ["x"]}}, {"A": "y"}, "'A' must be one of AllowedValues"),
        ({"A": {"Type": "CommaDelimitedList", "AllowedValues": ["x", "y"]}}, {"A": "x, z"}, "must be one of"),
        ({"A": {"Type": "String", "MinLength": 2}}, {"A": "y"}, "must contain at least 2 characters"),
        ({"A": {"Type": "String", "AllowedPattern": "[a-z]+"}}, {"A": "1"}, r"must match pattern \[a-z\]\+"),
        (
            {"A": {"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "letters only"}},
            {"A": "1"},
            "letters only",
        ),
        ({"A": {"Type": "Number", "MinValue": 3}}, {"A": "2"}, "must be a number not less than 3"),
        ({"A": {"Type": "Number"}}, {"A": "two"}, "must be a number"),
        ({"A": {"Type": "Text"}}, {"A": "x"}, "Unrecognized parameter type: Text"),
    ],
)
def test_a_wrong_parameter_is_refused(declared: dict[str, Any], given: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        resolve(declared, **given)
