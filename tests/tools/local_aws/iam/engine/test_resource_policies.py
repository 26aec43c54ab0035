"""Decisions about policies of buckets, topics and queues."""

import pytest

from tests.tools.local_aws.iam.engine.situations import (
    ACCOUNT,
    GET,
    KEY,
    ROLE,
    ROOT,
    SESSION,
    Case,
    allow,
    deny,
    grants,
    when,
)
from tools.local_aws.iam.engine.model import Principal

RESOURCE = [
    Case("a bucket policy that names the role is enough", True, resource_policy=[grants({"AWS": ROLE})]),
    Case(
        "a bucket policy that names the session is enough", True, resource_policy=[grants({"AWS": SESSION})]
    ),
    Case("a bucket policy that names everybody is enough", True, resource_policy=[grants("*")]),
    Case("an AWS star is everybody", True, resource_policy=[grants({"AWS": "*"})]),
    Case(
        "naming the account leaves it to the identity policies",
        False,
        resource_policy=[grants({"AWS": ROOT})],
    ),
    Case("naming the account by its number is the same", False, resource_policy=[grants({"AWS": ACCOUNT})]),
    Case(
        "account and identity policy together allow", True, [allow()], resource_policy=[grants({"AWS": ROOT})]
    ),
    Case("another role is not named", False, resource_policy=[grants({"AWS": ROLE + "-2"})]),
    Case("a bucket policy's deny wins", False, [allow()], resource_policy=[deny(Principal="*")]),
    Case(
        "a deny for another role does not matter",
        True,
        [allow()],
        resource_policy=[deny(Principal={"AWS": ROLE + "-2"})],
    ),
    Case(
        "a deny for the account hits its roles",
        False,
        [allow()],
        resource_policy=[deny(Principal={"AWS": ROOT})],
    ),
    Case(
        "a service does not speak for a role",
        False,
        resource_policy=[grants({"Service": "sagemaker.amazonaws.com"})],
    ),
    Case(
        "a grant to the role is limited by the boundary",
        False,
        boundary=[allow("s3:PutObject")],
        resource_policy=[grants({"AWS": ROLE})],
    ),
    Case(
        "a grant to the session is not limited by the boundary",
        True,
        boundary=[allow("s3:PutObject")],
        resource_policy=[grants({"AWS": SESSION})],
    ),
    Case(
        "a grant to everybody is not limited by the boundary",
        True,
        boundary=[allow("s3:PutObject")],
        resource_policy=[grants("*")],
    ),
    Case(
        "a deny of the boundary limits a grant to the session",
        False,
        boundary=[allow("*"), deny()],
        resource_policy=[grants({"AWS": SESSION})],
    ),
    Case(
        "a grant to the role is limited by the session policy",
        False,
        session=[allow("s3:PutObject")],
        resource_policy=[grants({"AWS": ROLE})],
    ),
    Case(
        "the closest grant counts",
        True,
        boundary=[allow("s3:PutObject")],
        resource_policy=[grants({"AWS": ROLE}), grants({"AWS": SESSION})],
    ),
    Case(
        "NotPrincipal with Deny spares only who is wholly listed",
        True,
        [allow()],
        resource_policy=[deny(NotPrincipal={"AWS": [ROLE, SESSION, ROOT]})],
    ),
    Case(
        "NotPrincipal with Deny hits a role listed without its session",
        False,
        [allow()],
        resource_policy=[deny(NotPrincipal={"AWS": [ROLE, ROOT]})],
    ),
    Case(
        "NotPrincipal with Deny hits a session listed without its account",
        False,
        [allow()],
        resource_policy=[deny(NotPrincipal={"AWS": [ROLE, SESSION]})],
    ),
    Case(
        "NotPrincipal with Allow spares who is listed",
        False,
        resource_policy=[{"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": GET, "Resource": "*"}],
    ),
    Case(
        "NotPrincipal with Allow grants everybody else",
        True,
        resource_policy=[
            {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE + "-2"}, "Action": GET, "Resource": "*"}
        ],
    ),
    Case(
        "TLS is demanded from everybody",
        False,
        [allow()],
        resource_policy=[deny(Principal={"AWS": "*"}, **when(Bool={"aws:SecureTransport": "false"}))],
        context={"aws:SecureTransport": "false"},
    ),
    Case(
        "TLS satisfies",
        True,
        [allow()],
        resource_policy=[deny(Principal={"AWS": "*"}, **when(Bool={"aws:SecureTransport": "false"}))],
        context={"aws:SecureTransport": "true"},
    ),
    Case(
        "raw data is closed to other roles",
        False,
        [allow()],
        resource_policy=[
            deny(
                GET,
                "arn:aws:s3:::data/raw/*",
                Principal="*",
                **when(ArnNotLike={"aws:PrincipalArn": [ROLE + "-2"]}),
            )
        ],
        context={"aws:PrincipalArn": ROLE},
    ),
    Case(
        "raw data is open to the named role",
        True,
        [allow()],
        resource_policy=[
            deny(
                GET, "arn:aws:s3:::data/raw/*", Principal="*", **when(ArnNotLike={"aws:PrincipalArn": [ROLE]})
            )
        ],
        context={"aws:PrincipalArn": ROLE},
    ),
    Case(
        "an upload without a key header uses the bucket's default",
        True,
        [allow("s3:PutObject")],
        action="s3:PutObject",
        resource_policy=[
            deny(
                "s3:PutObject",
                Principal="*",
                **when(
                    StringNotEquals={"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
                    Null={"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
                ),
            )
        ],
    ),
    Case(
        "an upload with another key is refused",
        False,
        [allow("s3:PutObject")],
        action="s3:PutObject",
        resource_policy=[
            deny(
                "s3:PutObject",
                Principal="*",
                **when(StringNotEqualsIfExists={"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY}),
            )
        ],
        context={"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY + "2"},
    ),
    Case(
        "another account needs both sides: identity missing",
        False,
        resource_policy=[grants({"AWS": ROLE})],
        resource_account="222222222222",
    ),
    Case(
        "another account needs both sides: resource missing",
        False,
        [allow()],
        resource_account="222222222222",
    ),
    Case(
        "another account with both sides is allowed",
        True,
        [allow()],
        resource_policy=[grants({"AWS": ROOT})],
        resource_account="222222222222",
    ),
    Case(
        "a service needs the resource's policy",
        True,
        action="sns:Publish",
        resource="arn:t",
        resource_policy=[allow("sns:Publish", Principal={"Service": "events.amazonaws.com"})],
        principal=Principal.aws_service("events.amazonaws.com", ACCOUNT),
    ),
    Case(
        "a service is not the account",
        False,
        action="sns:Publish",
        resource="arn:t",
        resource_policy=[allow("sns:Publish", Principal={"AWS": ROOT})],
        principal=Principal.aws_service("events.amazonaws.com", ACCOUNT),
    ),
]


@pytest.mark.parametrize("case", RESOURCE, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
