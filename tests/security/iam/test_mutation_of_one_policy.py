"""Which mistakes are made in a policy, and that a case notices exactly those that it must."""

from typing import Any

from tests.security.iam.cases import Case, Subject
from tests.security.iam.estate import Document
from tests.security.iam.mutation import mutants_of, mutate_all
from tests.security.iam.rows import Row, may
from tools.local_aws.iam.engine.model import PolicyKind, Principal, Request

ROLE = "arn:aws:iam::111111111111:role/reader"
READ: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": "arn:aws:s3:::data/raw/*",
    "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
}


def _document(*statements: dict[str, Any]) -> Document:
    return Document(
        "test/Policy", PolicyKind.IDENTITY, {"Version": "2012-10-17", "Statement": list(statements)}
    )


def _cases(document: Document, rows: list[Row]) -> list[Case]:
    subject = Subject(Principal.role_session(ROLE, "session"), (document,))
    return [
        Case(row, "dev", Request(subject.principal, row.action, row.resource, row.context), subject, None)
        for row in rows
    ]


def test_every_part_of_a_statement_is_mutated() -> None:
    assert {mutant.name.removeprefix("test/Policy Read: ") for mutant in mutants_of(_document(READ))} == {
        "dropped",
        "effect flipped",
        "without s3:GetObject",
        "without s3:ListBucket",
        "without the condition StringEquals aws:RequestedRegion",
        "on all resources",
    }


def test_a_mistake_that_no_case_is_about_survives() -> None:
    document = _document(READ)
    here = {"aws:RequestedRegion": "us-east-1"}
    rows = may("reader", "s3:GetObject", "arn:aws:s3:::data/raw/x", "to read", only=here)
    result = mutate_all([document], _cases(document, rows))
    assert result.survivors == ("test/Policy Read: without s3:ListBucket",)
    assert result.score == 5 / 6


def test_cases_that_only_allow_notice_no_policy_that_is_too_wide() -> None:
    document = _document(READ)
    rows = [
        Row(
            "reader",
            "s3:GetObject",
            "arn:aws:s3:::data/raw/x",
            True,
            "to read",
            {"aws:RequestedRegion": "us-east-1"},
        )
    ]
    survivors = mutate_all([document], _cases(document, rows)).survivors
    assert "test/Policy Read: on all resources" in survivors
    assert "test/Policy Read: without the condition StringEquals aws:RequestedRegion" in survivors


def test_statements_without_sid_are_numbered() -> None:
    nameless = {key: value for key, value in READ.items() if key != "Sid"}
    names = [mutant.name for mutant in mutants_of(_document(READ, nameless))]
    assert "test/Policy statement 2: dropped" in names
