"""`python -m tools.verify cdk.out/assembly-dev`: whether what the assembly says is deployed, and runs.

It changes nothing and sees no data: it acts as the bootstrap's role for look-ups.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tools.doctor.checks import Check, Finding, State, page
from tools.looking_up import looking_up
from tools.synthesized import Stack, Synthesized, read_environment
from tools.verify import looks
from tools.verify.deployed import Clients

SESSION = "verify"
_POLL_SECONDS = 15.0
_FAILS = {State.PROBLEM, State.NOT_KNOWN}


def main(argv: Sequence[str]) -> int:
    """The status is 1 where something is wrong, or could not be looked at."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    parser.add_argument(
        "--minutes", type=float, default=15.0, help="how long to wait for what is being updated still"
    )
    options = parser.parse_args(argv)
    environment = read_environment(options.assembly)
    found = settled(environment, _clients(environment), options.minutes)
    print(page(f"{environment.name} in {environment.account}, {environment.region}", found))
    return int(any(finding.state in _FAILS for _, finding in found))


def settled(environment: Synthesized, clients: Clients, minutes: float) -> list[tuple[str, Finding]]:
    """What is found when nothing is being updated any more, or the time is over."""
    until = time.monotonic() + 60 * minutes
    while True:
        found = _found(environment, clients)
        if time.monotonic() >= until or not any(isinstance(each, looks.Becoming) for _, each in found):
            return found
        time.sleep(_POLL_SECONDS)


def _found(environment: Synthesized, clients: Clients) -> list[tuple[str, Finding]]:
    def check(stack: Stack) -> Check:
        return Check(stack.path.partition("/")[2], lambda _: looks.stack(stack, clients))

    checks = [check(stack) for stack in environment.stacks]
    return [(each.name, finding) for each in checks for finding in each.carry_out(environment)]


def _clients(environment: Synthesized) -> Clients:
    session = looking_up(environment, SESSION)

    @cache
    def client(service: str, region: str) -> Any:
        return session.client(service, region_name=region)

    return client


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
