"""What holds for every policy."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, Policy, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy
from tools.local_aws.iam.engine.patterns import matches, resolve, resource_matches

ACTIONS = ["s3:GetObject", "s3:PutObject", "sagemaker:CreateModel"]
RESOURCES = ["arn:aws:s3:::a/x", "arn:aws:s3:::b/y", "arn:aws:sagemaker:us-east-1:111111111111:model/m"]
KEYS = ["aws:x", "aws:y"]
PRINCIPAL = Principal.role_session("arn:aws:iam::111111111111:role/r", "s")

conditions = st.dictionaries(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists"]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["1", "2", "*"]), min_size=1),
    max_size=2,
)
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.lists(st.sampled_from([*ACTIONS, "*", "s3:*"]), min_size=1, max_size=2),
        "Resource": st.lists(st.sampled_from([*RESOURCES, "*", "arn:aws:s3:::a/*"]), min_size=1, max_size=2),
        "Condition": conditions,
    }
)
requests = st.builds(
    Request,
    principal=st.just(PRINCIPAL),
    action=st.sampled_from(ACTIONS),
    resource=st.sampled_from(RESOURCES),
    context=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["1", "2"])),
)
texts = st.text(alphabet="ab*?$.", max_size=8)


def policy(raw: list[dict[str, Any]], kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": raw}, "p", kind)


@given(requests, st.lists(statements, max_size=4), st.lists(statements, max_size=4))
@settings(deadline=None)
def test_a_boundary_never_widens(
    request: Request, own: list[dict[str, Any]], limit: list[dict[str, Any]]
) -> None:
    bounded = Policies(identity=(policy(own),), boundary=policy(limit, PolicyKind.BOUNDARY))
    if decide(request, bounded).allowed:
        assert decide(request, Policies(identity=(policy(own),))).allowed
        assert decide(request, Policies(identity=(policy(limit),))).allowed


@given(requests, st.lists(statements, max_size=4), statements)
@settings(deadline=None)
def test_another_deny_never_widens(request: Request, own: list[dict[str, Any]], more: dict[str, Any]) -> None:
    if decide(request, Policies(identity=(policy([*own, more | {"Effect": "Deny"}]),))).allowed:
        assert decide(request, Policies(identity=(policy(own),))).allowed


@given(requests, st.lists(statements, max_size=4), statements)
@settings(deadline=None)
def test_another_allow_never_narrows(
    request: Request, own: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    if decide(request, Policies(identity=(policy(own),))).allowed:
        assert decide(request, Policies(identity=(policy([*own, more | {"Effect": "Allow"}]),))).allowed


@given(requests, st.lists(statements, max_size=5))
@settings(deadline=None)
def test_the_order_and_the_division_into_policies_are_irrelevant(
    request: Request, own: list[dict[str, Any]]
) -> None:
    together = decide(request, Policies(identity=(policy(own),))).allowed
    apart = Policies(identity=tuple(policy([one]) for one in reversed(own)))
    assert decide(request, apart).allowed is together


@given(requests, st.lists(statements, max_size=4))
@settings(deadline=None)
def test_a_context_key_that_no_policy_names_changes_nothing(
    request: Request, own: list[dict[str, Any]]
) -> None:
    policies = Policies(identity=(policy(own),))
    more = replace(request, context={**request.context, "aws:z": "1"})
    assert decide(more, policies).allowed is decide(request, policies).allowed


@given(texts)
def test_every_text_matches_itself_and_a_star(text: str) -> None:
    assert matches(text, text)
    assert matches("*", text)
    assert resource_matches(f"arn:aws:s3:::{text}", f"arn:aws:s3:::{text}")


@given(texts, texts)
def test_what_a_variable_brings_in_matches_nothing_but_itself(value: str, other: str) -> None:
    pattern = resolve("${aws:x}", {"aws:x": value})
    assert pattern is not None
    assert matches(pattern, other) is (value == other)
