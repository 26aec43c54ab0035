"""Whoever starts jobs starts them in the network, encrypted, isolated, and on instances that are allowed."""

from fnmatch import fnmatchcase

import aws_cdk as cdk
import pytest

from config.settings import Settings
from stacks.permissions.policies import PolicyTooLongError, managed_policy
from stacks.permissions.statements import allow
from tests.stacks.cloud import Cloud, Resource
from tests.stacks.roles import PEOPLE, Statement, listed, roles_of

# Condition keys by action, of all actions that create or change what runs:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
_VPC = {"VpcSubnets", "VpcSecurityGroupIds"}
_KEYS = {"VolumeKmsKey", "VolumeKmsKeyArn", "OutputKmsKey", "OutputKmsKeyArn"}
_JOB = {*_VPC, *_KEYS, "InterContainerTrafficEncryption", "NetworkIsolation", "InstanceTypes"}
_AUTO_ML = {*_VPC, *_KEYS, "InterContainerTrafficEncryption"}
_STUDIO = {"ImageArns", "InstanceTypes"}
CONDITION_KEYS: dict[str, set[str]] = {
    "CreateApp": _STUDIO,
    "CreateAutoMLJob": _AUTO_ML,
    "CreateAutoMLJobV2": _AUTO_ML,
    "CreateDataQualityJobDefinition": _JOB,
    "CreateEndpoint": set(),
    "CreateEndpointConfig": {
        *_VPC,
        "VolumeKmsKey",
        "VolumeKmsKeyArn",
        "NetworkIsolation",
        "InstanceTypes",
    },
    "CreateHyperParameterTuningJob": _JOB,
    "CreateModel": {*_VPC, "NetworkIsolation"},
    "CreateModelBiasJobDefinition": _JOB,
    "CreateModelExplainabilityJobDefinition": _JOB,
    "CreateModelPackage": set(),
    "CreateModelQualityJobDefinition": _JOB,
    "CreateMonitoringSchedule": _JOB,
    "CreatePipeline": set(),
    "CreateProcessingJob": _JOB,
    "CreateSpace": _STUDIO,
    "CreateTrainingJob": _JOB,
    "CreateTransformJob": {*_KEYS, "InstanceTypes"},
    "DeleteMonitoringSchedule": set(),
    "DescribeMonitoringSchedule": set(),
    "StartMonitoringSchedule": set(),
    "StopMonitoringSchedule": set(),
    "UpdateEndpoint": set(),
    "UpdateEndpointWeightsAndCapacities": set(),
    "UpdateMonitoringSchedule": _JOB,
    "UpdateSpace": _STUDIO,
}
JOBS = ("CreateTrainingJob", "CreateProcessingJob")
DENIALS_ABOUT_JOBS = {
    "DenyMissingVpcSubnets",
    "DenyForeignVpcSubnets",
    "DenyMissingVpcSecurityGroupIds",
    "DenyForeignVpcSecurityGroupIds",
    "DenyMissingVolumeKmsKey",
    "DenyForeignVolumeKmsKey",
    "DenyForeignVolumeKmsKeyArn",
    "DenyMissingOutputKmsKey",
    "DenyForeignOutputKmsKey",
    "DenyForeignOutputKmsKeyArn",
    "DenyClearTraffic",
    "DenyNetworkAccess",
    "DenyOtherInstanceTypes",
}


@pytest.fixture(scope="module")
def guardrails(cloud: Cloud) -> list[Resource]:
    policies = cloud.of_type("AWS::IAM::ManagedPolicy")
    found = [policy for policy in policies if policy.logical_id.startswith("Guardrails")]
    assert len(found) == len({template.environment for template in cloud.templates})
    return found


def _statements(policy: Resource) -> dict[str, Statement]:
    return {one["Sid"]: one for one in policy.get("PolicyDocument", "Statement")}


def _actions(statement: Statement) -> set[str]:
    patterns = [pattern.removeprefix("sagemaker:") for pattern in listed(statement["Action"])]
    return {name for name in CONDITION_KEYS if any(fnmatchcase(name, pattern) for pattern in patterns)}


def _keys(statement: Statement) -> set[str]:
    return {key.removeprefix("sagemaker:") for block in statement["Condition"].values() for key in block}


def test_people_and_pipelines_have_guardrails(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PEOPLE, "Pipeline"):
        assert [policy for policy in role.policies if policy.logical_id.startswith("Guardrails")], role


def test_whoever_may_start_something_with_guardrails_has_them(cloud: Cloud) -> None:
    guarded = {f"sagemaker:{action}" for action, keys in CONDITION_KEYS.items() if keys}
    for role in roles_of(cloud):
        if any(role.allowing(action) for action in guarded):
            names = [policy.logical_id for policy in role.policies]
            assert any(name.startswith("Guardrails") for name in names), role


def test_guardrails_grant_nothing(guardrails: list[Resource]) -> None:
    for policy in guardrails:
        for sid, statement in _statements(policy).items():
            assert statement["Effect"] == "Deny", sid
            assert statement["Resource"] == "*", sid
            assert statement["Condition"], sid


def test_a_denial_is_about_actions_that_have_its_condition_key(guardrails: list[Resource]) -> None:
    """On any other action the key is always missing, and a denial of what is missing always denies."""
    for policy in guardrails:
        for sid, statement in _statements(policy).items():
            actions = _actions(statement)
            assert actions, sid
            for action in actions:
                assert _keys(statement) <= CONDITION_KEYS[action], f"{sid}: {action}"


def test_every_job_meets_every_guardrail(guardrails: list[Resource]) -> None:
    for policy in guardrails:
        for job in JOBS:
            met = {sid for sid, statement in _statements(policy).items() if job in _actions(statement)}
            assert met == DENIALS_ABOUT_JOBS, f"{policy}: {job}"


def test_one_condition_key_is_enough_to_be_denied(guardrails: list[Resource]) -> None:
    """Only the two spellings of one key are tested together: missing is what has neither."""
    for policy in guardrails:
        for sid, statement in _statements(policy).items():
            assert len({key.removesuffix("Arn") for key in _keys(statement)}) == 1, sid


def test_the_network_of_the_guardrails_is_that_of_the_pipelines(guardrails: list[Resource]) -> None:
    for policy in guardrails:
        statements = _statements(policy)
        for key in ("VpcSubnets", "VpcSecurityGroupIds"):
            operator = statements[f"DenyForeign{key}"]["Condition"]["ForAnyValue:StringNotEquals"]
            assert listed(operator[f"sagemaker:{key}"]), policy


def test_the_key_of_the_guardrails_is_that_of_the_environment(
    cloud: Cloud, guardrails: list[Resource]
) -> None:
    for policy in guardrails:
        foreign = [one for sid, one in _statements(policy).items() if sid.startswith("DenyForeign")]
        keys = [one["Condition"]["ArnNotEquals"] for one in foreign if "ArnNotEquals" in one["Condition"]]
        assert len(keys) == 4
        for key in keys:
            (target,) = cloud.referenced(policy.template, key)
            assert target.type == "AWS::KMS::Key"


def test_a_policy_that_iam_would_refuse_is_refused_at_synthesis() -> None:
    stack = cdk.Stack(cdk.Stage(cdk.App(analytics_reporting=False), "dev"), "Stack")
    objects = [f"arn:aws:s3:::dev-data/{number}" for number in range(300)]
    with pytest.raises(PolicyTooLongError, match=r"Stack/Long has \d+ characters, and IAM takes 6144"):
        managed_policy(stack, "Long", description="Long", statements=[allow("A", "s3:GetObject", objects)])


def test_instance_types_are_those_of_the_configuration(shipped: Cloud, settings: Settings) -> None:
    allowed = {environment.name: environment.allowed_instance_types for environment in settings.environments}
    for policy in shipped.of_type("AWS::IAM::ManagedPolicy"):
        if policy.logical_id.startswith("Guardrails"):
            condition = _statements(policy)["DenyOtherInstanceTypes"]["Condition"]
            types = condition["ForAnyValue:StringNotEquals"]["sagemaker:InstanceTypes"]
            assert types == [*allowed[policy.template.environment], "system"]
