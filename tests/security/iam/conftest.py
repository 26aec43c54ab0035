"""The proof about the sample's environments and their options, made once for all tests of this folder."""

import pytest

from tests.security.iam.proof import ENVIRONMENTS, OPTIONS, OTHERWISE, Proof
from tests.stacks.synthesis import Synthesis


@pytest.fixture(scope="session")
def proof(sample_synthesis: Synthesis) -> Proof:
    """Cases and policies of the sample, whose names do not change with what is configured elsewhere."""
    proof = Proof.of(sample_synthesis.cloud, sample_synthesis.settings, ENVIRONMENTS, (*OPTIONS, *OTHERWISE))
    # It decides while this process does something else.
    assert proof.second_opinion
    return proof
