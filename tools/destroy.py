"""`python -m tools.destroy dev`: deletes the stacks of an environment, except the network of what stays.

Also those that no configuration knows any more, because their use case was removed: they would keep the
foundation from going. It is safe to say again after it was interrupted.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployed import Deployed, deployed_stacks, forgotten
from tools.synthesized import Synthesized, synthesize

STANDS_IN_THE_NETWORK = "AWS::SageMaker::Domain"
_WAITING = {"Delay": 5, "MaxAttempts": 360}


def main(argv: Sequence[str]) -> int:
    """Says what goes and what stays, and lets the CDK CLI ask and delete; the status is the CLI's."""
    parser = argparse.ArgumentParser(prog="python -m tools.destroy", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    parser.add_argument("--force", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="say what goes and what stays, and no more")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        environment = synthesize(options.environment, Path(folder))
        network = network_that_stays(environment)
        try:
            deployed = deployed_stacks(environment)
            print(what_goes(environment, deployed, network))
            print(_what_stays(environment, network), flush=True)
            if options.dry_run:
                return 0
            _delete_forgotten(forgotten(environment, deployed), environment, ask=not options.force)
        except (ClientError, BotoCoreError) as error:
            print(f"Nothing was deleted: {error}", file=sys.stderr)
            return 1
        going = [stack.path for stack in environment.stacks if stack.path != network]
        asked = ["--force"] if options.force else []
        return subprocess.run(["cdk", "destroy", "--app", folder, *going, *asked], check=False).returncode


def what_goes(environment: Synthesized, deployed: Sequence[Deployed], network: str | None) -> str:
    """Stacks in the order in which they are deleted, with what is in them."""
    names = {stack.name for stack in deployed}
    lines = ["What goes, in this order:"]
    for stack in forgotten(environment, deployed):
        lines.append(f"  {stack.name}: no configuration knows it any more ({stack.status})")
    for known in reversed(environment.stacks):
        if known.path == network or known.name not in names:
            continue
        resources = known.template["Resources"].values()
        stays = sum(resource.get("DeletionPolicy", "Delete") != "Delete" for resource in resources)
        protected = "; termination protection is on: it refuses to go" if known.is_protected else ""
        lines.append(f"  {known.name}: {len(resources)} resources, of which {stays} stay{protected}")
    return "\n".join(lines if len(lines) > 1 else ["Nothing of it is deployed."])


def _delete_forgotten(stacks: Sequence[Deployed], environment: Synthesized, *, ask: bool) -> None:
    if not stacks:
        return
    if ask and input("Delete the stacks that no configuration knows any more? [y/n] ") != "y":
        return
    role = environment.stacks[0].execution_role_arn
    for stack in stacks:
        client = boto3.client("cloudformation", region_name=stack.region)
        print(f"{stack.name}: deleting", flush=True)
        client.delete_stack(StackName=stack.name, RoleARN=role)
        client.get_waiter("stack_delete_complete").wait(StackName=stack.name, WaiterConfig=_WAITING)


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
