"""`python -m tools.destroy dev`: deletes the stacks of an environment, except the network of what stays.

Also those that no configuration knows any more, because their use case was removed: they would keep the
foundation from going. What runs in a stack is stopped before it goes. It is safe to say again after it was
interrupted.
"""

import argparse
import sys
import tempfile
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployed import deployed_stacks
from tools.destroy.going import Going, NotDeletedError, delete, network_that_stays, stacks_that_go
from tools.destroy.obstacles import Obstacle, StillThereError, clear
from tools.destroy.staying import endpoints_of_others, what_stays
from tools.synthesized import Synthesized, synthesize

AGAIN = "Mend the cause and say it again: what is gone already is left out."


def main(argv: Sequence[str]) -> int:
    """Says what goes and what stays, asks, and does it; the status is 1 where something was not deleted."""
    parser = argparse.ArgumentParser(prog="python -m tools.destroy", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    parser.add_argument(
        "--orphans", action="store_true", help="only stacks that no configuration knows any more"
    )
    parser.add_argument(
        "--spaces", action="store_true", help="people's spaces too, with the files on their disks"
    )
    parser.add_argument("--force", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="say what goes and what stays, and no more")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        environment = synthesize(options.environment, Path(folder))
    try:
        network = network_that_stays(environment)
        going = stacks_that_go(
            environment, deployed_stacks(environment), network, only_orphans=options.orphans
        )
        lost = _tell(environment, going, network, only_orphans=options.orphans)
        if options.dry_run or not going:
            return 0
        if why := _refusal(going, () if options.spaces else lost):
            print(f"Nothing was deleted: {why}", file=sys.stderr)
            return 1
        if not options.force and not _is_agreed():
            return 1
    except (ClientError, BotoCoreError) as error:
        print(f"Nothing was deleted: {error}", file=sys.stderr)
        return 1
    return _delete(going, environment.stacks[0].execution_role_arn, with_spaces=options.spaces)


def _tell(
    environment: Synthesized, going: Sequence[Going], network: str | None, *, only_orphans: bool
) -> list[str]:
    """Prints all that will happen; whose files go with their spaces."""
    lost: list[str] = []
    nothing = "No stack is orphaned." if only_orphans else "Nothing of it is deployed."
    print("What goes, in this order:" if going else nothing)
    for each in going:
        print(f"  {each}")
        for obstacle in each.obstacles():
            print(f"    before: {obstacle.text}")
            lost += [obstacle.has_files_of] if obstacle.has_files_of else []
    for name in _made_by_others(going):
        print(
            f"The endpoint {name} is of no stack: it stays, is billed, and loses its role. "
            "Who made it deletes it."
        )
    templates = [each.template for each in going if each.is_orphan]
    templates += [] if only_orphans else [stack.template for stack in environment.stacks]
    print(what_stays(templates, None if only_orphans else network), flush=True)
    return lost


def _made_by_others(going: Sequence[Going]) -> list[str]:
    kinds = [each.resources for each in going]
    roles = {name for kind in kinds for name in kind["AWS::IAM::Role"]}
    ours = {arn.rpartition("/")[2] for kind in kinds for arn in kind["AWS::SageMaker::Endpoint"]}
    return [*endpoints_of_others(going[0].client("sagemaker"), roles, ours)] if roles else []


def _refusal(going: Sequence[Going], lost: Sequence[str]) -> str:
    """Before anything is deleted: half an environment helps nobody."""
    if protected := [each.stack.name for each in going if each.stack.is_protected]:
        return (
            f"termination protection is on for {', '.join(protected)}. "
            "Write termination_protection: false and make deploy."
        )
    return _would_lose(lost) if lost else ""


def _would_lose(people: Collection[str]) -> str:
    names = ", ".join(sorted(set(people)))
    return f"files on the disks of the spaces of {names} would be lost. Save them, then say SPACES=delete."


def _is_agreed() -> bool:
    try:
        return input("Delete them? [y/n] ") == "y"
    except EOFError:
        print("Nothing was deleted: nobody answers. APPROVAL=never does not ask.", file=sys.stderr)
        return False


def _delete(going: Sequence[Going], role_arn: str, *, with_spaces: bool) -> int:
    for each in going:
        try:
            clear(partial(_obstacles, each, with_spaces=with_spaces), _say)
            print(f"{each.stack.name}: deleting", flush=True)
            delete(each, role_arn)
        except (ClientError, BotoCoreError, NotDeletedError, StillThereError) as error:
            print(f"{each.stack.name} was not deleted: {error}\n{AGAIN}", file=sys.stderr)
            return 1
    return 0


def _obstacles(going: Going, *, with_spaces: bool) -> list[Obstacle]:
    """Somebody may have opened a space since it was asked."""
    found = going.obstacles()
    if (lost := [each.has_files_of for each in found if each.has_files_of]) and not with_spaces:
        raise StillThereError(_would_lose(lost))
    return found


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
