"""How Sphinx makes the site out of these pages: `make docs`. The navigation is the lists of index.md."""

import os
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

project = "MLOps on Amazon SageMaker AI"
html_title = project
root_doc = "index"
extensions = ["myst_parser"]
exclude_patterns = ["_static"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
# Mermaid is not loaded from a network: requirements/docs has the package and its hash.
MERMAID = Path(os.environ["MERMAID"])
html_theme = "furo"
html_static_path = ["_static", str(MERMAID)]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_theme_options = {"footer_icons": []}
# Two builds of the same pages are the same files.
html_last_updated_fmt = None

DOCS = Path(__file__).parent
_SECTION = re.compile(r"^## (?P<caption>.+?)\n(?P<body>.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_PAGE = re.compile(r"\]\((?P<page>[\w/.-]+)\.md\)")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>\.\./[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


class Mermaid(SphinxDirective):
    """A diagram as text, which the page's script draws; on GitHub the same block is drawn there."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave the text as it is, escaped."""
        text = nodes.Text("\n".join(self.content)).astext()
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return [nodes.raw("", f'<pre class="mermaid">\n{escaped}\n</pre>', format="html")]


def _navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    """Have Sphinx take the lists of links as its tables of contents."""
    if page == root_doc:
        for section in _SECTION.finditer(source[0]):
            pages = "\n".join(match["page"] for match in _PAGE.finditer(section["body"]))
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {section['caption']}\n\n{pages}\n```\n"
    elif page == "decisions/README":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n[0-9]*\n```\n"


def _out_of_the_site(_app: Sphinx, page: str, source: list[str]) -> None:
    """Files of the repository that are no pages are named, not linked: the site may lie anywhere."""

    def named(link: re.Match[str]) -> str:
        target = (DOCS / page).parent.joinpath(link["target"]).resolve()
        return link[0] if target.is_relative_to(DOCS) else f"{link['text']} (`{_name(target)}`)"

    source[0] = _LINK.sub(named, source[0])


def _name(target: Path) -> str:
    return str(target.relative_to(DOCS.parent))


def _script(app: Sphinx, _page: str, _template: str, _context: dict[str, object], doctree: object) -> None:
    """Mermaid weighs more than all pages together: only those with a diagram load it."""
    if isinstance(doctree, nodes.document) and any(
        'class="mermaid"' in raw.astext() for raw in doctree.findall(nodes.raw)
    ):
        app.add_js_file("mermaid.tiny.js")
        app.add_js_file("diagrams.js")


def setup(app: Sphinx) -> None:
    """Sphinx calls it."""
    app.add_directive("mermaid", Mermaid)
    app.connect("source-read", _navigation)
    app.connect("source-read", _out_of_the_site)
    app.connect("html-page-context", _script)
