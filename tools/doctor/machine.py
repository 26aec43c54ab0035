"""What this machine has: programs in their versions, disk, and a clock that AWS believes."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools.doctor.checks import Finding, ok, problem, warning
from tools.synthesized import Synthesized

ROOT = Path(__file__).parents[2]
PYTHONS = ((3, 11), (3, 13))
NODE_MINIMUM = 22
"""As tools/setup.sh has both."""
DISK_GB = 2
"""What `make setup` needs; a rehearsal takes less."""
# A request must reach AWS within five minutes of its time stamp:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
SKEW_SECONDS, SKEW_WORTH_A_WORD_SECONDS = 300, 60
_VERSION = re.compile(r"\d+(\.\d+)*")


def python(_: Synthesized) -> Iterator[Finding]:
    version = f"Python {sys.version.split()[0]}"
    first, last = PYTHONS
    if first <= sys.version_info[:2] <= last:
        yield ok(version)
    else:
        yield problem(f"{version}; 3.{first[1]} to 3.{last[1]} is needed", "make PYTHON=/path/to/python3")


def node(_: Synthesized) -> Iterator[Finding]:
    version = _version("node")
    if version and int(version.split(".")[0]) >= NODE_MINIMUM:
        yield ok(f"Node {version}")
    else:
        yield problem(f"Node {version or 'is missing'}; {NODE_MINIMUM} or newer is needed", "make setup")


def cdk_cli(_: Synthesized) -> Iterator[Finding]:
    """An older CLI cannot read the assembly of a newer library, so the one that is locked is wanted."""
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]["aws-cdk"]
    version = _version("cdk")
    if version == wanted:
        yield ok(f"CDK CLI {version}")
    elif version is None:
        yield problem("the CDK CLI is missing", "make setup")
    else:
        yield warning(f"CDK CLI {version}, not {wanted}", "make setup, and call it by make")


def _version(program: str) -> str | None:
    path = shutil.which(program)
    if path is None:
        return None
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = _VERSION.search(told)
    return found[0] if found else None


def disk(_: Synthesized) -> Iterator[Finding]:
    free = shutil.disk_usage(ROOT).free / 1e9
    told = f"{free:.1f} GB are free"
    if free >= DISK_GB:
        yield ok(told)
    else:
        yield warning(f"{told}; make setup needs {DISK_GB}", "make room, or make clean")


def clock(environment: Synthesized) -> Iterator[Finding]:
    """Against the moment of an answer, which a refusal has too."""
    sts = boto3.client("sts", region_name=environment.region)
    try:
        answer = sts.get_caller_identity()
    except ClientError as error:
        answer = error.response
    skew = abs((_now() - _moment(answer)).total_seconds())
    told = f"{skew:.0f} s from AWS's"
    if skew >= SKEW_SECONDS:
        yield problem(f"{told}: AWS refuses what is signed with it", "set the clock, by NTP")
    elif skew >= SKEW_WORTH_A_WORD_SECONDS:
        yield warning(f"{told}; AWS refuses signatures from {SKEW_SECONDS} s on", "set the clock, by NTP")
    else:
        yield ok(told)


def _moment(answer: Any) -> datetime:
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


def _now() -> datetime:
    return datetime.now(UTC)
