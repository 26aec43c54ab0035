"""`python -m tools.new_use_case`: looks at a table and writes a use case, ready to rehearse and to edit."""

import argparse
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.new_use_case.findings import look
from tools.new_use_case.formats import FORMATS, read_rows, write_csv
from tools.new_use_case.table import TableError, table_of
from tools.new_use_case.yaml_file import in_environment, is_protected, render

REPOSITORY = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Wanted:
    """What somebody has asked for."""

    name: str
    data: Path
    target: str
    environment: str


def main(argv: Sequence[str], repository: Path = REPOSITORY) -> int:
    """The status is 0 when the files are written; otherwise nothing is."""
    parser = argparse.ArgumentParser(prog="python -m tools.new_use_case", description=__doc__)
    parser.add_argument("--name", required=True, help="lower-case words joined by dashes")
    parser.add_argument(
        "--data", required=True, type=Path, help="a .csv file with a header, .jsonl or .parquet"
    )
    parser.add_argument("--target", required=True, help="the column to predict")
    parser.add_argument(
        "--environment", default="", help="which one is to run it; else the first that is no production"
    )
    options = parser.parse_args(argv)
    wanted = Wanted(options.name, options.data, options.target, options.environment)
    try:
        written = write(wanted, repository)
    except (TableError, OSError, UnicodeDecodeError, ValueError) as error:
        print(f"Nothing was written.\n{error}", file=sys.stderr)
        return 1
    print("\n".join(f"wrote {path.relative_to(repository)}" for path in written))
    print(f"Next: look at what it says; make rehearse USE_CASE={wanted.name}; make snapshots")
    return 0


def write(wanted: Wanted, repository: Path) -> list[Path]:
    """Write the use case, its name in an environment, and its data into data/, as CSV."""
    use_case = repository / "config" / "use_cases" / f"{wanted.name}.yaml"
    data = repository / "data" / f"{wanted.name.replace('-', '_')}.csv"
    if wanted.data.resolve().parent == data.parent.resolve() and wanted.data.suffix == data.suffix:
        data = wanted.data.resolve()
    environments = _environments(repository)
    if mistakes := list(_mistakes(wanted, [use_case, data], environments)):
        raise TableError("\n".join(mistakes))
    environment = environments[wanted.environment or _first(environments)]
    named = in_environment(environment.read_text("utf-8"), wanted.name)
    rows = read_rows(wanted.data)
    text = render(look(table_of(rows, wanted.data), wanted.target), data.name)
    if wanted.data.suffix != data.suffix:
        write_csv(rows, data)
    elif data != wanted.data.resolve():
        shutil.copyfile(wanted.data, data)
    use_case.write_text(text, "utf-8")
    environment.write_text(named, "utf-8")
    return [use_case, environment, data]


def _mistakes(wanted: Wanted, written: Sequence[Path], environments: Mapping[str, Path]) -> Iterator[str]:
    if not _NAME.fullmatch(wanted.name):
        yield f"NAME={wanted.name}: write lower-case words and numbers joined by single dashes"
    if wanted.data.suffix not in FORMATS:
        yield f"DATA={wanted.data}: write the table as one of these first: {', '.join(FORMATS)}"
    elif not wanted.data.is_file():
        yield f"DATA={wanted.data}: there is no such file"
    for path in written:
        if path.exists() and path != wanted.data.resolve():
            yield f"{path} is there already; choose another NAME, or remove it"
    if not environments or wanted.environment not in ("", *environments):
        known = ", ".join(environments) or "none"
        yield f"ENVIRONMENT={wanted.environment}: there is no such environment; there are {known}"


def _environments(repository: Path) -> dict[str, Path]:
    paths = (repository / "config" / "environments").glob("*.yaml")
    return {path.stem: path for path in sorted(paths)}


def _first(environments: Mapping[str, Path]) -> str:
    """Production is the last to get what is new."""
    return min(environments, key=lambda name: is_protected(environments[name].read_text("utf-8")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
