"""docs/first-deployment.md, command by command, in an account of the embedded AWS where nothing is yet."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.docs.pages import in_words_of_the_sample
from tests.kept_rehearsal import REPOSITORY, Told
from tools.local_aws.process import LocalAws
from tools.rehearse.observations import FILE
from tools.rehearse.people import sign_in, stack_outputs

PAGE = REPOSITORY / "docs" / "first-deployment.md"
STEP = re.compile(r"```bash\n(?P<command>.+?)\n```\n\n```text\n(?P<expected>.+?)\n```", re.DOTALL)
REHEARSE, DESTROY = "make rehearse", "make destroy"
# Setting up is what the tests have behind them.
IS_SET_UP = ("-o", ".venv/.ready", "-o", "node_modules/.ready")
NAME = "dev-house-prices"
SHOWN = {
    "dev": r"(?<![\w-])([\w-]+)(?=-foundation takes over)",
    "ENVIRONMENT=dev": r"make bootstrap (ENVIRONMENT=[\w-]+)",
    "dev/network": r"([\w-]+/network) stays",
    "111111111111": r"aws://(\d{12})/",
    "us-east-1": r"aws://\d{12}/([\w-]+) bootstrapped",
}
"""Where the page shows what it calls things, by what the sample calls them."""


@pytest.fixture
def empty_account(tmp_path: Path, sample_settings: Settings) -> Iterator[LocalAws]:
    """Nothing is deployed there; somebody has authorized the workspaces whose channels hear of alarms."""
    aws = LocalAws(
        account="111111111111", region="us-east-1", log_path=tmp_path / "aws.log", new_customer=True
    )
    aws.start()
    for channel in filter(None, (each.alerts.slack for each in sample_settings.environments)):
        aws.control("authorize-slack-workspace", workspace=channel.workspace)
    try:
        yield aws
    finally:
        aws.stop()
        (REPOSITORY / "smoke.md").unlink(missing_ok=True)


@pytest.fixture
def shell(empty_account: LocalAws, told: Told, tmp_path: Path) -> dict[str, str]:
    """The environment variables of somebody who is signed in there."""
    more = {
        "CDK_APP": told.app,
        "CDK_HOME": str(tmp_path),
        # Other tests let the CLI write to the repository's own at the same time.
        "CDK_OUTPUT": str(tmp_path / "cdk.out"),
        "REHEARSED": str(told.folder / FILE),
    }
    return {**os.environ, **empty_account.environment(), **more}


def steps() -> list[tuple[str, str]]:
    """As on the page, with the names of the sample, which has no project."""
    page = PAGE.read_text("utf-8")
    assert all(re.search(pattern, page) for pattern in SHOWN.values())
    page = in_words_of_the_sample(page, SHOWN)
    return [(step["command"], step["expected"]) for step in STEP.finditer(page)]


def test_every_command_prints_what_stands_below_it_and_the_second_deployment_takes_over_what_stayed(
    told: Told, empty_account: LocalAws, shell: dict[str, str]
) -> None:
    before: dict[str, list[str]] = {}
    for command, expected in steps():
        if command.startswith(DESTROY):
            before = _what_outlives_the_stacks(empty_account)
        printed = told.story if command == REHEARSE else _run(command, shell)
        assert expected in printed, f"{command}:\n{printed}"
        if command.startswith(DESTROY):
            _buckets_refuse_requests_without_tls(empty_account, before["buckets"])
    assert _what_outlives_the_stacks(empty_account) == before
    _the_next_data_engineer_reads_what_was_delivered_before(empty_account)


def _run(command: str, shell: dict[str, str]) -> str:
    words = command.replace("make ", f"make {' '.join(IS_SET_UP)} ", 1)
    finished = subprocess.run(
        ["bash", "-c", words],
        cwd=REPOSITORY,
        env=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, f"{command}:\n{finished.stdout}"
    return finished.stdout


def _what_outlives_the_stacks(aws: LocalAws) -> dict[str, list[str]]:
    sagemaker = aws.client("sagemaker")
    buckets = {bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]}
    aliases = aws.client("kms").list_aliases()["Aliases"]
    versions = sagemaker.list_model_packages(ModelPackageGroupName=NAME)["ModelPackageSummaryList"]
    return {
        "buckets": sorted(name for name in buckets if name.startswith("dev-")),
        "keys": sorted(
            alias["TargetKeyId"] for alias in aliases if alias["AliasName"].startswith("alias/dev")
        ),
        "versions": [version["ModelPackageArn"] for version in versions],
        "repositories": [
            f"{found['repositoryArn']} {found['createdAt']}"
            for found in aws.client("ecr").describe_repositories()["repositories"]
        ],
        "domains": [domain["DomainId"] for domain in sagemaker.list_domains()["Domains"]],
        "apps": [app["Arn"] for app in sagemaker.list_mlflow_apps()["Summaries"]],
    }


def _buckets_refuse_requests_without_tls(aws: LocalAws, buckets: list[str]) -> None:
    for bucket in buckets:
        policy = json.loads(aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, bucket


def _the_next_data_engineer_reads_what_was_delivered_before(aws: LocalAws) -> None:
    outputs = stack_outputs(aws, "dev-foundation")
    s3 = sign_in(aws, "data engineer", outputs["DataEngineerRoleArn"]).client("s3")
    delivered = s3.list_objects_v2(Bucket=outputs["DataBucketName"], Prefix="raw/house-prices/")["Contents"]
    assert s3.get_object(Bucket=outputs["DataBucketName"], Key=delivered[0]["Key"])["Body"].read()


def test_every_command_of_the_page_says_what_to_expect() -> None:
    assert PAGE.read_text("utf-8").count("```bash") == len(steps()) > 0
