"""`python -m tools.drift cdk.out/assembly-dev`: what somebody has changed beside CloudFormation.

The CDK CLI asks with the credentials that it is given, and assumes no role for it: DetectStackDrift reads
each resource with its caller's rights. So it is given those of the bootstrap's role for look-ups.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.looking_up import credentials
from tools.synthesized import Synthesized, read_environment

SESSION = "drift"


def main(argv: Sequence[str]) -> int:
    """Prints what the CDK CLI prints, and keeps it; the status is 1 where something has drifted."""
    parser = argparse.ArgumentParser(prog="python -m tools.drift", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    parser.add_argument("--report", type=Path, default=Path("drift.txt"))
    options = parser.parse_args(argv)
    environment = read_environment(options.assembly)
    found = subprocess.run(
        [
            "cdk",
            "drift",
            "--app",
            str(options.assembly.parent),
            f"{environment.name}/*",
            "--fail",
            "--no-color",
        ],
        env={**os.environ, **_looking_up(environment)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    options.report.write_text(found.stdout, "utf-8")
    print(found.stdout, end="")
    return found.returncode


def _looking_up(environment: Synthesized) -> Mapping[str, str]:
    """Environment variables of the role that the CDK CLI looks things up with."""
    given = credentials(environment, SESSION)
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
        "AWS_REGION": environment.region,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
