"""The proof about the committed environments and their options, made once for all tests of this folder."""

import pytest

from tests.security.iam.proof import OPTIONS, Proof
from tests.stacks.cloud import Cloud


@pytest.fixture(scope="session")
def proof(cloud: Cloud) -> Proof:
    """Cases and policies of all committed environments, and of what options add to them."""
    proof = Proof.of(cloud, options=OPTIONS)
    # It decides while this process does something else.
    assert proof.second_opinion
    return proof
