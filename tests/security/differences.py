"""Changes of deployed stacks, and what `cdk diff --fail-on` says about them, without an account."""

import json
import os
import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.security.changes import Change, first, rename
from tests.security.controls import Json
from tests.stacks.cloud import Cloud

KINDS = ("destructive", "broadening")
DIFFERENT = 1


def nothing(template: Json) -> None:
    """The template as it was deployed."""


def tag(template: Json) -> None:
    """A tag on everything in the stack, as a new one in the configuration would be."""
    for resource in template["Resources"].values():
        tags = resource["Properties"].get("Tags", [])
        if isinstance(tags, dict):
            tags["team"] = "pricing"
        else:
            tags.append({"Key": "team", "Value": "pricing"})


def domain_with_another_name(template: Json) -> None:
    """People of an environment get another Domain, and lose what is in the old one."""
    first(template, "AWS::SageMaker::Domain")["Properties"]["DomainName"] = "another"


def everything_of_s3(template: Json) -> None:
    """One statement too many in a role's policy."""
    statements = first(template, "AWS::IAM::ManagedPolicy")["Properties"]["PolicyDocument"]["Statement"]
    statements.append({"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"})


class Difference(NamedTuple):
    """A change of a deployed stack of the development environment, and what it is."""

    name: str
    stack: str
    change: Change
    kinds: tuple[str, ...]


DIFFERENCES = (
    Difference("nothing", "house-prices-monitoring", nothing, ()),
    Difference("a tag more", "house-prices-catalog", tag, ("destructive",)),
    Difference("the Domain renamed", "studio", domain_with_another_name, ("destructive",)),
    Difference("a bucket's logical id", "foundation", rename("AWS::S3::Bucket"), KINDS),
    Difference("everything of S3 allowed", "foundation", everything_of_s3, ("broadening",)),
)


Answers = dict[tuple[Difference, str], Future[bool]]


def ask_cdk(sample: Cloud, folder: Path, pool: ThreadPoolExecutor) -> Answers:
    """Whether the CDK CLI refuses each difference when it must not be of a kind; it answers later."""
    return {
        (difference, kind): pool.submit(_refuses, sample, folder / f"{number}-{kind}", difference, kind)
        for number, difference in enumerate(DIFFERENCES)
        for kind in KINDS
    }


def _refuses(sample: Cloud, folder: Path, difference: Difference, kind: str) -> bool:
    (template,) = (each for each in sample.templates if each.stack == f"dev-{difference.stack}")
    assembly = shutil.copytree(template.path.parent, folder)
    changed = json.loads(json.dumps(template.body))
    difference.change(changed)
    (assembly / template.path.name).write_text(json.dumps(changed), "utf-8")
    return _refused(assembly, f"dev/{difference.stack}", template.path, kind)


def _refused(assembly: Path, stack: str, deployed: Path, kind: str) -> bool:
    command = ["cdk", "diff", stack, "--exclusively", "--app", str(assembly), "--template", str(deployed)]
    # Not even a region may come from the machine, so that nothing can ask AWS.
    compiled = {"NODE_COMPILE_CACHE": str(assembly.parent / "compiled")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    ended = subprocess.run(
        [*command, "--fail-on", kind, "--no-color", "--no-notices"],
        env={**os.environ, **compiled, **nowhere, "AWS_EC2_METADATA_DISABLED": "true", "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Number of stacks with differences" in ended.stdout + ended.stderr, ended.stdout + ended.stderr
    return ended.returncode == DIFFERENT
