"""Names of columns, and what they become: arguments of a job, columns in the Glue catalog, features."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field

from config.mistakes.errors import Mistake, checked

_LONGEST_NAME = 64
# A quote or backslash would end a name in a data quality rule; templates fill in what follows ${.
_REFUSED = ('"', "\\", "${")

LONGEST_ARGUMENT = 256
MOST_ARGUMENTS = 100
MOST_CHUNKS = 39
"""Arguments that name columns; each follows an option, and 22 of the 100 arguments are left for the rest."""

PARTITION = "execution"
"""The column that the table of processed data has besides the use case's."""
RECORD_IDENTIFIER, EVENT_TIME = "record_id", "event_time"
"""The features that a feature group has besides the use case's."""
RESERVED_FEATURES = (RECORD_IDENTIFIER, EVENT_TIME, "is_deleted", "write_time", "api_invocation_time")
"""Features that nobody can name: ours, and those that the offline store adds itself.

https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-create-feature-group.html
"""
FEATURE = re.compile(r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}")


def catalog_name(column: str) -> str:
    """Return the Glue catalog's name of a column, as crawlers and Athena write it."""
    return column.lower()


def can_be_feature(column: str) -> bool:
    """Return whether a column's name can be the name of a feature, too."""
    return FEATURE.fullmatch(column) is not None and column.lower() not in RESERVED_FEATURES


def feature_name(column: str) -> str:
    """Return what a column is called in a feature group, where names have no spaces and few signs."""
    return column if can_be_feature(column) else re.sub(r"[^a-zA-Z0-9]+", "_", column).strip("_")


def chunks(names: Iterable[str]) -> list[str]:
    """Join names with commas into as few arguments as their length allows."""
    joined: list[str] = []
    for name in names:
        if joined and len(joined[-1]) + 1 + len(name) <= LONGEST_ARGUMENT:
            joined[-1] += f",{name}"
        else:
            joined.append(name)
    return joined


def treated(personal_data: Mapping[str, str]) -> list[str]:
    """Return the columns that stay, but coarser, as an argument names them: `mask 2:Postcode`."""
    return before_names({name: each for name, each in personal_data.items() if each != "drop"})


def before_names(methods: Mapping[str, str]) -> list[str]:
    """Return columns as an argument names them with a method of each: `mean:Area`."""
    return [f"{method}:{name}" for name, method in methods.items()]


def _column(value: str) -> Iterator[Mistake]:
    problem = ""
    if not value.strip() or value != value.strip() or not value.isprintable():
        problem = "is empty, begins or ends with a space, or holds unprintable characters"
    elif "," in value or value.startswith("-"):
        problem = "holds a comma or begins with a dash, so that it cannot be a job's argument"
    elif any(refused in value for refused in _REFUSED):
        problem = 'holds ", \\ or ${, so that it cannot stand in a data quality rule or a template'
    elif len(value) > _LONGEST_NAME:
        problem = f"has {len(value)} characters"
    if problem:
        allowed = f'1 to {_LONGEST_NAME} printable characters, no , " \\ or ${{, no dash at the beginning'
        yield Mistake((), value, problem, allowed, "rename the column in the raw data")


ColumnName = Annotated[str, checked(_column)]
ColumnNames = Annotated[tuple[ColumnName, ...], Field(strict=False)]
