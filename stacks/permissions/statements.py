"""Policy statements that several roles share. Every statement has a `Sid` that says why it is there."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam

from stacks.parts.images import image_repository_arns

Conditions = Mapping[str, Mapping[str, object]]


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None
) -> iam.PolicyStatement:
    """An Allow statement."""
    return iam.PolicyStatement(sid=sid, actions=actions, resources=resources, conditions=conditions)


def deny(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None
) -> iam.PolicyStatement:
    """A Deny statement."""
    return iam.PolicyStatement(
        sid=sid, effect=iam.Effect.DENY, actions=actions, resources=resources, conditions=conditions
    )


def pass_role(sid: str, role_arns: Sequence[str], service: str) -> iam.PolicyStatement:
    """The right to hand exactly these roles to one service."""
    return allow(
        sid,
        ["iam:PassRole"],
        role_arns,
        {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
    )


def list_prefixes(sid: str, bucket_arn: str, prefixes: Sequence[str]) -> iam.PolicyStatement:
    """The right to list a bucket below some prefixes only."""
    return allow(sid, ["s3:ListBucket"], [bucket_arn], {"StringLike": {"s3:prefix": list(prefixes)}})


def tag_when_creating(resources: Sequence[str], operations: Sequence[str]) -> iam.PolicyStatement:
    """The right to tag what one creates, while creating it; tags that exist, access may depend on.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html
    """
    return allow(
        "TagWhenCreating",
        ["sagemaker:AddTags"],
        resources,
        {"StringEquals": {"sagemaker:TaggingAction": list(operations)}},
    )


def use_key(key_arn: str) -> iam.PolicyStatement:
    """Reading and writing what the environment's key encrypts."""
    return allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"], [key_arn])


def grant_key(sid: str, key_arn: str) -> iam.PolicyStatement:
    """Letting AWS services, and nobody else, use the environment's key for a disk."""
    return allow(sid, ["kms:CreateGrant"], [key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}})


def job_statements(account: str, region: str, key_arn: str) -> list[iam.PolicyStatement]:
    """What every SageMaker job needs of its role, whatever it does."""
    return [
        use_key(key_arn),
        grant_key("GrantKeyToJobVolumes", key_arn),
        # SageMaker validates these nine at job creation and refuses resource filters or conditions on them:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
        allow(
            "AttachToVpc",
            [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            ["*"],
        ),
        allow(
            "WriteLogs",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            [f"arn:aws:logs:{region}:{account}:log-group:/aws/sagemaker/*"],
        ),
        allow(
            "PublishMetrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*"]}},
        ),
        # The token is not tied to a repository; pulling is.
        allow("GetRegistryToken", ["ecr:GetAuthorizationToken"], ["*"]),
        allow(
            "PullImages",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            image_repository_arns(region),
        ),
    ]
