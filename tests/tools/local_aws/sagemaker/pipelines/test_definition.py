"""Definitions are checked before anything runs, and expressions become values."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tools.local_aws.sagemaker.errors import JobFailedError, ValidationError
from tools.local_aws.sagemaker.pipelines.cache import duration
from tools.local_aws.sagemaker.pipelines.conditions import holds
from tools.local_aws.sagemaker.pipelines.definition import read_definition
from tools.local_aws.sagemaker.pipelines.expressions import Expressions
from tools.local_aws.sagemaker.pipelines.model import Definition, tokens

PREPARE = {
    "Name": "Prepare",
    "Type": "Processing",
    "Arguments": {
        "RoleArn": "arn:aws:iam::111111111111:role/processing",
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
        },
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "train"}]},
    },
    "PropertyFiles": [{"PropertyFileName": "Report", "OutputName": "train", "FilePath": "a.json"}],
}


def definition(*steps: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> Definition:
    return read_definition(
        json.dumps({"Version": "2020-12-01", "Parameters": parameters or [], "Steps": [*steps]})
    )


def fail(name: str, message: Any = "stop", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}} | more


def test_a_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValidationError, match="Unable to parse pipeline definition"):
        read_definition("not json")


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ({"Name": "A", "Type": "Transform"}, "Step A has the type Transform"),
        (fail("A", {"Get": "Parameters.Nope"}), "there is no such parameter"),
        (fail("A", {"Get": "Execution.Nope"}), "there is no such execution variable"),
        (fail("A", {"Get": "Steps.Nope.X"}), "needs the step Nope, which does not exist"),
        (fail("A", {"Get": "Steps.Prepare.PropertyFiles.Nope"}), "declares no such property file"),
        (fail("A", DependsOn=["Nope"]), "needs the step Nope"),
        (fail("A", DependsOn=["A"]), "wait for each other: A"),
        (fail("Prepare"), "Prepare is used 2 times"),
        (
            fail("A", {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri"}),
            "Prepare has no such output",
        ),
        (
            {"Name": "A", "Type": "Condition", "Arguments": {"Conditions": [{"Type": "Like"}]}},
            "unknown condition type Like",
        ),
        ({"Name": "A", "Type": "Condition", "Arguments": {}}, "has no conditions"),
        (fail("A", Retries=1), "Step A has the unrecognized property 'Retries'"),
    ],
)
def test_a_mistake_is_found_and_named(step: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        definition(PREPARE, step)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"Version": "2020"}, "The Version must be 2020-12-01, not 2020"),
        ({"Step": []}, "Unrecognized property 'Step'"),
        ({"Steps": []}, "A pipeline has at least one step"),
        ({"Parameters": [{"Name": "a b", "Type": "String"}]}, "'a b' is not a parameter name"),
        (
            {"Parameters": [{"Name": "a", "Type": "String", "EnumValues": ["b"], "DefaultValue": "c"}]},
            "The default of parameter a is none of its EnumValues",
        ),
    ],
)
def test_what_is_wrong_beside_the_steps_is_named(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        read_definition(json.dumps({"Version": "2020-12-01", "Steps": [fail("A")]} | changes))


def test_all_that_the_sdk_writes_is_known() -> None:
    """It writes what is not given as null."""
    unused: Any = {"Metadata": {}, "Parameters": [], "PipelineExperimentConfig": None, "MlflowConfig": None}
    assert read_definition(json.dumps({"Version": "2020-12-01", "Steps": [fail("A")]} | unused))


def test_parameter_values_have_their_type_and_default() -> None:
    parameters: list[dict[str, Any]] = [
        {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
        {"Name": "Rounds", "Type": "Integer"},
        {"Name": "Where", "Type": "String", "EnumValues": ["here", "there"], "DefaultValue": "here"},
    ]
    found = definition(PREPARE, parameters=parameters)
    assert found.parameter_values({"Rounds": "3"}) == {"Rate": 0.5, "Rounds": 3, "Where": "here"}
    for given, complaint in (
        ({}, "Rounds.* neither a value nor a default"),
        ({"Rounds": "x"}, "'x' is no Integer"),
        ({"Rounds": "1", "Where": "nowhere"}, "'nowhere' is not one of"),
        ({"Rounds": "1", "Other": "1"}, "Unknown pipeline parameters: Other"),
    ):
        with pytest.raises(ValidationError, match=complaint):
            found.parameter_values(given)


def test_paths_are_split_into_names_and_numbers() -> None:
    assert tokens("Steps.A.Outputs['train'].X[0]") == ["Steps", "A", "Outputs", "train", "X", 0]


def test_expressions_become_values() -> None:
    outputs = [{"OutputName": "train", "S3Output": {"S3Uri": "s3://b/train"}}]
    expressions = Expressions(
        definition(PREPARE, parameters=[{"Name": "N", "Type": "Integer", "DefaultValue": 2}]),
        parameters={"N": 2},
        execution={"PipelineName": "p"},
        s3=None,
        properties={"Prepare": {"ProcessingOutputConfig": {"Outputs": outputs}}},
    )
    uri = {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}
    joined = {
        "Std:Join": {"On": "/", "Values": [uri, {"Get": "Parameters.N"}, {"Get": "Execution.PipelineName"}]}
    }
    assert expressions.value({"a": [joined]}) == {"a": ["s3://b/train/2/p"]}
    with pytest.raises(JobFailedError, match="'S3Url' is missing"):
        expressions.value({"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs[0].S3Url"})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Type": "LessThan", "LeftValue": 1, "RightValue": 2}, True),
        ({"Type": "GreaterThanOrEqualTo", "LeftValue": 1, "RightValue": 2}, False),
        ({"Type": "In", "QueryValue": "a", "Values": ["a", "b"]}, True),
        ({"Type": "Not", "Expression": {"Type": "Equals", "LeftValue": 1, "RightValue": 1}}, False),
        ({"Type": "Or", "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}]}, True),
    ],
)
def test_conditions_are_tested(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, lambda value: value) is expected


def test_values_that_cannot_be_compared_are_named() -> None:
    with pytest.raises(TypeError, match="'a' and 1 cannot be compared with LessThan"):
        holds({"Type": "LessThan", "LeftValue": "a", "RightValue": 1}, lambda value: value)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P30D", timedelta(days=30)),
        ("PT2H30M", timedelta(hours=2.5)),
        ("30d", timedelta(days=30)),
        ("1w 2h", timedelta(weeks=1, hours=2)),
    ],
)
def test_the_age_of_a_cached_step_is_read(text: str, length: timedelta) -> None:
    assert duration(text) == length


def test_an_age_that_cannot_be_read_is_named() -> None:
    with pytest.raises(JobFailedError, match="'soon'"):
        duration("soon")
