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
    template = Template.parse(json.dumps({"Resources": resources, **sections}))
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
        ({"Fn::ToJsonString": {"a": {"Ref": "Stage"}}}, '{"a": "dev"}'),
        ({"Fn::Length": {"Ref": "Zones"}}, 2),
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
        {"deep": [{"inside": {"Fn::ToJsonString": [{"Ref": "New"}]}}]},
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
        ({"Fn::Transform": {}}, "Fn::Transform is not known"),
        ({"Fn::Select": [5, ["a"]]}, "nonexistent value at index 5"),
        ({"Fn::FindInMap": ["No", "such", "map"]}, "No::such::map"),
        ({"Fn::If": ["Missing", 1, 2]}, "Missing"),
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


@pytest.mark.parametrize(
    ("resources", "problem"),
    [
        ({"A": {"Ref": "B"}, "B": {"Ref": "A"}}, r"Circular dependency between resources: \[A, B\]"),
        ({"A": {"Ref": "Nowhere"}}, r"Unresolved resource dependencies \[Nowhere\]"),
    ],
)
def test_a_graph_that_cannot_be_ordered_is_refused(resources: dict[str, Any], problem: str) -> None:
    declared = {name: {"Type": "T", "Properties": {"p": value}} for name, value in resources.items()}
    template = Template.parse(json.dumps({"Resources": declared}))
    with pytest.raises(ValidationError, match=problem):
        live_resources(template, Evaluator(template, {}, World()))
