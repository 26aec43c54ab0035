"""Decisions about what commonly goes wrong with policies around SageMaker."""

from typing import Any

import pytest

from tests.tools.local_aws.iam.engine.situations import JOB, KEY, TRAIN, Case, allow, deny, when

SUBNETS, GROUPS = "sagemaker:VpcSubnets", "sagemaker:VpcSecurityGroupIds"
OURS = {SUBNETS: ("s-1", "s-2"), GROUPS: ("g-1",)}


def train_case(name: str, expected: bool, statements: list[dict[str, Any]], context: dict[str, Any]) -> Case:
    return Case(name, expected, statements, action=TRAIN, resource=JOB, context=context)


TWO_KEYS = [allow(TRAIN), deny(TRAIN, **when(Null={SUBNETS: "true", GROUPS: "true"}))]
OWN_VPC = [allow(TRAIN, **when(ForAllValues__StringEquals={SUBNETS: ["s-1", "s-2"]}))]
OWN_VPC_PRESENT = [
    allow(TRAIN, **when(ForAllValues__StringEquals={SUBNETS: ["s-1", "s-2"]}, Null={SUBNETS: "false"}))
]
VOLUME, VOLUME_ARN = "sagemaker:VolumeKmsKey", "sagemaker:VolumeKmsKeyArn"
VOLUME_KEY = [
    allow(TRAIN),
    deny(TRAIN, **when(Null={VOLUME: "true", VOLUME_ARN: "true"})),
    deny(TRAIN, **when(ArnNotEquals={VOLUME: KEY}, Null={VOLUME: "false"})),
    deny(TRAIN, **when(ArnNotEquals={VOLUME_ARN: KEY}, Null={VOLUME_ARN: "false"})),
]
IF_EXISTS = [allow(TRAIN), deny(TRAIN, **when(ArnNotEqualsIfExists={VOLUME: KEY, VOLUME_ARN: KEY}))]
APPROVAL = "sagemaker:ModelApprovalStatus"
REGISTER, UPDATE = "sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"
NEVER_APPROVE = [
    allow([REGISTER, UPDATE]),
    deny([REGISTER, UPDATE], **when(StringEquals={APPROVAL: "Approved"})),
]
ONLY_UPDATE = [allow([REGISTER, UPDATE]), deny(UPDATE, **when(StringEquals={APPROVAL: "Approved"}))]

TRAPS = [
    train_case("two keys in one Null block: leaving out one passes", True, TWO_KEYS, {SUBNETS: ("s-1",)}),
    train_case("two keys in one Null block: leaving out both is denied", False, TWO_KEYS, {}),
    train_case("ForAllValues without Null lets a job without a VPC pass", True, OWN_VPC, {}),
    train_case("ForAllValues with Null does not", False, OWN_VPC_PRESENT, {}),
    train_case("ForAllValues with Null lets our VPC pass", True, OWN_VPC_PRESENT, OURS),
    train_case(
        "ForAllValues with Null stops a foreign subnet", False, OWN_VPC_PRESENT, {SUBNETS: ("s-1", "s-9")}
    ),
    train_case("the volume key under its old name", True, VOLUME_KEY, {VOLUME: KEY}),
    train_case("the volume key under its new name", True, VOLUME_KEY, {VOLUME_ARN: KEY}),
    train_case("the volume key under both names", True, VOLUME_KEY, {VOLUME: KEY, VOLUME_ARN: KEY}),
    train_case("no volume key", False, VOLUME_KEY, {}),
    train_case("a foreign volume key under its old name", False, VOLUME_KEY, {VOLUME: KEY + "2"}),
    train_case(
        "a foreign volume key under its new name", False, VOLUME_KEY, {VOLUME: KEY, VOLUME_ARN: KEY + "2"}
    ),
    train_case("IfExists in a Deny hits requests without the key", False, IF_EXISTS, {}),
    Case(
        "a model without the key that its action never has is denied",
        False,
        [allow("*"), deny("*", **when(Null={VOLUME: "true"}))],
        action="sagemaker:CreateModel",
        resource="*",
    ),
    Case(
        "registering as approved is denied",
        False,
        NEVER_APPROVE,
        action=REGISTER,
        resource="*",
        context={APPROVAL: "Approved"},
    ),
    Case(
        "approving later is denied",
        False,
        NEVER_APPROVE,
        action=UPDATE,
        resource="*",
        context={APPROVAL: "Approved"},
    ),
    Case(
        "registering as pending is allowed",
        True,
        NEVER_APPROVE,
        action=REGISTER,
        resource="*",
        context={APPROVAL: "PendingManualApproval"},
    ),
    Case(
        "guarding the update only leaves the registration open",
        True,
        ONLY_UPDATE,
        action=REGISTER,
        resource="*",
        context={APPROVAL: "Approved"},
    ),
]


@pytest.mark.parametrize("case", TRAPS, ids=lambda case: case.name)
def test_the_decision_is_the_one_iam_makes(case: Case) -> None:
    decision = case.decision()
    assert decision.allowed is case.expected, decision.message
