"""`python -m tools.fork.init ORG=acme …`: makes the template an organisation's fork, or changes nothing."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.loader import load
from config.mistakes.errors import ConfigurationError
from tools.fork.answers import Answers, Said, checked_answers, read_answers
from tools.fork.environment_file import environment_file
from tools.fork.git import GitError, changed_files, git
from tools.fork.names import is_renamed, renamed_files
from tools.fork.questions import FILE, ask, command, given, variables
from tools.fork.record import RECORD, Record
from tools.fork.sample import ENVIRONMENTS, USE_CASES, ForkError, SampleOrganisation

REPOSITORY = Path(__file__).resolve().parents[2]
Changes = Mapping[str, str | None]
"""New texts by path; None for a file that goes."""


def main(arguments: Sequence[str], root: Path = REPOSITORY) -> int:
    """The status is 0 when everything is written; otherwise nothing is."""
    try:
        _check_state(root)
        said = _said(arguments, root)
        texts = _texts(root)
        answers = checked_answers(said, _use_cases(texts))
        changes = plan(texts, answers, git(root, "rev-parse", "HEAD").strip())
        check_configuration(changes, texts, root)
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was written.", file=sys.stderr)
        return 130
    except (ConfigurationError, ForkError, GitError, OSError) as error:
        print(f"Nothing was written.\n{error}", file=sys.stderr)
        return 1
    write(changes, root)
    print(f"{answers.organisation}: {len(changes)} files were written or removed, {RECORD} says from what.")
    return 0


def _check_state(root: Path) -> None:
    if (root / RECORD).exists():
        raise ForkError(f"{RECORD} says that this is a fork already: change config/ by hand from now on")
    if changed := changed_files(root):
        raise ForkError(f"commit or undo your changes first: {', '.join(changed)}")


def _said(arguments: Sequence[str], root: Path) -> Said:
    said = variables(arguments)
    if file := said.pop("ANSWERS", ""):
        if said:
            raise ForkError(f"ANSWERS={file} holds all answers: put {', '.join(said)} into it")
        return read_answers(root / file, file)
    if not said and not sys.stdin.isatty():
        raise ForkError("Say at least: make init ORG=acme ACCOUNTS='dev=… prod=…' REGION=… EMAIL=…")
    if not said:
        said = ask()
        print(f"\nThe same without questions: {command(said)}\n")
    return Said(*given(said), FILE)


def _texts(root: Path) -> dict[str, str]:
    """All files that can change, by path."""
    paths = git(root, "ls-files", "-z").split("\0")
    found = [path for path in paths if path.startswith((ENVIRONMENTS, USE_CASES)) or is_renamed(path)]
    return {path: (root / path).read_text("utf-8") for path in found}


def _use_cases(texts: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(Path(path).stem for path in texts if path.startswith(USE_CASES))


def plan(texts: Mapping[str, str], answers: Answers, template: str) -> Changes:
    """What is written and what goes, by path; nothing is touched yet."""
    sample = SampleOrganisation.of(texts)
    gone = [path for path in texts if path.startswith(ENVIRONMENTS)]
    gone += [f"{USE_CASES}{name}.yaml" for name in _use_cases(texts) if name not in answers.use_cases]
    environments = {name: environment_file(name, sample, answers) for name in answers.environments}
    return {
        **dict.fromkeys(gone),
        **{f"{ENVIRONMENTS}{name}.yaml": text for name, text in environments.items()},
        **{path: text for path, text in renamed_files(texts, answers).items() if text != texts[path]},
        RECORD: Record(template, answers).render(),
    }


def check_configuration(changes: Changes, texts: Mapping[str, str], root: Path) -> None:
    """Raises ConfigurationError with what `config/` would have of mistakes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**texts, **changes}.items():
            if path.startswith((ENVIRONMENTS, USE_CASES)) and text is not None:
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")
        load(Path(folder) / "config", root)


def write(changes: Changes, root: Path) -> None:
    """The only function that changes files."""
    for path, text in changes.items():
        if text is None:
            (root / path).unlink()
        else:
            (root / path).write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
