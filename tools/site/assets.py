"""What pages load by themselves: nothing may come from elsewhere, and everything has to be there."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADING = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "video": "src",
}
# A link of these kinds says something, and loads nothing.
_ONLY_TOLD = {"author", "bookmark", "canonical", "help", "index", "license", "next", "prev", "search", "up"}
_IN_STYLE = re.compile(r"""url\(\s*['"]?(?P<target>[^'")]+)|@import\s+['"](?P<imported>[^'"]+)""")


class _Page(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element loads."""
        told = dict(attrs)
        if tag == "link" and set((told.get("rel") or "").split()) <= _ONLY_TOLD:
            return
        target = told.get(_LOADING.get(tag, ""))
        if target:
            self.loaded.append(target)
        self.loaded += [each.split()[0] for each in (told.get("srcset") or "").split(",") if each.split()]
        self.loaded += _in_style(told.get("style") or "")


def problems(site: Path) -> list[str]:
    """One line for each thing that a page or style sheet loads from elsewhere, or that is not there."""
    return [
        f"{file.relative_to(site)}: {target}: {problem}"
        for file in sorted([*site.rglob("*.html"), *site.rglob("*.css")])
        for target in _loaded(file)
        for problem in _problem(site, file, target)
    ]


def _loaded(file: Path) -> list[str]:
    text = file.read_text("utf-8")
    if file.suffix == ".css":
        return list(_in_style(text))
    page = _Page()
    page.feed(text)
    return page.loaded


def _in_style(text: str) -> Iterator[str]:
    for match in _IN_STYLE.finditer(text):
        yield match["target"] or match["imported"]


def _problem(site: Path, file: Path, target: str) -> Iterator[str]:
    parts = urlsplit(target)
    if parts.scheme == "data":
        return
    if parts.scheme or parts.netloc:
        yield "is loaded from elsewhere"
    elif parts.path:
        start = site if parts.path.startswith("/") else file.parent
        if not start.joinpath(unquote(parts.path).lstrip("/")).is_file():
            yield "is not there"
