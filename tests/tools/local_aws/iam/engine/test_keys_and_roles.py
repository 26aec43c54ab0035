"""Decisions about key policies, role trust policies and PassRole."""

import pytest

from tests.tools.local_aws.iam.engine.situations import (
    ACCOUNT,
    ASSUME,
    KEY,
    ROLE,
    ROOT,
    Case,
    allow,
    trusts,
    when,
)
from tools.local_aws.iam.engine.model import Principal

GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
WEB = "sts:AssumeRoleWithWebIdentity"

KMS = [
    Case("a key needs its policy", False, [allow("kms:Decrypt")], action="kms:Decrypt", resource=KEY),
    Case(
        "a key that leaves it to the account needs the identity policy",
        True,
        [allow("kms:Decrypt", KEY)],
        action="kms:Decrypt",
        resource=KEY,
        resource_policy=[allow("kms:*", Principal={"AWS": ROOT})],
    ),
    Case(
        "a key that leaves it to the account is not enough",
        False,
        action="kms:Decrypt",
        resource=KEY,
        resource_policy=[allow("kms:*", Principal={"AWS": ROOT})],
    ),
    Case(
        "a key that names the role is enough",
        True,
        action="kms:Decrypt",
        resource=KEY,
        resource_policy=[allow("kms:Decrypt", Principal={"AWS": ROLE})],
    ),
    Case(
        "a key that names another role is not",
        False,
        [allow("kms:Decrypt")],
        action="kms:Decrypt",
        resource=KEY,
        resource_policy=[allow("kms:Decrypt", Principal={"AWS": ROLE + "-2"})],
    ),
    Case(
        "grants only for AWS resources",
        False,
        [allow("kms:CreateGrant", KEY, **when(Bool={"kms:GrantIsForAWSResource": "true"}))],
        action="kms:CreateGrant",
        resource=KEY,
        resource_policy=[allow("kms:*", Principal={"AWS": ROOT})],
    ),
    Case(
        "creating a key needs no key policy",
        True,
        [allow("kms:CreateKey")],
        action="kms:CreateKey",
        resource="*",
    ),
]

TRUST = [
    Case("a role needs its trust policy", False, [allow(ASSUME, ROLE)], action=ASSUME, resource=ROLE),
    Case(
        "a service that is trusted",
        True,
        action=ASSUME,
        resource=ROLE,
        trust=[trusts({"Service": "sagemaker.amazonaws.com"})],
        principal=Principal.aws_service("sagemaker.amazonaws.com", ACCOUNT),
    ),
    Case(
        "a service that is not trusted",
        False,
        action=ASSUME,
        resource=ROLE,
        trust=[trusts({"Service": "lambda.amazonaws.com"})],
        principal=Principal.aws_service("sagemaker.amazonaws.com", ACCOUNT),
    ),
    Case(
        "a service for another account",
        False,
        action=ASSUME,
        resource=ROLE,
        trust=[
            trusts(
                {"Service": "sagemaker.amazonaws.com"},
                **when(StringEquals={"aws:SourceAccount": "222222222222"}),
            )
        ],
        principal=Principal.aws_service("sagemaker.amazonaws.com", ACCOUNT),
        context={"aws:SourceAccount": ACCOUNT},
    ),
    Case(
        "a service for this account",
        True,
        action=ASSUME,
        resource=ROLE,
        trust=[
            trusts(
                {"Service": "sagemaker.amazonaws.com"}, **when(StringEquals={"aws:SourceAccount": ACCOUNT})
            )
        ],
        principal=Principal.aws_service("sagemaker.amazonaws.com", ACCOUNT),
        context={"aws:SourceAccount": ACCOUNT},
    ),
    Case(
        "trusting the account needs the identity policy",
        False,
        action=ASSUME,
        resource=ROLE,
        trust=[trusts({"AWS": ROOT})],
    ),
    Case(
        "trusting the account with the identity policy",
        True,
        [allow(ASSUME, ROLE)],
        action=ASSUME,
        resource=ROLE,
        trust=[trusts({"AWS": ROOT})],
    ),
    Case("trusting the role is enough", True, action=ASSUME, resource=ROLE, trust=[trusts({"AWS": ROLE})]),
    Case(
        "trust of another action is none",
        False,
        [allow(ASSUME)],
        action=ASSUME,
        resource=ROLE,
        trust=[{"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:TagSession"}],
    ),
    Case(
        "tagging a session needs the trust policy",
        False,
        [allow("sts:TagSession")],
        action="sts:TagSession",
        resource=ROLE,
        trust=[trusts({"AWS": ROOT})],
    ),
    Case(
        "naming a session needs the trust policy",
        False,
        [allow("sts:SetSourceIdentity")],
        action="sts:SetSourceIdentity",
        resource=ROLE,
        trust=[trusts({"AWS": ROOT})],
    ),
    Case(
        "an identity provider that is trusted",
        True,
        action=WEB,
        resource=ROLE,
        trust=[{"Effect": "Allow", "Principal": {"Federated": GITHUB}, "Action": WEB}],
        principal=Principal.federated(GITHUB),
    ),
    Case(
        "an identity provider that is not trusted",
        False,
        action=WEB,
        resource=ROLE,
        trust=[{"Effect": "Allow", "Principal": {"Federated": GITHUB}, "Action": WEB}],
        principal=Principal.federated(GITHUB.replace("github", "elsewhere")),
    ),
    Case(
        "trusting the account trusts none of its identity providers",
        False,
        action=WEB,
        resource=ROLE,
        trust=[{"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": WEB}],
        principal=Principal.federated(GITHUB),
    ),
    Case(
        "PassRole to the right service",
        True,
        [
            allow(
                "iam:PassRole", ROLE, **when(StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"})
            )
        ],
        action="iam:PassRole",
        resource=ROLE,
        context={"iam:PassedToService": "sagemaker.amazonaws.com"},
    ),
    Case(
        "PassRole to another service",
        False,
        [
            allow(
                "iam:PassRole", ROLE, **when(StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"})
            )
        ],
        action="iam:PassRole",
        resource=ROLE,
        context={"iam:PassedToService": "states.amazonaws.com"},
    ),
]


@pytest.mark.parametrize("case", [*KMS, *TRUST], ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
