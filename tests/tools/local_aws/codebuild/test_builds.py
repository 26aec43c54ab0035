"""A build makes an image of what was reviewed, with the rights of its role, or says why not."""

import io
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, allow, make_role, policy, unique
from tools import own_image
from tools.local_aws.process import LocalAws
from tools.own_image import BuildFailedError, OwnImage

ROOT = Path(__file__).parents[4]
BASE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
SIGN_IN = "aws ecr get-login-password | docker login --username AWS --password-stdin"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
RIGHTS = (
    *("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken"),
    *("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"),
    *("logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject", "s3:ListBucket"),
)


@dataclass
class Build:
    """A project whose build pushes to a repository of its own."""

    aws: LocalAws
    name: str
    context: Path
    commands: list[str]
    privileged: bool = True
    rights: tuple[str, ...] = RIGHTS
    base: str = BASE

    @property
    def image(self) -> OwnImage:
        return OwnImage(f"{REGISTRY}/{self.name}:abc", self.name, "us-east-1")

    def prepare(self) -> None:
        aws, buffer = self.aws, io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path in self.context.rglob("*"):
                archive.write(path, path.relative_to(self.context))
        aws.client("s3").create_bucket(Bucket=self.name)
        aws.client("s3").put_object(Bucket=self.name, Key="context.zip", Body=buffer.getvalue())
        aws.client("logs").create_log_group(logGroupName=self.name)
        aws.client("ecr").create_repository(repositoryName=self.name, imageTagMutability="IMMUTABLE")
        variables = {"BASE": self.base, "IMAGE": self.image.uri}
        aws.client("codebuild").create_project(
            name=self.name,
            serviceRole=make_role(aws, {"Service": "codebuild.amazonaws.com"}, allow(*self.rights)),
            source={
                "type": "S3",
                "location": f"{self.name}/context.zip",
                "buildspec": json.dumps({"version": "0.2", "phases": {"build": {"commands": self.commands}}}),
            },
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "computeType": "BUILD_GENERAL1_SMALL",
                "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                "privilegedMode": self.privileged,
                "environmentVariables": [{"name": name, "value": value} for name, value in variables.items()],
            },
            logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": self.name}},
        )

    def run(self) -> str:
        return self.image.build(self.aws.client("codebuild"), poll_seconds=0.02)

    def log(self) -> str:
        answer = self.aws.client("logs").filter_log_events(logGroupName=self.name)
        return "\n".join(event["message"] for event in answer["events"])


@pytest.fixture
def build(local_aws: LocalAws, tmp_path: Path) -> Build:
    context = shutil.copytree(ROOT / "image", tmp_path / "image")
    commands = [
        f"{SIGN_IN} {BASE.partition('/')[0]}",
        f"{SIGN_IN} {REGISTRY}",
        'docker build --build-arg "BASE=$BASE" --tag "$IMAGE" .',
        'docker push "$IMAGE"',
    ]
    return Build(local_aws, unique("build"), context, commands)


def test_what_this_repository_has_becomes_an_image_once(build: Build) -> None:
    build.prepare()
    ecr = build.aws.client("ecr")
    assert not build.image.exists(ecr)
    build.run()
    assert build.image.exists(ecr)
    (image,) = ecr.batch_get_image(repositoryName=build.name, imageIds=[{"imageTag": "abc"}])["images"]
    assert BASE in json.loads(image["imageManifest"])["annotations"].values()
    assert "The embedded AWS has no Docker" in build.log()
    with pytest.raises(BuildFailedError, match="AlreadyExistsException"):
        build.run()


def _of_another_base(build: Build) -> None:
    build.base = BASE.replace("sagemaker-xgboost", "elsewhere")


def _with_another_library(build: Build) -> None:
    lock = build.context / "requirements.txt"
    lock.write_text(lock.read_text("utf-8").replace("sha256:", "sha256:0"), "utf-8")


def _with_a_newer_version(build: Build) -> None:
    lock = build.context / "requirements.txt"
    lock.write_text(lock.read_text("utf-8").replace("==4.", "==5."), "utf-8")


def _from_an_index(build: Build) -> None:
    _change(build, "--no-index ", "")


def _copying_what_is_not_there(build: Build) -> None:
    _change(build, "wheels/ ", "more/ ")


def _change(build: Build, old: str, new: str) -> None:
    path = build.context / "Dockerfile"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def _without_docker(build: Build) -> None:
    build.privileged = False


def _without_signing_in(build: Build) -> None:
    del build.commands[0]


def _with_another_command(build: Build) -> None:
    build.commands.insert(0, "curl https://example.com | sh")


def _without_a_right(build: Build) -> None:
    build.rights = tuple(right for right in RIGHTS if right != "ecr:PutImage")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_of_another_base, "RepositoryNotFoundException"),
        (_with_another_library, "No matching distribution found for lightgbm==4.6.0"),
        (_with_a_newer_version, "runs jobs in its own Python, which has no lightgbm 5.6.0"),
        (_from_an_index, "The build has no way to an index"),
        (_copying_what_is_not_there, '"/more/": not found'),
        (_without_docker, "Cannot connect to the Docker daemon"),
        (_without_signing_in, "no basic auth credentials"),
        (_with_another_command, "has no machine to run this on: curl"),
        (_without_a_right, "not authorized to perform: ecr:PutImage"),
    ],
)
def test_a_build_that_would_fail_on_aws_fails_and_says_why(build: Build, change: Any, words: str) -> None:
    change(build)
    build.prepare()
    with pytest.raises(BuildFailedError, match=words):
        build.run()
    assert not build.image.exists(build.aws.client("ecr"))
    assert build.log()


def test_a_repository_refuses_whom_its_policy_denies(build: Build) -> None:
    build.prepare()
    denied = {"Sid": "a", "Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"}
    build.aws.client("ecr").set_repository_policy(repositoryName=build.name, policyText=policy(denied))
    with pytest.raises(BuildFailedError, match="explicit deny"):
        build.run()


def test_a_project_that_is_not_there_is_refused(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="Project cannot be found: arn:aws:codebuild"):
        local_aws.client("codebuild").start_build(projectName="nothing")


def _environment(build: Build | None) -> Any:
    outputs = {"Image": {"Value": build.image.uri}, "ImageBuild": {"Value": build.name}} if build else {}
    stack = SimpleNamespace(
        path="dev/image" if build else "dev/x", region="us-east-1", template={"Outputs": outputs}
    )
    return SimpleNamespace(name="dev", stacks=[stack])


def test_make_image_builds_what_is_missing_and_says_what_it_found(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build.prepare()
    for name, value in build.aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(own_image, "_POLL_SECONDS", 0.02)
    for environment, words in (
        (_environment(None), "No use case of dev has `image: own`."),
        (_environment(build), f"{build.image.uri} is built."),
        (_environment(build), f"{build.image.uri} is there."),
    ):
        monkeypatch.setattr(own_image, "read_environment", lambda _, found=environment: found)
        assert own_image.main(["cdk.out/assembly-dev"]) == 0
        assert words in capsys.readouterr().out


def test_make_image_ends_with_the_reason_of_a_build_that_fails(
    build: Build, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _with_another_library(build)
    build.prepare()
    for name, value in build.aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(own_image, "read_environment", lambda _: _environment(build))
    monkeypatch.setattr(own_image, "_POLL_SECONDS", 0.02)
    assert own_image.main(["cdk.out/assembly-dev"]) == 1
    assert f"Its log: {build.name}, stream" in capsys.readouterr().err
