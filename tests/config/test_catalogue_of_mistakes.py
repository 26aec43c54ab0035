"""The 34 mistakes of a configuration that must not reach a synthesis, each with file, key path and value.

A mistake that cannot be made here, because there is no such setting, is one whose key is refused as unknown.
"""

from typing import TYPE_CHECKING

import pytest

from tests.config.catalogue import ConfigurationMistake, refuse
from tests.config.mistakes_of_networks import MISTAKES_OF_NETWORKS
from tests.config.mistakes_of_places import MISTAKES_OF_PLACES
from tests.config.mistakes_of_sizes import MISTAKES_OF_SIZES

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

MISTAKES = tuple(
    sorted(
        (*MISTAKES_OF_SIZES, *MISTAKES_OF_NETWORKS, *MISTAKES_OF_PLACES),
        key=lambda mistake: int(mistake.number.removeprefix("A")),
    )
)
CASES = [
    pytest.param(mistake, index, id=f"{mistake.number} {mistake.sentence} ({index + 1})")
    for mistake in MISTAKES
    for index in range(len(mistake.examples))
]


def test_the_catalogue_is_complete() -> None:
    assert [mistake.number for mistake in MISTAKES] == [f"A{number}" for number in range(1, 35)]


@pytest.mark.parametrize(("mistake", "index"), CASES)
def test_before_anything_is_synthesized(
    mistake: ConfigurationMistake, index: int, workspace: "Workspace"
) -> None:
    refuse(mistake.examples[index], workspace)
