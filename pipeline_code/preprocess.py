"""Check one raw table and split it into train, validation and test. Nothing is fitted here.

Run: python3 code.zip preprocess --problem regression --target Price --numeric Mileage --categorical Make ...
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
from columns import Columns, Findings, Target, check_settings, check_target, parse_columns
from digests import DELIVERY_FILE, digest_of_folder
from dynamodb_export import read_delivery
from impute import impute_of
from personal import coarser_column, treatments_of
from raw_table import RawTable
from split import Fractions, Split, SplitBy, digests, first_of_equal, ordered, parts_of
from tabular import Arguments, ClassWeight, DataError, Problem, Schema, base_dir
from writing import lines_of, write_parts

PARTS = ("train", "validation", "test")
FEWEST_ROWS = 10
"""Of a part: below, a figure says more about chance than about the model."""


@dataclass(frozen=True)
class Settings:
    """What the step's arguments say."""

    schema: Schema
    drop: tuple[str, ...]
    split: Split
    drop_rows_without_target: bool

    @property
    def table(self) -> Schema:
        """What is read: the schema, and the column that divides rows where it is no feature."""
        column, schema = self.split.column, self.schema
        if column is None or column in schema.columns:
            return schema
        if self.split.by == "time":
            return replace(schema, numeric=(*schema.numeric, column))
        return replace(schema, categorical=(*schema.categorical, column))


def main(argv: Sequence[str]) -> None:
    """Read <base>/processing/input/raw, write <base>/processing/output/{train,validation,test}."""
    settings = parse_arguments(argv)
    processing = base_dir() / "processing"
    raw = processing / "input" / "raw"
    rows = load(raw, settings)
    parts = split(rows, settings)
    written = rows.only(settings.schema.columns)
    if settings.schema.personal:
        parts = make_coarser(written, parts, settings.schema)
    lines = ((name, lines_of(written, chosen)) for name, chosen in parts.items())
    write_parts(processing / "output", lines, settings.schema)
    tell_delivery(raw, processing / "output")


def tell_delivery(raw: Path, output: Path) -> None:
    """Beside the test part, which delivery it is from."""
    delivery = json.dumps({"sha256": digest_of_folder(raw)})
    (output / "test" / DELIVERY_FILE).write_text(f"{delivery}\n", encoding="utf-8")


def parse_arguments(argv: Sequence[str]) -> Settings:
    """Turn the step's arguments into settings; raises DataError naming the argument."""
    parser = Arguments(prog="preprocess", allow_abbrev=False)
    parser.add_argument("--problem", required=True, choices=get_args(Problem))
    parser.add_argument("--target", required=True)
    parser.add_argument("--target-transform", default="none", choices=["none", "log"])
    for flag in ("--numeric", "--categorical", "--drop"):
        parser.add_argument(flag, action="append", default=[], metavar="A,B,...")
    parser.add_argument("--split", nargs=3, type=float, default=[0.7, 0.2, 0.1])
    parser.add_argument("--split-by", default="hash", choices=get_args(SplitBy))
    parser.add_argument("--split-column")
    parser.add_argument("--personal", action="append", default=[], metavar="TREATMENT:A,...")
    parser.add_argument("--derived", action="append", default=[], metavar="NAME=EXPRESSION")
    parser.add_argument("--drop-correlated-above", type=float)
    parser.add_argument("--impute", action="append", default=[], metavar="METHOD:A,...")
    parser.add_argument("--refit", action="store_true")
    parser.add_argument("--features-module")
    parser.add_argument("--positive")
    parser.add_argument("--decision-threshold", type=float, default=0.5)
    parser.add_argument("--class-weight", default="none", choices=get_args(ClassWeight))
    parser.add_argument("--missing-values", default="", metavar="A|B|...")
    parser.add_argument("--missing-target", default="error", choices=["error", "drop"])
    known = parser.parse_args(list(argv))
    schema = Schema(
        problem=known.problem,
        target=known.target,
        target_transform=known.target_transform,
        numeric=_names(known.numeric),
        categorical=_names(known.categorical),
        features_module=known.features_module,
        positive=known.positive,
        decision_threshold=known.decision_threshold,
        missing_values=tuple(text for text in known.missing_values.split("|") if text),
        class_weight=known.class_weight,
        personal=treatments_of(known.personal),
        drop_correlated_above=known.drop_correlated_above,
        refit=known.refit,
        impute=impute_of(known.impute),
        derived={name: text for name, _, text in (each.partition("=") for each in known.derived)},
    )
    drop = _names(known.drop)
    divided = Split(Fractions(*known.split), known.split_by, known.split_column)
    check_settings(schema, drop, divided.mistakes_of_settings(schema))
    return Settings(schema, drop, divided, known.missing_target == "drop")


def load(raw_folder: Path, settings: Settings) -> Columns:
    """All raw files as typed columns; raises one DataError with every mistake of every file and column."""
    schema, column = settings.table, settings.split.column
    table = RawTable(frozenset(schema.columns))
    columns, findings = parse_columns(read_delivery(raw_folder, table), table, schema, settings.drop)
    target = columns.values.get(schema.target, pa.nulls(0))
    findings.mistakes[:0] = table.mistakes
    divided = columns.values.get(column) if column else None
    if divided is not None and settings.drop_rows_without_target and len(divided) == len(target):
        divided = divided.filter(target.is_valid())
    dividing = (
        None if divided is None else (len(divided), divided.null_count, len(divided.drop_null().unique()))
    )
    judge(findings, Target.of(target, schema), dividing, settings)
    if target.null_count:
        columns.keep(np.flatnonzero(target.is_valid()))
    return columns


def judge(
    findings: Findings, target: Target, dividing: tuple[int, int, int] | None, settings: Settings
) -> None:
    """Print what is worth knowing; raise one DataError with every mistake.

    `dividing` are the rows, missing and different values of the column that divides rows, if there is one.
    """
    schema = settings.schema
    mistakes = [*findings.mistakes, *check_target(target, schema)]
    if dividing is not None:
        mistakes += settings.split.mistakes_of_column(*dividing)
    if 0 < target.missing < target.rows and not settings.drop_rows_without_target:
        mistakes.append(
            f"{schema.target} is missing in {target.missing} rows; rows_without_target: drop leaves them out"
        )
    for note in findings.notes:
        print(f"note: {note}")
    if mistakes:
        raise DataError("the raw data cannot be used: " + "; ".join(mistakes))
    print(f"raw_rows={target.rows}; rows_without_target={target.missing};")


def split(rows: Columns, settings: Settings) -> dict[str, np.ndarray]:
    """Which rows are in which part, without duplicates and in the order of their digests, however they came.

    Raises DataError when a part has too few rows or, for classes, one label only or one that training lacks.
    """
    schema = settings.schema
    keys = digests({name: rows.values[name] for name in schema.features})
    target = rows.values[schema.target]
    dividing = rows.values[settings.split.column or schema.target]
    order = _unique_in_order(keys, target, dividing)
    print(f"duplicate_rows_removed={len(rows) - len(order)};")
    part = parts_of(settings.split, keys[order], dividing.take(pa.array(order)))
    parts = {name: order[part == number] for number, name in enumerate(PARTS)}
    check_parts({name: _in_part(target.take(pa.array(chosen)), schema) for name, chosen in parts.items()})
    return parts


@dataclass(frozen=True)
class InPart:
    """What is in one part of the data."""

    rows: int
    labels: frozenset[str] = frozenset()
    """Of classes; nothing of a quantity."""


def _in_part(target: pa.Array, schema: Schema) -> InPart:
    labels = () if schema.target_is_number else target.unique().to_pylist()
    return InPart(len(target), frozenset(labels))


def check_parts(parts: Mapping[str, InPart]) -> None:
    """Print their rows; raise DataError when one has too few, one label, or labels that training lacks."""
    mistakes = [text for name in PARTS for text in _mistakes_of_part(name, parts)]
    if mistakes:
        raise DataError("; ".join(mistakes))
    print(" ".join(f"{name}_rows={part.rows};" for name, part in parts.items()))


def make_coarser(rows: Columns, parts: Mapping[str, np.ndarray], schema: Schema) -> dict[str, np.ndarray]:
    """Personal data become coarse; the parts again, in an order that only coarse cells decide.

    Which rows are the same is decided before: of coarse ones different people would look like one. Digests of
    exact cells would tell, by the place of a row, which of a few guesses is right.
    """
    for name, treatment in schema.personal.items():
        rows.values[name] = coarser_column(rows.values[name], treatment)
    keys = digests({name: rows.values[name] for name in schema.features})
    target = ordered(rows.values[schema.target])
    columns = (target, keys[:, 1], keys[:, 0])
    return {name: part[np.lexsort([column[part] for column in columns])] for name, part in parts.items()}


def _unique_in_order(keys: np.ndarray, target: pa.Array, dividing: pa.Array) -> np.ndarray:
    """Positions of rows by digest, target and what divides them; of those that have all in common, one."""
    columns = (keys[:, 0], keys[:, 1], ordered(target), ordered(dividing))
    order = np.lexsort(columns[::-1])
    first = first_of_equal(*(column[order] for column in columns))
    return np.asarray(order[first == np.arange(len(order))])


def _mistakes_of_part(name: str, parts: Mapping[str, InPart]) -> Iterator[str]:
    part, remedy = parts[name], "more data or a larger share is needed"
    unknown = part.labels - parts["train"].labels
    if part.rows < FEWEST_ROWS:
        found = f"{part.rows} rows" if part.rows else "no rows"
        yield f"the {name} part has {found}, fewer than {FEWEST_ROWS}; {remedy}"
    elif len(part.labels) == 1:
        yield f"the {name} part has one label only ({part.rows} rows); {remedy}"
    elif unknown:
        yield f"the {name} part has {len(unknown)} labels that the train part lacks; {remedy}"


def _names(chunks: Sequence[str]) -> tuple[str, ...]:
    """Column names out of comma-joined chunks (SageMaker limits an argument to 256 characters)."""
    names = tuple(name for chunk in chunks for name in chunk.split(","))
    if not all(names):
        raise DataError("a list of columns has an empty name in it; is there a comma too many?")
    return names
