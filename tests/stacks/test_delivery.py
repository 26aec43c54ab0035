"""Delivery comes from one repository and environment, and can assume the bootstrap's roles only."""

import pytest

from config.settings import Settings
from stacks.delivery.stack import ISSUER
from tests.stacks.cloud import Cloud, Resource


@pytest.fixture
def roles(shipped: Cloud) -> dict[str, Resource]:
    return {
        role.template.environment: role
        for role in shipped.of_type("AWS::IAM::Role")
        if role.template.short_name == "delivery"
    }


def test_every_environment_has_a_role_for_its_delivery(
    roles: dict[str, Resource], settings: Settings
) -> None:
    delivered = [environment.name for environment in settings.environments if environment.delivery]
    assert sorted(roles) == sorted(delivered)


def test_only_one_environment_of_one_repository_is_trusted(
    roles: dict[str, Resource], settings: Settings
) -> None:
    for environment in settings.environments:
        role = roles[environment.name]
        (statement,) = role.get("AssumeRolePolicyDocument", "Statement")
        assert environment.delivery
        repository = environment.delivery.github_repository
        assert statement == {
            "Sid": "OneRepositoryOneEnvironment",
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"arn:aws:iam::{environment.account}:oidc-provider/{ISSUER}"},
            "Condition": {
                "StringEquals": {
                    f"{ISSUER}:aud": "sts.amazonaws.com",
                    f"{ISSUER}:sub": f"repo:{repository}:environment:{environment.name}",
                }
            },
        }


def test_no_claim_is_compared_with_a_pattern(roles: dict[str, Resource]) -> None:
    for role in roles.values():
        conditions = role.get("AssumeRolePolicyDocument", "Statement")[0]["Condition"]
        values = [value for keys in conditions.values() for value in keys.values()]
        assert not any(wildcard in value for value in values for wildcard in "*?"), role


def test_the_role_can_assume_the_roles_of_the_bootstrap_and_nothing_else(
    shipped: Cloud, roles: dict[str, Resource]
) -> None:
    for role in roles.values():
        policies = [
            policy
            for policy in role.template.resources
            if policy.type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        ]
        ((statement,),) = [policy.get("PolicyDocument", "Statement") for policy in policies]
        account, region = role.template.account, role.template.region
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Resource"] == [
            f"arn:aws:iam::{account}:role/cdk-hnb659fds-{name}-role-{account}-{region}"
            for name in ("deploy", "file-publishing", "image-publishing", "lookup")
        ]
        assert str(shipped.the_one(policies[0], "Roles")) == str(role)
        assert role.get("ManagedPolicyArns") is None
        assert role.get("Policies") is None


def test_tokens_of_the_provider_are_for_sts_only(shipped: Cloud) -> None:
    for provider in shipped.of_type("AWS::IAM::OIDCProvider"):
        assert provider.get("Url") == f"https://{ISSUER}"
        assert provider.get("ClientIdList") == ["sts.amazonaws.com"]


def test_the_provider_exists_before_the_role_that_trusts_it(
    shipped: Cloud, roles: dict[str, Resource]
) -> None:
    for role in roles.values():
        waits_for = shipped.waits_for(role)
        assert [name for name in waits_for if name.endswith("GitHub")] == [f"{role.template.stack}/GitHub"]
