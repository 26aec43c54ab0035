"""`python -m tools.own_image cdk.out/assembly-dev`: builds the environment's own image, if it is missing.

The build runs in the account, in CodeBuild: no Docker engine is needed here. The tag tells what the image is
made of, so one that is there is the right one. Needs credentials that may start the build and look into the
repository.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.synthesized import Synthesized, read_environment

KIND = "image"
_POLL_SECONDS = 5.0


class BuildFailedError(Exception):
    """The build has not made the image; the text says why, and where its log is."""


@dataclass(frozen=True)
class OwnImage:
    """What the templates say of the image."""

    uri: str
    project: str
    region: str

    @classmethod
    def of(cls, environment: Synthesized) -> "OwnImage | None":
        """None where every use case runs in AWS's image."""
        for stack in environment.stacks:
            if stack.path.endswith(f"/{KIND}"):
                outputs = stack.template["Outputs"]
                uri, project = (outputs[name]["Value"] for name in ("Image", "ImageBuild"))
                return cls(uri, project, stack.region)
        return None

    @property
    def tag(self) -> str:
        return self.uri.rpartition(":")[2]

    def exists(self, ecr: Any) -> bool:
        repository = self.uri.rpartition(":")[0].partition("/")[2]
        try:
            ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": self.tag}])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ImageNotFoundException":
                return False
            raise
        return True

    def build(self, codebuild: Any, poll_seconds: float | None = None) -> str:
        """Starts the build and waits for its end: its id, or BuildFailedError."""
        build: dict[str, Any] = codebuild.start_build(projectName=self.project)["build"]
        while not build["buildComplete"]:
            time.sleep(_POLL_SECONDS if poll_seconds is None else poll_seconds)
            (build,) = codebuild.batch_get_builds(ids=[build["id"]])["builds"]
        if build["buildStatus"] != "SUCCEEDED":
            raise BuildFailedError(_why(build))
        return str(build["id"])


def _why(build: dict[str, Any]) -> str:
    told = [context["message"] for phase in build["phases"] for context in phase.get("contexts", ())]
    log = f"{build['logs'].get('groupName')}, stream {build['logs'].get('streamName')}"
    return f"{build['buildStatus']}: {'; '.join(filter(None, told)) or 'no reason given'}. Its log: {log}"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.own_image", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    environment = read_environment(parser.parse_args(argv).assembly)
    image = OwnImage.of(environment)
    if image is None:
        print(f"No use case of {environment.name} has `image: own`.")
        return 0
    try:
        if image.exists(boto3.client("ecr", region_name=image.region)):
            print(f"{image.uri} is there.")
            return 0
        print(f"{image.uri} is being built by {image.project}, which takes minutes.", flush=True)
        image.build(boto3.client("codebuild", region_name=image.region))
    except (BuildFailedError, ClientError, BotoCoreError) as error:
        print(
            f"There is no image {image.uri}, without which its use cases cannot run: {error}", file=sys.stderr
        )
        return 1
    print(f"{image.uri} is built.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
