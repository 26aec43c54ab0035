"""The preprocessing of one machine, on several: the same rows in the same parts, in the same order.

Spark's workers read, type and hash rows with the functions of one machine (spark_rows.py). Spark finds out
what concerns all rows: mistakes, duplicates, places among others, order. The parts are written by one machine
again, because whoever trains reads a part as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

from alike import MOST_COMPARED_ROWS
from columns import Findings, Seen, Target, correlations, look_at
from dynamodb_export import NO_ITEM, delivered, is_export
from preprocess import PARTS, InPart, Settings, check_parts, judge, parse_arguments, tell_delivery
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812
from raw_table import RawTable, check_memory, memory_bytes, physical_memory_bytes
from spark_rows import (
    Coarsening,
    Formatting,
    Piece,
    Reading,
    Sampling,
    Told,
    Work,
    names_in_spark,
    quietly,
)
from tabular import LONGEST_ROW_BYTES, base_dir
from writing import write_parts

PIECE_BYTES = 1 << 26
KEYS = ("high", "low")
_MIB = 1 << 20


def main(argv: Sequence[str]) -> None:
    """Read <base>/processing/input/raw, write <base>/processing/output/{train,validation,test}."""
    settings = parse_arguments(argv)
    builder = SparkSession.builder.appName("preprocess")
    for name, value in spark_settings(physical_memory_bytes() // _MIB).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        preprocess(spark, settings, base_dir() / "processing")
    finally:
        spark.stop()


def spark_settings(memory_mib: int) -> dict[str, str]:
    """Of workers on machines with so much memory; AWS's leave Python, which reads the rows, a tenth of it."""
    return {
        "spark.executor.memory": f"{memory_mib * 5 // 10}m",
        "spark.executor.memoryOverhead": f"{memory_mib * 3 // 10}m",
        # In place of AWS's, of which Java 17 does not know all.
        "spark.executor.defaultJavaOptions": "-XX:+UseParallelGC",
        # Workers import what the driver does; every machine has it at the same place.
        "spark.executorEnv.PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }


def preprocess(spark: SparkSession, settings: Settings, processing: Path) -> None:
    raw, output = processing / "input" / "raw", processing / "output"
    rows = split(*Delivery(spark, settings, raw).rows(), settings)
    write_parts(output, lines_by_part(rows, settings), settings.schema)
    tell_delivery(raw, output)


def pieces_of(paths: Sequence[Path], folder: Path) -> list[Piece]:
    """Files, and parts of large ones in which every line is a row."""
    found: list[Piece] = []
    for path in paths:
        whole = (str(path), path.relative_to(folder).as_posix())
        starts = range(0, path.stat().st_size, PIECE_BYTES)
        if len(starts) < 2 or not _is_divisible(path):
            found.append(Piece(len(found), *whole))
        else:
            found += [Piece(len(found) + n, *whole, at, at + PIECE_BYTES) for n, at in enumerate(starts)]
    return found


def _is_divisible(path: Path) -> bool:
    """Whether its first line ends as lines of pieces do; quotes in others are found when they are read."""
    if path.suffix != ".csv":
        return False
    with path.open("rb") as file:
        header = file.readline(LONGEST_ROW_BYTES)
    return header.endswith(b"\n") and not {*b'"\r'} & {*header.rstrip(b"\r\n")}


def worked(rows: DataFrame, work: Reading | Sampling | Coarsening | Formatting) -> DataFrame:
    kinds = ", ".join(f"{name} {kind}" for name, kind in work.kinds.items())
    done: Work = quietly(work)
    return rows.mapInArrow(done, kinds)


@dataclass
class Delivery:
    """What the machines read of a delivery together."""

    spark: SparkSession
    settings: Settings
    folder: Path

    def rows(self) -> tuple[DataFrame, int]:
        """Typed rows that have a target, and their number.

        Raises one DataError with every mistake of every file and column.
        """
        paths = delivered(self.folder)
        # One machine reads such a file as a whole.
        objects = [memory_bytes(path) for path in paths if path.suffix in (".json", ".jsonl")]
        check_memory(max(objects, default=0), physical_memory_bytes())
        pieces = pieces_of(paths, self.folder)
        rows, told = self._read(pieces)
        again = [piece for piece in pieces if told[piece.number].again]
        if again:
            firsts = {piece.path: piece for piece in reversed(pieces)}
            whole = [
                Piece(firsts[path].number, path, firsts[path].name)
                for path in dict.fromkeys(piece.path for piece in again)
            ]
            parts = {piece.number for piece in pieces if piece.path in {each.path for each in whole}}
            more, told_again = self._read(whole)
            rows = rows.where(~F.col("piece").isin(*parts)).unionByName(more)
            told = {number: found for number, found in told.items() if number not in parts} | told_again
            pieces = [piece for piece in pieces if piece.number in told]
        table, accepted = joined(pieces, told)
        if len(accepted) < len(told):
            rows = rows.where(F.col("piece").isin(*accepted))
        target = self._judge(rows, table, [told[number] for number in accepted])
        known = rows.where(F.col(self._names[self.settings.schema.target]).isNotNull())
        return known, target.rows - target.missing

    @cached_property
    def _names(self) -> dict[str, str]:
        return names_in_spark(self.settings.table)

    def _read(self, pieces: Sequence[Piece]) -> tuple[DataFrame, dict[int, Told]]:
        settings = self.settings
        reading = Reading(settings.table, settings.schema.features, settings.split)
        kinds = "number int, path string, name string, start long, end long"
        listed = self.spark.sparkContext.parallelize([vars(piece) for piece in pieces], len(pieces))
        read = worked(self.spark.createDataFrame(listed, kinds), reading).persist()
        found = [Told.of_text(row.told) for row in read.where("told is not null").select("told").collect()]
        return read.where("told is null").drop("told"), {told.number: told for told in found}

    def _judge(self, rows: DataFrame, table: RawTable, told: Sequence[Told]) -> Target:
        """Print what is worth knowing; raise one DataError with every mistake."""
        schema, column = self.settings.table, self.settings.split.column
        names = {name: known for name, known in self._names.items() if name in table.header}
        facts = self._facts(rows, names)
        findings = Findings()
        if table.header:
            seen = {name: _seen(name, known, facts, told) for name, known in names.items()}
            findings = look_at(table.header, seen, schema, self.settings.drop)
            numeric = tuple(name for name in schema.numeric if name in names)
            findings.notes += correlations(self._sample(rows, numeric, told))
        findings.mistakes[:0] = table.mistakes
        target = Target()
        if schema.target in names:
            rows_with = facts[f"count_{names[schema.target]}"]
            target = Target(
                facts["rows"],
                facts["rows"] - rows_with,
                facts.get("labels", 0),
                bool(facts.get("positive", False)),
                facts.get("not_positive", 0) or 0,
            )
        dividing = None
        if column and column in names:
            dividing = (facts["divided"], facts["divided"] - facts["dividing"], facts["different"])
        judge(findings, target, dividing, self.settings)
        return target

    def _facts(self, rows: DataFrame, names: Mapping[str, str]) -> dict[str, int]:
        """What Spark counts in one go."""
        schema, column = self.settings.schema, self.settings.split.column
        counted = [F.count(F.lit(1)).alias("rows")]
        for known in names.values():
            is_constant = F.coalesce(F.min(known) == F.max(known), F.lit(False))
            counted += [F.count(known).alias(f"count_{known}"), is_constant.alias(f"constant_{known}")]
        if schema.target in names:
            target = F.col(names[schema.target])
            if schema.target_is_number:
                counted.append(F.sum((target <= 0).cast("long")).alias("not_positive"))
            else:
                counted.append(F.count_distinct(target).alias("labels"))
                counted.append(F.max(target == F.lit(schema.positive)).alias("positive"))
        if column and column in names:
            counted += self._of_dividing(F.col(names[column]), names)
        first = rows.agg(*counted).first()
        return first.asDict() if first else {}

    def _of_dividing(self, dividing: Column, names: Mapping[str, str]) -> list[Column]:
        counts = F.lit(True)
        target = names.get(self.settings.schema.target)
        if self.settings.drop_rows_without_target and target:
            counts = F.col(target).isNotNull()
        known = F.when(counts, dividing)
        return [
            F.count(F.when(counts, F.lit(1))).alias("divided"),
            F.count(known).alias("dividing"),
            F.count_distinct(known).alias("different"),
        ]

    def _sample(self, rows: DataFrame, numeric: tuple[str, ...], told: Sequence[Told]) -> dict[str, Any]:
        """The first rows of the delivery, as one machine compares them."""
        before = [0, *accumulate(each.rows for each in told)]
        first = [
            each.number
            for each, rows_before in zip(told, before, strict=False)
            if rows_before < MOST_COMPARED_ROWS
        ]
        if len(numeric) < 2 or not first:
            return {}
        sampling = Sampling(self.settings.table, numeric, MOST_COMPARED_ROWS)
        packed = worked(rows.where(F.col("piece").isin(*first)), sampling).collect()
        return sampling.unpacked([bytes(row.rows) for row in sorted(packed, key=lambda row: row.piece)])


def joined(pieces: Sequence[Piece], told: Mapping[int, Told]) -> tuple[RawTable, list[int]]:
    """What all files are together, and the pieces whose rows belong: as if read one after the other."""
    table, accepted = RawTable(frozenset()), []
    for path, of_file in groupby(pieces, key=lambda piece: piece.path):
        parts = list(of_file)
        found = [told[piece.number] for piece in parts]
        if _belongs(table, Path(path), parts[0].name, found):
            table.row_count += sum(each.rows for each in found)
            accepted += [each.number for each in found]
    export = is_export([Path(pieces[0].path)])
    table.check_rows(NO_ITEM if export else "there is a header but not a single row")
    return table, accepted


def _belongs(table: RawTable, path: Path, name: str, found: Sequence[Told]) -> bool:
    """Whether the header of a file lets its rows belong to the table, whose mistakes become more."""
    header, mistakes = found[0].header, [text for each in found for text in each.mistakes]
    if is_export([path]):
        table.mistakes += mistakes
        table.header = tuple(dict.fromkeys([*table.header, *header]))
        return True
    # An object has no order, and one machine looks at all lines before it looks at names.
    if path.suffix == ".jsonl":
        table.mistakes += mistakes
        header = table.header if {*header} == {*table.header} else header
        return bool(header) and table.accepts(header, name)
    belongs = bool(header) and table.accepts(header, name)
    table.mistakes += mistakes if belongs or not header else []
    return belongs


def _seen(name: str, known: str, facts: Mapping[str, int], told: Sequence[Told]) -> Seen:
    missing = facts["rows"] - facts[f"count_{known}"]
    counts = [each.counts[name] for each in told if name in each.counts]
    texts, dates, infinite = (sum(each) for each in zip(*counts, strict=True)) if counts else (0, 0, 0)
    is_constant = not missing and bool(facts[f"constant_{known}"])
    return Seen(facts["rows"], missing, is_constant, texts, dates, infinite)


def split(rows: DataFrame, number: int, settings: Settings) -> DataFrame:
    """So many rows, with the number of their part and without duplicates.

    Raises DataError when a part has too few rows or, for classes, one label only or one that training lacks.
    """
    schema, names = settings.schema, names_in_spark(settings.table)
    target, dividing = names[schema.target], names[settings.split.column or schema.target]
    unique = rows.dropDuplicates([*dict.fromkeys((*KEYS, target, dividing))]).persist()
    if settings.split.by == "time":
        unique = _in_part(placed(unique, [dividing, *KEYS]), F.col("place"), settings)
    elif settings.split.by == "stratified":
        # A row that has two labels goes where the first of them puts it.
        first = F.first("place").over(Window.partitionBy(*KEYS).orderBy(target))
        unique = _in_part(placed(unique, KEYS, target), first, settings)
    parts = _counts(unique, target, settings)
    print(f"duplicate_rows_removed={number - sum(part.rows for part in parts.values())};")
    check_parts(parts)
    return unique


def placed(rows: DataFrame, sorted_by: Sequence[str], group: str | None = None) -> DataFrame:
    """Rows with their place within their group, from 0 to below 1; equal rows stand where the first does.

    Every machine ranks a range of the rows, and knows how many come before.
    """
    keys = [*([group] if group else []), *sorted_by]
    ranged = rows.repartitionByRange(*keys).withColumn("range", F.spark_partition_id()).persist()
    before = _starts(ranged, "range")
    rank = F.rank().over(Window.partitionBy("range").orderBy(*keys)) - 1 + _looked_up("range", before)
    start, size = F.lit(0), F.lit(sum(count for _, count in before.values()))
    if group:
        groups = _starts(ranged, group)
        start = _looked_up(group, groups)
        size = _looked_up(group, {name: (count, count) for name, (_, count) in groups.items()})
    place = (rank - start).cast("double") / size.cast("double")
    return ranged.withColumn("place", place).drop("range")


def _starts(rows: DataFrame, column: str) -> dict[Any, tuple[int, int]]:
    """By value, in order: how many rows have one that comes before, and how many have it."""
    counts = {row[0]: row[1] for row in rows.groupBy(column).count().collect()}
    values = sorted(counts, key=lambda value: value.encode() if isinstance(value, str) else value)
    before = accumulate((counts[value] for value in values), initial=0)
    return {value: (start, counts[value]) for value, start in zip(values, before, strict=False)}


def _looked_up(column: str, found: Mapping[Any, tuple[int, int]]) -> Column:
    pairs = [F.lit(each) for value, (number, _) in found.items() for each in (value, number)]
    return F.create_map(*pairs)[F.col(column)]


def _in_part(rows: DataFrame, place: Column, settings: Settings) -> DataFrame:
    later = [(place >= border).cast("int") for border in settings.split.fractions.borders]
    return rows.withColumn("part", later[0] + later[1])


def _counts(rows: DataFrame, target: str, settings: Settings) -> dict[str, InPart]:
    labels = F.array() if settings.schema.target_is_number else F.collect_set(target)
    counted = rows.groupBy("part").agg(F.count(F.lit(1)).alias("rows"), labels.alias("labels"))
    found = {PARTS[row.part]: InPart(row.rows, frozenset(row.labels)) for row in counted.collect()}
    return {name: found.get(name, InPart(0)) for name in PARTS}


def lines_by_part(rows: DataFrame, settings: Settings) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """The parts one after the other, with their rows in the order of their digests."""
    schema, table = settings.schema, settings.table
    names = names_in_spark(table)
    order = ["part", *KEYS, names[schema.target], names[settings.split.column or schema.target]]
    if schema.personal:
        # Digests of exact cells would tell, by the place of a row, which of a few guesses is right.
        rows, order = worked(rows, Coarsening(table, schema)), order[:-1]
    in_order = rows.orderBy(*dict.fromkeys(order))
    # All machines make lines before the first one is asked for: one partition after the other is.
    lines = worked(in_order, Formatting(table, schema)).persist()
    lines.count()
    for part, blocks in groupby(lines.toLocalIterator(prefetchPartitions=True), lambda row: row.part):
        yield PARTS[part], ([block.lines] for block in blocks)
