"""Decisions about permissions boundaries and session policies."""

import pytest

from tests.tools.local_aws.iam.engine.situations import ROLE, Case, allow, deny, when

BOUNDARY = [
    Case("a boundary grants nothing", False, [], boundary=[allow()]),
    Case("a boundary must allow as well", False, [allow()], boundary=[allow("s3:PutObject")]),
    Case("identity and boundary together allow", True, [allow()], boundary=[allow("s3:*")]),
    Case("a deny of the boundary wins", False, [allow()], boundary=[allow("*"), deny()]),
    Case("an empty boundary allows nothing", False, [allow()], boundary=[]),
    Case("a session policy must allow as well", False, [allow()], session=[allow("s3:PutObject")]),
    Case("a session policy that allows is enough", True, [allow()], session=[allow()]),
    Case("a session policy grants nothing", False, [], session=[allow()]),
    Case("a deny of the session policy wins", False, [allow()], session=[allow(), deny()]),
    Case(
        "boundary and session policy are both needed",
        False,
        [allow()],
        boundary=[allow()],
        session=[allow("s3:PutObject")],
    ),
    Case(
        "the region lock spares global services",
        True,
        [allow("iam:PassRole")],
        boundary=[
            allow("*"),
            {
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*"],
                "Resource": "*",
                **when(StringNotEquals={"aws:RequestedRegion": "us-east-1"}),
            },
        ],
        action="iam:PassRole",
        resource=ROLE,
        context={"aws:RequestedRegion": "eu-west-1"},
    ),
    Case(
        "the region lock holds elsewhere",
        False,
        [allow()],
        boundary=[
            allow("*"),
            {
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*"],
                "Resource": "*",
                **when(StringNotEquals={"aws:RequestedRegion": "us-east-1"}),
            },
        ],
        context={"aws:RequestedRegion": "eu-west-1"},
    ),
]


@pytest.mark.parametrize("case", BOUNDARY, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
