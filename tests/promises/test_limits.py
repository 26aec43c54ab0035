"""Limits of AWS that only a deployment would show."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from config.settings import Environment
from tests.stacks.cloud import Cloud, Template, text_of
from tools.review.readable import embedded_json, readable

TEMPLATE_BYTES = 1_000_000
RESOURCES = 500
MANAGED_POLICY_CHARACTERS = 6_144
PIPELINE_NAME_CHARACTERS = 82
PIPELINE_DEFINITION_CHARACTERS = 1_048_576
STATE_MACHINE_CHARACTERS = 1_048_576
DESCRIPTION_BYTES = 1_024
LONGEST_ARN = "arn:aws:kms:ap-southeast-1:123456789012:key/12345678-1234-1234-1234-123456789012"


def _definitions(cloud: Cloud) -> Iterator[tuple[str, Any]]:
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        yield str(pipeline), pipeline.get("PipelineDefinition", "PipelineDefinitionBody")
    for machine in cloud.of_type("AWS::StepFunctions::StateMachine"):
        yield str(machine), machine.get("DefinitionString")


def test_templates_fit_into_cloudformation(cloud: Cloud) -> None:
    for template in cloud.templates:
        assert template.path.stat().st_size <= TEMPLATE_BYTES, template.stack
        assert len(template.resources) <= RESOURCES, template.stack
        assert len(template.body["Description"].encode()) <= DESCRIPTION_BYTES, template.stack


def test_stack_and_export_names_are_valid_and_unique(cloud: Cloud) -> None:
    stacks = [template.stack for template in cloud.templates]
    assert len(stacks) == len(set(stacks))
    for stack in stacks:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,127}", stack), stack
    exports = [
        output["Export"]["Name"]
        for template in cloud.templates
        for output in template.section("Outputs").values()
        if "Export" in output
    ]
    assert len(exports) == len(set(exports))
    assert not [name for name in exports if not re.fullmatch(r"[A-Za-z0-9:-]{1,255}", name)]


def test_every_import_has_an_export(cloud: Cloud) -> None:
    text = json.dumps([template.body for template in cloud.templates])
    imported = set(re.findall(r'"Fn::ImportValue": "([^"]+)"', text))
    exported = set(re.findall(r'"Export": {"Name": "([^"]+)"}', text))
    assert imported
    assert imported <= exported


def test_what_a_stack_hands_on_does_not_depend_on_who_takes_it(cloud: Cloud) -> None:
    """A stack that ceases to import something is updated after the one that would take its export away.

    Only an option of the stack itself may do that: then it is the resource that is not there.
    """
    of_kind: dict[str, list[Template]] = defaultdict(list)
    for template in cloud.templates:
        of_kind[template.short_name].append(template)
    exported = {kind: set().union(*map(_exported, templates)) for kind, templates in of_kind.items()}
    assert any(exported.values())
    lacking = [
        f"{template.stack}: {resource}, {attribute}"
        for kind, templates in of_kind.items()
        for template in templates
        for resource, attribute in sorted(exported[kind] - _exported(template))
        if resource in template.section("Resources")
    ]
    assert lacking == []


def _exported(template: Template) -> set[tuple[str, str]]:
    """Resources and what of them is exported."""
    values = (output["Value"] for output in template.section("Outputs").values() if "Export" in output)
    found = (value.get("Fn::GetAtt", (value.get("Ref"), "Ref")) for value in values)
    return {(resource, attribute) for resource, attribute in found}


def test_policies_fit_into_a_managed_policy(cloud: Cloud) -> None:
    """Measured as IAM does, without white space, and with the longest ARN for what is filled in."""
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy"):
        text = json.dumps(_filled(policy.get("PolicyDocument")), separators=(",", ":"))
        assert len(text) <= MANAGED_POLICY_CHARACTERS, policy


def test_logs_of_state_machines_take_no_place_in_the_accounts_log_policy(cloud: Cloud) -> None:
    """It has 5,120 characters; https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html."""
    for machine in cloud.of_type("AWS::StepFunctions::StateMachine"):
        (group,) = cloud.referenced(machine.template, machine.get("LoggingConfiguration"))
        assert group.get("LogGroupName").startswith("/aws/vendedlogs/states/"), machine


def test_pipeline_names_are_as_short_as_the_service_demands(cloud: Cloud) -> None:
    """The API reference allows more: https://github.com/aws/sagemaker-python-sdk/issues/2933."""
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        name = pipeline.get("PipelineName")
        assert len(name) <= PIPELINE_NAME_CHARACTERS, pipeline
        assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", name), pipeline


def test_definitions_are_json_once_and_fit(cloud: Cloud) -> None:
    for name, definition in _definitions(cloud):
        opened = embedded_json(definition)
        assert isinstance(opened, dict), f"{name}: not an object, perhaps JSON within JSON"
        assert len(json.dumps(_filled(opened))) <= min(
            PIPELINE_DEFINITION_CHARACTERS, STATE_MACHINE_CHARACTERS
        ), name


def test_no_definition_holds_text_that_cloudformation_would_take_for_a_substitution(cloud: Cloud) -> None:
    for name, definition in _definitions(cloud):
        assert "${" not in text_of(definition, lambda _: ""), name


def test_outputs_that_people_and_tools_read_are_there(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    of_environment = {
        *("DataBucketName", "ArtifactsBucketName", "CaptureBucketName", "AlertTopicArn"),
        *("DataEngineerRoleArn", "DataScientistRoleArn", "MlopsEngineerRoleArn"),
    }
    for environment in environments.values():
        expected = {"foundation": of_environment}
        for use_case in environment.use_cases:
            if environment.trained_in is None:
                expected[f"{use_case}-training"] = {"PipelineName", "ModelPackageGroupName"}
            expected[f"{use_case}-serving"] = {"EndpointName"}
        for stack, outputs in expected.items():
            name = f"{environment.prefix}-{stack}"
            assert outputs <= cloud.stack(name).section("Outputs").keys(), name


def _filled(node: Any) -> Any:
    """A part of a template with the longest possible values for what CloudFormation fills in."""
    if isinstance(node, dict):
        if len(node) == 1 and next(iter(node)) in ("Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::Join"):
            return text_of(node, lambda _: LONGEST_ARN)
        return {key: _filled(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(item) for item in node]
    return node


def test_no_template_names_a_machine_or_a_person(cloud: Cloud, environments: dict[str, Environment]) -> None:
    """Except those whom the configuration names; `@.` is the current item of a path of a state machine."""
    named = {person for environment in environments.values() for person in _people_of(environment)}
    for template in cloud.templates:
        text = json.dumps(readable(template.body))
        for person in named:
            text = text.replace(person, "")
        pattern = r"/(home(?!/sagemaker-user)|root|tmp|Users)/|localhost|@(?!aws|sha256:|example\.com|\.)"
        assert not re.search(pattern, text), template.stack


def _people_of(environment: Environment) -> set[str]:
    people = environment.studio.people.values() if environment.studio else ()
    named = {environment.alerts.email, *(person.single_sign_on_user for person in people)}
    return {person for person in named if person}
