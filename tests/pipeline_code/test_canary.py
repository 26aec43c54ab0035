"""Whatever is wrong with a file, neither a message nor a log nor a report shows what was in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import inference
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model import Model

from tests.pipeline_code.conftest import ARGUMENTS, BOATS, HEADER, boat_lines
from tests.pipeline_code.test_steps import entry_point

CANARY = "Zq7canary"
GOOD = ["7.5", "3", "steel", "Ann", "9000"]
HEADERS = {
    "right": HEADER,
    "missing": ",".join([CANARY] * 5),
    "of another length": f"{HEADER},{CANARY}",
    "twice the same": f"Length,Length,{CANARY},{CANARY},Price",
    "blank": "",
}
DAMAGES: dict[str, Callable[[str], bytes]] = {
    "none": str.encode,
    "an open quote": lambda text: f'{text}"{CANARY}\n'.encode(),
    "text after a quote": lambda text: f'{text}"{CANARY}"{CANARY},3\n'.encode(),
    "another encoding": lambda text: f"{text}{CANARY}\xe5\n".encode("latin-1"),
    "another alphabet": lambda text: text.encode("utf-16"),
    "a NUL": lambda text: f"{text}{CANARY}\0\n".encode(),
    "cells too few": lambda text: f"{text}{CANARY},{CANARY}\n".encode(),
    "cells too many": lambda text: f"{text}{','.join([CANARY] * 9)}\n".encode(),
    "another separator": lambda text: text.replace(",", ";").encode(),
}
CELLS = st.lists(st.sets(st.integers(0, 4)), min_size=1, max_size=3)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A raw file with something wrong in its header, its cells or its form."""
    rows = [
        [CANARY if column in places else cell for column, cell in enumerate(GOOD)] for places in draw(CELLS)
    ]
    header = HEADERS[draw(st.sampled_from(sorted(HEADERS)))]
    text = "\n".join([header, *(",".join(row) for row in rows), *boat_lines(draw(st.sampled_from([0, 60])))])
    return DAMAGES[draw(st.sampled_from(sorted(DAMAGES)))](f"{text}\n")


def _run(step: str, *arguments: str) -> int:
    main = entry_point()
    assert callable(main)
    return int(main([step, *arguments]))


def _told(base: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the job's log says, and what SageMaker shows as the reason of a failure."""
    printed = capsys.readouterr()
    reasons = [path.read_text("utf-8") for path in (base / "output").glob("*")]
    return "\n".join([printed.out, printed.err, *reasons])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(files(), min_size=1, max_size=2))
def test_preprocessing_tells_nothing_of_a_raw_file(
    base: Path, capsys: pytest.CaptureFixture[str], contents: list[bytes]
) -> None:
    raw = base / "processing" / "input" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for number in range(2):
        (raw / f"{number}.csv").unlink(missing_ok=True)
    for number, content in enumerate(contents):
        (raw / f"{number}.csv").write_bytes(content)
    _run("preprocess", *ARGUMENTS)
    assert CANARY not in _told(base, capsys)


@pytest.mark.parametrize(
    "text",
    [
        f"Price,Length,Age,Hull\n{CANARY},1,1,steel\n",
        f"Price,Length,Age,Hull\n1,{CANARY},1,steel\n",
        f"{CANARY},Length,Age,Hull\n1,1,1,steel\n",
        f'Price,Length,Age,Hull\n1,1,1,"{CANARY}\n',
        f"Price,Length,Age,Hull\n1,1,1,{CANARY},{CANARY}\n1,1,1,1,1,1,{CANARY}\n",
    ],
)
@pytest.mark.parametrize("step", ["train", "evaluate", "baseline"])
def test_later_steps_tell_nothing_of_a_part(
    base: Path, capsys: pytest.CaptureFixture[str], boat_model: Model, step: str, text: str
) -> None:
    folders = {
        "train": [base / "input" / "data" / part for part in ("train", "validation")],
        "evaluate": [base / "processing" / "input" / part for part in ("test", "baseline")],
        "baseline": [base / "processing" / "input" / "baseline"],
    }
    for folder in folders[step]:
        folder.mkdir(parents=True)
        (folder / f"{folder.name}.csv").write_text(text, "utf-8")
        BOATS.write(folder)
    _run(step, *(["--threshold", "0.1"] if step == "baseline" else []))
    assert CANARY not in _told(base, capsys)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_an_endpoint_tells_nothing_of_a_request(
    boat_model: Model, caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    if data.draw(st.booleans()):
        media, body = inference.CSV, data.draw(files())
    else:
        value = st.sampled_from([CANARY, [CANARY], {"Hull": CANARY}, 1.5, None])
        row = st.dictionaries(st.sampled_from([*BOATS.features]), value)
        media = inference.JSON
        body = json.dumps(data.draw(row | st.lists(row | value))).encode() + data.draw(
            st.sampled_from([b"", b"}", b'"', CANARY.encode()])
        )
    with caplog.at_level(logging.DEBUG):
        answer = inference.transform_fn(boat_model, body, media, None).get_data(as_text=True)
    assert CANARY not in answer + caplog.text


def test_an_endpoint_that_breaks_down_logs_where_and_not_on_what(
    boat_model: Model, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_model: Model, features: dict[str, list[str]]) -> None:
        raise KeyError(features["Hull"][0])

    monkeypatch.setattr(Model, "predict", break_down)
    response = inference.transform_fn(boat_model, f"7.5,3,{CANARY}", inference.CSV, None)
    assert response.status_code == 500
    assert "break_down" in caplog.text
    assert CANARY not in response.get_data(as_text=True) + caplog.text
