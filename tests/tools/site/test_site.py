"""Whatever a page loads from elsewhere, or fails to show, is told; a good page is quiet."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kept_rehearsal import Kept
from tests.tools.review.small import compared, pipeline, step, template
from tools.review.page import page as review_page
from tools.site import assets, browser

GOOD = "<!doctype html><html><head><title>a</title></head><body><h1>Hello</h1></body></html>"
BROWSER = browser.find()
in_a_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed on this machine")


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Path]:
    def write(**files: str) -> Path:
        for name, text in files.items():
            tmp_path.joinpath(name.replace("_", ".")).write_text(text, "utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    "element",
    [
        '<script src="https://cdn.example.com/mermaid.js"></script>',
        '<script src="//cdn.example.com/mermaid.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example.com/inter.css">',
        '<link rel="preconnect" href="https://fonts.example.com">',
        '<img src="https://example.com/badge.svg">',
        '<img srcset="https://example.com/badge.svg 2x">',
        '<div style="background: url(https://example.com/a.png)"></div>',
    ],
)
def test_what_is_loaded_from_elsewhere_is_told(site: Callable[..., Path], element: str) -> None:
    (problem,) = assets.problems(site(index_html=GOOD.replace("</body>", f"{element}</body>")))
    assert problem.startswith("index.html: ")
    assert problem.endswith("is loaded from elsewhere")


def test_a_style_sheet_that_loads_from_elsewhere_is_told(site: Callable[..., Path]) -> None:
    folder = site(
        index_html=GOOD, a_css='@import "https://example.com/b.css"; p { src: url("//example.com/c.woff2") }'
    )
    assert len(assets.problems(folder)) == 2


def test_links_that_a_reader_follows_load_nothing(site: Callable[..., Path]) -> None:
    links = '<a href="https://example.com">there</a><link rel="canonical" href="https://example.com">'
    assert assets.problems(site(index_html=GOOD.replace("</body>", f"{links}</body>"))) == []


def test_a_file_that_is_not_there_is_told(site: Callable[..., Path]) -> None:
    folder = site(
        index_html=GOOD.replace("</body>", '<img src="gone.png"><script src="here.js?v=1"></script></body>')
    )
    folder.joinpath("here.js").touch()
    assert assets.problems(folder) == ["index.html: gone.png: is not there"]


@in_a_browser
def test_a_browser_tells_of_every_mistake_and_of_nothing_else(site: Callable[..., Path]) -> None:
    bad = {
        "thrown_html": "<script>nobody.knows()</script>",
        "elsewhere_html": '<script>import("https://cdn.example.com/a.mjs").catch(() => 0)</script>',
        "image_html": '<img src="broken.png" loading="lazy">',
        "gone_html": '<img src="gone.png">',
        "wide_html": '<div style="width: 3000px">wide</div>',
        "diagram_html": '<pre class="mermaid"><svg aria-roledescription="error"></svg></pre>',
    }
    pages = {name: GOOD.replace("</body>", f"{body}</body>") for name, body in bad.items()}
    folder = site(good_html=GOOD, empty_html="<!doctype html>", broken_png="no picture", **pages)
    assert BROWSER
    found = browser.problems(BROWSER, folder, sorted(path.name for path in folder.glob("*.html")))
    told = "\n".join(found)
    for expected in (
        "nobody is not defined",
        "cdn.example.com/a.mjs",
        "image.html: broken.png: is no image",
        "/gone.png: 404",
        "wide.html: is wider than its window",
        "diagram.html: a diagram is not drawn",
        "empty.html: is empty",
    ):
        assert expected in told
    assert "good.html" not in told


@in_a_browser
def test_a_browser_that_shows_nothing_in_time_is_an_error(site: Callable[..., Path]) -> None:
    assert BROWSER
    with pytest.raises(browser.BrowserError, match="did not show 1 pages in 0 s"):
        browser.problems(BROWSER, site(good_html=GOOD), ["good.html"], timeout=0)


def test_a_browser_that_is_not_there_is_not_found() -> None:
    assert browser.find("no-such-browser") is None


@in_a_browser
def test_the_page_of_a_review_opens_without_a_mistake(site: Callable[..., Path]) -> None:
    found = compared(
        {"prices-training": template(Pipeline=pipeline(step("Clean")))},
        {"prices-training": template(Pipeline=pipeline(step("Clean"), step("Train")))},
    )
    page = review_page(found)
    assert "<svg" in page
    assert BROWSER
    folder = site(review_html=page)
    assert [*assets.problems(folder), *browser.problems(BROWSER, folder, ["review.html"])] == []


@in_a_browser
def test_the_pages_of_a_rehearsal_open_without_a_mistake(kept: Kept) -> None:
    pages = sorted(page.name for page in kept.folder.glob("*.html"))
    assert {"evaluation.html", "dashboard-house-prices.html"} <= set(pages)
    assert BROWSER
    assert browser.problems(BROWSER, kept.folder, pages) == []
