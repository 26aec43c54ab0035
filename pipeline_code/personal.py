"""Personal data, made coarser before anybody learns from them, writes or logs them.

Deliveries, requests and what an endpoint has captured are treated alike, so that they can be compared. What
is coarse already stays as it is: a client may send it that way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from request_rows import Cells
from tabular import DataError, parse_number

Treatments = Mapping[str, str]
"""By column `mask <characters that stay>` or `bucket <width>`."""
MASK = "*"
_TREATMENT = re.compile(r"(mask|bucket) [1-9][0-9]{0,8}")


def treatments_of(arguments: Sequence[str]) -> dict[str, str]:
    """From comma-joined `mask 2:Postcode`; raises DataError for another treatment."""
    pairs = [pair.partition(":") for argument in arguments for pair in argument.split(",")]
    wrong = [name for treatment, _, name in pairs if not name or not _TREATMENT.fullmatch(treatment)]
    if wrong:
        raise DataError(
            f"--personal {', '.join(wrong)}: write `mask <characters>:` or `bucket <width>:` before"
        )
    return {name: treatment for treatment, _, name in pairs}


def coarser_column(column: pa.Array, treatment: str) -> pa.Array:
    """Of a delivery: numbers as the beginning of their class, words as their first characters."""
    if not pa.types.is_dictionary(column.type):
        numbers = _beginning(column.to_numpy(zero_copy_only=False), treatment)
        return pa.array(numbers, mask=np.asarray(column.is_null()))
    words = [_masked(word, treatment) for word in column.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(column.indices).dictionary_encode()


def coarser_cells(cells: Cells, personal: Treatments) -> Cells:
    """Of a request, whose cells have been checked."""
    return cells | {
        name: [None if cell is None else _coarser(cell, treatment) for cell in cells[name]]
        for name, treatment in personal.items()
    }


def coarser_text(cell: str, treatment: str) -> str:
    """Of what was captured; a text where a number should be says nothing of itself."""
    if not cell or treatment.startswith("mask"):
        return cell and _masked(cell, treatment)
    number = parse_number(cell)
    return MASK if number is None else repr(float(_beginning(number, treatment)))


def _coarser(cell: float | str, treatment: str) -> float | str:
    return _masked(cell, treatment) if isinstance(cell, str) else float(_beginning(cell, treatment))


def _masked(word: str, treatment: str) -> str:
    stays = _size(treatment)
    return (word[:stays] if len(word) > stays else "") + MASK


def _beginning(numbers: np.ndarray | float, treatment: str) -> np.ndarray:
    width = _size(treatment)
    with np.errstate(over="ignore"):
        beginnings = np.asarray(np.floor(numbers / np.float64(width)) * width)
    # Rounded up, the largest numbers would be infinite.
    return np.where(np.isinf(beginnings), numbers, beginnings)


def _size(treatment: str) -> int:
    return int(treatment.rpartition(" ")[2])
