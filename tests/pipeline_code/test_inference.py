from __future__ import annotations

import csv
import io
import json
import logging
import time
from pathlib import Path

import inference
import numpy as np
import pytest
from flask import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from model import Model
from tabular import Part

CSV, JSON = "text/csv", "application/json"
ROW = {"Length": 7.5, "Age": 3, "Hull": "steel"}


def answer(model: Model, body: str | bytes, content_type: str, accept: str | None = None) -> str:
    response = inference.transform_fn(model, body, content_type, accept)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def predictions(model: Model, body: str | bytes, content_type: str) -> list[float]:
    numbers = json.loads(answer(model, body, content_type, JSON))["predictions"]
    assert all(isinstance(number, float) for number in numbers)
    return list(numbers)


def refusal(model: Model, body: str | bytes, content_type: str | None, accept: str | None = None) -> Response:
    response = inference.transform_fn(model, body, content_type, accept)
    assert response.status_code >= 400
    assert response.headers["Content-Type"] == "text/plain"
    return response


def test_csv_and_json_of_the_same_rows_get_the_same_answers(boat_model: Model) -> None:
    rows = [ROW, {"Length": 9, "Age": None, "Hull": None}, {"Length": 9.25, "Age": 12, "Hull": "NA"}]
    by_json = predictions(boat_model, json.dumps(rows), JSON)
    assert predictions(boat_model, b"7.5,3,steel\r\n9,,\n9.25,12,NA", "text/csv; charset=utf-8") == by_json
    assert [predictions(boat_model, json.dumps(row), JSON)[0] for row in rows] == by_json
    assert answer(boat_model, json.dumps(rows), JSON, CSV) == "\n".join(map(repr, by_json))


CELLS = st.tuples(
    st.none() | st.floats(-1e9, 1e9),
    st.none() | st.integers(-100, 100),
    st.none() | st.text(min_size=1, max_size=8),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5))
def test_whatever_can_be_written_as_csv_and_json_is_answered_alike(boat_model, rows) -> None:  # type: ignore[no-untyped-def]
    as_json = json.dumps([dict(zip(("Length", "Age", "Hull"), row, strict=True)) for row in rows])
    body = io.StringIO()
    csv.writer(body).writerows(rows)
    if "\0" in body.getvalue():
        assert "NUL" in refusal(boat_model, body.getvalue(), CSV).get_data(as_text=True)
    else:
        assert predictions(boat_model, body.getvalue(), CSV) == predictions(boat_model, as_json, JSON)


def test_raw_rows_get_exactly_what_evaluation_computes(boat_model: Model, boat_part: Part) -> None:
    columns = boat_part.features
    rows = zip(columns["Length"], columns["Age"], columns["Hull"], strict=True)
    body = "\n".join(f"{length!r},{'' if np.isnan(age) else age},{hull or ''}" for length, age, hull in rows)
    assert predictions(boat_model, body.replace("np.float64(", "").replace(")", ""), CSV) == list(
        boat_model.predict(columns)
    )


def test_a_saved_model_answers_as_before_it_was_saved(boat_model: Model, tmp_path: Path) -> None:
    boat_model.save(tmp_path)
    loaded = inference.model_fn(str(tmp_path))
    body = json.dumps(ROW)
    assert predictions(loaded, body, JSON) == predictions(boat_model, body, JSON)


def test_an_unseen_category_is_answered_and_counted_in_the_log_without_its_value(
    boat_model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert len(predictions(boat_model, "7.5,3,SECRET\n7.5,3,", CSV)) == 2
    assert '{"Hull": 1}' in caplog.text
    assert "SECRET" not in caplog.text


DEEP = "[" * 100_000
JSON_MISTAKES = [
    ("", "the body is empty"),
    (" \n ", "the body is empty"),
    ('{"Length": 7.5,}', "not valid JSON (line 1, column"),
    (DEEP, "nested too deeply"),
    ("[]", "no rows"),
    ("7", "row 1: must be an object"),
    ('[{"Length": 7.5, "Age": 3, "Hull": "steel"}, [1]]', "row 2: must be an object"),
    ('{"Length": NaN, "Age": 3, "Hull": "steel"}', "the body has NaN, which is not JSON; send null"),
    ('{"Length": -Infinity, "Age": 3, "Hull": "steel"}', "the body has -Infinity"),
    ('{"Length": 1e999, "Age": 3, "Hull": "steel"}', "number that is too large"),
    ('{"Length": ' + "9" * 5000 + ', "Age": 3, "Hull": "steel"}', "number that is too large"),
    ('{"Length": 7.5, "Length": 8, "Age": 3, "Hull": "steel"}', "duplicate keys: 'Length'"),
    ('{"Length": true, "Age": 3, "Hull": "steel"}', "row 1: Length must be a number or null"),
    ('{"Length": "7.5", "Age": [3], "Hull": "steel"}', "Length must be a number or null; row 1: Age must be"),
    ('{"Length": 7.5, "Age": 3, "Hull": 4}', "row 1: Hull must be text or null"),
    ('{"Length": 7.5, "Age": 3, "Hull": "\\ud800"}', "row 1: Hull must be text or null"),
    ('{"Length": 7.5, "Hull": "steel"}', "row 1: missing features 'Age'"),
    ('{"Length": 7.5, "Age": 3, "Hull": "steel", "Crew": 2}', "row 1: unknown features 'Crew'"),
    ("{}", "row 1: missing features 'Length', 'Age', 'Hull'"),
    (b"\xff\xfe{", "not UTF-8"),
]
CSV_MISTAKES = [
    ("", "the body is empty"),
    ("7.5,3,steel\n7.5,3", "row 2: 2 fields instead of 3"),
    ("7.5,3,steel,extra", "row 1: 4 fields instead of 3"),
    ("Length,Age,Hull\n7.5,3,steel", "row 1: is a header"),
    ("steel,3,7.5", "row 1: Length must be a finite number"),
    ("inf,3,steel", "row 1: Length must be a finite number"),
    ("nan,3,steel", "row 1: Length must be a finite number"),
    ("1e999,3,steel", "row 1: Length must be a finite number"),
    ("7.5,1_0,steel", "row 1: Age must be a finite number"),
    ("7.5,true,steel", "row 1: Age must be a finite number"),
    ('7.5,3,"steel', "not valid CSV in line 1"),
    ("7.5,3,st\0eel", "NUL"),
    ("x,3,steel\n" * 12, "and 2 more mistakes"),
    (b"7.5,3,\xe5", "not UTF-8"),
]


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        *((JSON, body, expected) for body, expected in JSON_MISTAKES),
        *((CSV, body, expected) for body, expected in CSV_MISTAKES),
    ],
)
def test_a_bad_request_is_refused_with_status_400_and_the_next_good_one_is_answered(
    boat_model: Model, content_type: str, body: str | bytes, expected: str
) -> None:
    response = refusal(boat_model, body, content_type)
    assert expected in response.get_data(as_text=True)
    assert response.status_code == 400
    assert len(predictions(boat_model, "7.5,3,steel", CSV)) == 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (CSV, "SECRET,SECRET,SECRET"),
        (CSV, "SECRET,SECRET"),
        (JSON, '{"Length": "SECRET", "Age": "SECRET", "Hull": ["SECRET"]}'),
        (JSON, '["SECRET"]'),
        (JSON, '"SECRET'),
    ],
)
def test_a_refusal_never_echoes_a_value(boat_model: Model, content_type: str, body: str) -> None:
    assert "SECRET" not in refusal(boat_model, body, content_type).get_data(as_text=True)


@pytest.mark.parametrize("content_type", ["text/plain", "", None, "image/png", "application/jsonlines"])
def test_an_unsupported_content_type_is_415_and_the_supported_are_listed(
    boat_model: Model, content_type: str | None
) -> None:
    response = refusal(boat_model, "7.5,3,steel", content_type)
    assert response.status_code == 415
    assert "text/csv or application/json" in response.get_data(as_text=True)


def test_an_accept_that_cannot_be_given_is_406(boat_model: Model) -> None:
    assert refusal(boat_model, "7.5,3,steel", CSV, "image/png").status_code == 406


@pytest.mark.parametrize(
    ("accept", "given", "answered"),
    [
        *((nothing, kind, kind) for nothing in (None, "", "*/*") for kind in (CSV, JSON)),
        (JSON, CSV, JSON),
        (CSV, JSON, CSV),
        ("text/*", JSON, CSV),
        ("image/png, text/csv;q=0.9", JSON, CSV),
    ],
)
def test_the_answer_has_the_type_that_is_accepted_and_else_that_of_the_request(
    boat_model: Model, accept: str | None, given: str, answered: str
) -> None:
    body = "7.5,3,steel" if given == CSV else json.dumps(ROW)
    response = inference.transform_fn(boat_model, body, f"{given}; charset=utf-8", accept)
    assert response.headers["Content-Type"] == answered
    assert response.get_data(as_text=True).startswith("{") == (answered == JSON)


def test_text_that_a_server_decoded_badly_is_refused(boat_model: Model) -> None:
    damaged = b"7.5,3,\xe5".decode(errors="replace")
    assert "not UTF-8" in refusal(boat_model, damaged, CSV).get_data(as_text=True)


def test_more_rows_than_allowed_is_413(boat_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERENCE_MAX_ROWS", "2")
    response = refusal(boat_model, "7.5,3,steel\n" * 3, CSV)
    assert response.status_code == 413
    assert "3 rows in one request, at most 2" in response.get_data(as_text=True)


def test_a_prediction_that_is_not_finite_is_an_error_of_ours_and_never_written(
    boat_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Model, "predict", lambda *_: np.array([1.0, np.nan]))
    assert refusal(boat_model, "7.5,3,steel\n8,4,wood", CSV).status_code == 500


MANY = 100_000
EXPENSIVE = {
    "a long number": ("1" * MANY + "x,3,steel", CSV),
    "a long fraction": ("." + "1" * MANY + "e,3,steel", CSV),
    "many signs": ("+" * MANY + ",3,steel", CSV),
    "many blanks": (" " * MANY + "x,3,steel", CSV),
    "many cells": ("1," * MANY, CSV),
    "many short rows": ("1\n" * MANY, CSV),
    "many keys of which one is there twice": (
        json.dumps({f"k{number}": 1 for number in range(MANY)})[:-1] + ', "k1": 1}',
        JSON,
    ),
    "deep lists": ("[" * MANY, JSON),
    "many objects that do not fit": (json.dumps([{"k": 1}] * MANY), JSON),
    "a long whole number": ("[" + "1" * MANY + "]", JSON),
}
HANG_SECONDS = 5


@pytest.mark.parametrize("what", EXPENSIVE)
def test_a_body_that_is_made_to_be_expensive_is_refused_in_time_that_grows_with_its_length(
    boat_model: Model, what: str
) -> None:
    """A guard against stalling, far from a measurement: what grows with the square takes minutes here."""
    started = time.process_time()
    assert refusal(boat_model, *EXPENSIVE[what]).status_code in (400, 413)
    assert time.process_time() - started < HANG_SECONDS
