"""`python -m tools.diagrams cdk.out`: draws the diagrams of docs/architecture.md from a cloud assembly."""

import argparse
import sys
from pathlib import Path

from tools.diagrams.assembly import DiagramError, fullest_environment, read_stacks
from tools.diagrams.drawings import draw
from tools.diagrams.page import PAGE, with_diagrams


def main(argv: list[str]) -> int:
    """Draws all diagrams into the page; the exit status says whether it could."""
    parser = argparse.ArgumentParser(prog="python -m tools.diagrams", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the folder that `make synth` writes: cdk.out")
    options = parser.parse_args(argv)
    try:
        drawn = draw(read_stacks(options.assembly, fullest_environment(options.assembly)))
        PAGE.write_text(with_diagrams(PAGE.read_text("utf-8"), drawn), "utf-8")
    except DiagramError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
