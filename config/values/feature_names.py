"""Checks the columns of a use case that becomes a feature group of SageMaker Feature Store."""

import re
from collections.abc import Iterator

from config.mistakes.documents import Document
from config.mistakes.errors import KeyPath, Mistake

FEATURE_NAME = re.compile(r"[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}")
RESERVED_FEATURE_NAMES = ("is_deleted", "write_time", "api_invocation_time")
"""Columns that the offline store adds itself.

https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-create-feature-group.html
"""


def check_feature_names(use_case: Document, environment: str) -> Iterator[Mistake]:
    """Yield columns that an environment with a feature store could not name as features."""
    for path, column in _columns(use_case):
        if FEATURE_NAME.fullmatch(column) is None or column.lower() in RESERVED_FEATURE_NAMES:
            problem = f"cannot be a feature of the feature store that {environment} switches on"
            allowed = (
                "letters, digits, and dashes and underscores between them, not "
                f"{', '.join(RESERVED_FEATURE_NAMES)}"
            )
            change = "rename the column in the raw data, or write feature_store: none"
            yield use_case.mistake(path, column, problem, allowed, change)


def _columns(use_case: Document) -> Iterator[tuple[KeyPath, str]]:
    target = use_case.text("target")
    if target is not None:
        yield ("target",), target
    for kind in ("numeric", "categorical"):
        for index, column in use_case.texts("features", kind).items():
            yield ("features", kind, index), column
