"""Whoever sends input chooses its length, and nothing else of what reading it costs."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import inference
import pytest
from captured import Captured
from columns import parse_columns
from hypothesis import example, given, settings
from hypothesis import strategies as st
from model import Model
from raw_table import RawTable, read_raw

from tests.pipeline_code.conftest import BOATS, HEADER
from tests.pipeline_code.linear_expressions import is_linear

CODE = Path(inference.__file__).parent
MOST_GROWTH = 6
"""Times the steps for four times the input; the square would take 16 times."""
FRAGMENTS = st.text('0123456789.,+-eE"\n\r []{}:xé\\', min_size=1, max_size=6)
TIMES = 60


def _expressions() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(CODE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                yield path.name, node


def test_no_regular_expression_can_backtrack() -> None:
    found = list(_expressions())
    assert found
    for file, call in found:
        assert ast.unparse(call.func) == "re.compile", f"{file} hides an expression from this test"
        pattern, *flags = (eval(ast.unparse(argument), {"re": re}) for argument in call.args)
        assert is_linear(pattern, *map(int, flags)), f"{file}: {pattern}"


@pytest.mark.parametrize(
    ("pattern", "linear"),
    [
        (r"a*b", True),
        (r"(\d+)(\.\d*)?", True),
        (r"(\d*)(\.?\d*)x", False),
        (r"(a+)+b", False),
        (r"(a|a)*b", False),
        (r"\s*\s*x", False),
        (r"(a*b*)*c", False),
        (r".*,.*", False),
    ],
)
def test_expressions_that_can_backtrack_are_known(pattern: str, linear: bool) -> None:
    assert is_linear(pattern) == linear


@contextmanager
def counted_lines() -> Iterator[list[int]]:
    """How many lines of the scripts run, which does not depend on the machine."""
    count = [0]

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(str(CODE)):
            return None
        count[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(before)


def lines_run(read: Callable[[str], object], text: str) -> int:
    with counted_lines() as count:
        read(text)
    return count[0]


READERS = ("csv", "json", "raw", "captured")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples, which overwrite its file: hundreds of folders depend on who else makes some."""
    return tmp_path_factory.mktemp("read")


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=60, deadline=None)
@example("1", "", "")
@example('{"k": 1}, ', "[", "{}]")
@example('"k": 1, ', "{", '"k": 2}')
@example("x,3,steel\n", "", "")
@example("7.5,3,steel\n", "", "")
@example(",", "", "")
@given(FRAGMENTS, FRAGMENTS, FRAGMENTS)
def test_reading_four_times_as_much_takes_about_four_times_the_steps(
    boat_model: Model, folder: Path, reader: str, body: str, head: str, tail: str
) -> None:
    read = _reader(reader, boat_model, folder)
    once, four_times = (lines_run(read, head + body * TIMES * times + tail) for times in (1, 4))
    assert four_times <= MOST_GROWTH * max(once, TIMES)


def _reader(kind: str, model: Model, folder: Path) -> Callable[[str], object]:
    path = folder / "input.csv"

    def raw(text: str) -> object:
        path.write_bytes(f"{HEADER}\n{text}".encode())
        table = RawTable(frozenset(BOATS.columns))
        return parse_columns(read_raw(folder, table), table, BOATS, ["Buyer"])

    def captured(text: str) -> object:
        sides = {"encoding": "CSV", "data": text}, {"encoding": "JSON", "data": text}
        requests = [{"captureData": {"endpointInput": side, "endpointOutput": sides[0]}} for side in sides]
        path.write_text("\n".join(map(json.dumps, requests)) + f"\n{text}\n", "utf-8")
        everything = Captured(["Price", *BOATS.features])
        everything.read(path)
        return everything

    if kind in ("raw", "captured"):
        return {"raw": raw, "captured": captured}[kind]
    media = inference.CSV if kind == "csv" else inference.JSON
    return lambda text: inference.transform_fn(model, text, media, None)


@pytest.mark.parametrize("data", ["[" * 100_000, '"1,2', "1" * 5000, '{"Length": [1]}', "[1]", "{}"])
def test_a_request_that_cannot_be_read_does_not_stop_the_monitor(tmp_path: Path, data: str) -> None:
    """Else a client could blind it."""
    path = tmp_path / "requests.jsonl"
    for encoding in ("CSV", "JSON"):
        side = {"encoding": encoding, "data": data}
        request = {"captureData": {"endpointInput": side, "endpointOutput": {"encoding": "CSV", "data": "7"}}}
        path.write_text(json.dumps(request) + "\n" + "[" * 100_000 + "\n", "utf-8")
        captured = Captured(["Price", *BOATS.features])
        captured.read(path)
        assert (captured.requests, captured.unreadable, captured.rows) == (2, 2, [])
