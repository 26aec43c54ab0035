"""`python -m tools.fork.update template/main`: brings what the template has learnt since into the fork.

Both ends of the template's change are first written as the fork would have them: with its names, and with
its own configuration and what follows from that. What is left of the difference is the template's alone, and
is applied to the fork as a cherry-pick is. So a fork needs no common history with the template, and
its pull requests may be squashed.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.mistakes.errors import ConfigurationError
from tools.fork.git import GitError, changed_files, git
from tools.fork.init import REPOSITORY
from tools.fork.names import is_renamed, renamed_files
from tools.fork.record import RECORD, Record
from tools.fork.sample import ENVIRONMENTS, USE_CASES, ForkError

KEPT = (
    *(ENVIRONMENTS, USE_CASES, RECORD),
    *("tests/snapshots/", "docs/exceptions.md", "docs/getting-started.md", "docs/pictures/"),
)
"""The fork's own, and what `make snapshots` makes of it."""
REGENERATED = ("config/schemas/", "docs/fidelity.md", "tests/stacks/retained_resources.json")
"""What `make snapshots` makes of the code: where both have changed it, the template's is where it begins."""
_DRAWN = re.compile(r"<!-- diagram: (\S+) -->.*?<!-- end of diagram -->", re.DOTALL)
_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "template"),
        ("EMAIL", "template@localhost"),
        ("DATE", "2000-01-01T00:00:00Z"),
    )
}


def main(arguments: Sequence[str], root: Path = REPOSITORY) -> int:
    """The status is 0 when everything was taken, 1 when a person has to decide, or nothing was done."""
    parser = argparse.ArgumentParser(prog="python -m tools.fork.update", description=__doc__)
    parser.add_argument("template", help="<remote>/<branch> of the template")
    wanted: str = parser.parse_args(arguments).template
    try:
        record = _record(root)
        new = _fetched(root, wanted)
        if new == record.template:
            print(f"The fork has everything of {wanted}.")
            return 0
        conflicts = update(root, record, new)
    except (ForkError, ConfigurationError, GitError) as error:
        print(f"Nothing was changed.\n{error}", file=sys.stderr)
        return 1
    print(f"{wanted} is {new}, and the fork was at {record.template}.")
    if conflicts:
        print(
            "Both have changed these: decide, `git add` or `git rm` each, then make snapshots.",
            file=sys.stderr,
        )
        print("\n".join(f"    {path}" for path in conflicts), file=sys.stderr)
    return int(bool(conflicts))


def _record(root: Path) -> Record:
    if not (root / RECORD).exists():
        raise ForkError(f"there is no {RECORD}: `make init` writes it, and docs/forking.md has another way")
    if changed := changed_files(root):
        raise ForkError(f"commit or undo your changes first: {', '.join(changed)}")
    return Record.read(root)


def _fetched(root: Path, wanted: str) -> str:
    """The newest commit of the template."""
    remote, _, branch = wanted.partition("/")
    if remote not in git(root, "remote").split():
        raise ForkError(f"say where the template is: git remote add {remote} <its address>")
    git(root, "fetch", "--quiet", "--no-tags", remote, branch)
    return git(root, "rev-parse", "FETCH_HEAD").strip()


def update(root: Path, record: Record, new: str) -> list[str]:
    """Applies the template's change to what is checked out; returns the files that a person has to decide."""
    old = _written(root, _beginning(root, record.template, new), record)
    change = _written(root, new, record, parent=old)
    try:
        git(root, "cherry-pick", "--no-commit", change)
    except GitError:
        if not _conflicts(root):
            raise
    for path in _conflicts(root):
        if path.startswith(REGENERATED):
            git(root, "checkout", "--theirs", "--", path)
            git(root, "add", "--", path)
    (root / RECORD).write_text(Record(new, record.answers).render(), "utf-8")
    git(root, "add", "--", RECORD)
    return _conflicts(root)


def _beginning(root: Path, recorded: str, new: str) -> str:
    """Where the template was when the fork took it: `make init` may not have been the fork's first change."""
    try:
        return git(root, "merge-base", recorded, new).strip()
    except GitError:
        return recorded  # made without the template's history


def _conflicts(root: Path) -> list[str]:
    return git(root, "diff", "--name-only", "--diff-filter=U").splitlines()


def _written(root: Path, commit: str, record: Record, parent: str = "") -> str:
    """A commit that holds a state of the template as the fork would have it."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git(root, "read-tree", commit, variables=index)
        git(root, "rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--", *KEPT, variables=index)
        own = git(root, "ls-tree", "-r", "HEAD", "--", *KEPT)
        texts = "".join(_entries(root, commit, record))
        git(root, "update-index", "--index-info", given=own + texts, variables=index)
        tree = git(root, "write-tree", variables=index).strip()
    parents = ["-p", parent] if parent else []
    return git(
        root, "commit-tree", tree, *parents, given=f"{commit} as the fork has it", variables=_NOBODY
    ).strip()


def _entries(root: Path, commit: str, record: Record) -> Iterator[str]:
    """Lines of an index: the files that have other names in the fork, and drawings of its own."""
    listed = (line.partition("\t") for line in git(root, "ls-tree", "-r", commit).splitlines())
    modes = {path: entry.split()[0] for entry, _, path in listed}
    read = [path for path in modes if is_renamed(path) or path.startswith(ENVIRONMENTS)]
    texts = {path: git(root, "show", f"{commit}:{path}") for path in read}
    there = set(git(root, "ls-tree", "-r", "--name-only", "HEAD").splitlines())
    for path, text in renamed_files(texts, record.answers).items():
        if not path.startswith(KEPT):
            written = _with_drawings_of(git(root, "show", f"HEAD:{path}"), text) if path in there else text
            blob = git(root, "hash-object", "-w", "--stdin", given=written).strip()
            yield f"{modes[path]} {blob}\t{path}\n"


def _with_drawings_of(page: str, text: str) -> str:
    """The text with the diagrams of another page, which are of the fork's templates."""
    drawn = {found[1]: found[0] for found in _DRAWN.finditer(page)}
    return _DRAWN.sub(lambda found: drawn.get(found[1], found[0]), text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
