"""The permissions boundary: what no role of an environment can do, whatever policies it is given."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from config.settings import Environment
from stacks.permissions.acknowledgements import acknowledge, in_compliance_packs
from stacks.permissions.policies import managed_policy
from stacks.permissions.statements import allow, deny

SERVICES = (
    *("application-autoscaling", "athena", "cloudformation", "cloudwatch", "databrew", "ec2", "ecr"),
    *("events", "glue", "kms", "logs", "redshift-data", "s3", "sagemaker", "sagemaker-mlflow", "sns"),
    *("sqs", "ssm", "states", "xray"),
)
"""Services that roles of an environment use; nothing grants a role all of one."""


def boundary_name(environment: str) -> str:
    """The name of an environment's boundary: fixed, so that deployments can demand it of every role."""
    return f"{environment}-boundary"


def limit_roles(stage: cdk.Stage, first_stack: cdk.Stack, environment: Environment) -> None:
    """Create the boundary in the first stack, and give it to every role of every stack of the stage.

    Roles refer to the policy, so that in the first stack it exists before them, and every stack with a role
    is deployed after the first one. A role that somebody adds later cannot be forgotten.
    """
    boundary = managed_policy(
        first_stack,
        "Boundary",
        name=boundary_name(environment.name),
        description=f"What no role of {environment.name} can do, whatever policies it is given",
        statements=_statements(environment),
    )
    acknowledge(
        boundary,
        "A boundary allows nothing by itself: it limits what the policies of roles can allow.",
        *in_compliance_packs("IAMPolicyNoStatementsWithFullAccess"),
    )
    iam.PermissionsBoundary.of(stage).apply(boundary)


def _statements(environment: Environment) -> list[iam.PolicyStatement]:
    """The ceiling, and what is denied below it and stays denied if somebody raises the ceiling."""
    policies = f"arn:aws:iam::{environment.account}:policy/{environment.name}-*"
    regions = [environment.region, *filter(None, [environment.replication_region])]
    return [
        allow("Ceiling", [f"{service}:*" for service in SERVICES], ["*"]),
        allow("CeilingOfIdentity", ["iam:PassRole", "sts:AssumeRole"], ["*"]),
        deny(
            "NoKeyDestruction",
            [
                "kms:DeleteImportedKeyMaterial",
                "kms:DisableKey",
                "kms:DisableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
            ],
            ["*"],
        ),
        deny(
            "NoBucketTakeover",
            [
                "s3:DeleteBucket*",
                "s3:PutAccountPublicAccessBlock",
                "s3:PutBucketAcl",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPolicy",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
            ],
            ["*"],
        ),
        # IAM and STS answer from one region for all:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
        iam.PolicyStatement(
            sid="RegionLock",
            effect=iam.Effect.DENY,
            not_actions=["iam:*", "sts:*"],
            resources=["*"],
            conditions={"StringNotEquals": {"aws:RequestedRegion": regions}},
        ),
        deny(
            "NoBoundaryRemoval",
            ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
            ["*"],
        ),
        deny(
            "NoPolicyChange",
            [
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:SetDefaultPolicyVersion",
            ],
            [policies],
        ),
    ]
