"""`python -m tools.status cdk.out/assembly-dev`: what runs there, on one screen and as a page.

It changes nothing, and an MLOps engineer may ask all of it but executions of deliveries and
retrainings, and stacks.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.status.screen import look
from tools.synthesized import read_environment


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.status", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    parser.add_argument("--page", type=Path, default=Path("status.html"))
    options = parser.parse_args(argv)
    screen = look(read_environment(options.assembly))
    options.page.write_text(screen.page, "utf-8")
    print(screen.text)
    print(f"\nThe same, as a page: {options.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
