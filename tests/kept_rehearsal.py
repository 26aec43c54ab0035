"""A rehearsal of the sample in its own process: it has told its story, and its embedded AWS keeps running."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from tools.local_aws.clients import Credentials
from tools.rehearse.assembly import read_assemblies
from tools.rehearse.samples import Sample

REPOSITORY = Path(__file__).resolve().parents[1]
STORY_TIMEOUT_SECONDS = 480
SAMPLE_APP = "python -m tests.sample.app"


@dataclass(frozen=True)
class Told:
    """What a rehearsal leaves, for those who need no embedded AWS of its."""

    story: str
    folder: Path

    @property
    def app(self) -> str:
        """Stands for an app that would synthesize the same again, to the byte."""
        return f'cp -R {self.folder / "cdk.out"}/. "$CDK_OUTDIR"'

    def write(self, file: Path) -> None:
        """Let another process know; it sees the whole or nothing."""
        half_written = file.with_suffix(".half")
        half_written.write_text(json.dumps({"story": self.story, "folder": str(self.folder)}), "utf-8")
        half_written.replace(file)

    @classmethod
    def read(cls, file: Path) -> "Told":
        told = json.loads(file.read_text("utf-8"))
        return cls(told["story"], Path(told["folder"]))


@dataclass(frozen=True)
class Kept(Told):
    """A rehearsal that has told its story and keeps its embedded AWS running."""

    environment: dict[str, str]
    home_of_the_cdk: Path
    """Stands for `~/.cdk`, where the CDK CLI remembers what it has learnt."""

    @property
    def sample(self) -> Sample:
        """What the story has delivered and asked."""
        (assembly,) = [each for each in read_assemblies(self.folder / "cdk.out") if each.environment == "dev"]
        return assembly.samples["house-prices"]

    @property
    def account(self) -> str:
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def region(self) -> str:
        return self.environment["AWS_REGION"]

    @property
    def operator(self) -> Credentials:
        """Who may do everything."""
        return Credentials(
            self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"], ""
        )

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A plain boto3 client, configured by environment variables alone where nobody else acts."""
        return _client(
            service, credentials or self.operator, self.region, self.environment["AWS_ENDPOINT_URL"]
        )

    @contextmanager
    def signed_in(self, credentials: Credentials) -> Iterator[None]:
        """Tools of this process act there as somebody."""
        own = {
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_SESSION_TOKEN": credentials.session_token,
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self.environment, **own}.items():
                patch.setenv(name, value)
            # It remembers who was signed in first.
            patch.setattr(boto3, "DEFAULT_SESSION", None)
            yield

    def outputs(self, stack: str) -> dict[str, str]:
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def cdk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The real CDK CLI, as `run` runs it."""
        return self.run("cdk", *arguments, "--no-color")

    @property
    def shell(self) -> dict[str, str]:
        """The environment variables of one that has sourced the rehearsal's."""
        return {
            **os.environ,
            "CDK_HOME": str(self.home_of_the_cdk),
            "CDK_OUTPUT": str(self.folder.with_name("cdk.out")),
            **self.environment,
            "CDK_APP": self.app,
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in a shell that has sourced the rehearsal's environment."""
        return subprocess.run(
            list(command),
            cwd=REPOSITORY,
            env=self.shell,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


@cache
def _session() -> boto3.Session:
    return boto3.Session()


@cache
def _client(service: str, acting: Credentials, region: str, endpoint_url: str) -> Any:
    """Kept, because each takes a tenth of a second to make."""
    return _session().client(
        service,
        region,
        endpoint_url=endpoint_url,
        aws_access_key_id=acting.access_key_id,
        aws_secret_access_key=acting.secret_access_key,
        aws_session_token=acting.session_token or None,
    )


@contextmanager
def keep_rehearsal(folder: Path) -> Iterator[Kept]:
    """Run the rehearsal in an empty folder; its embedded AWS stops when the context is left."""
    home = folder.with_name("home-of-the-cdk")
    command = [sys.executable, "-m", "tools.rehearse", "--keep", "0", "--folder", str(folder)]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "CDK_APP": SAMPLE_APP, "CDK_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(STORY_TIMEOUT_SECONDS)
    try:
        story = _read_until_it_keeps_serving(process)
        signal.alarm(0)
        yield Kept(story, folder, _sourced(folder / "environment.sh"), home)
        # Not Ctrl-C's signal, which what a shell has started in the background ignores.
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 130
    finally:
        signal.alarm(0)
        process.kill()


def _read_until_it_keeps_serving(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if "keeps serving" in line:
            return "".join(lines)
    pytest.fail("the rehearsal ended before its story was told:\n" + "".join(lines))


def _sourced(shell: Path) -> dict[str, str]:
    printed = subprocess.run(
        ["bash", "-c", f"source {shell} && env -0"], capture_output=True, text=True, check=True
    ).stdout
    variables = dict(item.split("=", 1) for item in printed.split("\0") if "=" in item)
    return {name: value for name, value in variables.items() if name.startswith(("AWS_", "CDK_"))}
