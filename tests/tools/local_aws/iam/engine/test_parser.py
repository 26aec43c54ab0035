import json
from typing import Any

import pytest

from tests.tools.local_aws.iam.engine.situations import allow, document
from tools.local_aws.iam.engine.model import PolicyKind
from tools.local_aws.iam.engine.parser import PolicyError, parse_policy


def statement(**changes: Any) -> dict[str, Any]:
    merged = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | changes
    return {name: value for name, value in merged.items() if value is not None}


MISTAKES = [
    ("no object", "[]", "an object with a Statement"),
    ("no JSON", "{", "not JSON"),
    ("no statement", "{}", "an object with a Statement"),
    ("an unknown version", {"Version": "2020-01-01", "Statement": []}, "Version is '2020-01-01'"),
    ("an unknown effect", document(statement(Effect="allow")), "Effect is 'allow'"),
    ("an unknown element", document(statement(Actions="*")), "unknown element Actions"),
    ("no action", document(statement(Action=None)), "exactly one of Action and NotAction"),
    ("both kinds of action", document(statement(NotAction="*")), "exactly one of Action and NotAction"),
    ("no resource", document(statement(Resource=None)), "exactly one of Resource and NotResource"),
    ("an action that is no text", document(statement(Action=[1])), "Action must be a text"),
    ("an empty list", document(statement(Resource=[])), "Resource must be a text"),
    ("a principal", document(statement(Principal="*")), "a Principal has no place in a identity"),
    ("a condition that is no object", document(statement(Condition={"Bool": "x"})), "an object of operators"),
    ("an unknown operator", document(statement(Condition={"StringIs": {"a": "b"}})), "operator StringIs"),
    ("an unknown quantifier", document(statement(Condition={"ForNone:Bool": {"a": "b"}})), "ForNone:Bool"),
    (
        "Null with IfExists",
        document(statement(Condition={"NullIfExists": {"a": "true"}})),
        "Null takes neither",
    ),
    (
        "a number that is none",
        document(statement(Condition={"NumericEquals": {"a": "b"}})),
        "'b' does not fit",
    ),
    ("a date that is none", document(statement(Condition={"DateEquals": {"a": "b"}})), "'b' does not fit"),
    ("a flag that is none", document(statement(Condition={"Bool": {"a": "yes"}})), "'yes' does not fit"),
    (
        "an address that is none",
        document(statement(Condition={"NotIpAddress": {"a": "b"}})),
        "'b' does not fit",
    ),
]


@pytest.mark.parametrize(("policy", "message"), [pytest.param(*row[1:], id=row[0]) for row in MISTAKES])
def test_a_malformed_identity_policy_is_refused(policy: str | dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError, match=r"^guardrails") as caught:
        parse_policy(policy, "guardrails", PolicyKind.IDENTITY)
    assert message in str(caught.value)


def test_a_mistake_is_found_by_the_sid_of_its_statement() -> None:
    with pytest.raises(PolicyError, match=r"^guardrails, statement Read: "):
        parse_policy(document(statement(Effect="?")), "guardrails", PolicyKind.IDENTITY)


def test_a_mistake_without_a_sid_is_found_by_its_position() -> None:
    with pytest.raises(PolicyError, match=r"^guardrails, statement 2: "):
        parse_policy(document(allow(), statement(Sid=None, Effect="?")), "guardrails", PolicyKind.IDENTITY)


@pytest.mark.parametrize(
    ("principal", "message"),
    [
        (None, "exactly one of Principal and NotPrincipal"),
        ("everybody", 'must be "*" or an object'),
        ({"Aws": "*"}, "unknown type Aws"),
        ({"AWS": "arn:aws:iam::111111111111:role/*"}, "wildcards inside an ARN"),
        ({"AWS": "training"}, "invalid principal 'training'"),
    ],
)
def test_a_principal_that_aws_would_refuse_is_refused(principal: Any, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(document(statement(Principal=principal)), "bucket policy", PolicyKind.RESOURCE)
    assert message in str(caught.value)


def test_a_trust_policy_has_no_resource() -> None:
    with pytest.raises(PolicyError, match="no Resource"):
        parse_policy(document(statement(Principal="*")), "trust", PolicyKind.TRUST)


def test_a_policy_may_come_as_text() -> None:
    policy = parse_policy(json.dumps(document(statement())), "p", PolicyKind.IDENTITY)
    assert policy.statements[0].sid == "Read"
