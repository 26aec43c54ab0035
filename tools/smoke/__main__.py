"""`python -m tools.smoke dev`: what differs from the rehearsal where the credentials lead to."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tools.rehearse.assembly import read_assemblies
from tools.rehearse.choice import Choice, Wanted, choose
from tools.rehearse.errors import RehearsalError
from tools.rehearse.narrator import Narrator
from tools.rehearse.observations import Place, observe
from tools.smoke.account import Account
from tools.smoke.life import Life
from tools.smoke.report import differences, page
from tools.synthesized import synthesize_all


def main(argv: Sequence[str]) -> int:
    """The status is 0 where nothing differs, 1 where something does, 2 where nobody could look."""
    options = _parse(argv)
    try:
        rehearsed = json.loads(options.rehearsed.read_text("utf-8"))
    except FileNotFoundError:
        print(f"{options.rehearsed} is missing: run `make rehearse` first, to compare with", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            synthesize_all(Path(folder))
            wanted = Wanted(options.environment, options.use_case)
            choice = choose(read_assemblies(Path(folder)), wanted)
            account = _signed_in(choice)
            only_looks = choice.assembly.is_protected and not options.change
            return _compare(account, choice, rehearsed, options.report, only_looks=only_looks)
    except (RehearsalError, ClientError, BotoCoreError) as error:
        print(f"Nothing could be compared: {error}", file=sys.stderr)
        return 2


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.smoke", description=__doc__)
    parser.add_argument("environment", help="name of a file in config/environments, without .yaml")
    parser.add_argument("--use-case", default="", help="one with a sample; the first one otherwise")
    parser.add_argument(
        "--change",
        action="store_true",
        help="train and approve a model also where termination_protection is true; otherwise only look there",
    )
    parser.add_argument("--rehearsed", type=Path, default=Path("rehearsal/observations.json"))
    parser.add_argument("--report", type=Path, default=Path("smoke.md"))
    return parser.parse_args(argv)


def _signed_in(choice: Choice) -> Account:
    account = Account(*choice.assembly.place)
    if account.signed_in != account.account:
        raise RehearsalError(
            f"you are signed in to {account.signed_in}, but {choice.assembly.environment} is in "
            f"{account.account}; sign in there"
        )
    return account


def _compare(
    account: Account, choice: Choice, rehearsed: dict[str, object], report: Path, *, only_looks: bool
) -> int:
    tell, life = Narrator(), Life(account, choice, Narrator())
    failed = {}
    if only_looks:
        tell.say(f"{choice.assembly.environment} is production: nothing is changed, CHANGE=yes would")
    else:
        failed = life.live()
    place = Place(account, choice.assembly.prefix, choice.sample.use_case, life.outputs)
    with tell.step("What can be seen now"):
        found = observe(place)
    different = list(differences(rehearsed, found))
    if not only_looks and not failed:
        life.clean_up()
    title = f"{choice.name} in {account.account}, {account.region}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    report.write_text(page(title, failed, different, found), "utf-8")
    lines = [f"{each.what}: {each.found}, not {each.rehearsed}" for each in different]
    lines = [*failed, *lines] or ["No differences from the rehearsal."]
    tell.block(f"{choice.name} beside the rehearsal; all of it is in {report}", lines)
    return 1 if failed or different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
