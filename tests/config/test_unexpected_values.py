"""Whatever stands where something else is expected is told as a mistake, never as a traceback."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from config.settings import ConfigurationError
from tests.config.test_platform import EVERYTHING

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

UNEXPECTED: tuple[object, ...] = (None, True, float("nan"), "x y", [[]], {"a": {}})


@pytest.mark.parametrize("value", UNEXPECTED, ids=repr)
def test_an_unexpected_value_is_no_traceback(value: object, workspace: "Workspace") -> None:
    for key, part in EVERYTHING.items():
        workspace.set("environments/dev", key, part)
    for file, path, before in [*places(workspace)]:
        workspace.set(file, path, value)
        assert all("; allowed: " in line for line in told(workspace)), path
        workspace.set(file, path, before)


def places(workspace: "Workspace") -> Iterator[tuple[str, str, object]]:
    """Yield every key of every file, from the outside to the inside, with its value."""
    for file, document in workspace.documents.items():
        for path, value in keys(document):
            yield file, path, value


def keys(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        yield f"{above}{key}", value
        if isinstance(value, dict):
            yield from keys(value, f"{above}{key}.")


def told(workspace: "Workspace") -> list[str]:
    """Return the lines of the report; none if the value is allowed there after all."""
    try:
        workspace.load()
    except ConfigurationError as error:
        return str(error).splitlines()
    return []
