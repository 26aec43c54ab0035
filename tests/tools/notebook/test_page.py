"""How an executed notebook becomes a page."""

import base64
from typing import Any

from tools.notebook.page import render

PICTURE = b"a picture"


def _code(*outputs: dict[str, Any], source: str = "1 + 1") -> dict[str, Any]:
    return {"cell_type": "code", "id": "sum", "source": source, "outputs": list(outputs)}


def _shown(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data}


TITLE = {"cell_type": "markdown", "id": "title", "source": "# Sums\nHow to add."}


def test_the_title_comes_first_and_then_how_the_page_was_made() -> None:
    lines = render([TITLE]).text.splitlines()
    assert lines[0] == "# Sums"
    assert "make notebook" in "".join(lines[2:5])
    assert lines[-1] == "How to add."


def test_code_is_folded_and_its_results_are_not() -> None:
    text = render([TITLE, _code(_shown({"text/plain": "2"}))]).text
    folded, _, results = text.partition("</details>")
    assert "```python\n1 + 1\n```" in folded
    assert "```text\n2\n```" in results


def test_what_was_printed_in_pieces_is_one_block() -> None:
    pieces = [{"output_type": "stream", "name": "stdout", "text": text} for text in ("one \n", "two\n")]
    assert "```text\none\ntwo\n```" in render([TITLE, _code(*pieces)]).text


def test_pictures_are_named_after_their_cell() -> None:
    shown = _shown({"image/png": base64.b64encode(PICTURE).decode(), "text/plain": "<Figure>"})
    page = render([TITLE, _code(shown, shown)])
    assert page.pictures == {"sum.png": PICTURE, "sum-2.png": PICTURE}
    assert "![sum](pictures/sum.png)" in page.text
    assert "<Figure>" not in page.text


def test_an_error_is_shown_as_its_message() -> None:
    error = {"output_type": "error", "ename": "ClientError", "evalue": "denied", "traceback": ["\x1b[31m"]}
    text = render([TITLE, _code(error)]).text
    assert "```text\nClientError: denied\n```" in text
    assert "\x1b" not in text
