"""Every environment that is delivered to has its roles, and tokens of GitHub's provider are for that only.

Who becomes the roles and what they may do is in the table of tests/security/iam.
"""

from config.settings import Environment
from stacks.delivery.stack import ISSUER
from tests.stacks.cloud import Cloud


def test_every_environment_that_is_delivered_to_has_a_role_that_deploys_and_one_that_reads(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    configured = {name for name, environment in environments.items() if environment.delivery}
    stacks = [template for template in cloud.templates if template.short_name == "delivery"]
    assert configured == {stack.environment for stack in stacks}
    for stack in stacks:
        assert len(stack.of_type("AWS::IAM::Role")) == 2, stack.stack


def test_tokens_of_the_provider_are_for_sts_only(cloud: Cloud) -> None:
    for provider in cloud.of_type("AWS::IAM::OIDCProvider"):
        assert provider.get("Url") == f"https://{ISSUER}", provider
        assert provider.get("ClientIdList") == ["sts.amazonaws.com"], provider


def test_the_provider_exists_before_the_roles_that_trust_it(cloud: Cloud) -> None:
    for provider in cloud.of_type("AWS::IAM::OIDCProvider"):
        for role in provider.template.of_type("AWS::IAM::Role"):
            assert str(provider) in cloud.waits_for(role), role
