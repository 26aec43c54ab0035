"""The permissions boundary: what no role of an environment can do, whatever policies it is given."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from config.settings import Environment
from stacks.parts.place import Place
from stacks.permissions.acknowledgements import acknowledge, in_compliance_packs
from stacks.permissions.policies import managed_policy
from stacks.permissions.statements import Statement, allow, deny

SERVICES = (
    *("application-autoscaling", "athena", "cloudformation", "cloudwatch", "databrew", "ec2", "ecr"),
    *("events", "glue", "kms", "logs", "redshift-data", "s3", "sagemaker", "sagemaker-mlflow", "sns"),
    *("sqs", "ssm", "states", "xray"),
)
"""Services that roles of an environment use; nothing grants a role all of one."""


_LIMITS = "A boundary allows nothing by itself: it limits what the policies of roles can allow."


def limit_roles(stage: cdk.Stage, first_stack: cdk.Stack, environment: Environment) -> None:
    """Create the boundary in the first stack, and give it to every role of every stack of the stage.

    Roles refer to the policy, so that in the first stack it exists before them, and every stack with a role
    is deployed after the first one. A role that somebody adds later cannot be forgotten.
    """
    place = Place.of(first_stack)
    boundary = managed_policy(
        first_stack,
        "Boundary",
        # Fixed, so that deployments can demand it of every role.
        name=place.name("boundary"),
        description=f"What no role of {environment.name} can do, whatever policies it is given",
        statements=_statements(place, environment.replication_region),
    )
    acknowledge(boundary, _LIMITS, *in_compliance_packs("IAMPolicyNoStatementsWithFullAccess"))
    iam.PermissionsBoundary.of(stage).apply(boundary)


def _statements(place: Place, replication_region: str | None) -> list[Statement]:
    """The ceiling, and what is denied below it and stays denied if somebody raises the ceiling."""
    policies = place.global_arn("iam", f"policy/{place.name('*')}")
    regions = [place.region, *filter(None, [replication_region])]
    return [
        allow(
            "Ceiling",
            " ".join(f"{service}:*" for service in SERVICES),
            ["*"],
            because=_LIMITS,
            checkov=("CKV_AWS_107", "CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_110", "CKV_AWS_111"),
        ),
        allow("CeilingOfIdentity", "iam:PassRole sts:AssumeRole", ["*"], because=_LIMITS),
        deny(
            "NoKeyDestruction",
            "kms:DeleteImportedKeyMaterial kms:DisableKey kms:DisableKeyRotation kms:PutKeyPolicy "
            "kms:ScheduleKeyDeletion",
        ),
        deny(
            "NoBucketTakeover",
            "s3:DeleteBucket* s3:PutAccountPublicAccessBlock s3:PutBucketAcl "
            "s3:PutBucketOwnershipControls s3:PutBucketPolicy s3:PutBucketPublicAccessBlock "
            "s3:PutBucketVersioning s3:PutEncryptionConfiguration",
        ),
        # IAM and STS answer from one region for all:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
        Statement(
            "RegionLock",
            "",
            ["*"],
            {"StringNotEquals": {"aws:RequestedRegion": regions}},
            effect=iam.Effect.DENY,
            not_actions="iam:* sts:*",
        ),
        deny("NoBoundaryRemoval", "iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary"),
        deny(
            "NoPolicyChange",
            "iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion iam:SetDefaultPolicyVersion",
            resources=[policies],
        ),
    ]
