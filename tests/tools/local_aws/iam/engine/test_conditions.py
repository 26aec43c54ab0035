"""Decisions about the Condition element."""

from typing import Any

import pytest

from tests.tools.local_aws.iam.engine.situations import GET, KEY, Case, allow, when


def condition_case(
    operator: str,
    wanted: Any,
    given: Any,
    expected: bool,
    key: str = "aws:PrincipalTag/x",
    effect: str = "Allow",
) -> Case:
    statement = {"Effect": effect, "Action": GET, "Resource": "*", "Condition": {operator: {key: wanted}}}
    identity = [statement] if effect == "Allow" else [allow(), statement]
    context = {} if given is None else {key.lower(): given}
    return Case(f"{effect} {operator} {wanted!r} given {given!r}", expected, identity, context=context)


CONDITIONS = [
    condition_case("StringEquals", "a", "a", True),
    condition_case("StringEquals", "a", "A", False),
    condition_case("StringEquals", "a*", "ab", False),
    condition_case("StringEquals", ["b", "a"], "a", True),
    condition_case("StringEquals", "a", None, False),
    condition_case("StringEqualsIfExists", "a", None, True),
    condition_case("StringEqualsIfExists", "a", "b", False),
    condition_case("StringNotEquals", "a", "b", True),
    condition_case("StringNotEquals", "a", "a", False),
    condition_case("StringNotEquals", ["a", "b"], "b", False),
    condition_case("StringNotEquals", "a", None, True),
    condition_case("StringNotEqualsIfExists", "a", None, True),
    condition_case("StringEqualsIgnoreCase", "aB", "Ab", True),
    condition_case("StringNotEqualsIgnoreCase", "aB", "Ab", False),
    condition_case("StringLike", "raw/*", "raw/x/y", True),
    condition_case("StringLike", "raw/?", "raw/xy", False),
    condition_case("StringLike", "RAW/*", "raw/x", False),
    condition_case("StringNotLike", "raw/*", "raw/x", False),
    condition_case("StringNotLike", "raw/*", "other", True),
    condition_case("NumericEquals", "5", "5.0", True),
    condition_case("NumericEquals", 5, "5", True),
    condition_case("NumericNotEquals", "5", "6", True),
    condition_case("NumericNotEquals", "5", "5", False),
    condition_case("NumericLessThan", "5", "4", True),
    condition_case("NumericLessThan", "5", "5", False),
    condition_case("NumericLessThan", "10", "9", True),
    condition_case("NumericLessThanEquals", "5", "5", True),
    condition_case("NumericGreaterThan", "5", "6", True),
    condition_case("NumericGreaterThan", "5", "5", False),
    condition_case("NumericGreaterThanEquals", "5", "5", True),
    condition_case("NumericEquals", "5", "five", False),
    condition_case("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
    condition_case("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
    condition_case("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
    condition_case("DateGreaterThan", "2026-01-01T00:00:00+02:00", "2025-12-31T22:00:01Z", True),
    condition_case("DateGreaterThanEquals", "1767225600", "2026-01-01T00:00:00Z", True),
    condition_case("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
    condition_case("DateNotEquals", "2026-01-01T00:00:00Z", "1767225600", False),
    condition_case("Bool", "true", "true", True),
    condition_case("Bool", True, "true", True),
    condition_case("Bool", "false", "true", False),
    condition_case("Bool", "TRUE", "true", True),
    condition_case("Bool", "false", None, False),
    condition_case("BoolIfExists", "false", None, True),
    condition_case("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    condition_case("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
    condition_case("IpAddress", "10.1.2.3", "10.1.2.3", True),
    condition_case("IpAddress", "10.0.0.0/8", "::1", False),
    condition_case("IpAddress", "0.0.0.0/0", "1.2.3.4", True),
    condition_case("IpAddress", "2001:db8::/32", "2001:db8::5", True),
    condition_case("NotIpAddress", "10.0.0.0/8", "11.1.2.3", True),
    condition_case("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
    condition_case("ArnEquals", KEY, KEY, True),
    condition_case("ArnLike", "arn:aws:kms:*:*:key/*", KEY, True),
    condition_case("ArnEquals", "arn:aws:kms:*:*:key/*", KEY, True),
    condition_case("ArnLike", "arn:aws:kms:*:key/*", KEY, False),
    condition_case("ArnLike", "*", KEY, False),
    condition_case("ArnNotEquals", KEY, KEY, False),
    condition_case("ArnNotLike", KEY, "arn:aws:kms:us-east-1:111111111111:key/other", True),
    condition_case("ArnNotEquals", KEY, None, True),
    condition_case("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
    condition_case("Null", "true", None, True),
    condition_case("Null", "true", "x", False),
    condition_case("Null", "false", None, False),
    condition_case("Null", False, "x", True),
    condition_case("Null", "true", (), True),
    condition_case("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
    condition_case("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
    condition_case("ForAllValues:StringEquals", "a", None, True),
    condition_case("ForAllValues:StringEquals", "a", (), True),
    condition_case("ForAllValues:StringNotEquals", "a", ("b", "a"), False),
    condition_case("ForAnyValue:StringEquals", "a", ("b", "a"), True),
    condition_case("ForAnyValue:StringEquals", "a", ("b", "c"), False),
    condition_case("ForAnyValue:StringEquals", "a", None, False),
    condition_case("ForAnyValue:StringNotEquals", "a", None, False),
    condition_case("ForAnyValue:StringNotEquals", "a", ("a", "b"), True),
    condition_case("ForAnyValue:StringLike", "a*", ("b", "ab"), True),
    condition_case("StringEquals", "a", ("a", "b"), False),
    condition_case("StringEquals", "a", ("a", "b"), False, effect="Deny"),
    condition_case("StringNotEquals", "a", ("a", "b"), False),
    condition_case("Bool", "false", "false", False, effect="Deny"),
    Case(
        "keys of a block are all needed",
        False,
        [allow(**when(StringEquals={"a:x": "1", "a:y": "2"}))],
        context={"a:x": "1"},
    ),
    Case(
        "operators of a condition are all needed",
        False,
        [allow(**when(StringEquals={"a:x": "1"}, Bool={"a:y": "true"}))],
        context={"a:x": "1", "a:y": "false"},
    ),
    Case(
        "condition keys ignore case",
        True,
        [allow(**when(StringEquals={"AWS:principaltag/X": "1"}))],
        context={"aws:PrincipalTag/x": "1"},
    ),
]


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
