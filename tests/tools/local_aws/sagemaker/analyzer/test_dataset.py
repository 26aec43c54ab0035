"""What the analyzer reads."""

import json
from pathlib import Path

import pytest

from tools.local_aws.sagemaker.analyzer.dataset import DataError, read_capture, read_csv


def test_json_requests_are_matched_by_name(tmp_path: Path) -> None:
    request = json.dumps([{"area": 1.5, "zone": "A"}, {"zone": None, "area": 2}])
    sides = {"endpointInput": request, "endpointOutput": json.dumps({"predictions": [10, 20]})}
    data = {name: {"encoding": "JSON", "data": text} for name, text in sides.items()}
    (tmp_path / "a.jsonl").write_text(json.dumps({"captureData": data}))
    dataset = read_capture(tmp_path, ["price", "area", "zone"])
    assert dataset.columns == {"price": ["10", "20"], "area": ["1.5", "2"], "zone": ["A", None]}


def test_several_rows_of_one_csv_request_are_several_rows(tmp_path: Path) -> None:
    data = {
        "endpointInput": {"encoding": "CSV", "data": '1,"a, b"\n2,c\n'},
        "endpointOutput": {"encoding": "CSV", "data": "10\n20"},
    }
    (tmp_path / "a.jsonl").write_text(json.dumps({"captureData": data}))
    assert read_capture(tmp_path, ["y", "x"]).columns == {
        "y": ["10", "20"],
        "x": ["1", "2"],
        "_c2": ["a, b", "c"],
    }


@pytest.mark.parametrize("encoding", ["BASE64", "JSON"])
def test_an_answer_in_another_form_than_its_request_ends_the_analysis(tmp_path: Path, encoding: str) -> None:
    data = {
        "endpointInput": {"encoding": "CSV", "data": "1"},
        "endpointOutput": {"encoding": encoding, "data": "MTA="},
    }
    (tmp_path / "a.jsonl").write_text(json.dumps({"captureData": data}))
    with pytest.raises(DataError) as caught:
        read_capture(tmp_path, ["y", "x"])
    assert str(caught.value) == (
        f"Encoding mismatch: Encoding is CSV for endpointInput, but Encoding is {encoding} for "
        "endpointOutput. We currently only support the same type of input and output encoding at the moment."
    )


def test_a_line_that_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match=r"a.jsonl, line 1: KeyError: 'captureData'"):
        read_capture(tmp_path, [])


def test_a_row_of_another_length_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x,y\n1\n")
    with pytest.raises(DataError, match=r"b.csv, line 2: 1 values, expected 2"):
        read_csv(tmp_path, header=True)
