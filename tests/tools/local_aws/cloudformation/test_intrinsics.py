import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.graph import live_resources
from tools.local_aws.cloudformation.intrinsics import Evaluator
from tools.local_aws.cloudformation.template import Template
from tools.local_aws.cloudformation.values import UNKNOWN, has_unknown


class World:
    """One bucket that exists and one that does not yet."""

    def pseudo_parameters(self) -> Mapping[str, Any]:
        return {"AWS::Region": "us-east-1", "AWS::StackName": "stack"}

    def reference(self, logical_id: str) -> Any:
        return UNKNOWN if logical_id == "New" else f"{logical_id.lower()}-id"

    def attribute(self, logical_id: str, name: str) -> Any:
        return UNKNOWN if logical_id == "New" else f"{logical_id.lower()}-{name}"

    def import_value(self, name: str) -> str:
        return f"imported {name}"

    def dynamic_reference(self, service: str, key: str) -> str:
        return f"<{service} {key}>"


def evaluator(**sections: Any) -> Evaluator:
    resources = sections.pop("Resources", {"Old": {"Type": "T"}, "New": {"Type": "T"}})
    parameters = {"Stage": {"Type": "String"}, "Zones": {"Type": "List<String>"}}
    template = Template.parse(json.dumps({"Resources": resources, "Parameters": parameters, **sections}))
    return Evaluator(template, {"Stage": "dev", "Zones": ["a", "b"]}, World())


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::GetAtt": ["Old", "Arn"]}, "old-Arn"),
        ({"Fn::GetAtt": "Old.A.B"}, "old-A.B"),
        ({"Fn::Sub": "${Stage}-${Old}-${Old.Arn}-${!Literal}"}, "dev-old-id-old-Arn-${Literal}"),
        ({"Fn::Sub": ["${x}/${Stage}", {"x": {"Ref": "Old"}}]}, "old-id/dev"),
        ({"Fn::Join": ["-", ["a", True, 3, {"Ref": "Stage"}]]}, "a-true-3-dev"),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Ref": "Zones"}]}, "b"),
        ({"Fn::Split": ["|", "a|b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "count"]}, 2),
        ({"Fn::Base64": "text"}, base64.b64encode(b"text").decode()),
        ({"Fn::GetAZs": ""}, ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::ImportValue": {"Fn::Sub": "${Stage}:arn"}}, "imported dev:arn"),
        ("{{resolve:ssm:/a/b:1}}!", "<ssm /a/b:1>!"),
        ({"keep": 1, "drop": {"Ref": "AWS::NoValue"}}, {"keep": 1}),
        ([1, {"Ref": "AWS::NoValue"}, {"Fn::If": ["IsDev", "yes", "no"]}], [1, "yes"]),
    ],
)
def test_a_function_gives_what_cloudformation_gives(expression: Any, value: Any) -> None:
    sections = {
        "Mappings": {"Sizes": {"dev": {"count": 2}}},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
    }
    assert evaluator(**sections).resolve(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        {"Ref": "New"},
        {"Fn::Sub": "arn:${New.Arn}"},
        {"Fn::Join": ["", ["a", {"Ref": "New"}]]},
        {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "New"}]}]},
        {"deep": [{"inside": {"Fn::Base64": {"Ref": "New"}}}]},
    ],
)
def test_what_depends_on_a_new_resource_is_known_later(expression: Any) -> None:
    assert has_unknown(evaluator().resolve(expression))


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Not": [{"Condition": "Never"}]}, True),
        ({"Fn::And": [{"Fn::Equals": [1, "1"]}, {"Condition": "Never"}]}, False),
        ({"Fn::Or": [{"Fn::Equals": [1, 1]}, {"Condition": "Never"}]}, True),
        ({"Fn::Contains": [{"Ref": "Zones"}, "b"]}, True),
    ],
)
def test_a_condition_is_true_or_false(expression: Any, truth: bool) -> None:
    assert evaluator(Conditions={"Never": {"Fn::Equals": [1, 2]}}).truth(expression) is truth


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ({"Fn::Join": [",", [["a"]]]}, "requires strings to join"),
        ({"Fn::Select": ["a", ["a"]]}, "requires a list argument with two elements"),
        ({"Fn::Cidr": ["10.0.0/16", 1, 8]}, "every Fn::Cidr object"),
        ({"Fn::Select": [5, ["a"]]}, "nonexistent value at index 5"),
        ({"Fn::FindInMap": ["No", "such", "map"]}, "No::such::map"),
    ],
)
def test_a_function_that_cannot_work_says_why(expression: Any, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        evaluator().resolve(expression)


def test_resources_come_after_what_they_need_and_without_those_whose_condition_fails() -> None:
    resources = {
        "Third": {"Type": "T", "Properties": {"a": {"Fn::Sub": "${Second}"}}},
        "Second": {"Type": "T", "DependsOn": "First"},
        "First": {"Type": "T"},
        "Absent": {"Type": "T", "Condition": "Never"},
    }
    template = Template.parse(
        json.dumps({"Resources": resources, "Conditions": {"Never": {"Fn::Equals": [1, 2]}}})
    )
    assert list(live_resources(template, Evaluator(template, {}, World()))) == ["First", "Second", "Third"]


@pytest.mark.parametrize("told", [{"Ref": "B"}, {"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": "${B}"}])
def test_what_a_condition_leaves_out_cannot_be_named(told: Any) -> None:
    absent = {"Type": "T", "Condition": "Never"}
    sections = {"Conditions": {"Never": {"Fn::Equals": [1, 2]}}}
    with_output = {"Resources": {"A": {"Type": "T"}, "B": absent}, "Outputs": {"O": {"Value": told}}}
    with_resource = {"Resources": {"A": {"Type": "T", "Properties": {"p": told}}, "B": absent}}
    for document, block in ((with_output, "Outputs"), (with_resource, "Resources")):
        template = Template.parse(json.dumps({**document, **sections}))
        with pytest.raises(ValidationError, match=rf"dependencies \[B\] in the {block} block"):
            live_resources(template, Evaluator(template, {}, World()))


def test_what_an_if_leaves_out_closes_no_circle() -> None:
    def bucket(needed: str, name: str) -> dict[str, Any]:
        return {"Type": "T", "Properties": {"p": {"Fn::If": [name, {"Ref": needed}, "none"]}}}

    conditions = {"Yes": {"Fn::Equals": [1, 1]}, "No": {"Fn::Equals": [1, 2]}}

    def order(second: str) -> list[str]:
        resources = {"A": bucket("B", "Yes"), "B": bucket("A", second)}
        template = Template.parse(json.dumps({"Resources": resources, "Conditions": conditions}))
        return list(live_resources(template, Evaluator(template, {}, World())))

    assert order("No") == ["B", "A"]
    with pytest.raises(ValidationError, match=r"Circular dependency between resources: \[A, B\]"):
        order("Yes")
