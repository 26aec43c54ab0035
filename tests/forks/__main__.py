"""`python -m tests.forks`: what somebody changes who has forked this; after each change the tests are green.

Each change is made in a clone of HEAD. `make snapshots` follows, then `make test`, or pytest on some paths.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.forks.changes import CHANGES, Fork
from tools.fork.sample import SampleOrganisation

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = (".venv", "node_modules")
LINES_SHOWN = 15
INITIALISED = "initialised"


@dataclass(frozen=True)
class Outcome:
    """What came of one change; without failures it is green."""

    name: str
    seconds: float
    failures: Sequence[str]


def main(argv: list[str]) -> int:
    options = _parse(argv)
    folder = Path(tempfile.mkdtemp(prefix="forks-"))
    print(f"Logs and clones are in {folder}", flush=True)
    commands = [["make", "snapshots"], ["pytest", "-q", *options.only] if options.only else ["make", "test"]]
    outcomes = [_try(name, folder, commands) for name in options.changes or CHANGES]
    print()
    for outcome in outcomes:
        state = "red" if outcome.failures else "green"
        print(f"{outcome.name:<24} {state:<5} {outcome.seconds:6.0f} s")
        for failure in outcome.failures:
            print(f"    {failure}")
    return int(any(outcome.failures for outcome in outcomes))


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.forks", description=__doc__)
    parser.add_argument("changes", nargs="*", metavar="change", help=f"all, or some of: {', '.join(CHANGES)}")
    parser.add_argument(
        "--only", action="append", metavar="PATH", help="run pytest on it instead of make test"
    )
    options = parser.parse_args(argv)
    unknown = [name for name in options.changes if name not in CHANGES]
    if unknown:
        parser.error(f"no such change: {', '.join(unknown)}; there are {', '.join(CHANGES)}")
    return options


def _try(name: str, folder: Path, commands: Sequence[Sequence[str]]) -> Outcome:
    started = time.monotonic()
    clone, log = folder / name, folder / f"{name}.log"
    _clone(clone)
    organisation = _organisation(clone)
    CHANGES[name](Fork(clone))
    failures: list[str] = []
    for command in commands:
        print(f"{time.strftime('%H:%M:%S')}  {name}: {' '.join(command)}", flush=True)
        failures += _run(command, clone, log)
    if name == INITIALISED:
        failures += _named(organisation, clone)
    return Outcome(name, time.monotonic() - started, failures)


def _clone(clone: Path) -> None:
    """A clone of HEAD that shares what is installed here."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    for name in INSTALLED:
        (clone / name).symlink_to((ROOT / name).resolve())
    # Older than what was installed from them, so that make does not install it again.
    for path in (
        *clone.glob("requirements/*.txt"),
        *clone.glob("package*.json"),
        clone / "tools" / "setup.sh",
    ):
        os.utime(path, (0, 0))


def _organisation(clone: Path) -> list[str]:
    """What nobody shall find any more in what has become the fork of somebody else."""
    texts = {str(path.relative_to(clone)): path.read_text("utf-8") for path in clone.glob("config/*/*.yaml")}
    sample = SampleOrganisation.of(texts)
    owner, _, _ = sample.repository.partition("/")
    return [owner, sample.email, sample.first.prefix, sample.last.prefix]


def _named(names: Sequence[str], clone: Path) -> list[str]:
    """Where one of the names stands, in files that git knows and in others."""
    words = [word for name in names for word in ("-e", name)]
    command = ["git", "grep", "--untracked", "--ignore-case", "--fixed-strings", "--name-only", *words]
    found = subprocess.run(command, cwd=clone, stdout=subprocess.PIPE, text=True, check=False)
    return [f"names the sample organisation: {path}" for path in found.stdout.splitlines()]


def _run(command: Sequence[str], clone: Path, log: Path) -> list[str]:
    """What failed, or nothing."""
    bins = [str(clone / ".venv" / "bin"), str(clone / "node_modules" / ".bin")]
    environment = {**os.environ, "PATH": os.pathsep.join([*bins, os.environ["PATH"]])}
    with log.open("a+", encoding="utf-8") as file:
        file.seek(0, os.SEEK_END)
        start = file.tell()
        done = subprocess.run(
            command,
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        file.seek(start)
        printed = file.read()
    if done.returncode == 0:
        return []
    named = re.findall(r"^(?:FAILED|ERROR) .*$", printed, re.MULTILINE)
    return named or [f"{' '.join(command)} failed:", *printed.splitlines()[-LINES_SHOWN:]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
