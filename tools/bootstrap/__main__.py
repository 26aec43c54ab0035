"""`python -m tools.bootstrap dev`: puts the execution policy into dev's account and bootstraps it."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

from tools.bootstrap.execution_policy import put_policy


def main() -> None:
    """Needs administrator credentials of the environment's account."""
    parser = argparse.ArgumentParser(prog="python -m tools.bootstrap", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    environment = parser.parse_args().environment
    prefix, account, region = _place(environment)
    signed_in = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    if signed_in != account:
        sys.exit(f"You are signed in to {signed_in}, but {environment} is in {account}. Sign in there.")
    arn = put_policy(boto3.client("iam", region_name=region), prefix, account)
    command = ["cdk", "bootstrap", f"aws://{account}/{region}", "--cloudformation-execution-policies", arn]
    sys.exit(subprocess.run(command, check=False).returncode)


def _place(environment: str) -> tuple[str, str, str]:
    """What its names begin with, account and region, as they are synthesized."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cdk", "synth", "--quiet", "--output", folder], check=True)
        manifest = Path(folder) / f"assembly-{environment}" / "manifest.json"
        if not manifest.exists():
            known = sorted(path.name.removeprefix("assembly-") for path in Path(folder).glob("assembly-*"))
            sys.exit(f"There is no environment {environment}; there are {', '.join(known)}.")
        artifacts = json.loads(manifest.read_text("utf-8"))["artifacts"].values()
    stacks = [item for item in artifacts if item["type"] == "aws:cloudformation:stack"]
    account, region = min(stack["environment"] for stack in stacks).removeprefix("aws://").split("/")
    name, path = stacks[0]["properties"]["stackName"], stacks[0]["displayName"]
    return name.removesuffix(f"-{path.removeprefix(f'{environment}/')}"), account, region


if __name__ == "__main__":
    main()
