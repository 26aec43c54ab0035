from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import preprocess
import pytest
import raw_table
import writing
from tabular import DataError, Schema, read_part

from tests.pipeline_code.conftest import ARGUMENTS, HEADER, boat_lines, table, write_raw

LINES = boat_lines(200)
GOOD = "7.5,3,steel,Ann,9000"


def run(base: Path, text: str | bytes, *more: str) -> Path:
    write_raw(base, text)
    preprocess.main([*ARGUMENTS, *more])
    return base / "processing" / "output"


def mistakes(base: Path, text: str | bytes, *more: str) -> str:
    with pytest.raises(DataError) as caught:
        run(base, text, *more)
    assert not list((base / "processing").glob("output/*/*")), "a failed step must leave no output"
    return str(caught.value)


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


def test_a_schema_lies_beside_every_part_and_the_baseline_stands_alone(base: Path) -> None:
    output = run(base, table(LINES))
    content = json.loads((output / "test" / "schema.json").read_text(encoding="utf-8"))
    assert content == {
        "problem": "regression",
        "target": "Price",
        "target_transform": "log",
        "numeric": ["Length", "Age"],
        "categorical": ["Hull"],
        "features_module": None,
    }
    assert [path.name for path in (output / "baseline").iterdir()] == ["baseline.csv"]


def test_the_baseline_is_the_training_part_with_the_target_as_the_endpoint_would_answer(base: Path) -> None:
    output = run(base, table([f"{number},3,steel,Ann,{number}000" for number in range(5, 105)]))
    baseline, train = cells(output, "baseline"), cells(output, "train")
    assert [row[1:] for row in baseline] == [row[1:] for row in train]
    assert all(row[0].endswith("000.0") for row in baseline[1:])


def test_na_is_a_category_and_only_an_empty_cell_is_missing(base: Path) -> None:
    output = run(base, table(LINES))
    part = read_part(output / "train", "train", Schema.read(output / "train"))
    assert {"NA", "steel", "wood", None} == set(part.features["Hull"])


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


def test_an_extra_column_is_reported_and_left_out(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = run(base, table([f"{line},x" for line in LINES], f"{HEADER},Colour"))
    assert "ignored: Colour" in capsys.readouterr().out
    assert "Colour" not in cells(output, "train")[0]


def test_a_byte_order_mark_and_another_order_of_columns_are_fine(base: Path) -> None:
    lines = [",".join(reversed(line.split(","))) for line in LINES]
    run(base, b"\xef\xbb\xbf" + table(lines, ",".join(reversed(HEADER.split(",")))).encode())


def test_all_mistakes_of_all_columns_are_reported_at_once(base: Path) -> None:
    lines = [
        "long,,steel,Ann,9000",
        "8.0,inf,steel,Ann,-5",
        "9.0,7,wood,Ann,",
        "9,5 m,3,wood,Ann,1",
        "1e999,1,,,1",
    ]
    message = mistakes(base, table(lines))
    assert "Length is numeric but has text in 1 of 4 rows" in message
    assert "Length is infinite in 1 of 4 rows" in message
    assert "Age is infinite in 1 of 4 rows" in message
    assert "1 rows without 5 fields (lines 5)" in message
    assert "Price is not positive in 1 rows" in message
    assert "Price is missing in 1 rows; --missing-target drop" in message


def test_cell_values_never_appear_in_a_message_or_the_log(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = mistakes(base, table([GOOD, "SECRET,3,steel,Ann,9000", "8,3,steel,Ann,SECRET"]))
    printed = capsys.readouterr()
    assert "SECRET" not in message + printed.out + printed.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "boats.csv is empty"),
        (" \n\n", "boats.csv is empty"),
        (table([]), "there is a header but not a single row"),
        (table([GOOD], "Length,Hull,Price,Crew,Buyer"), "missing columns: Age"),
        (table([GOOD], "Length,Length,Hull,Buyer,Price"), "duplicate columns: Length"),
        (table([GOOD, f"{GOOD},extra"]), "1 rows without 5 fields (lines 3)"),
        (table([GOOD, "7.5,3"]), "1 rows without 5 fields (lines 3)"),
        (table([f"{GOOD},x"] * 7), "7 rows without 5 fields (lines 2, 3, 4, 5, 6, ...)"),
        (table([GOOD, '7.5,3,"steel,Ann,9000']), "not valid CSV in line"),
        (table([GOOD, "7.5,3,st\0eel,Ann,9000"]), "NUL byte in line 3"),
        (table([GOOD, "7.5,3,bl\xe5,Ann,9000"]).encode("latin-1"), "not UTF-8 (line 3)"),
        (table([GOOD]).encode("utf-16"), "not UTF-8 (line 1)"),
        (table([GOOD.replace(",3,", ",,")] * 3), "Age is missing in all 3 rows"),
        (table([GOOD.replace(",3,", ",NA,")] * 3), "Age is numeric but has text in 3 of 3 rows"),
        (table([GOOD.replace(",3,", ",1_000,")]), "Age is numeric but has text in 1 of 1 rows"),
        (table([GOOD.replace(",3,", ",nan,")]), "Age is numeric but has text in 1 of 1 rows"),
        (table([GOOD.replace("9000", "")] * 3), "Price is missing in all 3 rows"),
        (table([GOOD.replace("9000", "0")]), "Price is not positive in 1 rows"),
        (table([GOOD]), "part has no rows (0 rows); more data"),
    ],
)
def test_unusable_data_is_refused_with_a_reason(base: Path, text: str | bytes, expected: str) -> None:
    assert expected in mistakes(base, text)


def test_files_with_different_headers_are_refused_and_the_difference_is_named(base: Path) -> None:
    write_raw(base, table(LINES), "a.csv")
    assert "another header" in mistakes(base, table([GOOD], "Length,Age,Hull,Buyer,Cost"))
    assert "Cost, Price" in mistakes(base, table([GOOD], "Length,Age,Hull,Buyer,Cost"))
    assert "the order differs" in mistakes(base, table([GOOD], "Age,Length,Hull,Buyer,Price"))


def test_a_folder_without_csv_files_is_refused(base: Path) -> None:
    with pytest.raises(DataError, match=r"no \*\.csv file below"):
        preprocess.main(ARGUMENTS)


def test_rows_without_a_target_can_be_left_out_on_request(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(base, table([*LINES, "7.5,3,steel,Ann,"]), "--missing-target", "drop")
    assert "rows_without_target=1;" in capsys.readouterr().out


def test_files_that_cannot_fit_into_memory_are_refused_before_they_are_read() -> None:
    with pytest.raises(DataError, match="choose a larger processing_instance_type"):
        raw_table.check_memory(file_bytes=10**9, memory_bytes=8 * 10**9)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([*ARGUMENTS, "--drop", "Age"], "more than one part to play: Age"),
        ([*ARGUMENTS, "--split", "0.7", "0.2", "0.2"], "three positive numbers that sum to 1"),
        ([*ARGUMENTS, "--split", "1", "0", "0"], "three positive numbers that sum to 1"),
        ([*ARGUMENTS, "--numeric", "A,,B"], "a comma too many"),
        ([*ARGUMENTS, "--colour", "red"], "unrecognized arguments: --colour red"),
        (["--problem", "clustering", "--target", "Price"], "invalid choice: 'clustering'"),
        (["--problem", "regression", "--target", "Price"], "no features"),
        (
            [
                "--problem",
                "binary-classification",
                "--target",
                "a",
                "--target-transform",
                "log",
                "--numeric",
                "b",
            ],
            "log needs --problem regression",
        ),
    ],
)
def test_contradicting_arguments_are_refused(base: Path, arguments: list[str], expected: str) -> None:
    with pytest.raises(DataError) as caught:
        preprocess.main(arguments)
    assert expected in str(caught.value)


CLASSES = ["--problem", "binary-classification", "--target", "Sold", "--numeric", "Length"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["yes"], "Sold has 1 different labels, binary needs exactly 2"),
        (["yes", "no", "maybe"], "Sold has 3 different labels, binary needs exactly 2"),
    ],
)
def test_a_binary_target_needs_two_labels(base: Path, labels: list[str], expected: str) -> None:
    write_raw(
        base, table([f"{number},{labels[number % len(labels)]}" for number in range(60)], "Length,Sold")
    )
    with pytest.raises(DataError, match=expected):
        preprocess.main(CLASSES)


def test_a_part_with_one_label_only_is_refused(base: Path) -> None:
    write_raw(
        base, table([f"{number},{'yes' if number == 5 else 'no'}" for number in range(60)], "Length,Sold")
    )
    with pytest.raises(DataError, match="part has one label only"):
        preprocess.main(CLASSES)


def test_the_baseline_of_a_class_has_probabilities_not_labels(base: Path) -> None:
    write_raw(
        base, table([f"{number},{'yes' if number % 3 else 'no'}" for number in range(90)], "Length,Sold")
    )
    preprocess.main(CLASSES)
    rows = cells(base / "processing" / "output", "baseline")[1:]
    assert {(row[0], int(row[1]) % 3 > 0) for row in rows} == {("1.0", True), ("0.0", False)}


def test_a_disk_that_fails_while_writing_leaves_no_part_behind(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = writing._write_csv, []

    def fail_at_third(path: Path, columns: writing.Columns) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise OSError("no space left on device")
        real(path, columns)

    monkeypatch.setattr(writing, "_write_csv", fail_at_third)
    with pytest.raises(OSError, match="no space left"):
        run(base, table(LINES))
    assert not list((base / "processing" / "output").glob("*/*"))
