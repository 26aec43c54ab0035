"""Decisions about policy variables."""

import pytest

from tests.tools.local_aws.iam.engine.situations import GET, Case, allow, when

VARIABLES = [
    Case(
        "a variable is filled in",
        True,
        [allow(GET, "arn:aws:s3:::data/${aws:PrincipalTag/team}/*")],
        context={"aws:PrincipalTag/Team": "raw"},
    ),
    Case(
        "a variable without a value matches nothing",
        False,
        [allow(GET, "arn:aws:s3:::data/${aws:username}*")],
    ),
    Case("a variable may have a default", True, [allow(GET, "arn:aws:s3:::data/${aws:username, 'raw'}/*")]),
    Case(
        "a given value beats the default",
        False,
        [allow(GET, "arn:aws:s3:::data/${aws:username, 'raw'}/*")],
        context={"aws:username": "ann"},
    ),
    Case(
        "what a variable brings in is no wildcard",
        False,
        [allow(GET, "arn:aws:s3:::data/${aws:PrincipalTag/team}/*")],
        context={"aws:PrincipalTag/team": "*"},
    ),
    Case("an escaped star is a star", False, [allow(GET, "arn:aws:s3:::data/${*}")]),
    Case(
        "an escaped star matches a star",
        True,
        [allow(GET, "arn:aws:s3:::data/${*}")],
        resource="arn:aws:s3:::data/*",
    ),
    Case(
        "an escaped question mark matches itself",
        True,
        [allow(GET, "arn:aws:s3:::data/a${?}")],
        resource="arn:aws:s3:::data/a?",
    ),
    Case(
        "the old version knows no variables",
        False,
        [allow(GET, "arn:aws:s3:::data/${aws:PrincipalTag/team}/*")],
        context={"aws:PrincipalTag/team": "raw"},
        version="2008-10-17",
    ),
    Case(
        "a variable in a condition",
        True,
        [allow(**when(StringEquals={"s3:prefix": "${aws:PrincipalTag/team}"}))],
        context={"aws:principaltag/team": "x", "s3:prefix": "x"},
    ),
    Case(
        "a variable without a value equals nothing",
        False,
        [allow(**when(StringLike={"s3:prefix": "${aws:PrincipalTag/team}*"}))],
        context={"s3:prefix": "x"},
    ),
    Case(
        "a several-valued key is no variable",
        False,
        [allow(GET, "arn:aws:s3:::data/${aws:TagKeys}/*")],
        context={"aws:TagKeys": ("raw", "b")},
    ),
    Case(
        "Allow NotResource with an unknown variable gives nothing away",
        False,
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::${aws:username}/*"}],
    ),
    Case(
        "Deny NotResource with an unknown variable denies",
        False,
        [allow(), {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::${aws:username}/*"}],
    ),
]


@pytest.mark.parametrize("case", VARIABLES, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
