from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import preprocess
import pytest
import raw_table
from tabular import DataError

from tests.pipeline_code.conftest import ARGUMENTS, boat_lines, table, write_raw
from tests.pipeline_code.test_steps import entry_point

LINES = boat_lines(200)
GOOD = "7.5,3,steel,Ann,9000"


def mistakes(base: Path, text: str | bytes, name: str = "boats.csv") -> str:
    """What SageMaker shows of a step that fails as it should: foreseen, without output and without values."""
    write_raw(base, text, name)
    main, said = entry_point(), io.StringIO()
    assert callable(main)
    with redirect_stdout(said), redirect_stderr(said):
        assert main(["preprocess", *ARGUMENTS]) == 1
    reason = (base / "output" / "message").read_text("utf-8")
    assert reason.startswith("preprocess: ")
    assert "the job's log has the way" not in reason, "a DataError, and nothing that nobody has foreseen"
    assert not list((base / "processing").glob("output/*/*")), "a failed step must leave no output"
    assert not [value for value in ("SECRET", "steel", "Ann") if value in reason + said.getvalue()]
    return reason


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
    assert "1 rows without 5 fields (line 5)" in message
    assert "Price is not positive in 1 rows" in message
    assert "Price is missing in 1 rows; rows_without_target: drop" in message


def test_cell_values_never_appear_in_a_message_or_the_log(base: Path) -> None:
    message = mistakes(base, table([GOOD, "SECRET,3,steel,Ann,9000", "8,3,steel,Ann,SECRET"]))
    assert "Price is numeric but has text in 1 of 3 rows" in message


@pytest.mark.parametrize(
    "header", ["Ann SECRET,3,steel,SECRET,9000", "Length,Age,Hull,Buyer,Price,SECRET", "SECRET,SECRET,Hull"]
)
def test_a_first_line_that_is_no_header_is_told_by_position(base: Path, header: str) -> None:
    """Where the header is missing, a first line has what no log may show."""
    write_raw(base, table(LINES), "a.csv")
    assert "column" in mistakes(base, table([GOOD], header))


def test_a_missing_header_is_guessed(base: Path) -> None:
    assert "is the first line a header?" in mistakes(base, table([GOOD], "7,3,steel,Ann,9000"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "boats.csv is empty"),
        (" \n\n", "boats.csv is empty"),
        (f"\n{table([GOOD])}", "boats.csv begins with an empty line; the first one names the columns"),
        (table([]), "there is a header but not a single row"),
        (table([GOOD], "Length,Hull,Price,Crew,Buyer"), "missing columns: Age"),
        (table([GOOD], "Length,Length,Hull,Buyer,Price"), "duplicate columns: columns 1, 2"),
        (table([GOOD, f"{GOOD},extra"]), "1 rows without 5 fields (line 3)"),
        (table([GOOD, "7.5,3"]), "1 rows without 5 fields (line 3)"),
        (table([f"{GOOD},x"] * 7), "7 rows without 5 fields (lines 2, 3, 4, 5, 6, ...)"),
        (table([GOOD, '7.5,3,"steel,Ann,9000']), "not valid CSV in line"),
        (table([GOOD, "7.5,3,st\0eel,Ann,9000"]), "NUL byte in line 3"),
        (table([GOOD, "7.5,3,bl\xe5,Ann,9000"]).encode("latin-1"), "not UTF-8 (line 3)"),
        (table([GOOD]).encode("utf-16"), "not UTF-8 (line 1)"),
        (table([GOOD.replace(",3,", ",,")] * 3), "Age is missing in all 3 rows"),
        (table([GOOD.replace(",3,", ",NA,")] * 3), "Age is numeric but has text in 3 of 3 rows"),
        (table([GOOD.replace(",3,", ",1_000,")]), "Age is numeric but has text in 1 of 1 rows"),
        (table([GOOD.replace(",3,", ',"3,5",')]), "Age is numeric but has text in 1 of 1 rows"),
        (table([GOOD.replace(",3,", ",inf,")]), "Age is infinite in 1 of 1 rows"),
        (table([GOOD.replace(",3,", ",nan,")]), "Age is numeric but has text in 1 of 1 rows"),
        (table([GOOD, GOOD.replace(",3,", ",2026-01-31,")]), "Age has dates in 1 of 2 rows, and numbers in"),
        (table([GOOD.replace(",3,", ",2026-02-31,")]), "Age is numeric but has text in 1 of 1 rows"),
        (table([GOOD.replace("9000", "")] * 3), "Price is missing in all 3 rows"),
        (table([GOOD.replace("9000", "0")]), "Price is not positive in 1 rows"),
        (table([GOOD]), "part has no rows, fewer than 10; more data"),
    ],
)
def test_unusable_data_is_refused_with_a_reason(base: Path, text: str | bytes, expected: str) -> None:
    assert expected in mistakes(base, text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"Length": 1', "2 lines that are no object of plain values (lines 2, 3)"),
        ("[1, 2]", "2 lines that are no object of plain values (lines 2, 3)"),
        ('{"Length": {"m": 1}}', "2 lines that are no object of plain values (lines 2, 3)"),
        ('{"Length": 1, "Length": 2}', "2 lines that are no object of plain values (lines 2, 3)"),
        ('{"Length": "long"}', "Length is numeric but has text in 2 of 3 rows"),
    ],
)
def test_json_lines_that_cannot_be_used_are_told_by_line(base: Path, line: str, expected: str) -> None:
    first = '{"Length": 7.5, "Age": 3, "Hull": "steel", "Buyer": "Ann", "Price": 9000}'
    assert expected in mistakes(base, "\n".join([first, line, line]), "boats.jsonl")
    is_json = line.count("{") == line.count("}")
    in_a_list = expected.replace("lines", "objects") if is_json else "boats.json is not valid JSON"
    (base / "processing" / "input" / "raw" / "boats.jsonl").unlink()
    assert in_a_list in mistakes(base, f"[{first}, {line}, {line}]", "boats.json")


def test_files_with_different_headers_are_refused_and_the_difference_is_named(base: Path) -> None:
    write_raw(base, table(LINES), "a.csv")
    assert "another header" in mistakes(base, table([GOOD], "Length,Age,Hull,Buyer,Cost"))
    assert "before it: column 5" in mistakes(base, table([GOOD], "Length,Age,Hull,Buyer,Cost"))
    assert "before it: columns 1, 2" in mistakes(base, table([GOOD], "Age,Length,Hull,Buyer,Price"))


def test_a_folder_without_csv_files_is_refused(base: Path) -> None:
    with pytest.raises(DataError, match=r"no \*\.csv file below"):
        preprocess.main(ARGUMENTS)


def test_files_that_cannot_fit_into_memory_are_refused_before_they_are_read(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_table, "physical_memory_bytes", lambda: 20_000)
    reason = mistakes(base, table(LINES))
    assert re.search(r"need about \d.* GB of memory.*; choose a larger processing_instance_type", reason)


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
        (
            ["--problem", "binary-classification", "--target", "a", "--numeric", "b"],
            "--positive belongs to --problem binary-classification, and it needs one",
        ),
    ],
)
def test_contradicting_arguments_are_refused(base: Path, arguments: list[str], expected: str) -> None:
    with pytest.raises(DataError) as caught:
        preprocess.main(arguments)
    assert expected in str(caught.value)
