"""Decisions at the edges of the rules, and the reasons that are given."""

from typing import Any

import pytest

from tests.tools.local_aws.iam.engine.situations import (
    ACCOUNT,
    GET,
    KEY,
    OBJECT,
    ROLE,
    ROOT,
    Case,
    allow,
    deny,
    grants,
    when,
)

SERVICE = "events.amazonaws.com"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
BUCKETS = ["arn:aws:s3:::other/*", "arn:aws:s3:::data/*"]


def spared(*names: str, kind: str = "AWS") -> dict[str, Any]:
    return deny(NotPrincipal={kind: list(names)})


EDGES = [
    Case(
        "one of several NotResources excludes",
        False,
        [{"Effect": "Allow", "Action": "*", "NotResource": BUCKETS}],
    ),
    Case(
        "NotAction ignores case", False, [{"Effect": "Allow", "NotAction": "S3:GETOBJECT", "Resource": "*"}]
    ),
    Case(
        "one of several NotActions excludes",
        False,
        [{"Effect": "Allow", "NotAction": ["iam:*", GET], "Resource": "*"}],
    ),
    Case(
        "an address range may be written with host bits",
        True,
        [allow(**when(IpAddress={"aws:SourceIp": "10.1.2.3/8"}))],
        context={"aws:SourceIp": "10.9.9.9"},
    ),
    Case(
        "Null takes either of its values",
        True,
        [allow(**when(Null={"aws:TagKeys": ["true", "false"]}))],
    ),
    Case(
        "ForAnyValue on one value is that value",
        False,
        [allow(**when(**{"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}))],
        context={"aws:TagKeys": ("b",)},
    ),
    Case(
        "ForAllValues in a Deny needs all values",
        True,
        [allow(), deny(**when(**{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}))],
        context={"aws:TagKeys": ("a", "b")},
    ),
    Case(
        "the old version compares variables as they are written",
        False,
        [allow(**when(StringEquals={"aws:x": "${aws:y}"}))],
        context={"aws:x": "1", "aws:y": "1"},
        version="2008-10-17",
    ),
    Case(
        "an ARN condition on a short text does not match",
        False,
        [allow(**when(ArnLike={"aws:SourceArn": "arn:aws:kms:*:*:*"}))],
        context={"aws:SourceArn": "arn:aws:kms"},
    ),
    Case(
        "a short ARN in a condition does not match",
        False,
        [allow(**when(ArnLike={"aws:SourceArn": "arn:aws:kms:*"}))],
        context={"aws:SourceArn": KEY},
    ),
    Case("NotPrincipal spares everybody", True, [allow()], resource_policy=[spared("*")]),
    Case(
        "NotPrincipal spares a user",
        True,
        [allow()],
        resource_policy=[spared(USER, ROOT)],
        principal=Case.user(USER),
    ),
    Case(
        "NotPrincipal hits another user",
        False,
        [allow()],
        resource_policy=[spared(ROLE, ROOT)],
        principal=Case.user(USER),
    ),
    Case(
        "NotPrincipal spares a service",
        True,
        resource_policy=[grants("*"), spared(SERVICE, kind="Service")],
        principal=Case.service(SERVICE),
    ),
    Case(
        "NotPrincipal hits another service",
        False,
        resource_policy=[grants("*"), spared("sns.amazonaws.com", kind="Service")],
        principal=Case.service(SERVICE),
    ),
]


@pytest.mark.parametrize("case", EDGES, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case("nothing", False), f"because no identity-based policy allows the {GET} action"),
        (
            Case("boundary", False, [allow()], boundary=[]),
            f"because no permissions boundary allows the {GET} action",
        ),
        (Case("session", False, [allow()], session=[]), f"because no session policy allows the {GET} action"),
        (
            Case("service", False, principal=Case.service(SERVICE)),
            f"because no resource-based policy allows the {GET} action",
        ),
        (
            Case("own deny", False, [deny(Sid="Never")]),
            "with an explicit deny in an identity-based policy: identity, statement Never",
        ),
        (
            Case("bucket's deny", False, [allow()], resource_policy=[deny(Principal="*")]),
            "with an explicit deny in a resource-based policy: resource",
        ),
        (Case("own allow", True, [allow(Sid="Yes")]), "by an identity-based policy: identity, statement Yes"),
    ],
    ids=lambda value: value.name if isinstance(value, Case) else "",
)
def test_the_reason_names_what_decided(case: Case, reason: str) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected
    assert decision.reason == reason


def test_the_message_reads_as_aws_writes_it() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/training/job"
    assert Case("nothing", False).decision().message == (
        f"User: {session} is not authorized to perform: s3:GetObject on resource: {OBJECT} "
        "because no identity-based policy allows the s3:GetObject action"
    )
