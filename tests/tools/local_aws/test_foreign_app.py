"""A default CDK app of another project lives its whole life in the embedded AWS, by the real CDK CLI."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tools.local_aws.aws import ACCOUNT
from tools.local_aws.process import LocalAws

APP = Path(__file__).parent / "foreign_app/app.py"
BEFORE, AFTER, TOO_LARGE = "128", "256", "512"


class Cli:
    """The CDK CLI in a folder with what the app looks like with either size of memory."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws, self.folder = aws, folder
        subprocess.run([sys.executable, APP, BEFORE, AFTER, TOO_LARGE], cwd=folder, check=True)

    def __call__(self, *words: str, memory: str, status: int = 0) -> str:
        home = {"CDK_HOME": str(self.folder / "home"), "CDK_DISABLE_CLI_TELEMETRY": "true"}
        ran = subprocess.run(
            ["cdk", *words, "--app", f"memory-{memory}", "--ci", "--no-notices", "--no-color"],
            cwd=self.folder,
            env=self.aws.environment() | home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert ran.returncode == status, ran.stdout
        return ran.stdout

    def outputs(self) -> dict[str, str]:
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName="Foreign")["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture
def cli(_referee: None, tmp_path: Path) -> Iterator[Cli]:
    with LocalAws(account=ACCOUNT, region="us-east-1", log_path=tmp_path / "server.log") as aws:
        yield Cli(aws, tmp_path)


def greeting(cli: Cli) -> Any:
    payload = json.dumps({"name": "you"})
    answer = cli.aws.client("lambda").invoke(FunctionName=cli.outputs()["Function"], Payload=payload)
    return json.loads(answer["Payload"].read())


def counted(cli: Cli) -> str:
    parameter = cli.aws.client("ssm").get_parameter(Name=cli.outputs()["Parameter"])["Parameter"]
    return str(parameter["Value"])


def memory_of_greeting(cli: Cli) -> str:
    function = cli.aws.client("lambda").get_function_configuration(FunctionName=cli.outputs()["Function"])
    return str(function["MemorySize"])


def test_a_default_app_is_deployed_changed_taken_back_drifted_and_destroyed(cli: Cli) -> None:
    cli("bootstrap", f"aws://{ACCOUNT}/us-east-1", memory=BEFORE)
    cli("deploy", "--require-approval", "never", memory=BEFORE)
    assert greeting(cli) == "Hello, you"
    assert counted(cli) == BEFORE

    differences = cli("diff", "--fail", memory=AFTER, status=1)
    assert "[~] AWS::Lambda::Function Greeting" in differences
    assert "Number of stacks with differences: 1" in differences
    cli("deploy", "--require-approval", "never", memory=AFTER)
    assert counted(cli) == AFTER

    failed = cli("deploy", "--require-approval", "never", "--no-rollback", memory=TOO_LARGE, status=1)
    assert "Received response status [FAILED] from custom resource." in failed
    assert memory_of_greeting(cli) == TOO_LARGE
    cli("rollback", memory=AFTER)
    assert memory_of_greeting(cli) == AFTER

    bucket, queue = cli.outputs()["BucketName"], cli.outputs()["QueueUrl"]
    assert "No drift detected" in cli("drift", "--fail", memory=AFTER)
    cli.aws.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    s3 = cli.aws.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    drift = cli("drift", "--fail", memory=AFTER, status=1)
    assert "[~] AWS::S3::Bucket Bucket" in drift
    assert "/VersioningConfiguration/Status" in drift
    assert "[~] AWS::SQS::Queue Queue" in drift

    # The application's function empties it before it goes.
    s3.put_object(Bucket=bucket, Key="in the way", Body=b"")
    cli("destroy", "--force", memory=AFTER)
    assert bucket not in [item["Name"] for item in s3.list_buckets()["Buckets"]]
    left = cli.aws.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in left] == ["CDKToolkit"]
