"""What exists once in an account is made by one of its environments."""

from pathlib import Path

from config.settings import Environment, Settings
from tests.stacks.synthesis import synthesized

GROUPS_OF_JOBS = {"/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs"}


def test_log_groups_of_jobs_and_the_provider_of_deliveries_are_made_once(
    sample_settings: Settings, dev: Environment, tmp_path: Path
) -> None:
    """Log groups are of a region, the identity provider of GitHub is of the account."""
    neighbour = dev.model_copy(update={"name": "test"})
    zones = dev.network.model_copy(update={"availability_zones": ("eu-west-1a", "eu-west-1b")})
    there = {"region": "eu-west-1", "delivery": None, "studio": None, "network": zones}
    abroad = dev.model_copy(update={"name": "abroad", **there})
    cloud = synthesized(sample_settings, tmp_path, dev, neighbour, abroad)
    groups = [
        group.template.stack
        for group in cloud.of_type("AWS::Logs::LogGroup")
        if group.get("LogGroupName") in GROUPS_OF_JOBS
    ]
    assert sorted(groups) == ["abroad-foundation"] * 2 + ["dev-foundation"] * 2
    providers = cloud.of_type("AWS::IAM::OIDCProvider")
    assert [provider.template.stack for provider in providers] == ["dev-delivery"]
