"""`cdk diff --fail-on` tells destructive changes and broader permissions from others, without an account.

It is what a pull request is checked with: `cdk diff --fail-on destructive` and `--fail-on broadening`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.security.changes import Change, first, rename
from tests.security.conftest import Row
from tests.security.controls import Json
from tests.stacks.cloud import Cloud
from tests.stacks.synthesis import Synthesis

KINDS = ("destructive", "broadening")
AT_ONCE = 2
DIFFERENT = 1


def nothing(template: Json) -> None:
    """The template as it was deployed."""


def tag(template: Json) -> None:
    """A tag on everything in the stack, as a new one in the configuration would be."""
    for resource in template["Resources"].values():
        resource["Properties"].get("Tags", []).append({"Key": "team", "Value": "pricing"})


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
    Difference("a tag more", "house-prices-monitoring", tag, ("destructive",)),
    Difference("the Domain renamed", "studio", domain_with_another_name, ("destructive",)),
    Difference("a bucket's logical id", "foundation", rename("AWS::S3::Bucket"), KINDS),
    Difference("everything of S3 allowed", "foundation", everything_of_s3, ("broadening",)),
)


@pytest.fixture(scope="module")
def diff(
    synthesis: Synthesis, shipped: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Difference, str], bool]:
    """Whether the CDK CLI refuses a difference that must not be of a kind."""

    def refuses(difference: Difference, kind: str) -> bool:
        (template,) = (each for each in shipped.templates if each.stack == f"dev-{difference.stack}")
        assembly = tmp_path_factory.mktemp("difference") / "assembly"
        shutil.copytree(synthesis.shipped_folder / "assembly-dev", assembly)
        changed = json.loads(json.dumps(template.body))
        difference.change(changed)
        (assembly / template.path.name).write_text(json.dumps(changed), "utf-8")
        return _refused(assembly, f"dev/{difference.stack}", template.path, kind)

    return refuses


def _refused(assembly: Path, stack: str, deployed: Path, kind: str) -> bool:
    command = ["cdk", "diff", stack, "--exclusively", "--app", str(assembly), "--template", str(deployed)]
    # Not even a region may come from the machine, so that nothing can ask AWS.
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    ended = subprocess.run(
        [*command, "--fail-on", kind, "--no-color", "--no-notices"],
        env={**os.environ, **nowhere, "AWS_EC2_METADATA_DISABLED": "true", "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Number of stacks with differences" in ended.stdout + ended.stderr, ended.stdout + ended.stderr
    return ended.returncode == DIFFERENT


def test_the_cdk_cli_classifies_differences(diff: Callable[[Difference, str], bool], row: Row) -> None:
    asked = [(difference, kind) for difference in DIFFERENCES for kind in KINDS]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda each: diff(*each), asked))
    wrong = [
        f"{difference.name}: {'' if answer else 'not '}{kind}"
        for (difference, kind), answer in zip(asked, answers, strict=True)
        if answer != (kind in difference.kinds)
    ]
    row("differences classified by `cdk diff`", f"{len(asked) - len(wrong)}/{len(asked)}")
    assert wrong == []
