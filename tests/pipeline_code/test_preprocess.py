from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import preprocess
import pytest
import writing
from tabular import DataError, Schema, read_part

from tests.pipeline_code.conftest import ARGUMENTS, HEADER, boat_lines, table, write_raw

LINES = boat_lines(200)


def run(base: Path, text: str | bytes, *more: str) -> Path:
    write_raw(base, text)
    preprocess.main([*ARGUMENTS, *more])
    return base / "processing" / "output"


def cells(output: Path, part: str) -> list[list[str]]:
    with (output / part / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_every_row_lands_in_exactly_one_part_with_the_target_first(base: Path) -> None:
    output = run(base, table(LINES))
    parts = {part: cells(output, part) for part in ("train", "validation", "test")}
    assert all(rows[0] == ["Price", "Length", "Age", "Hull"] for rows in parts.values())
    found = sorted(tuple(row) for rows in parts.values() for row in rows[1:])
    assert len(found) == len(set(found)) == 200
    assert 120 <= len(parts["train"]) <= 160
    assert 10 <= len(parts["test"]) <= 35


def test_a_schema_lies_beside_every_part(base: Path) -> None:
    output = run(base, table(LINES))
    content = json.loads((output / "test" / "schema.json").read_text(encoding="utf-8"))
    assert content == {
        "problem": "regression",
        "target": "Price",
        "target_transform": "log",
        "numeric": ["Length", "Age"],
        "categorical": ["Hull"],
        "features_module": None,
        "derived": {},
        "drop_correlated_above": None,
        "refit": False,
        "impute": {},
        "positive": None,
        "decision_threshold": 0.5,
        "missing_values": [],
        "class_weight": "none",
        "personal": {},
    }


@pytest.mark.parametrize(
    ("more", "hulls"),
    [((), {"NA", "steel", "wood", None}), (("--missing-values=-|NA",), {"steel", "wood", None})],
)
def test_na_is_a_category_and_only_an_empty_cell_is_missing_unless_the_use_case_says_more(
    base: Path, more: tuple[str, ...], hulls: set[str | None]
) -> None:
    output = run(base, table(LINES), *more)
    part = read_part(output / "train", "train", Schema.read(output / "train"))
    assert hulls == set(part.features["Hull"])


def test_texts_that_mean_missing_are_no_text_in_a_numeric_column(base: Path) -> None:
    lines = [line.replace(",,", ",-,") for line in LINES]
    output = run(base, table(lines), "--missing-values=-")
    part = read_part(output / "train", "train", Schema.read(output / "train"))
    assert np.isnan(part.features["Age"]).any()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("boats.jsonl", lambda objects: "\n".join(map(json.dumps, objects))),
        ("boats.json", lambda objects: "\n".join(map(json.dumps, objects))),
        ("boats.json", lambda objects: f"\n {json.dumps(objects, indent=1)}"),
    ],
)
def test_json_becomes_the_same_parts_as_csv(
    base: Path, name: str, written: Callable[[list[dict[str, Any]]], str]
) -> None:
    output = run(base, table(LINES))
    as_csv = {path.name: path.read_bytes() for path in output.rglob("*.csv")}
    names = HEADER.split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in LINES]
    objects = [
        {name: cell if name in ("Hull", "Buyer") else float(cell) for name, cell in row.items() if cell}
        for row in rows
    ]
    (base / "processing" / "input" / "raw" / "boats.csv").unlink()
    write_raw(base, written(objects), name)
    preprocess.main(ARGUMENTS)
    assert {path.name: path.read_bytes() for path in output.rglob("*.csv")} == as_csv


def test_dates_are_days_since_1970_and_booleans_of_json_are_text(base: Path) -> None:
    days = {f"2026-01-{1 + number % 28:02}": 20454 + number % 28 for number in range(28)}
    rows = [
        {"Sold": day, "New": number % 2 == 0, "Number": number, "Price": 1 + number}
        for number, day in enumerate([*days] * 10)
    ]
    write_raw(base, "\n".join(json.dumps(row) for row in rows), "boats.jsonl")
    columns = ["--numeric", "Sold", "--numeric", "Number", "--categorical", "New"]
    preprocess.main(["--problem", "regression", "--target", "Price", *columns])
    rows_read = cells(base / "processing" / "output", "train")[1:]
    assert {int(row[1]) for row in rows_read} <= set(days.values())
    assert {row[3] for row in rows_read} == {"true", "false"}


def test_columns_that_say_the_same_are_noted(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{line},{float(line.split(',')[0]) * 3.28:.6f}" for line in LINES]
    run(base, table(lines, f"{HEADER},Feet"), "--numeric", "Feet")
    notes = capsys.readouterr().out
    assert "note: Feet and Length are perfectly correlated" in notes
    assert notes.count("correlated") == 1


def test_the_order_of_rows_and_files_does_not_change_a_byte(base: Path, tmp_path: Path) -> None:
    output = run(base, table(LINES))
    first = {path.name: path.read_bytes() for path in output.rglob("*.csv")}
    shuffled = random.Random(3).sample(LINES, len(LINES))
    write_raw(base, table(shuffled[:70]))
    write_raw(base, table(shuffled[70:]), "more/second.csv")
    preprocess.main(ARGUMENTS)
    assert {path.name: path.read_bytes() for path in output.rglob("*.csv")} == first


def test_a_duplicate_row_is_kept_once_even_when_its_numbers_are_written_differently(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(base, table([*LINES, "50,3,steel,Ann,9000", "50.0,3e0,steel,Ben,9000.00"]))
    assert "duplicate_rows_removed=1;" in capsys.readouterr().out


def test_words_stay_as_they_are_written(base: Path) -> None:
    """Not as a number without its zeros or last digits, and not as what a spreadsheet would run."""
    words = ["007", "1.0", "12345678901234567890", "=cmd|' /C calc'!A0", "-", "NaN", 'a "b", c']
    rows = [["Length", "Hull", "Price"], *([str(n), words[n % len(words)], "9000"] for n in range(300))]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    write_raw(base, text.getvalue())
    preprocess.main([*ARGUMENTS[:4], "--numeric", "Length", "--categorical", "Hull"])
    folder = base / "processing" / "output" / "train"
    part = read_part(folder, "train", Schema.read(folder))
    found = dict(zip(part.features["Length"].tolist(), part.features["Hull"], strict=True))
    assert found == {length: words[int(length) % len(words)] for length in found}
    assert len(found) > 100


def test_an_extra_column_is_reported_and_left_out(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = run(base, table([f"{line},x" for line in LINES], f"{HEADER},Colour"))
    assert "ignored: column 6" in capsys.readouterr().out
    assert "Colour" not in cells(output, "train")[0]


def test_a_byte_order_mark_and_another_order_of_columns_change_nothing(base: Path) -> None:
    output = run(base, table(LINES))
    first = {path.name: path.read_bytes() for path in output.rglob("*.csv")}
    lines = [",".join(reversed(line.split(","))) for line in LINES]
    run(base, b"\xef\xbb\xbf" + table(lines, ",".join(reversed(HEADER.split(",")))).encode())
    assert {path.name: path.read_bytes() for path in output.rglob("*.csv")} == first


def test_rows_without_a_target_can_be_left_out_on_request(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(base, table([*LINES, "7.5,3,steel,Ann,"]), "--missing-target", "drop")
    assert "rows_without_target=1;" in capsys.readouterr().out


CLASSES = ["--problem", "binary-classification", "--target", "Sold", "--positive=yes", "--numeric", "Length"]
SEVERAL = ["--problem", "multiclass-classification", "--target", "Sold", "--numeric", "Length"]


@pytest.mark.parametrize(
    ("arguments", "labels", "expected"),
    [
        (CLASSES, ["yes"], "Sold has 1 different labels, binary-classification needs exactly 2"),
        (
            CLASSES,
            ["yes", "no", "maybe"],
            "3 different labels, .* exactly 2; multiclass-classification",
        ),
        (CLASSES, ["Yes", "no"], "Sold is nowhere yes, which is configured as the positive label"),
        (SEVERAL, ["yes", "no"], "needs 3 or more; binary-classification takes 2"),
        (SEVERAL, [str(number) for number in range(101)], "more than 100: is it a quantity"),
    ],
)
def test_labels_fit_the_problem(base: Path, arguments: list[str], labels: list[str], expected: str) -> None:
    write_raw(
        base, table([f"{number},{labels[number % len(labels)]}" for number in range(300)], "Length,Sold")
    )
    with pytest.raises(DataError, match=expected):
        preprocess.main(arguments)


def test_a_part_with_one_label_only_is_refused(base: Path) -> None:
    write_raw(
        base, table([f"{number},{'yes' if number == 5 else 'no'}" for number in range(300)], "Length,Sold")
    )
    with pytest.raises(DataError, match="part has one label only"):
        preprocess.main(CLASSES)


def test_a_part_with_a_label_that_training_lacks_is_refused(base: Path) -> None:
    labels = {number: "abc"[number % 3] for number in range(300)}
    write_raw(base, table([f"{number},{label}" for number, label in labels.items()], "Length,Sold"))
    preprocess.main(SEVERAL)
    length = cells(base / "processing" / "output", "test")[1][1]
    labels[int(length)] = "d"
    write_raw(base, table([f"{number},{label}" for number, label in labels.items()], "Length,Sold"))
    with pytest.raises(DataError, match="the test part has 1 labels that the train part lacks"):
        preprocess.main(SEVERAL)


def test_a_part_with_too_few_rows_is_refused(base: Path) -> None:
    write_raw(base, table(boat_lines(40)))
    with pytest.raises(DataError, match=r"the test part has \d rows, fewer than 10; more data or a larger"):
        preprocess.main(ARGUMENTS)


def test_a_disk_that_fails_while_writing_leaves_no_part_behind(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = writing._write_csv, []

    def fail_at_third(path: Path, *what: Any) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise OSError("no space left on device")
        real(path, *what)

    monkeypatch.setattr(writing, "_write_csv", fail_at_third)
    with pytest.raises(OSError, match="no space left"):
        run(base, table(LINES))
    assert not list((base / "processing" / "output").glob("*/*"))
