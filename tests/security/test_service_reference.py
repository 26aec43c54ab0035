"""Every policy, held against AWS's own table of actions, resources and condition keys."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.security.service_reference import actions, may_meet, mistakes
from tests.stacks.cloud import Cloud, listed, text_of
from tests.stacks.roles import roles_of
from tools.local_aws.iam.calls import sagemaker
from tools.local_aws.iam.engine.patterns import matches

Json = dict[str, Any]


def written_out(statement: Mapping[str, Any]) -> Json:
    """A statement whose resources are texts; what CloudFormation fills in is left open."""
    resources = [text_of(each, lambda _: "*") for each in listed(statement.get("Resource", "*"))]
    return {**statement, "Resource": resources}


def statements_in(node: Any) -> Iterator[Json]:
    """The statements of every policy in a resource: of buckets, keys, queues, topics, trust, endpoints."""
    if isinstance(node, Mapping):
        if "Effect" in node and "Action" in node:
            yield dict(node)
        for value in node.values():
            yield from statements_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from statements_in(value)


def test_what_roles_may_do_is_as_aws_knows_it(cloud: Cloud, row: Callable[[str, str], None]) -> None:
    found = {
        f"{role}: {mistake}"
        for role in roles_of(cloud)
        for mistake in mistakes([written_out(statement) for statement in role.statements])
    }
    row("Service Authorization Reference", f"{len(found)} findings")
    assert sorted(found) == []


def test_policies_of_resources_name_actions_and_condition_keys_that_exist(cloud: Cloud) -> None:
    policies = [resource for resource in cloud.resources if not resource.type.startswith("AWS::IAM::")]
    found = {
        f"{resource}: {mistake}"
        for resource in policies
        for statement in statements_in(resource.properties)
        # The resource of such a policy is what it belongs to.
        for mistake in mistakes([{**statement, "Resource": "*"}])
        if " needs " not in mistake
    }
    assert sorted(found) == []


def test_the_embedded_aws_knows_no_condition_key_that_aws_does_not() -> None:
    unknown = [
        f"{operation}: {key}"
        for operation, paths in sagemaker.PATHS.items()
        for key in paths
        if not actions(f"sagemaker:{operation}")[0].has_key(f"sagemaker:{key}")
    ]
    assert unknown == []


ALLOWED: Json = {"Sid": "It", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Action": "s3:GetObjects"}, "s3:GetObjects is no action of AWS"),
        ({"Action": "s3:FindObject*"}, r"s3:FindObject\* is no action of AWS"),
        ({"Resource": "arn:aws:sqs:us-east-1:111111111111:q"}, "s3:GetObject takes none of arn:aws:sqs"),
        ({"Action": "ecr:GetAuthorizationToken"}, r"GetAuthorizationToken takes no resource, only \*"),
        (
            {"Condition": {"Null": {"sagemaker:VpcSubnets": "true"}}},
            "never has the condition key sagemaker:Vpc",
        ),
        (
            {"Condition": {"Null": {"s3:prefix": "true"}}},
            "s3:GetObject never has the condition key s3:prefix",
        ),
        ({"Action": "s3:*", "Condition": {"Null": {"sqs:x": "true"}}}, r"s3:\* never has sqs:x"),
        ({"Action": "states:CreateStateMachine", "Resource": "*"}, "needs iam:PassRole as well"),
        (
            {"Action": "ec2:CreateVpcEndpoint", "Resource": "*"},
            "needs route53:AssociateVPCWithHostedZone as well",
        ),
    ],
)
def test_a_mistake_is_told_with_its_statement(change: Json, expected: str) -> None:
    assert list(mistakes([ALLOWED])) == []
    found = list(mistakes([{**ALLOWED, **change}]))
    assert all(mistake.startswith("It: ") for mistake in found)
    assert any(re.search(expected, mistake) for mistake in found)


TEXT = st.text("ab/:", max_size=6)
PATTERN = st.text("ab/:*?", max_size=6)


@given(TEXT, PATTERN)
def test_a_text_meets_the_patterns_that_it_matches(text: str, pattern: str) -> None:
    assert may_meet(text, pattern) == may_meet(pattern, text) == matches(pattern, text)


@given(TEXT, PATTERN, PATTERN)
def test_patterns_that_match_one_text_meet(text: str, left: str, right: str) -> None:
    if matches(left, text) and matches(right, text):
        assert may_meet(left, right)
