"""Customer managed keys that may also encrypt log groups."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.parts.place import Place
from stacks.permissions.statements import allow


def create_key(scope: Construct, construct_id: str, *, description: str) -> kms.Key:
    """A key that rotates every year and is retained: what it encrypts is worthless without it."""
    place = Place.of(scope)
    key = kms.Key(
        scope,
        construct_id,
        description=description,
        enable_key_rotation=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    key.add_to_resource_policy(
        allow(
            "EncryptLogGroups",
            "kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey* kms:ReEncrypt*",
            ["*"],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", "*")}},
        ).about(iam.ServicePrincipal(f"logs.{place.region}.amazonaws.com"))
    )
    return key
