"""`model: none | 7 | latest-approved`: what exists, what is a literal, and what a parameter decides."""

import json

import pytest

from tests.stacks.cloud import Cloud, Template
from tests.stacks.synthesis import LATEST_APPROVED, PINNED_VERSION

NEEDS_A_MODEL = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::SageMaker::DataQualityJobDefinition",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::MonitoringSchedule",
}


@pytest.mark.parametrize("environment", ["none", "latest", "dev", "prod"])
def test_the_first_deployment_creates_nothing_that_needs_a_model(cloud: Cloud, environment: str) -> None:
    """Without a version a resource is either left out of the template or under a condition."""
    for template in _about_a_model(cloud, environment):
        for resource in template.resources:
            if resource.type in NEEDS_A_MODEL:
                assert resource.body["Condition"] == "HasModel", resource


def test_no_model_means_no_resource_that_needs_one_and_no_parameter(cloud: Cloud) -> None:
    for template in _about_a_model(cloud, "none"):
        assert NEEDS_A_MODEL.isdisjoint(resource.type for resource in template.resources), template.stack
        assert template.section("Parameters") == {}, template.stack


def test_without_a_model_the_outputs_say_none(cloud: Cloud) -> None:
    outputs = {
        name: output["Value"]
        for template in _about_a_model(cloud, "none")
        for name, output in template.section("Outputs").items()
    }
    assert outputs == {
        "EndpointName": "none",
        "DeployedModelVersion": "none",
        "MonitoringScheduleName": "none",
    }


def test_a_pinned_version_is_a_literal_in_the_template(cloud: Cloud) -> None:
    serving, monitoring = _about_a_model(cloud, "pinned")
    assert f"model-package/pinned-house-prices/{PINNED_VERSION}" in json.dumps(serving.body)
    assert f"/models/house-prices/{PINNED_VERSION}/data-quality/" in json.dumps(monitoring.body)
    for template in (serving, monitoring):
        assert template.section("Parameters") == template.section("Conditions") == {}, template.stack
        assert not [str(resource) for resource in template.resources if "Condition" in resource.body]


def test_a_pinned_version_and_the_latest_approved_make_the_same_resources(cloud: Cloud) -> None:
    for pinned, latest in zip(_about_a_model(cloud, "pinned"), _about_a_model(cloud, "latest"), strict=True):
        kinds = [sorted(resource.type for resource in template.resources) for template in (pinned, latest)]
        assert kinds[0] == kinds[1], pinned.stack


def test_the_model_version_is_the_only_parameter_of_any_template(cloud: Cloud) -> None:
    """The release reads the first parameter of serving and monitoring, and sets no other."""
    follows = [template for template in cloud.templates if template.section("Parameters")]
    environments = {template.environment for template in follows}
    assert environments == {"dev", "latest"}, f"environments with {LATEST_APPROVED}"
    for template in follows:
        parameters = template.section("Parameters")
        assert list(parameters) == ["ModelVersion"], template.stack
        assert template.stack.endswith(("-serving", "-monitoring")), template.stack
        assert parameters["ModelVersion"]["Type"] == "String", template.stack
        assert parameters["ModelVersion"]["Default"] == "none", template.stack


def test_nothing_unconditional_refers_to_something_conditional(cloud: Cloud) -> None:
    """CloudFormation would refuse the template as soon as the condition is false."""
    for template in cloud.templates:
        for resource in template.resources:
            for target in cloud.referenced(template, resource.properties):
                condition = target.body.get("Condition")
                assert condition is None or condition == resource.body.get("Condition"), resource
    # Outputs of a conditional resource hang on the same condition.
    for template in cloud.templates:
        for output in template.section("Outputs").values():
            for target in cloud.referenced(template, output["Value"]):
                condition = target.body.get("Condition")
                assert condition is None or "Fn::If" in output["Value"], template.stack


def _about_a_model(cloud: Cloud, environment: str) -> list[Template]:
    """The serving and the monitoring template of an environment, in this order."""
    found = [
        template
        for kind in ("serving", "monitoring")
        for template in cloud.templates
        if template.stack == f"{environment}-house-prices-{kind}"
    ]
    assert len(found) == 2
    return found
