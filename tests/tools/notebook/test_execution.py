"""Cells run in a kernel of their own, and one that fails unexpectedly is named."""

import os
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools.notebook.execution import NotebookError, execute


def test_a_kernel_gets_the_variables_and_an_empty_folder() -> None:
    cell = new_code_cell("import os\nprint(os.environ['COLOR'], os.listdir('.') and os.getcwd())")
    (done,) = execute(new_notebook(cells=[cell]), {"COLOR": "blue"}).cells
    color, folder = done.outputs[0].text.split()
    assert color == "blue"
    assert Path(folder) != Path.cwd()
    assert "COLOR" not in os.environ


def test_a_cell_that_fails_unexpectedly_is_shown_with_its_error() -> None:
    cells = [new_code_cell("number = 0"), new_code_cell("1 / number")]
    with pytest.raises(NotebookError, match=r"1 / number[\s\S]*ZeroDivisionError"):
        execute(new_notebook(cells=cells), {})


def test_a_cell_that_is_meant_to_fail_does_not_stop_the_others() -> None:
    failing = new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    cells = execute(new_notebook(cells=[failing, new_code_cell("print('went on')")]), {}).cells
    assert cells[1].outputs[0].text == "went on\n"
