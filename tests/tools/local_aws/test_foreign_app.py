"""The embedded AWS carries a default CDK app of another project through its whole life, by the real CDK CLI."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.local_aws.aws import ACCOUNT
from tools.local_aws.process import LocalAws

APP = Path(__file__).parent / "foreign_app/app.py"


class Cli:
    """The CDK CLI in a folder of its own, with the embedded AWS as its only account."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws, self.folder = aws, folder

    def __call__(self, *words: str, status: int = 0, **more: str) -> str:
        home = {"CDK_HOME": str(self.folder / "home"), "FORCE_COLOR": "0"}
        ran = subprocess.run(
            ["cdk", *words, "--app", f"{sys.executable} {APP}", "--ci", "--no-notices"],
            cwd=self.folder,
            env=self.aws.environment() | home | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert ran.returncode == status, ran.stdout
        return ran.stdout

    def outputs(self) -> dict[str, str]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName="Foreign")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture(scope="module")
def cli(_referee: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    folder = tmp_path_factory.mktemp("foreign")
    with LocalAws(account=ACCOUNT, region="us-east-1", log_path=folder / "server.log") as aws:
        yield Cli(aws, folder)


def test_a_default_app_is_deployed_changed_diffed_drifted_and_destroyed(cli: Cli) -> None:
    cli("bootstrap")
    cli("deploy", "--require-approval", "never")
    outputs = cli.outputs()
    ssm, s3 = cli.aws.client("ssm"), cli.aws.client("s3")
    assert ssm.get_parameter(Name=outputs["Parameter"])["Parameter"]["Value"] == "128"
    payload = json.dumps({"name": "you"})
    answer = cli.aws.client("lambda").invoke(FunctionName=outputs["Function"], Payload=payload)
    assert json.loads(answer["Payload"].read()) == "Hello, you"
