"""A table as it is read from a file, and what can be seen of each of its columns."""

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.new_use_case.formats import Rows

MISSING_WORDS = ("NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "-", "?", ".")
"""What people write for a missing value; among numbers nothing else can be meant."""
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\S.*)?|\d\d?[./]\d\d?[./]\d{4}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_NAMED_LIKE_A_PERSON = re.compile(
    r"(^|[^a-z])(e-?mail|phone|mobile|surname|first.?name|last.?name|full.?name|birth\w*|address|ssn|iban|passport)([^a-z]|$)"
)
_NAMED_LIKE_AN_IDENTIFIER = re.compile(r"(^|[^a-z])(id|uuid|key|index|number|nr|no|row)([^a-z]|$)")
_NAMED_LIKE_A_CODE = re.compile(r"(^|[^a-z])(code|zip|postcode|plz|type|class|category|kind)([^a-z]|$)")
_OTHER_SEPARATORS = (";", "\t", "|")
_UNIQUE_SHARE = 0.95
_MOST_CATEGORIES = 100


class TableError(Exception):
    """The file is no table that a use case could be made of; the text says what to change."""


@dataclass(frozen=True)
class Column:
    """The cells of one column as text."""

    name: str
    cells: Sequence[str]
    words_for_missing: frozenset[str] = frozenset()

    @cached_property
    def present(self) -> list[str]:
        """The cells that are not missing."""
        return [cell for cell in self.cells if cell and cell not in self.words_for_missing]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text occurs."""
        return Counter(self.present)

    @property
    def missing_share(self) -> float:
        """From 0 to 1."""
        return 1 - len(self.present) / len(self.cells)

    @cached_property
    def numbers(self) -> list[float] | None:
        """The present cells as numbers; None when one is none."""
        if not self.present or not all(_NUMBER.fullmatch(cell) for cell in self.present):
            return None
        return [float(cell) for cell in self.present]

    @cached_property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return self.numbers is not None and all(number.is_integer() for number in self.numbers)

    @property
    def is_code(self) -> bool:
        """Whether its numbers stand for categories, as its name says."""
        named = _NAMED_LIKE_A_CODE.search(self._words) is not None
        return self.is_whole and named and len(self.counts) <= _MOST_CATEGORIES

    @property
    def is_date(self) -> bool:
        """Whether every cell is a day."""
        return bool(self.present) and all(_DATE.fullmatch(cell) for cell in self.counts)

    @property
    def is_iso_date(self) -> bool:
        """Whether the days are written year first."""
        return self.is_date and all(cell[4] == "-" for cell in self.counts)

    @property
    def is_personal(self) -> bool:
        """Whether it looks as if it identified people."""
        by_name = _NAMED_LIKE_A_PERSON.search(self._words) is not None
        return by_name or (bool(self.present) and all(_EMAIL.fullmatch(cell) for cell in self.counts))

    @property
    def is_identifier(self) -> bool:
        """Whether almost every row has a value of its own, which is text, counts up, or is named like one."""
        if len(self.present) < 2 or len(self.counts) < _UNIQUE_SHARE * len(self.present):
            return False
        if self.numbers is None:
            return True
        rises = all(before < after for before, after in zip(self.numbers, self.numbers[1:], strict=False))
        return self.is_whole and (rises or _NAMED_LIKE_AN_IDENTIFIER.search(self._words) is not None)

    @property
    def is_free_text(self) -> bool:
        """Whether it has more different texts than a model could learn from."""
        return self.numbers is None and len(self.counts) > _MOST_CATEGORIES

    @property
    def description(self) -> str:
        """What was seen, for a comment; no cell but the ends of numbers."""
        missing = f"{self.missing_share:.1%} missing" if self.missing_share else "none missing"
        kind = f"{len(self.counts)} different"
        if self.numbers:
            kind += f", {min(self.numbers):g} to {max(self.numbers):g}"
        return f"{kind}, {missing}"

    @property
    def _words(self) -> str:
        """The name in lower case, camelCase taken apart."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name).lower()


@dataclass(frozen=True)
class Table:
    """The columns of a file by name."""

    columns: dict[str, Column]
    missing_values: tuple[str, ...]
    """The words that stand for a missing value."""

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]


def table_of(content: Rows, path: Path) -> Table:
    """The columns of a file's rows; raises TableError."""
    header, *rows = content or [()]
    if len(header) == 1 and (other := next((sign for sign in _OTHER_SEPARATORS if sign in header[0]), "")):
        raise TableError(
            f"{path}: fields are separated by {other!r}; write the table with commas between them"
        )
    wide = sum(len(row) != len(header) for row in rows)
    if wide or len(set(header)) < len(header) or not rows:
        raise TableError(
            f"{path}: {wide} of {len(rows)} rows have not {len(header)} fields, or a column's name repeats; "
            "write a header and rows with commas between the fields"
        )
    if refused := [name for name in header if not _can_be_configured(name)]:
        raise TableError(
            f"{path}: rename these columns: {', '.join(map(repr, refused))}; a name has 1 to 64 characters, "
            'no comma, ", \\ or ${, no space at its ends and no dash at the beginning'
        )
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    words = _words_for_missing(columns.values())
    return Table({name: Column(name, cells, words) for name, cells in columns.items()}, tuple(sorted(words)))


def _can_be_configured(name: str) -> bool:
    is_plain = name == name.strip() and name.isprintable() and 0 < len(name) <= 64
    return is_plain and not name.startswith("-") and not any(sign in name for sign in (",", '"', "\\", "${"))


def _words_for_missing(columns: Iterable[Sequence[str]]) -> frozenset[str]:
    """Words that stand among numbers, where they can mean nothing else."""
    found: set[str] = set()
    for cells in columns:
        texts = {cell for cell in set(cells) if cell and not _NUMBER.fullmatch(cell)}
        if texts <= set(MISSING_WORDS) and len(texts) < len(set(cells)):
            found |= texts
    return frozenset(found)


def correlation(one: Column, other: Column) -> float:
    """How far two columns of numbers rise together, from 0 to 1; rows where one is missing do not count."""
    missing = one.words_for_missing | {""}
    pairs = [
        (float(a), float(b))
        for a, b in zip(one.cells, other.cells, strict=True)
        if a not in missing and b not in missing
    ]
    if len(pairs) < 3:
        return 0.0
    first, second = zip(*pairs, strict=True)
    if len(set(first)) == 1 or len(set(second)) == 1:
        return 0.0
    return abs(statistics.correlation(first, second))


def purity(one: Column, target: Column) -> float:
    """The share of rows whose label follows from the column: the commonest label of each of its values."""
    by_value: dict[str, Counter[str]] = {}
    for cell, label in zip(one.cells, target.cells, strict=True):
        if label:
            by_value.setdefault(cell, Counter())[label] += 1
    return sum(max(labels.values()) for labels in by_value.values()) / max(1, len(target.present))


def skewness(numbers: Sequence[float]) -> float:
    """Above 1, a few numbers are much larger than the others."""
    mean, deviation = statistics.fmean(numbers), statistics.pstdev(numbers)
    if not deviation or not math.isfinite(deviation):
        return 0.0
    return statistics.fmean(((number - mean) / deviation) ** 3 for number in numbers)
