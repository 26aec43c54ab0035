"""Whatever stands where something else is expected is told as a mistake, never as a traceback."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from config.settings import ConfigurationError
from tests.config.test_platform import EVERYTHING

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

UNEXPECTED: tuple[object, ...] = (None, True, float("nan"), "x y", [[]], {"a": {}})


def paths(values: dict[str, Any], above: str = "") -> Iterator[str]:
    """Yield the key path of everything below, from the outside to the inside."""
    for key, value in values.items():
        yield f"{above}{key}"
        if isinstance(value, dict):
            yield from paths(value, f"{above}{key}.")


@pytest.mark.parametrize("value", UNEXPECTED, ids=repr)
def test_an_unexpected_value_is_no_traceback(value: object, workspace: "Workspace") -> None:
    for key, part in EVERYTHING.items():
        workspace.set("environments/dev", key, part)
    for file, document in [*workspace.documents.items()]:
        for path in [*paths(document)]:
            *parents, key = path.split(".")
            place = document
            for parent in parents:
                place = place[parent]
            before = place[key]
            workspace.set(file, path, value)
            try:
                workspace.load()
            except ConfigurationError as error:
                assert all("; allowed: " in line for line in str(error).splitlines())
            workspace.set(file, path, before)
