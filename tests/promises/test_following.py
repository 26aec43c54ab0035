"""An environment that follows another one reaches its versions, and nothing else crosses between accounts."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from config.settings import Environment, Settings
from tests.stacks.cloud import Cloud, Resource, listed, text_of
from tests.stacks.synthesis import Synthesis

_HOLDERS = {
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::Events::EventBus": "Policy",
    "AWS::IAM::Role": "AssumeRolePolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupPolicy",
}
"""Where policies of resources stand."""
_ROLE = re.compile(r"arn:aws:iam::(?P<account>\d{12}):role/(?P<path>[\w-]+)/[\w*-]+")


def _foreign(cloud: Cloud) -> Iterator[tuple[Resource, dict[str, Any], str]]:
    """Statements that let another account in, or everybody."""
    for kind, holder in _HOLDERS.items():
        for resource in cloud.of_type(kind):
            for statement in (resource.get(holder) or {}).get("Statement", []):
                principal = statement.get("Principal", {})
                named = principal if isinstance(principal, str) else principal.get("AWS", [])
                for name in map(text_of, listed(named)):
                    account = (re.findall(r"\d{12}", name) or ["*" if name == "*" else ""])[0]
                    if statement["Effect"] == "Allow" and account not in ("", resource.template.account):
                        yield resource, statement, account


def _pairs(settings: Settings) -> list[tuple[Environment, Environment]]:
    """Who trains, and who follows."""
    return [
        (trainer, each)
        for each in settings.environments
        if (trainer := settings.trainer_of(each)) is not None
    ]


@pytest.fixture
def pairs(synthesis: Synthesis) -> list[tuple[Environment, Environment]]:
    return _pairs(synthesis.settings) or synthesis.cloud.lacks("trained_in")


def test_no_other_account_is_let_in_without_a_condition_on_its_role(synthesis: Synthesis) -> None:
    """And on a role below the path of the environment that follows, or is followed: a deployment made it."""
    known = {
        (resource.template.environment, other.account, other.prefix)
        for resource in synthesis.cloud.of_type(*_HOLDERS)
        for one, two in _pairs(synthesis.settings)
        for mine, other in ((one, two), (two, one))
        if mine.name == resource.template.environment
    }
    for resource, statement, account in _foreign(synthesis.cloud):
        conditions = statement.get("Condition", {})
        (role,) = listed(conditions.get("ArnLike", {}).get("aws:PrincipalArn", []))
        found = _ROLE.fullmatch(role)
        assert found, f"{resource}: {statement['Sid']}"
        assert found["account"] == account, f"{resource}: {statement['Sid']}"
        assert (resource.template.environment, account, found["path"]) in known, resource


def test_what_another_account_may_do_is_read_a_version_and_tell_of_a_decision(cloud: Cloud) -> None:
    allowed = {
        "s3:GetObject",
        "kms:Decrypt",
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
        "events:PutEvents",
    }
    for resource, statement, _ in _foreign(cloud):
        assert set(listed(statement["Action"])) <= allowed, resource


def test_objects_that_another_account_reads_are_what_the_release_has_taken(cloud: Cloud) -> None:
    for resource, statement, _ in _foreign(cloud):
        if resource.type == "AWS::S3::BucketPolicy":
            for name in map(text_of, listed(statement["Resource"])):
                assert re.fullmatch(r"arn:aws:s3:::[\w-]+-artifacts/models/[\w-]+/\*", name), name


def test_who_follows_trains_nothing(cloud: Cloud, pairs: list[tuple[Environment, Environment]]) -> None:
    kinds = ("AWS::SageMaker::Pipeline", "AWS::SageMaker::ModelPackageGroup")
    for _, follower in pairs:
        found = [str(r) for r in cloud.of_type(*kinds) if r.template.environment == follower.name]
        assert found == []


def test_decisions_go_to_the_bus_that_the_follower_has(
    cloud: Cloud, pairs: list[tuple[Environment, Environment]]
) -> None:
    for trainer, follower in pairs:
        (bus,) = cloud.stack(f"{follower.prefix}-release").of_type("AWS::Events::EventBus")
        arn = f"arn:aws:events:{follower.region}:{follower.account}:event-bus/{bus.get('Name')}"
        rules = cloud.stack(f"{trainer.prefix}-release").of_type("AWS::Events::Rule")
        forwarding = [each for each in rules if each.get("Targets")[0]["Arn"] == arn]
        groups = {f"{trainer.prefix}-{use_case}" for use_case in follower.use_cases}
        told = [
            name
            for rule in forwarding
            for name in rule.get("EventPattern", "detail", "ModelPackageGroupName")
        ]
        assert sorted(told) == sorted(groups)
        for heard in cloud.stack(f"{follower.prefix}-release").of_type("AWS::Events::Rule"):
            assert cloud.the_one(heard, "EventBusName") == bus
            assert heard.get("EventPattern", "account") == [trainer.account]
            assert set(heard.get("EventPattern", "detail", "ModelPackageGroupName")) <= groups


def test_roles_that_policies_elsewhere_name_are_called_so(
    cloud: Cloud, pairs: list[tuple[Environment, Environment]]
) -> None:
    abroad = [(one, two) for one, two in pairs if one.account != two.account]
    for one, two in abroad or cloud.lacks("trained_in another account"):
        for other, kind, wanted in ((two, "Release", "release"), (one, "Forward", "forward")):
            stack = cloud.stack(f"{other.prefix}-release")
            roles = {role.get("RoleName"): role for role in stack.of_type("AWS::IAM::Role")}
            role = roles[f"{other.prefix}-{wanted}"]
            assert role.get("Path") == f"/{other.prefix}/"
            assert role.logical_id.startswith(kind)


def test_while_somebody_follows_only_the_release_puts_files_beside_a_version(
    cloud: Cloud, pairs: list[tuple[Environment, Environment]]
) -> None:
    for trainer, _ in pairs:
        policies = cloud.stack(f"{trainer.prefix}-foundation").of_type("AWS::S3::BucketPolicy")
        statements = [one for policy in policies for one in policy.get("PolicyDocument", "Statement")]
        (only,) = (one for one in statements if one.get("Sid") == "OnlyTheReleaseTakesVersions")
        assert (only["Effect"], only["Principal"]) == ("Deny", {"AWS": "*"})
        assert set(only["Action"]) == {"s3:PutObject", "s3:ReplicateObject"}
        release = f"arn:aws:iam::{trainer.account}:role/{trainer.prefix}/{trainer.prefix}-release"
        assert only["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": release}}
        assert json.dumps(only["Resource"]).endswith('/models/*"')
