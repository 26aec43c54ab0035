"""Check one raw table and split it into train, validation and test. Nothing is fitted here.

Run: python3 code.zip preprocess --problem regression --target Price --numeric Mileage --categorical Make ...
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from columns import Cell, Columns, check_settings, check_target, parse_columns
from digests import DELIVERY_FILE, digest_of_folder
from raw_table import read_raw
from split import Fractions, digests, part_of
from tabular import Arguments, DataError, Schema, base_dir
from writing import BASELINE, baseline, write_parts

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Settings:
    """What the step's arguments say."""

    schema: Schema
    drop: tuple[str, ...]
    fractions: Fractions
    drop_rows_without_target: bool


def main(argv: Sequence[str]) -> None:
    """Read <base>/processing/input/raw, write <base>/processing/output/{train,validation,test,baseline}."""
    settings = parse_arguments(argv)
    processing = base_dir() / "processing"
    raw = processing / "input" / "raw"
    rows = load(raw, settings)
    parts = split(rows, settings)
    print(" ".join(f"{name}_rows={len(part)};" for name, part in parts.items()))
    parts[BASELINE] = baseline(parts["train"], settings.schema)
    write_parts(processing / "output", parts, settings.schema)
    delivery = json.dumps({"sha256": digest_of_folder(raw)})
    (processing / "output" / "test" / DELIVERY_FILE).write_text(f"{delivery}\n", encoding="utf-8")


def parse_arguments(argv: Sequence[str]) -> Settings:
    """Turn the step's arguments into settings; raises DataError naming the argument."""
    parser = Arguments(prog="preprocess", allow_abbrev=False)
    parser.add_argument("--problem", required=True, choices=["regression", "binary-classification"])
    parser.add_argument("--target", required=True)
    parser.add_argument("--target-transform", default="none", choices=["none", "log"])
    for flag in ("--numeric", "--categorical", "--drop"):
        parser.add_argument(flag, action="append", default=[], metavar="A,B,...")
    parser.add_argument("--split", nargs=3, type=float, default=[0.7, 0.2, 0.1])
    parser.add_argument("--features-module")
    parser.add_argument("--missing-target", default="error", choices=["error", "drop"])
    known = parser.parse_args(list(argv))
    schema = Schema(
        problem=known.problem,
        target=known.target,
        target_transform=known.target_transform,
        numeric=_names(known.numeric),
        categorical=_names(known.categorical),
        features_module=known.features_module,
    )
    drop = _names(known.drop)
    check_settings(schema, drop)
    return Settings(schema, drop, Fractions(*known.split), known.missing_target == "drop")


def load(raw_folder: Path, settings: Settings) -> Columns:
    """All raw files as typed columns; raises one DataError with every mistake of every file and column."""
    table = read_raw(raw_folder)
    columns, findings = parse_columns(table, settings.schema, settings.drop)
    mistakes = [*table.mistakes, *findings.mistakes, *check_target(columns, settings.schema)]
    targets = columns.values.get(settings.schema.target, [])
    with_target = [row for row, cell in enumerate(targets) if cell is not None]
    without_target = len(targets) - len(with_target)
    if without_target and with_target and not settings.drop_rows_without_target:
        mistakes.append(
            f"{settings.schema.target} is missing in {without_target} rows; --missing-target drop skips them"
        )
    for note in findings.notes:
        print(f"note: {note}")
    if mistakes:
        raise DataError("the raw data cannot be used: " + "; ".join(mistakes))
    print(f"raw_rows={len(targets)}; rows_without_target={without_target};")
    return columns.take(with_target)


def split(rows: Columns, settings: Settings) -> dict[str, Columns]:
    """The parts without duplicate rows, each ordered by its rows' digests, whatever the order they came in.

    Raises DataError when a part is empty or, for a class, does not have both labels.
    """
    target = rows.values[settings.schema.target]
    keys = digests({name: rows.values[name] for name in settings.schema.features})
    unique = {(key, str(label)): row for row, (key, label) in enumerate(zip(keys, target, strict=True))}
    print(f"duplicate_rows_removed={len(rows) - len(unique)};")
    members: dict[str, list[int]] = {name: [] for name in PARTS}
    for (key, _), row in sorted(unique.items()):
        members[part_of(key, settings.fractions)].append(row)
    parts = {name: rows.take(indices) for name, indices in members.items()}
    for name, part in parts.items():
        _check_part(name, part.values[settings.schema.target], settings.schema)
    return parts


def _check_part(name: str, target: Sequence[Cell], schema: Schema) -> None:
    needed = 1 if schema.target_is_number else 2
    if len(set(target)) < needed:
        found = "no rows" if not target else "one label only"
        raise DataError(
            f"the {name} part has {found} ({len(target)} rows); more data or a larger share is needed"
        )


def _names(chunks: Sequence[str]) -> tuple[str, ...]:
    """Column names out of comma-joined chunks (SageMaker limits an argument to 256 characters)."""
    names = tuple(name for chunk in chunks for name in chunk.split(","))
    if not all(names):
        raise DataError("a list of columns has an empty name in it; is there a comma too many?")
    return names
