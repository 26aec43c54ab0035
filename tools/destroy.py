"""`python -m tools.destroy dev`: deletes the stacks of an environment, except the network of what stays."""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.synthesized import Synthesized, synthesize

STANDS_IN_THE_NETWORK = "AWS::SageMaker::Domain"


def main(argv: Sequence[str]) -> int:
    """Says what stays and lets the CDK CLI ask and delete; the status is the CLI's."""
    parser = argparse.ArgumentParser(prog="python -m tools.destroy", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    parser.add_argument("--force", action="store_true", help="do not ask")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        environment = synthesize(options.environment, Path(folder))
        network = network_that_stays(environment)
        print(_what_stays(environment, network), flush=True)
        going = [stack.path for stack in environment.stacks if stack.path != network]
        asked = ["--force"] if options.force else []
        return subprocess.run(["cdk", "destroy", "--app", folder, *going, *asked], check=False).returncode


def _what_stays(environment: Synthesized, network: str | None) -> str:
    kept = sorted(retained(environment).items())
    lines = [
        "What stays, and is taken over when the environment is deployed again (docs/operations.md):",
        *(f"  {count:3} {type_name}" for type_name, count in kept),
    ]
    if network:
        lines.append(
            f"{network} stays as well: the domain of Studio stands in it. Its VPC endpoints are billed."
        )
    return "\n".join(lines)


def retained(environment: Synthesized) -> Counter[str]:
    """How many resources of which type outlive their stack."""
    return Counter(
        resource["Type"]
        for stack in environment.stacks
        for resource in stack.template["Resources"].values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    )


def network_that_stays(environment: Synthesized) -> str | None:
    """The path of the network stack if something that is retained has its file system and its apps there."""
    if not retained(environment)[STANDS_IN_THE_NETWORK]:
        return None
    return next(stack.path for stack in environment.stacks if stack.path.endswith("/network"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
