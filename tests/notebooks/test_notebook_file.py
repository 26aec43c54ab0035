"""The notebook as it is committed: small, without results, and at home in any Studio space."""

import ast
import re
import sys

import nbformat
import pytest

from tools.notebook.execution import NOTEBOOK, read_notebook
from tools.notebook.page import PAGE, PICTURES

LARGEST_BYTES = 60_000
LARGEST_PICTURE_BYTES = 150_000
LIBRARIES = {"IPython", "boto3", "botocore", "matplotlib", "mlflow", "numpy", "pandas", "sagemaker"}
"""What the images of Studio have; a space without a route to the internet can install nothing.

With MLflow they have AWS's plugin for it, which the notebook does not import by name: sagemaker-mlflow.
https://github.com/aws/sagemaker-distribution/blob/main/build_artifacts/v4/v4.1/v4.1.0/RELEASE.md
"""


@pytest.fixture(scope="module")
def cells() -> list[nbformat.NotebookNode]:
    notebook = read_notebook()
    nbformat.validate(notebook)
    return list(notebook.cells)


def test_it_is_small_enough_for_a_lifecycle_configuration_to_bring_along() -> None:
    assert NOTEBOOK.stat().st_size <= LARGEST_BYTES


def test_it_is_committed_without_results(cells: list[nbformat.NotebookNode]) -> None:
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []


def test_cells_have_names_that_say_what_they_do(cells: list[nbformat.NotebookNode]) -> None:
    assert [cell.id for cell in cells if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)*", cell.id)] == []


def test_every_section_says_in_words_what_it_is_about(cells: list[nbformat.NotebookNode]) -> None:
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    assert cells[0] is texts[0]
    sections = [cell for cell in texts if cell.source.startswith("## ")]
    assert len(sections) >= 8
    assert [cell.id for cell in sections if len(cell.source.split()) < 20] == []


def test_it_names_no_account_bucket_or_region(cells: list[nbformat.NotebookNode]) -> None:
    text = "\n".join(cell.source for cell in cells)
    assert re.findall(r"\d{12}|s3://[a-z0-9]|[a-z]{2}-[a-z]+-\d\b|arn:aws", text) == []


def test_only_the_approval_is_meant_to_fail(cells: list[nbformat.NotebookNode]) -> None:
    tagged = {cell.id: cell.metadata["tags"] for cell in cells if "tags" in cell.metadata}
    assert tagged == {"refusal": ["raises-exception"]}


def test_it_imports_only_what_a_studio_space_has(cells: list[nbformat.NotebookNode]) -> None:
    code = "\n".join(
        line
        for cell in cells
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
        if not line.startswith("%")
    )
    imports = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert imports - set(sys.stdlib_module_names) <= LIBRARIES


def test_the_page_in_docs_is_of_this_notebook(cells: list[nbformat.NotebookNode]) -> None:
    page = PAGE.read_text("utf-8")
    title, _, introduction = cells[0].source.partition("\n")
    sources = [title, introduction.strip(), *(cell.source for cell in cells[1:])]
    assert [source for source in sources if source not in page] == [], "run `make notebook`"


def test_the_page_shows_every_picture_there_is_and_none_is_large() -> None:
    shown = set(re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+\.png)\)", PAGE.read_text("utf-8")))
    assert shown == {path.name for path in PICTURES.glob("*.png")}
    assert {
        path.name for path in PICTURES.glob("*.png") if path.stat().st_size > LARGEST_PICTURE_BYTES
    } == set()
