"""Every mistake that can be made in one place of a policy is noticed by a case of the table."""

from tests.security.iam.proof import Proof
from tests.security.iam.survivors import EQUIVALENT

LEAST_SCORE = 0.95


def test_mistakes_in_policies_are_noticed(proof: Proof) -> None:
    mutants = sum(len(result.mutants) for result in proof.mutation.values())
    survivors = sum(len(result.survivors) for result in proof.mutation.values())
    score = 1 - survivors / mutants
    assert score >= LEAST_SCORE, _listed(_survivors(proof))


def test_no_statement_can_be_deleted_unnoticed(proof: Proof) -> None:
    """Of no policy of any role, bucket, key, topic or queue."""
    assert not {name for name in _survivors(proof) if name.endswith(": dropped")}


def test_the_list_of_equivalent_mutants_is_exact(proof: Proof) -> None:
    survivors = _survivors(proof)
    unexplained, gone = survivors - EQUIVALENT.keys(), EQUIVALENT.keys() - survivors
    assert not unexplained, f"write a case, or explain in survivors.py:\n{_listed(unexplained)}"
    assert not gone, f"noticed by now, remove from survivors.py:\n{_listed(gone)}"


def _survivors(proof: Proof) -> set[str]:
    return {
        name.replace(f"{estate.facts['env']}-", "{env}-").replace(estate.account, "{account}")
        for estate in proof.all_estates
        for name in proof.mutation[estate.environment].survivors
    }


def _listed(names: set[str]) -> str:
    return "\n".join(sorted(names))
