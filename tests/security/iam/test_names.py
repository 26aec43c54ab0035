"""References of templates become names and ARNs, or fail by name."""

from pathlib import Path
from typing import Any

import pytest

from tests.security.iam.names import Names, UnresolvedError
from tests.stacks.cloud import Cloud, Template

RESOURCES = {
    "Key0A1B2C3D": {"Type": "AWS::KMS::Key"},
    "JobRole0A1B2C3D": {"Type": "AWS::IAM::Role"},
    "Named": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"StateMachineName": "dev-release"}},
}
KEY = "arn:aws:kms:us-east-1:111111111111:key/dev-test-key"


@pytest.fixture
def template() -> Template:
    outputs = {"Key": {"Value": {"Fn::GetAtt": ["Key0A1B2C3D", "Arn"]}, "Export": {"Name": "dev-test:Key"}}}
    body = {"Resources": RESOURCES, "Outputs": outputs, "Parameters": {"Version": {"Default": "7"}}}
    return Template("dev", "111111111111", "us-east-1", "dev-test", "test", Path(), body, (), False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Key0A1B2C3D"}, "dev-test-key"),
        ({"Fn::GetAtt": ["Key0A1B2C3D", "Arn"]}, KEY),
        ({"Fn::GetAtt": "JobRole0A1B2C3D.Arn"}, "arn:aws:iam::111111111111:role/dev-test-job-role"),
        ({"Ref": "Named"}, "arn:aws:states:us-east-1:111111111111:stateMachine:dev-release"),
        ({"Fn::ImportValue": "dev-test:Key"}, KEY),
        ({"Fn::Join": ["/", ["a", {"Ref": "AWS::Region"}]]}, "a/us-east-1"),
        (
            {"Fn::Sub": "${AWS::AccountId}-${Key0A1B2C3D.Arn}-${!literal}"},
            f"111111111111-{KEY}-${{!literal}}",
        ),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b"]}]}, "b"),
        ({"Fn::If": ["HasModel", ["x"], []]}, ["x"]),
        ({"Ref": "Version"}, "7"),
    ],
)
def test_functions_have_the_value_that_cloudformation_gives(
    template: Template, value: Any, expected: Any
) -> None:
    assert Names(Cloud([template]), "dev").resolve(template, value) == expected


def test_an_unknown_function_is_named(template: Template) -> None:
    with pytest.raises(UnresolvedError, match="dev-test uses Fn::FindInMap"):
        Names(Cloud([template]), "dev").resolve(template, {"Fn::FindInMap": ["a", "b", "c"]})


def test_a_reference_to_nothing_is_named(template: Template) -> None:
    with pytest.raises(UnresolvedError, match="dev-test refers to Missing"):
        Names(Cloud([template]), "dev").resolve(template, {"Ref": "Missing"})
