"""The page in docs/ that shows what the notebook looks like after a run."""

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = _DOCS / "getting-started.md"
PICTURES = _DOCS / "pictures"
_NOTE = """
> This page is what [the notebook](../notebooks/getting-started.ipynb) shows when it runs against the embedded
> AWS of this repository, where jobs take seconds instead of minutes. `make notebook` runs it and writes this
> page. Whoever runs it here is a data scientist who may also act as MLOps engineer.
"""

_CHANCE = re.compile(
    r" +\d+\.\d s$|\b[a-z0-9]{12}\b|-[A-Z0-9]{12}\b|\b\d{4}-\d\d-\d\d \d\d:\d\d\b", re.MULTILINE
)

Cell = dict[str, Any]


@dataclass
class Page:
    """Markdown, and the pictures that it shows by the name of their file."""

    text: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)


def render(cells: list[Cell]) -> Page:
    """The page of executed cells; code is folded, so that a reader sees text, results and pictures."""
    page = Page()
    blocks: list[str] = []
    for cell in cells:
        if cell["cell_type"] == "markdown":
            blocks.append(cell["source"])
        else:
            blocks.append(
                f"<details><summary>Code</summary>\n\n{_fenced('python', cell['source'])}\n\n</details>"
            )
            blocks += _outputs(cell, page)
    title, _, rest = blocks[0].partition("\n")
    page.text = "\n\n".join([title, _NOTE.strip(), rest.strip(), *blocks[1:]]) + "\n"
    return page


def _outputs(cell: Cell, page: Page) -> list[str]:
    """The results of one cell as blocks; its pictures are added to the page."""
    blocks: list[str] = []
    printed = "".join(output["text"] for output in cell["outputs"] if output["output_type"] == "stream")
    if printed:
        blocks.append(_fenced("text", printed))
    for output in cell["outputs"]:
        data = output.get("data", {})
        if output["output_type"] == "error":
            blocks.append(_fenced("text", f"{output['ename']}: {output['evalue']}"))
        elif "image/png" in data:
            name = _picture_name(
                cell["id"], len([name for name in page.pictures if name.startswith(cell["id"])])
            )
            page.pictures[name] = base64.b64decode(data["image/png"])
            blocks.append(f"![{cell['id'].replace('-', ' ')}]({PICTURES.name}/{name})")
        elif "text/plain" in data:
            blocks.append(_fenced("text", data["text/plain"]))
    return blocks


def _picture_name(cell_id: str, earlier: int) -> str:
    return f"{cell_id}-{earlier + 1}.png" if earlier else f"{cell_id}.png"


def _fenced(language: str, text: str) -> str:
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "\n".join([f"```{language}", *lines, "```"])


def write(page: Page) -> bool:
    """Replace the page in docs/ and its pictures, unless it says what it said; whether it was replaced."""
    if PAGE.exists() and _lasting(page.text) == _lasting(PAGE.read_text("utf-8")):
        return False
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    for name, content in page.pictures.items():
        (PICTURES / name).write_bytes(content)
    PAGE.write_text(page.text, "utf-8")
    return True


def _lasting(text: str) -> str:
    """The text without what is another one in every run: ids, times and how long something took."""
    return _CHANCE.sub("", text)
