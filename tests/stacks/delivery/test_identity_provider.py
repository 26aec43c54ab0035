"""GitHub's identity provider exists once in an account."""

from pathlib import Path

from config.settings import Delivery, Settings
from tests.stacks.synthesis import synthesized


def test_a_provider_that_exists_is_not_created_and_is_trusted(
    sample_settings: Settings, tmp_path: Path
) -> None:
    delivery = Delivery(github_repository="octo-org/octo-repo", identity_provider="existing")
    changed = sample_settings.environments[0].model_copy(update={"delivery": delivery})
    stack = synthesized(sample_settings, tmp_path, changed).stack("dev-delivery")
    assert not stack.of_type("AWS::IAM::OIDCProvider")
    (role,) = stack.of_type("AWS::IAM::Role")
    provider = f"arn:aws:iam::{changed.account}:oidc-provider/token.actions.githubusercontent.com"
    (statement,) = role.get("AssumeRolePolicyDocument", "Statement")
    assert statement["Principal"] == {"Federated": provider}
