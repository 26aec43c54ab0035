"""`iam:SimulatePrincipalPolicy` tells what the evaluator will decide.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, allow, make_role, policy, unique
from tools.local_aws.process import LocalAws

TRUST = {"Service": "sagemaker.amazonaws.com"}
RAW = "arn:aws:s3:::bucket/raw/*"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"


@pytest.fixture(scope="module")
def role(local_aws: LocalAws) -> str:
    denied = allow("s3:DeleteObject") | {"Effect": "Deny"}
    tagged = {"Condition": {"StringEquals": {"aws:RequestTag/team": "ml"}}}
    training = allow("sagemaker:CreateTrainingJob") | tagged
    reads = allow("s3:GetObject", "s3:DeleteObject", resource=RAW)
    return make_role(local_aws, TRUST, reads, denied, training, allow("kms:Decrypt", resource=KEY))


def asked(aws: LocalAws, role: str, *actions: str, **more: Any) -> list[dict[str, Any]]:
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=list(actions), **more
    )
    return list(answer["EvaluationResults"])


def decisions(aws: LocalAws, role: str, *actions: str, **more: Any) -> list[str]:
    return [result["EvalDecision"] for result in asked(aws, role, *actions, **more)]


def test_every_action_is_decided_on_every_resource(local_aws: LocalAws, role: str) -> None:
    resources = ["arn:aws:s3:::bucket/raw/a", "arn:aws:s3:::bucket/other"]
    results = asked(local_aws, role, "s3:GetObject", "s3:DeleteObject", ResourceArns=resources)
    words = ["allowed", "implicitDeny", "explicitDeny", "explicitDeny"]
    assert [result["EvalDecision"] for result in results] == words
    assert [result["EvalResourceName"] for result in results] == resources * 2
    assert results[1]["MatchedStatements"] == []
    assert [found["SourcePolicyId"] for found in results[2]["MatchedStatements"]]


def test_without_resources_all_are_meant(local_aws: LocalAws, role: str) -> None:
    assert decisions(local_aws, role, "s3:GetObject", "s3:DeleteObject") == ["implicitDeny", "explicitDeny"]


def test_a_condition_key_has_the_value_that_is_given_or_is_missed(local_aws: LocalAws, role: str) -> None:
    (missing,) = asked(local_aws, role, "sagemaker:CreateTrainingJob")
    assert missing["EvalDecision"] == "implicitDeny"
    assert missing["MissingContextValues"] == ["aws:RequestTag/team"]
    entry = {"ContextKeyName": "aws:RequestTag/team", "ContextKeyValues": ["ml"], "ContextKeyType": "string"}
    (given,) = asked(local_aws, role, "sagemaker:CreateTrainingJob", ContextEntries=[entry])
    assert (given["EvalDecision"], given.get("MissingContextValues", [])) == ("allowed", [])


def test_the_policies_of_keys_have_no_say(local_aws: LocalAws, role: str) -> None:
    assert decisions(local_aws, role, "kms:Decrypt", "kms:Encrypt", ResourceArns=[KEY]) == [
        "allowed",
        "implicitDeny",
    ]


def test_a_boundary_says_what_it_leaves(local_aws: LocalAws) -> None:
    iam = local_aws.client("iam")
    boundary = iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=policy(allow("s3:GetObject")))[
        "Policy"
    ]["Arn"]
    name = make_role(local_aws, TRUST, allow("*")).split("/")[-1]
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    inside, outside = asked(local_aws, arn, "s3:GetObject", "s3:PutObject")
    assert (inside["EvalDecision"], outside["EvalDecision"]) == ("allowed", "implicitDeny")
    assert outside["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_results_come_in_pages(local_aws: LocalAws, role: str) -> None:
    actions = [f"s3:Get{number}" for number in range(5)]
    pages = local_aws.client("iam").get_paginator("simulate_principal_policy")
    found = list(pages.paginate(PolicySourceArn=role, ActionNames=actions, PaginationConfig={"PageSize": 2}))
    assert [len(page["EvaluationResults"]) for page in found] == [2, 2, 1]


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "NoSuchEntity", "The role with name nobody cannot be found."),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/somebody/session",
            "InvalidInput",
            f"Invalid Entity Arn: arn:aws:sts::{ACCOUNT}:assumed-role/somebody/session "
            "does not clearly define entity type and name.",
        ),
    ],
)
def test_only_what_exists_and_has_policies_is_simulated(
    local_aws: LocalAws, source: str, code: str, words: str
) -> None:
    with pytest.raises(ClientError) as refused:
        asked(local_aws, source, "s3:GetObject")
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, words)
