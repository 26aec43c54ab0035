"""What a transform job does with the bytes of a file before the model is asked, and after. Pure.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

WHOLE = "$"
# Ends of a slice belong to it: "$[1:4] specifies the second through fifth columns".
_PART = re.compile(r"(\d*):(\d*)|(-?\d+)")


class RecordError(Exception):
    """A file cannot be transformed; the text is what the data log says."""


def records_of(body: bytes, split_type: str) -> list[bytes]:
    """The lines of a file, or the file as one record.

    AWS does not say what becomes of an empty line. As a record it would have no answer, so that all behind it
    would be joined with those of others: refused, in words of ours.
    """
    if split_type != "Line":
        return [body]
    lines = body.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise RecordError(f"line {number} is empty, and AWS documents no answer to it")
    return lines


def mini_batches(records: Sequence[bytes], most_bytes: int, strategy: str) -> Iterator[list[int]]:
    """Positions of the records that are sent together; without a limit, all of them."""
    batch: list[int] = []
    size = 0
    for position, record in enumerate(records):
        if most_bytes and len(record) + 1 > most_bytes:
            raise RecordError("too much data for max payload size")
        is_full = most_bytes and size + len(record) + 1 > most_bytes
        if batch and (is_full or strategy == "SingleRecord"):
            yield batch
            batch, size = [], 0
        batch.append(position)
        size += len(record) + 1
    if batch:
        yield batch


def rows_of(lines: Iterable[bytes], what: str) -> list[list[str]]:
    """Rows of text/csv, one in each line."""
    texts = [line.decode(errors="replace") for line in lines]
    try:
        return [next(csv.reader([text], strict=True)) for text in texts]
    except csv.Error as error:
        # https://github.com/aws/amazon-sagemaker-examples/issues/898
        raise RecordError(f"Failed to parse {what} as CSV: {error}") from error


def lines_of(rows: Iterable[Sequence[str]]) -> list[bytes]:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode().splitlines()


def selected(path: str, row: Sequence[str]) -> list[str]:
    """The cells of a row that a JSONPath of indexes means; one that is not there is an error."""
    if path == WHOLE:
        return list(row)
    cells: list[str] = []
    for part in path.removeprefix("$[").removesuffix("]").split(","):
        found = _PART.fullmatch(part.strip())
        if found is None:
            raise RecordError(f"the path {path} is not for rows of text/csv")
        first, last, index = found.groups()
        if index is None:
            cells += row[int(first or 0) : int(last) + 1 if last else None]
        elif -len(row) <= int(index) < len(row):
            cells.append(row[int(index)])
        else:
            raise RecordError(f"the path {path} is not within a row of {len(row)} columns")
    return cells
