"""`python -m tools.images dev`: writes down which images the tags of an environment's images mean today.

Needs credentials of any account that may ask ECR: AWS lets every account pull these images.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

LOCK = Path("config/images.lock.json")
_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<name>[\w/-]+)"
    r"(@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[\w.-]+))?"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.images", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    command = [sys.executable, "-m", "stacks.parts.images", parser.parse_args().environment]
    named = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if named.returncode:
        return named.returncode
    images = named.stdout.split()
    try:
        found = digests(images)
    except (ClientError, BotoCoreError) as error:
        print(f"ECR does not tell the digests: {error}", file=sys.stderr)
        return 1
    lock(LOCK, found)
    for image, digest in found.items():
        print(f"{image} is {digest}")
    print(f"{LOCK} is written; review and commit it")
    return 0


def digests(images: Iterable[str]) -> dict[str, str]:
    """By image. Raises ClientError for an image that its registry does not have."""
    return {image: _digest(image) for image in images}


def _digest(image: str) -> str:
    parts = _IMAGE.fullmatch(image)
    assert parts, image
    answer: Any = boto3.client("ecr", region_name=parts["region"]).batch_get_image(
        registryId=parts["account"],
        repositoryName=parts["name"],
        # What a name without a tag means.
        imageIds=[
            {"imageDigest": parts["digest"]} if parts["digest"] else {"imageTag": parts["tag"] or "latest"}
        ],
    )
    for failure in answer["failures"]:
        error = {"Code": failure["failureCode"], "Message": f"{image}: {failure['failureReason']}"}
        raise ClientError({"Error": error}, "BatchGetImage")
    return str(answer["images"][0]["imageId"]["imageDigest"])


def lock(path: Path, found: dict[str, str]) -> None:
    """Keeps what the file says of other regions' images."""
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(known | found, indent=2, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
