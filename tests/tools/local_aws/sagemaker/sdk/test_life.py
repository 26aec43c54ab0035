"""The SageMaker Python SDK 3 trains, registers, deploys, predicts and runs a pipeline, unchanged, as somebody
who may do that and no more."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import served_code

from tests.tools.local_aws.aws import ACCOUNT, allow, unique
from tests.tools.local_aws.sagemaker.helpers import IMAGE, TRUST, Place

ROOT = Path(__file__).parents[5]
LIBRARIES = ROOT / ".venv" / "sdk"
HERE = Path(__file__).parent
# What the SDK asks IAM about every training role before it uses it.
ASKED_OF_ROLES = (
    *("ecr:GetAuthorizationToken", "cloudwatch:PutMetricData", "ec2:*NetworkInterface*", "ec2:Describe*"),
)
NO_TELEMETRY = """
SchemaVersion: "1.0"
SageMaker: {PythonSDK: {Modules: {TelemetryOptOut: true}}}
"""


class Person:
    """Somebody with a role of a data scientist, and the role of the jobs."""

    def __init__(self, place: Place, folder: Path, asked: tuple[str, ...] = ASKED_OF_ROLES) -> None:
        self.place, self.folder, self.name = place, folder, unique("sdk")
        objects = [f"arn:aws:s3:::{place.bucket}", f"arn:aws:s3:::{place.bucket}/*"]
        data = {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": objects,
        }
        logs = allow(
            "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"
        )
        # A pipeline's role hands the role of its jobs on, which is the same one here.
        passing = allow("iam:PassRole", resource=f"arn:aws:iam::{ACCOUNT}:role/{self.name}-jobs")
        job = _policy(data, logs, allow(*asked), allow("sagemaker:*", resource=self._arns("*")), passing)
        self.job_role = place.role(f"{self.name}-jobs", job)
        pass_role = allow(
            "iam:PassRole", "iam:GetRole", "iam:SimulatePrincipalPolicy", resource=self.job_role
        )
        reads = allow("sagemaker:List*", "sagemaker:Search", "logs:*LogStreams", "logs:GetLogEvents")
        work = allow("sagemaker:*", resource=self._arns(f"{self.name}*"))
        trust = TRUST | {"Statement": [_anybody_of_the_account()]}
        own = _policy(data, pass_role, reads, work)
        self.role = place.role(self.name, own, trust)

    def _arns(self, name: str) -> str:
        return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:*/{name}"

    def lives(self) -> subprocess.CompletedProcess[str]:
        task = {
            "image": IMAGE,
            "role": self.job_role,
            "bucket": self.place.bucket,
            "code": str(self._code()),
            "name": self.name,
        }
        return subprocess.run(
            [sys.executable, str(HERE / "life.py"), json.dumps(task)],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def _code(self) -> Path:
        """The scripts, with what builds them where no index is in reach."""
        folder = self.folder / "code"
        shutil.copytree(HERE / "code", folder)
        shutil.copy(served_code.__file__, folder)
        (folder / "pyproject.toml").write_text(served_code.BUILD_SETTINGS)
        return folder

    def environment(self) -> dict[str, str]:
        settings = self.folder / "settings.yaml"
        settings.write_text(NO_TELEMETRY)
        sts = self.place.aws.client("sts")
        session = sts.assume_role(RoleArn=self.role, RoleSessionName="me")["Credentials"]
        return self.place.aws.environment() | {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(settings),
            "HOME": str(self.folder),
            "PYTHONPATH": str(LIBRARIES),
        }


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _anybody_of_the_account() -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}


@pytest.fixture(scope="module", autouse=True)
def _sdk() -> None:
    if not (LIBRARIES / ".ready").exists():
        pytest.fail("the SageMaker Python SDK is missing; `make setup-sdk` installs it", pytrace=False)


@pytest.fixture(scope="module")
def lived(place: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    person = Person(place, tmp_path_factory.mktemp("sdk"))
    place.put(f"{person.name}/lines/lines.csv", "1,3\n2,5\n3,7\n")
    ended = person.lives()
    assert ended.returncode == 0, ended.stderr[-4000:]
    return dict(json.loads(ended.stdout.splitlines()[-1]), name=person.name)


def test_a_model_trainer_trains(lived: dict[str, Any]) -> None:
    assert lived["life"]["training"] == "Completed"
    assert lived["life"]["transitions"] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_a_model_builder_registers_and_deploys_what_predicts(lived: dict[str, Any]) -> None:
    assert lived["life"]["version"].endswith(f"model-package/{lived['name']}/1")
    assert lived["life"]["predictions"] == ["21.000", "41.000"]


def test_a_pipeline_is_defined_and_run(lived: dict[str, Any]) -> None:
    assert set(lived["pipeline"]["steps"].values()) == {"Succeeded"}, lived["pipeline"]
    assert lived["pipeline"]["status"] == "Succeeded"


def test_the_sdk_refuses_a_role_of_which_iam_says_that_it_may_too_little(
    place: Place, tmp_path: Path
) -> None:
    ended = Person(place, tmp_path, ASKED_OF_ROLES[1:]).lives()
    assert ended.returncode != 0
    assert "Missing permissions: ecr:GetAuthorizationToken" in ended.stderr
