"""`model: none | 7 | latest-approved`: what exists, what is a literal, and what a parameter decides."""

import json
from typing import Any

import pytest

from config.settings import Environment
from tests.stacks.cloud import Cloud, Template

NEEDS_A_MODEL = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::SageMaker::DataQualityJobDefinition",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::MonitoringSchedule",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
}


class Served:
    """The templates of every use case that are about a version, by what decides on it."""

    def __init__(self, cloud: Cloud, environments: dict[str, Environment]) -> None:
        self.cloud = cloud
        self.versions = {
            cloud.stack(f"{environment.prefix}-{use_case}-{kind}").stack: deployment.model
            for environment in environments.values()
            for use_case, deployment in environment.use_cases.items()
            for kind in ("serving", "monitoring", *(() if environment.trained_in else ("training",)))
        }

    def following(self, model: str, *kinds: str) -> list[Template]:
        """Where this is configured; `a number` is any version."""
        found = [
            self.cloud.stack(stack)
            for stack, version in self.versions.items()
            if model == ("a number" if isinstance(version, int) else version)
            and stack.endswith(kinds or ("-serving", "-monitoring"))
        ]
        return found or self.cloud.lacks(f"model: {model}")


@pytest.fixture
def served(cloud: Cloud, environments: dict[str, Environment]) -> Served:
    return Served(cloud, environments)


def test_without_a_version_nothing_is_left_that_needs_one(served: Served) -> None:
    """Until one is approved, too: then a condition decides."""
    for template in served.following("latest-approved"):
        for resource in template.resources:
            if resource.type in NEEDS_A_MODEL:
                assert resource.body["Condition"] == "HasModel", resource


def test_no_model_means_no_resource_that_needs_one_and_no_parameter(served: Served) -> None:
    for template in served.following("none"):
        assert NEEDS_A_MODEL.isdisjoint(resource.type for resource in template.resources), template.stack
        assert template.section("Parameters") == {}, template.stack


def test_without_a_model_the_outputs_say_none(served: Served) -> None:
    outputs = {"EndpointName", "DeployedModelVersion", "MonitoringScheduleName", "QualityScheduleName"}
    for template in served.following("none"):
        found = {name: output["Value"] for name, output in template.section("Outputs").items()}
        assert found, template.stack
        found.pop("MonitoringEngine", None)
        assert found.keys() <= outputs, template.stack
        assert set(found.values()) == {"none"}, template.stack


def test_a_pinned_version_is_a_literal_in_the_template(served: Served) -> None:
    for template in served.following("a number", "-serving", "-monitoring", "-training"):
        use_case, _, kind = template.short_name.rpartition("-")
        version = served.versions[template.stack]
        literal = {
            "serving": f"/models/{use_case}/{version}/model.tar.gz",
            "monitoring": f"/models/{use_case}/{version}/",
            "training": f"/models/{use_case}/{version}/",
        }
        is_watched = template.section("Outputs").get("MonitoringScheduleName", {}).get("Value") != "none"
        assert (literal[kind] in json.dumps(template.body)) is is_watched, template.stack
        assert template.section("Parameters") == template.section("Conditions") == {}, template.stack
        assert not [str(resource) for resource in template.resources if "Condition" in resource.body]


def test_version_and_image_of_the_model_are_the_only_parameters_of_any_template(
    cloud: Cloud, served: Served
) -> None:
    """The release sets them, and all of them: UpdateStack would put what is left out back to its default."""
    with_parameters = {template.stack: template.section("Parameters") for template in cloud.templates}
    found = {stack: parameters for stack, parameters in with_parameters.items() if parameters}
    assert found.keys() == {
        template.stack
        for template in served.following("latest-approved", "-serving", "-monitoring", "-training")
    }
    for stack, parameters in found.items():
        expected = ["ModelImage", "ModelVersion"] if stack.endswith("-serving") else ["ModelVersion"]
        assert sorted(parameters) == expected, stack
        assert parameters["ModelVersion"]["Type"] == "String", stack
        assert parameters["ModelVersion"]["Default"] == "none", stack


def test_what_an_execution_compares_with_is_the_version_that_serves_or_its_own_scripts(
    served: Served,
) -> None:
    """An input must hold an object, so while nothing is live it is one that is always there."""
    for template in served.following("latest-approved", "-training"):
        (pipeline,) = (each for each in template.resources if each.type == "AWS::SageMaker::Pipeline")
        pieces = pipeline.get("PipelineDefinition", "PipelineDefinitionBody")["Fn::Join"][1]
        choices = [piece["Fn::If"] for piece in pieces if "Fn::If" in piece]
        # Evaluate compares what it measures, and Record the baselines.
        assert len(choices) == 2, template.stack
        for condition, taken, otherwise in choices:
            assert condition == "HasModel", template.stack
            assert taken["Fn::Join"][1][-2:] == [{"Ref": "ModelVersion"}, "/"], template.stack
            assert otherwise.endswith(".zip"), template.stack


def _outside_of(condition: str, value: Any) -> Any:
    """The value without what is taken only when the condition holds."""
    if isinstance(value, dict):
        if value.get("Fn::If", [""])[0] == condition:
            return _outside_of(condition, value["Fn::If"][2])
        return {name: _outside_of(condition, each) for name, each in value.items()}
    return [_outside_of(condition, each) for each in value] if isinstance(value, list) else value


def test_nothing_unconditional_refers_to_something_conditional(cloud: Cloud) -> None:
    """CloudFormation would refuse the template as soon as the condition is false."""
    for template in cloud.templates:
        for resource in template.resources:
            for another in template.section("Conditions").keys() - {resource.body.get("Condition")}:
                outside = _outside_of(another, resource.properties)
                for target in cloud.referenced(template, outside):
                    assert target.body.get("Condition") != another, resource
        # Outputs of a conditional resource hang on the same condition.
        for output in template.section("Outputs").values():
            for target in cloud.referenced(template, output["Value"]):
                condition = target.body.get("Condition")
                same = condition in (None, output.get("Condition"))
                assert same or "Fn::If" in output["Value"], template.stack
