"""Spark prepares a table to the byte as one machine does: rows, parts, order, mistakes, notes."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import preprocess
import pytest
from tabular import DataError

from config.settings import load_settings
from stacks.training.pipeline_definition import preprocess_arguments
from tests.pipeline_code.conftest import ARGUMENTS, boat_lines, table, write_raw
from tests.pipeline_code.spark_session import ROOT, started

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.xdist_group("spark")
SHIPPED = load_settings().use_cases
HEADER = "Length,Age,Hull,Buyer,Price,Sold,Harbour"


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with started() as session:
        yield session


def both(base: Path, spark: SparkSession, arguments: list[str], piece_bytes: int = 20_000) -> None:
    """Prepare what lies in the folder by each, into the folders `one` and `several`."""
    import spark_preprocess

    processing = base / "processing"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark_preprocess, "PIECE_BYTES", piece_bytes)
        preprocess.main(arguments)
        shutil.move(processing / "output", base / "one")
        spark_preprocess.preprocess(spark, preprocess.parse_arguments(arguments), processing)
        shutil.move(processing / "output", base / "several")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def assert_equal(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert contents(base / "one") == contents(base / "several")
    assert {"train/train.csv", "test/delivery.json"} <= contents(base / "one").keys()
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]


def boats(count: int, seed: int) -> list[str]:
    """Rows with a day and a harbour, some of both more than once, and without a price now and then."""
    generator = random.Random(seed)
    lines = []
    for line in boat_lines(count):
        boat, _, price = line.rpartition(",")
        price = "" if generator.random() < 0.05 else price
        day = f"20{generator.randint(10, 19)}-0{generator.randint(1, 9)}-11"
        lines.append(f"{boat},{price},{day},harbour {generator.randint(1, 40)}")
    return lines


@pytest.mark.parametrize("name", [name for name, each in SHIPPED.items() if each.sample])
def test_every_use_case_has_the_same_parts(
    name: str, base: Path, spark: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    use_case = SHIPPED[name]
    assert use_case.sample
    arguments = preprocess_arguments(use_case)
    if use_case.problem != "regression":
        arguments.append("--split-by=stratified")
    write_raw(base, (ROOT / "data" / use_case.sample.file).read_bytes(), use_case.sample.file)
    both(base, spark, arguments)
    assert_equal(base, capsys)


@pytest.mark.parametrize(("by", "column"), [("time", "Sold"), ("group", "Harbour")])
def test_files_of_several_kinds_that_repeat_rows_are_divided_alike(
    by: str, column: str, base: Path, spark: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is read in pieces, one with quotes and a line within a cell, and one of objects."""
    lines = boats(600, 1)
    write_raw(base, table(lines, HEADER), "a.csv")
    strange = '9.5,3,"oak, ""old""\nand dry",buyer,7000,2011-01-11,harbour 7'
    write_raw(base, table([*lines[:150], *boats(100, 2), strange, strange], HEADER), "b/c.csv")
    rows = [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in boats(100, 3)]
    write_raw(base, "\n".join(map(json.dumps, rows)), "d.jsonl")
    cells = ["--missing-target=drop", "--missing-values=NA", "--personal", "bucket 10:Age,mask 2:Hull"]
    divided = [f"--split-by={by}", f"--split-column={column}"]
    both(base, spark, [*ARGUMENTS, *cells, *divided], piece_bytes=9000)
    assert_equal(base, capsys)


def test_every_mistake_of_every_file_is_told_in_the_same_words(
    base: Path, spark: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    import spark_preprocess

    lines = boats(600, 1)
    lines[70] = f"x{lines[70]}"
    lines[400] = lines[400].replace(",", ",2020-01-01,", 1)
    lines[500] = f"{lines[500]},more"
    write_raw(base, table(lines, HEADER), "a.csv")
    write_raw(base, table(boats(50, 2), HEADER.replace("Age", "Years")), "b.csv")
    write_raw(base, b"\xff\xfe", "c.csv")
    write_raw(base, '{"Length": [1]}\n{"Length": 2}', "d.jsonl")
    arguments = [*ARGUMENTS, "--split-by=time", "--split-column=Sold"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark_preprocess, "PIECE_BYTES", 9000)
        settings = preprocess.parse_arguments(arguments)
        with pytest.raises(DataError) as several:
            spark_preprocess.preprocess(spark, settings, base / "processing")
    notes = capsys.readouterr().out
    with pytest.raises(DataError) as one:
        preprocess.main(arguments)
    assert (str(several.value), notes) == (str(one.value), capsys.readouterr().out)
    assert str(one.value).count(";") > 5
    assert not (base / "processing" / "output").exists()
