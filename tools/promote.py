"""`python -m tools.promote prod house-prices 7`: writes which version an environment serves, if it can.

What is asked before: that the version is approved in the registry that the environment serves from, its own
or that of the environment which trains, and that the release has taken its files; the same of a challenger or
a shadow beside it. A version without them would fail the deployment, after the merge of
the pull request. With the version that serves already nothing changes, and what stands beside it is checked.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from tools.synthesized import Synthesized, synthesize

ENVIRONMENTS = Path(__file__).parent.parent / "config" / "environments"
FILES = ("model.tar.gz", "data-quality/statistics.json", "data-quality/constraints.json")
"""What stacks refer to, below the version's number."""
BESIDE = ("challenger", "shadow")
_APPROVED = "Approved"


class NotPromotedError(Exception):
    """Why a version cannot be served."""


def main(argv: Sequence[str]) -> int:
    """The status is 0 when the line is written, 1 when the version is refused or nobody could look."""
    parser = argparse.ArgumentParser(prog="python -m tools.promote", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    parser.add_argument("use_case")
    parser.add_argument("version", type=_version, help="number of a model package")
    options = parser.parse_args(argv)
    path = ENVIRONMENTS / f"{options.environment}.yaml"
    try:
        with tempfile.TemporaryDirectory() as folder:
            environment = synthesize(options.environment, Path(folder))
        before = path.read_text("utf-8")
        after = with_version(before, options.use_case, options.version)
        # Also one that stands beside it: its model is deployed as well.
        for version in dict.fromkeys([options.version, *versions_beside(before, options.use_case)]):
            check_version(environment, options.use_case, version)
    except (NotPromotedError, ClientError, BotoCoreError) as error:
        print(f"Nothing was written: {error}", file=sys.stderr)
        return 1
    path.write_text(after, "utf-8")
    print(f"{path.name}: {options.use_case} serves version {options.version}. Next: make snapshots, review.")
    return 0


def _version(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not the number of a version; write e.g. 7")
    return int(text)


def with_version(text: str, use_case: str, version: int) -> str:
    """The text of an environment's file with another version; whatever else stands there stays.

    A challenger or a shadow of this version changes places with it, so that both are still compared.
    """
    deployment = _deployment(text, use_case)
    model = _at(deployment, "model")
    written = [
        (model, str(version)),
        *((other, model.value) for other in _beside(deployment) if other.value == str(version)),
    ]
    # From the end on, so that what stands before stays where it is.
    for node, value in sorted(written, key=lambda change: -change[0].start_mark.index):
        text = text[: node.start_mark.index] + value + text[node.end_mark.index :]
    return text


def versions_beside(text: str, use_case: str) -> list[int]:
    """The version of a challenger or a shadow."""
    return [int(other.value) for other in _beside(_deployment(text, use_case))]


def _deployment(text: str, use_case: str) -> yaml.Node:
    use_cases = _at(yaml.compose(text, Loader=yaml.BaseLoader), "use_cases")
    known = [key.value for key, _ in use_cases.value]
    if use_case not in known:
        raise NotPromotedError(f"the environment has no use case {use_case}; it has {', '.join(known)}")
    return _at(use_cases, use_case)


def _beside(deployment: yaml.Node) -> list[yaml.Node]:
    return [_at(value, "version") for key, value in deployment.value if key.value in BESIDE]


def _at(mapping: yaml.Node, name: str) -> yaml.Node:
    # The file was synthesized: the keys are there.
    return next(value for key, value in mapping.value if key.value == name)


def check_version(environment: Synthesized, use_case: str, version: int) -> None:
    """Raises NotPromotedError with all that the version lacks in the environment's account."""
    signed_in = boto3.client("sts", region_name=environment.region).get_caller_identity()["Account"]
    if signed_in != environment.account:
        raise NotPromotedError(
            f"{environment.name} is account {environment.account}, and you are signed in to {signed_in}"
        )
    lacks = [*_of_registry(environment, use_case, version), *_of_files(environment, use_case, version)]
    if lacks:
        name = f"version {version} of {use_case} cannot be served in {environment.name}"
        raise NotPromotedError("; ".join([name, *lacks]))


def _of_registry(environment: Synthesized, use_case: str, version: int) -> Iterator[str]:
    group = environment.group(use_case)
    client = boto3.client("sagemaker", region_name=environment.region)
    pages = client.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
    statuses = {
        package["ModelPackageVersion"]: package["ModelApprovalStatus"]
        for page in pages
        for package in page["ModelPackageSummaryList"]
    }
    if version not in statuses:
        known = ", ".join(map(str, sorted(statuses))) or "none"
        yield f"the group {group} has no such version (it has {known})"
    elif statuses[version] != _APPROVED:
        yield f"its status is {statuses[version]}, not {_APPROVED}"


def _of_files(environment: Synthesized, use_case: str, version: int) -> Iterator[str]:
    place = {"Bucket": _bucket(environment), "Prefix": f"models/{use_case}/{version}/"}
    client: Any = boto3.client("s3", region_name=environment.region)
    there = {item["Key"] for item in client.list_objects_v2(**place).get("Contents", [])}
    if missing := [name for name in FILES if place["Prefix"] + name not in there]:
        yield (
            f"s3://{place['Bucket']}/{place['Prefix']} lacks {', '.join(missing)}, which the release writes "
            "after an approval"
        )


def _bucket(environment: Synthesized) -> str:
    """As its template names it: whoever promotes may read objects, and need not describe stacks."""
    name = f"{environment.prefix}-foundation"
    template = next(stack.template for stack in environment.stacks if stack.name == name)
    bucket = template["Outputs"]["ArtifactsBucketName"]["Value"]["Ref"]
    return str(template["Resources"][bucket]["Properties"]["BucketName"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
