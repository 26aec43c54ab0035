"""The security gate's table says what the proof found."""

import pytest

from tests.security.conftest import Row
from tests.security.iam.proof import Proof
from tests.security.iam.report import report


@pytest.mark.waits_for_others
def test_the_figures_of_the_proof_are_in_the_table(proof: Proof, row: Row) -> None:
    found = report(proof)
    for what, result in found.lines.items():
        row(what, result)
    assert found.right == found.cases
    assert found.score >= 0.95
