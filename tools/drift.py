"""`python -m tools.drift cdk.out/assembly-dev`: what somebody has changed beside CloudFormation.

The CDK CLI asks with the credentials that it is given, and assumes no role for it: DetectStackDrift reads
each resource with its caller's rights. So it is given those of the bootstrap's role for look-ups. It also
gives up at a stack that does not exist: one that nobody has deployed yet is told, and left out.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3

from tools.deployed import deployed_stacks
from tools.looking_up import looking_up
from tools.synthesized import read_environment

SESSION = "drift"


def main(argv: Sequence[str]) -> int:
    """Prints what the CDK CLI prints, and keeps it; the status is 1 where something has drifted."""
    parser = argparse.ArgumentParser(prog="python -m tools.drift", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    parser.add_argument("--report", type=Path, default=Path("drift.txt"))
    options = parser.parse_args(argv)
    environment = read_environment(options.assembly)
    session = looking_up(environment, SESSION)
    there = {stack.name for stack in deployed_stacks(environment, session.client)}
    report, status = "", 1
    if missing := [stack.path for stack in environment.stacks if stack.name not in there]:
        report = f"Not deployed: {', '.join(missing)}\n"
    if deployed := [stack.path for stack in environment.stacks if stack.name in there]:
        found = _drift(options.assembly.parent, deployed, session)
        report, status = report + found.stdout, found.returncode
    options.report.write_text(report, "utf-8")
    print(report, end="")
    return status


def _drift(app: Path, stacks: Sequence[str], session: boto3.Session) -> "subprocess.CompletedProcess[str]":
    credentials = session.get_credentials()
    return subprocess.run(
        ["cdk", "drift", "--app", str(app), *stacks, "--fail", "--no-color"],
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
            "AWS_REGION": session.region_name,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
