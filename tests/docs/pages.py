"""Pages of docs/ and the blocks in them: what a reader is told to type, and what it prints."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
PAGES = [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))]
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
ANYTHING = "…"
_BLOCK = re.compile(
    r"^(?P<mark><!-- changes the rehearsal -->\n)?```(?P<language>\w*)\n(?P<content>.*?)\n```$",
    re.DOTALL | re.MULTILINE,
)
_NEXT = "--- the next block ---"


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    language: str
    content: str
    changes: bool
    """Whether the page says that it changes the rehearsal."""
    printed: str | None = None
    """The text right below it, which it prints; `…` stands for anything."""

    def is_printed_by(self, text: str) -> bool:
        """Whether this is what stands below the block."""
        pieces = [re.escape(piece) for piece in (self.printed or "").split(ANYTHING)]
        return re.fullmatch(".*".join(pieces), text.strip(), re.DOTALL) is not None


def in_words_of_the_sample(page: str, shown: Mapping[str, str]) -> str:
    """The page's text with the names of the sample, whose names on AWS have no project.

    `shown` says where a page shows what it calls something, by what the sample calls it: a fork has names of
    its own. What the page has no name for stays; it may not have two.
    """
    for in_the_sample, pattern in shown.items():
        names = set(re.findall(pattern, page))
        assert len(names) <= 1, names
        for name in names:
            page = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", in_the_sample, page)
    return page


def blocks(page: str) -> list[Block]:
    """All blocks of a page's text; a block of `text` right below another one is what that prints."""
    found: list[Block] = []
    end = -1
    for match in _BLOCK.finditer(page):
        block = Block(match["language"], match["content"], bool(match["mark"]))
        if block.language == "text" and found and not page[end : match.start()].strip():
            found[-1] = Block(found[-1].language, found[-1].content, found[-1].changes, block.content)
        else:
            found.append(block)
        end = match.end()
    return found


def session(page: str, *, with_changes: bool) -> list[Block]:
    """What the page has its reader type into Python, in order."""
    python = [block for block in blocks(page) if block.language == "python"]
    return [block for block in python if with_changes or not block.changes]


def outputs(typed: list[Block], environment: Mapping[str, str]) -> Iterator[str]:
    """What each block prints, one after another in one Python."""
    program = f"\nprint({_NEXT!r})\n".join(block.content for block in typed)
    finished = subprocess.run(
        [sys.executable, "-"],
        input=program,
        cwd=REPOSITORY,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    yield from finished.stdout.split(f"{_NEXT}\n")
