"""What README and docs say exists: links, verbs, paths. No account is named that is not known."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
PAGES = [README, REPOSITORY / "CHANGELOG.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
EXAMPLE_ACCOUNTS = {"111111111111", "222222222222", "123456789012"}
MADE_BY_VERBS = {".venv", "cdk.out", "node_modules", "rehearsal", "docs-site"}
LINES_BEFORE_THE_FOLD = 40

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


@every_page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert [link for link in _links(page) if not _leads_somewhere(page, link)] == []


@every_page
def test_every_make_verb_that_is_named_exists(page: Path) -> None:
    named = set(
        re.findall(r"(?:`|^    |^)make ([a-z][a-z-]*)(?=`| +[#A-Z]|$)", page.read_text("utf-8"), re.MULTILINE)
    )
    assert named - set(_verbs()) == set()


@every_page
def test_every_path_that_is_named_exists(page: Path) -> None:
    assert [path for path in _paths(page) if not _exists(path)] == []


@every_page
def test_no_account_but_those_of_examples_and_environments_is_named(page: Path, settings: Settings) -> None:
    known = EXAMPLE_ACCOUNTS | {environment.account for environment in settings.environments}
    assert set(re.findall(r"(?<!\d)\d{12}(?!\d)", page.read_text("utf-8"))) - known == set()


def test_every_verb_of_the_makefile_is_in_the_readme() -> None:
    text = README.read_text("utf-8")
    assert [verb for verb in _verbs() if verb != "help" and f"make {verb}" not in text] == []


@pytest.mark.parametrize("answer", [r"^# ", r"\bfor\b", r"^## .*try", r"make rehearse", r"^## .*where"])
def test_the_readme_says_first_what_for_whom_how_to_try_it_and_where_things_are(answer: str) -> None:
    beginning = "\n".join(README.read_text("utf-8").splitlines()[:LINES_BEFORE_THE_FOLD])
    assert re.search(answer, beginning, re.IGNORECASE | re.MULTILINE)


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    listed = {link.partition("#")[0] for link in _links(folder / "README.md")}
    assert {page.name for page in folder.glob("*.md")} - {"README.md"} == listed


def _verbs() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE)


def _links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    return [target for target in targets if "://" not in target]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return False
    return not anchor or anchor in set(_anchors(target))


def _anchors(page: Path) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _paths(page: Path) -> Iterator[str]:
    """Words in backticks that begin with a folder of the repository, or are the name of a Python file."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for word in re.findall(r"`([\w./*-]+)`", text):
        first, slash, _ = word.partition("/")
        if (
            first and slash and (REPOSITORY / first).is_dir() and first not in MADE_BY_VERBS
        ) or word.endswith(".py"):
            yield word


def _exists(path: str) -> bool:
    """In the repository, or in the configuration that it came with, which the tests keep."""
    pattern = path.rstrip("/") if "/" in path else f"**/{path}"
    places = (pattern, pattern.replace("config/", "tests/sample/", 1))
    return any(next(REPOSITORY.glob(place), None) for place in places)
