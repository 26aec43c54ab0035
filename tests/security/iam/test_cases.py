"""Who may do what: every case of the table comes out as it must, and no role is without cases."""

from collections import Counter

from tests.security.iam.cases import roles_covered
from tests.security.iam.estate import Estate
from tests.security.iam.proof import ROWS, Proof
from tests.stacks.synthesis import Synthesis

LEAST_CASES = 150
LEAST_ALLOWED, LEAST_DENIED = 1, 5
MAY_NOTHING = {"chat"}
"""Roles that AWS asks for and that need no right."""


def roles_to_cover(proof: Proof, estate: Estate) -> list[str]:
    """All roles of an environment; of a variant those that its options add."""
    names = {document.name for document in proof.documents[estate.environment]}
    return [name for name, role in estate.roles.items() if role.trust.name in names]


def test_every_case_is_decided_as_the_table_says(proof: Proof) -> None:
    assert not proof.wrong, "\n".join(proof.wrong[:20])


def test_the_same_holds_wherever_it_is_configured(
    shipped_synthesis: Synthesis, sample_synthesis: Synthesis
) -> None:
    """The rows about what an environment has, in all that ship, and in a network that exists."""
    shipped = [environment.name for environment in shipped_synthesis.settings.environments]
    for synthesis, environments in ((shipped_synthesis, shipped), (sample_synthesis, ["existing"])):
        proof = Proof.of(synthesis.cloud, synthesis.settings, environments)
        assert proof.cases
        assert not proof.wrong, "\n".join(proof.wrong[:20])


def test_the_table_has_enough_cases_that_somebody_wrote() -> None:
    written = [row for row in ROWS if not row.derived]
    assert len(written) >= LEAST_CASES
    assert {row.allowed for row in written} == {True, False}


def test_every_role_of_every_stack_has_cases(proof: Proof) -> None:
    """A new role fails here until the table says what it is for and what it is not for."""
    for estate in proof.all_estates:
        covered = roles_covered(proof.cases_by_environment[estate.environment], estate)
        for name in roles_to_cover(proof, estate):
            allowed, denied = covered[name]
            is_used = allowed == 0 if name in MAY_NOTHING else allowed >= LEAST_ALLOWED
            enough = is_used and denied >= LEAST_DENIED
            assert enough, f"{estate.environment}: {name} has {allowed} allowed and {denied} denied cases"


def test_every_role_of_every_stack_has_cases_about_who_assumes_it(proof: Proof) -> None:
    for estate in proof.estates:
        cases = [
            c for c in proof.cases_by_environment[estate.environment] if c.request.action.startswith("sts:")
        ]
        for name in roles_to_cover(proof, estate):
            arn = estate.roles[name].arn
            outcomes = {case.row.allowed for case in cases if case.request.resource == arn}
            assert outcomes == {True, False}, f"{estate.environment}: {name}"


def test_every_row_says_something_about_an_environment(proof: Proof) -> None:
    """A row about a role or resource that no environment has any more proves nothing."""
    used = {id(case.row) for case in proof.cases}
    unused = Counter(f"{row.who} {row.action} {row.resource}" for row in ROWS if id(row) not in used)
    assert not unused


def test_no_two_rows_ask_the_same_and_expect_opposites() -> None:
    seen: dict[object, bool] = {}
    for row in ROWS:
        question = (row.who, row.action, row.resource, tuple(sorted(row.context.items())))
        assert seen.setdefault(question, row.allowed) is row.allowed, f"{question}: {row.why}"


def test_every_row_says_why() -> None:
    assert not [row for row in ROWS if len(row.why.split()) < 2]
