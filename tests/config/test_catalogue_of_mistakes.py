"""The 34 mistakes of a configuration that must not reach a synthesis, each with file, key path and value.

A mistake that cannot be made here, because there is no such setting, is one whose key is refused as unknown.
The security gate makes them all: tests/security/test_configuration.py.
"""

from tests.config.mistakes_of_networks import MISTAKES_OF_NETWORKS
from tests.config.mistakes_of_places import MISTAKES_OF_PLACES
from tests.config.mistakes_of_sizes import MISTAKES_OF_SIZES

MISTAKES = tuple(
    sorted(
        (*MISTAKES_OF_SIZES, *MISTAKES_OF_NETWORKS, *MISTAKES_OF_PLACES),
        key=lambda mistake: int(mistake.number.removeprefix("A")),
    )
)


def test_the_catalogue_is_complete() -> None:
    assert [mistake.number for mistake in MISTAKES] == [f"A{number}" for number in range(1, 35)]
