"""What DynamoDB has exported is prepared like the same rows in a file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import preprocess
import pytest
from tabular import DataError

from tests.pipeline_code.conftest import ARGUMENTS, HEADER, boat_lines, table, write_raw

FOLDER = "delivery/AWSDynamoDB/01695353076000-06e2188f"
NUMBERS = ("Length", "Age", "Price")
LINES = boat_lines(200)


def item(line: str) -> dict[str, dict[str, object]]:
    """A cell that is missing is no attribute."""
    cells = zip(HEADER.split(","), line.split(","), strict=True)
    return {name: {"N" if name in NUMBERS else "S": cell} for name, cell in cells if cell}


def write_export(base: Path, parts: Iterable[Iterable[object]]) -> None:
    for number, items in enumerate(parts):
        lines = "".join(json.dumps({"Item": each}) + "\n" for each in items)
        write_raw(base, gzip.compress(lines.encode()), f"{FOLDER}/data/{number}.json.gz")
    write_raw(base, '{"version": "2020-06-30"}', f"{FOLDER}/manifest-summary.json")
    write_raw(base, '{"itemCount": 1}\n', f"{FOLDER}/manifest-files.json")
    write_raw(base, "", f"{FOLDER}/_started")


def prepared(base: Path) -> dict[str, bytes]:
    preprocess.main(ARGUMENTS)
    output = base / "processing" / "output"
    return {path.name: path.read_bytes() for path in output.rglob("*.csv")}


def refusal(base: Path) -> str:
    with pytest.raises(DataError) as caught:
        preprocess.main(ARGUMENTS)
    assert not list((base / "processing").glob("output/*/*"))
    return str(caught.value)


def test_the_parts_of_an_export_are_those_of_the_same_rows_in_a_file(base: Path, tmp_path: Path) -> None:
    """Attributes are missing in some items, and in whole parts; one part has no item."""
    ages = [line for line in LINES if line.split(",")[1]]
    write_export(base, [[item(line) for line in LINES if line not in ages], map(item, ages), []])
    exported = prepared(base)
    assert len(exported) == 3
    for path in (base / "processing" / "input" / "raw").rglob("*.gz"):
        path.unlink()
    write_raw(base, table(LINES))
    assert prepared(base) == exported


def test_null_is_a_missing_cell_and_a_truth_is_a_word(base: Path) -> None:
    null: dict[str, object] = {"NULL": True}
    rows = [line for line in LINES if line.split(",")[1]]
    items = [
        {**item(line), "Hull": {"BOOL": number % 2 == 0}, **({"Age": null} if number % 3 == 0 else {})}
        for number, line in enumerate(rows)
    ]
    write_export(base, [items])
    lines = [line.split(",") for part in prepared(base).values() for line in part.decode().splitlines()[1:]]
    hulls = [cells[-1] for cells in lines]
    assert sorted(set(hulls)) == ["false", "true"]
    assert sum(not cells[2] for cells in lines) == len(range(0, len(rows), 3))


@pytest.mark.parametrize(
    "value", [{"L": [{"S": "a"}]}, {"M": {}}, {"NS": ["1"]}, {"B": "aGk="}, {"S": "\ud800"}, {}, "steel"]
)
def test_what_is_no_plain_value_is_told_by_its_line(base: Path, value: object) -> None:
    write_export(base, [[item(LINES[0]), {**item(LINES[1]), "Hull": value}]])
    assert f"{FOLDER}/data/0.json.gz has 1 lines that are no item of plain values (line 2)" in refusal(base)


PACKED = gzip.compress(json.dumps({"Item": item(LINES[0])}).encode(), mtime=0)


def test_an_attribute_that_nothing_uses_may_be_anything(base: Path) -> None:
    write_export(
        base,
        [[{**item(line), "Buyer": {"M": {"Name": {"S": "Ann"}}}, "Tags": {"SS": ["a"]}} for line in LINES]],
    )
    assert len(prepared(base)) == 3


@pytest.mark.parametrize("damaged", [PACKED[:-20], b"not packed at all"])
def test_a_part_that_is_damaged_is_told(base: Path, damaged: bytes) -> None:
    write_raw(base, damaged, f"{FOLDER}/data/0.json.gz")
    assert "is damaged: it cannot be unpacked" in refusal(base)


def test_mistakes_of_the_export_and_of_its_columns_are_told_together(base: Path) -> None:
    write_export(base, [[{**item(LINES[0]), "Length": {"S": "long"}}, {"Price": {"N": "1"}}, "no item"]])
    message = refusal(base)
    assert "(line 3)" in message
    assert "Length is numeric but has text in 1 of 2 rows" in message


def test_an_attribute_that_no_item_has_is_a_missing_column(base: Path) -> None:
    write_export(base, [[{"Length": {"N": "7"}, "Hull": {"S": "steel"}, "Price": {"N": "9000"}}] * 3])
    assert "missing columns: Age" in refusal(base)


def test_an_export_without_items_is_told(base: Path) -> None:
    write_export(base, [[], []])
    assert "has not a single item" in refusal(base)


def test_an_export_beside_other_files_is_no_table(base: Path) -> None:
    write_export(base, [[item(LINES[0])]])
    write_raw(base, table(LINES))
    assert "a delivery is one table" in refusal(base)


def test_an_export_that_is_too_large_is_refused_before_it_is_read(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_export(base, [[item(line) for line in LINES]])
    monkeypatch.setattr("dynamodb_export.physical_memory_bytes", lambda: 1000)
    assert "choose a larger processing_instance_type" in refusal(base)
