"""What stands for a missing cell, by column: learnt from the training part, or said by the use case."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tabular import DataError, Schema, parse_number

INDICATOR = "indicator"
CONSTANT = "constant"
NUMERIC, CATEGORICAL = "numeric", "categorical"
LEARNT = {NUMERIC: ("median", "mean", "most_frequent"), CATEGORICAL: ("most_frequent",)}
"""Of each kind of column, what the training part can tell; the first one is the default."""


@dataclass(frozen=True)
class Method:
    """How the missing cells of a column are filled."""

    strategy: str
    constant: float | str | None
    has_indicator: bool
    """Whether a column of its own tells where a cell is missing."""

    @classmethod
    def read(cls, text: str, kind: str) -> Method:
        """Understand `mean`, `constant 0`, `median indicator`; what is no number becomes NaN."""
        plain = text.removesuffix(f" {INDICATOR}")
        strategy, _, constant = plain.partition(" ")
        if strategy != CONSTANT:
            return cls(strategy, None, plain != text)
        number = parse_number(constant)
        value = constant if kind == CATEGORICAL else math.nan if number is None else number
        return cls(strategy, value, plain != text)


def impute_of(arguments: Sequence[str]) -> dict[str, str]:
    """From comma-joined `mean:Area`."""
    pairs = [pair.partition(":") for argument in arguments for pair in argument.split(",")]
    if not all(name for _, _, name in pairs):
        raise DataError("--impute: write a method and a colon before each column, such as mean:Area")
    return {name: method for method, _, name in pairs}


def methods(schema: Schema, names: Sequence[str], kind: str) -> dict[str, Method]:
    """How each of these columns is filled: as is said of it, of its kind, or of neither."""
    of_kind = schema.impute.get(kind, LEARNT[kind][0])
    return {name: Method.read(schema.impute.get(name, of_kind), kind) for name in names}


def mistakes_of(schema: Schema) -> Iterator[str]:
    """What cannot be done with these columns."""
    kinds = dict.fromkeys((*schema.numeric, *schema.derived, NUMERIC), NUMERIC)
    kinds = dict.fromkeys((*schema.categorical, CATEGORICAL), CATEGORICAL) | kinds
    for name, text in schema.impute.items():
        kind = kinds.get(name)
        if kind is None:
            yield f"--impute {name}: is no feature"
            continue
        method = Method.read(text, kind)
        is_known = method.strategy in LEARNT[kind] or method.constant or method.constant == 0
        is_finite = kind == CATEGORICAL or method.constant is None or math.isfinite(float(method.constant))
        if not is_known or not is_finite or (method.has_indicator and kind == CATEGORICAL):
            yield f"--impute {name}: {text} is nothing that fills {kind} columns"
