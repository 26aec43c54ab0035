"""Typed columns as text, formatted column by column and not cell by cell: as CSV and as JSON have them."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CHUNK_ROWS = 1 << 16
"""So many rows are text at a time."""
LARGEST_EXACT_INTEGER = 2.0**53
# Between them, and for whole numbers, Arrow's shortest exact text is that of Python.
SAME_FROM, SAME_TO = 1e-4, 1e10


def as_csv(column: pa.Array) -> pa.Array:
    """Numbers in their shortest exact form, a whole one without a point; a missing cell is empty."""
    if pa.types.is_dictionary(column.type):
        cells = _of_words(column, [quoted(word) for word in column.dictionary.to_pylist()])
    else:
        cells = _of_numbers(column, whole_numbers_end_with="")
    return pc.fill_null(cells, "")


def as_json(column: pa.Array) -> pa.Array:
    """Exactly as `json.dumps` writes floats, texts and None."""
    if pa.types.is_dictionary(column.type):
        cells = _of_words(column, [json.dumps(word) for word in column.dictionary.to_pylist()])
    else:
        cells = _of_numbers(column, whole_numbers_end_with=".0")
    return pc.fill_null(cells, "null")


def _of_words(column: pa.Array, words: list[str]) -> pa.Array:
    return pa.array(words, pa.string()).take(column.indices)


def quoted(word: str) -> str:
    """A cell of CSV, in quotes where it needs them."""
    return '"' + word.replace('"', '""') + '"' if any(sign in word for sign in ',"\r\n') else word


def _of_numbers(column: pa.Array, whole_numbers_end_with: str) -> pa.Array:
    numbers = column.to_numpy(zero_copy_only=False)
    size = np.abs(numbers)
    is_whole = (size < LARGEST_EXACT_INTEGER) & (numbers == np.floor(numbers))
    integers = pc.cast(pa.array(np.where(is_whole, numbers, 0.0).astype(np.int64)), pa.string())
    integers = pc.binary_join_element_wise(integers, whole_numbers_end_with, "")
    is_same = (size >= SAME_FROM) & (size < SAME_TO) & ~is_whole
    texts = pc.if_else(pa.array(is_same), pc.cast(column, pa.string()), integers)
    # A zero with a sign, and what Python writes with an exponent.
    is_other = np.isfinite(numbers) & ~is_same & (~is_whole | ((numbers == 0) & np.signbit(numbers)))
    if is_other.any():
        others = [_by_python(number, whole_numbers_end_with) for number in numbers[is_other].tolist()]
        texts = pc.replace_with_mask(texts, pa.array(is_other), pa.array(others, pa.string()))
    return pc.if_else(pc.is_valid(column), texts, pa.scalar(None, pa.string()))


def _by_python(number: float, whole_numbers_end_with: str) -> str:
    text = repr(number)
    return "0" if text == "-0.0" and not whole_numbers_end_with else text
