"""Column names as other services write them."""

import re
from collections.abc import Callable, Sequence

FEATURE_NAME_MAX_CHARACTERS = 64
_RESERVED_FEATURES = frozenset({"api_invocation_time", "is_deleted", "record_id", "event_time", "write_time"})


def catalog_columns(columns: Sequence[str]) -> dict[str, str]:
    """The Glue catalog's name of each column: lower case, as crawlers and Athena write it.

    Raises ValueError when two columns would have the same one.
    """
    return _renamed(columns, str.lower, "the Glue catalog")


def feature_names(columns: Sequence[str]) -> dict[str, str]:
    """The Feature Store's name of each column: letters, digits and underscores.

    Raises ValueError when a name is too long, taken by the store itself, or the same for two columns.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_FeatureDefinition.html
    """
    names = _renamed(columns, _feature_name, "the Feature Store")
    for column, name in names.items():
        if not name or len(name) > FEATURE_NAME_MAX_CHARACTERS or name in _RESERVED_FEATURES:
            raise ValueError(
                f"column {column!r} cannot be a feature named {name!r}: 1 to {FEATURE_NAME_MAX_CHARACTERS} "
                f"characters, none of {', '.join(sorted(_RESERVED_FEATURES))}; rename the column, or set "
                "catalog.feature_store to none"
            )
    return names


def _feature_name(column: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", column).strip("_")


def _renamed(columns: Sequence[str], rename: Callable[[str], str], where: str) -> dict[str, str]:
    names: dict[str, str] = {}
    first: dict[str, str] = {}
    for column in columns:
        name = rename(column)
        if name in first:
            raise ValueError(
                f"columns {first[name]!r} and {column!r} would both be {name!r} in {where}; rename one"
            )
        first[name] = column
        names[column] = name
    return names
