"""The proof about the committed environments, made once for all tests of this folder."""

import pytest

from tests.security.iam.proof import Proof
from tests.stacks.cloud import Cloud


@pytest.fixture(scope="session")
def proof(shipped: Cloud) -> Proof:
    """Cases and policies of all committed environments."""
    proof = Proof.of(shipped)
    # It decides while this process does something else.
    assert proof.second_opinion
    return proof
