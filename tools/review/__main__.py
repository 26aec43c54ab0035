"""`python -m tools.review --base main`: what the working tree's snapshots change, as a comment and a page."""

import argparse
import datetime
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from tools.review import acknowledgements
from tools.review.approvals import FILE, read_approvals
from tools.review.findings import Finding, Kind
from tools.review.markdown import comment
from tools.review.outcome import Review, review
from tools.review.page import page
from tools.review.stacks import ReviewError, of_commit, of_folder, of_working_tree

REPOSITORY = Path(__file__).resolve().parents[2]
CODE = ("pipeline_code", "studio_scripts", "glue_jobs", "image", "notebooks")
# What is read here, and who deploys, is as good as these are.
_OURS = ("tools/review", ".github/workflows")
_HIDDEN_BY_SNAPSHOTS = [
    "Hashes of assets: whether jobs run other code is told from its files, not from templates.",
]
_HIDDEN_BY_ASSEMBLIES = [
    "Acknowledgements of the security checks, which are compared between commits.",
    "Hashes of assets, and so whether jobs run other code: they are left out of the comparison.",
]
_HIDDEN_ALWAYS = [
    "Whether snapshots are those of the code: a test says so.",
    "What is in the account: versions that are approved there, names that are taken, drift.",
    "A model version's metrics: `aws sagemaker describe-model-package` shows them.",
]


def main(argv: Sequence[str]) -> int:
    """Ends with the verdict: 0 nothing notable, 1 notable, 2 destructive without approval, or an error."""
    parser = argparse.ArgumentParser(prog="python -m tools.review", description=__doc__)
    parser.add_argument("--base", default="main", help="the commit that the branch left is compared")
    parser.add_argument(
        "--folders", nargs=2, type=Path, metavar=("BEFORE", "AFTER"), help="of snapshots, or cloud assemblies"
    )
    parser.add_argument("--output", type=Path, default=REPOSITORY / "review")
    options = parser.parse_args(argv)
    try:
        found = _of_folders(*options.folders) if options.folders else _of_branch(options.base)
    except ReviewError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception:
        # Python would end with 1, which says that somebody has read all of it.
        traceback.print_exc()
        return 2
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "comment.md").write_text(comment(found), "utf-8")
    (options.output / "review.html").write_text(page(found), "utf-8")
    print(comment(found))
    return found.verdict.value


def _of_folders(before: Path, after: Path) -> Review:
    today = datetime.date.today()
    return review(
        of_folder(before),
        of_folder(after),
        approvals=read_approvals(REPOSITORY / FILE, today),
        today=today,
        hidden=[*_HIDDEN_BY_ASSEMBLIES, *_HIDDEN_ALWAYS],
    )


def _of_branch(base: str) -> Review:
    today = datetime.date.today()
    left_at = _git("merge-base", base, "HEAD").strip()
    before, after = (
        acknowledgements.page_of_commit(REPOSITORY, left_at),
        (REPOSITORY / acknowledgements.PAGE).read_text("utf-8"),
    )
    return review(
        of_commit(REPOSITORY, left_at),
        of_working_tree(REPOSITORY),
        more=[*acknowledgements.added(before, after), *_other_code(left_at)],
        approvals=read_approvals(REPOSITORY / FILE, today),
        today=today,
        hidden=[*_HIDDEN_BY_SNAPSHOTS, *_HIDDEN_ALWAYS],
    )


def _other_code(left_at: str) -> list[Finding]:
    """Files behind the assets whose hashes the snapshots hide, and those that review and deploy."""
    changed = _git("diff", "--name-only", "-z", left_at, "--", *CODE, *_OURS).split("\0")
    new = _git("ls-files", "--others", "--exclude-standard", "-z", "--", *CODE, *_OURS).split("\0")
    return [
        Finding(Kind.CODE, name.partition("/")[0], name, "changed, added or removed")
        for name in sorted({*changed, *new} - {""})
    ]


def _git(*arguments: str) -> str:
    ended = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ReviewError(f"git {' '.join(arguments)}: {ended.stderr.strip()}")
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
