"""By time, by group, stratified: what each promises about the parts, through the step itself."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import preprocess
import pytest
from tabular import DataError

from tests.pipeline_code.conftest import ARGUMENTS, boat_lines, table, write_raw

HEADER = "Length,Age,Hull,Buyer,Price,Sold,Harbour,Class"
PARTS = ("train", "validation", "test")
CLASSES = [
    *("--problem", "binary-classification", "--target", "Class", "--positive=rare"),
    *("--numeric", "Length,Age", "--drop", "Hull,Buyer,Price,Sold,Harbour"),
]


def days() -> Iterator[str]:
    generator = random.Random(5)
    while True:
        yield f"20{generator.randint(10, 19)}-0{generator.randint(1, 9)}-1{generator.randint(0, 9)}"


CLASS = ("rare", *["common"] * 7)
LINES = [
    f"{5 + number / 64},{line.split(',', 1)[1]},{sold},harbour {number % 37},{CLASS[number % 8]}"
    for number, (line, sold) in enumerate(zip(boat_lines(400), days(), strict=False))
]
BY_LENGTH = {float(row[0]): row for row in csv.reader(LINES)}


def parts(base: Path, arguments: list[str], lines: list[str] = LINES) -> dict[str, list[list[str]]]:
    """The delivered rows of each part, which their lengths tell apart."""
    write_raw(base, table(lines, HEADER))
    preprocess.main(arguments)
    found = {}
    for part in PARTS:
        text = (base / "processing" / "output" / part / f"{part}.csv").read_text(encoding="utf-8")
        found[part] = [BY_LENGTH[float(row[1])] for row in csv.reader(text.splitlines()[1:])]
    return found


def test_rows_that_repeat_at_another_time_keep_the_shares_of_classes(base: Path) -> None:
    """Of few combinations the test part would otherwise hold only those that were never seen before."""
    generator = random.Random(3)
    lines = [
        f"{generator.randint(1, 6)},{generator.randint(1, 6)},{'rare' if n % 10 == 0 else 'common'},{n}"
        for n in range(3000)
    ]
    write_raw(base, table(lines, "Length,Age,Class,Sold"))
    by_time = ["--drop", "Sold", "--split-by=time", "--split-column=Sold"]
    preprocess.main([*CLASSES[:7], *by_time])
    for part in PARTS:
        text = (base / "processing" / "output" / part / f"{part}.csv").read_text(encoding="utf-8")
        rare = text.count("rare") / (len(text.splitlines()) - 1)
        assert rare == pytest.approx(0.1, abs=0.02), part


@pytest.mark.parametrize(
    ("more", "of_row"),
    [
        (["--split-by=time", "--split-column=Sold", "--drop", "Sold"], lambda row: row[5]),
        (["--split-by=time", "--split-column=Length"], lambda row: float(row[0])),
    ],
    ids=["a date that is dropped", "a number that is a feature"],
)
def test_by_time_no_row_of_a_later_part_is_older(base: Path, more: list[str], of_row) -> None:  # type: ignore[no-untyped-def]
    found = parts(base, [*ARGUMENTS, *more])
    assert [len(found[part]) for part in PARTS] == [280, 80, 40]
    times = [[of_row(row) for row in found[part]] for part in PARTS]
    assert max(times[0]) <= min(times[1])
    assert max(times[1]) <= min(times[2])


def test_by_group_rows_with_the_same_value_stay_together_and_the_value_is_not_written(base: Path) -> None:
    found = parts(base, [*ARGUMENTS, "--split-by=group", "--split-column=Harbour", "--drop", "Harbour"])
    harbours = [{row[6] for row in found[part]} for part in PARTS]
    assert all(harbours)
    assert sum(map(len, harbours)) == len(set.union(*harbours)) == 37
    written = [path.read_bytes() for path in base.rglob("output/*/*")]
    assert written
    assert not any(b"harbour" in content.lower() for content in written)


def test_stratified_every_class_is_divided_alike(base: Path) -> None:
    found = parts(base, [*CLASSES, "--split-by=stratified"])
    rare = [sum(row[7] == "rare" for row in found[part]) for part in PARTS]
    assert rare == [35, 10, 5]
    assert [len(found[part]) for part in PARTS] == [280, 80, 40]


@pytest.mark.parametrize(
    "arguments",
    [
        [*ARGUMENTS, "--split-by=time", "--split-column=Sold"],
        [*ARGUMENTS, "--split-by=group", "--split-column=Harbour"],
        [*CLASSES, "--split-by=stratified"],
    ],
    ids=["time", "group", "stratified"],
)
def test_the_order_of_rows_moves_none_not_even_where_rows_repeat(base: Path, arguments: list[str]) -> None:
    again = [
        line.replace(line.split(",")[5], "2015-01-01").replace("harbour 1", "harbour 2")
        for line in LINES[:40]
    ]
    relabelled = [line.replace("common", "rare") for line in LINES[40:240]]
    lines = [*LINES, *again, *relabelled]
    first = parts(base, arguments, lines)
    assert parts(base, arguments, random.Random(3).sample(lines, len(lines))) == first
    if arguments[-1] == "--split-by=stratified":
        lengths = [{row[0] for row in first[part]} for part in PARTS]
        assert sum(map(len, lengths)) == len(LINES), "a row with two labels is in one part"


@pytest.mark.parametrize(
    ("arguments", "changed", "expected"),
    [
        ([*ARGUMENTS, "--split-by=time"], None, "belongs to --split-by time and group, and they need one"),
        ([*ARGUMENTS, "--split-column=Sold"], None, "belongs to --split-by time and group"),
        ([*ARGUMENTS, "--split-by=group", "--split-column=Owner"], None, "missing columns: Owner"),
        (
            [*ARGUMENTS, "--split-by=group", "--split-column=Price"],
            None,
            "--split-column Price is the target",
        ),
        ([*ARGUMENTS, "--split-by=time", "--split-column=Hull"], None, "dates, and Hull is categorical"),
        ([*ARGUMENTS, "--split-by=stratified"], None, "--split-by stratified needs classes"),
        (
            [*ARGUMENTS, "--split-by=time", "--split-column=Harbour"],
            None,
            "Harbour is numeric but has text in 400 of 400 rows",
        ),
        (
            [*ARGUMENTS, "--split-by=time", "--split-column=Sold"],
            lambda row: [*row[:5], "" if row[3].endswith("7") else row[5], *row[6:]],
            "Sold is missing in 40 rows, and says which part each belongs to",
        ),
        (
            [*ARGUMENTS, "--split-by=time", "--split-column=Sold"],
            lambda row: [*row[:5], "2020-01-01", *row[6:]],
            "Sold has 1 different values, split.by: time needs 2 or more",
        ),
        (
            [*ARGUMENTS, "--split-by=group", "--split-column=Harbour"],
            lambda row: [*row[:6], "SECRET", row[7]],
            "Harbour has 1 different values, split.by: group needs 3 or more",
        ),
    ],
)
def test_what_cannot_divide_rows_is_told(base: Path, arguments: list[str], changed, expected: str) -> None:  # type: ignore[no-untyped-def]
    rows = [row if changed is None else changed(row) for row in csv.reader(LINES)]
    with pytest.raises(DataError) as caught:
        parts(base, arguments, [",".join(row) for row in rows])
    assert expected in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert not list(base.glob("processing/output/*/*"))
