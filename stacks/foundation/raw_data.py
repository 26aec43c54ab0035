"""Raw data is for data engineers, and for the jobs that prepare it."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3


def protect_raw_data(data: s3.Bucket, *, readers: Sequence[iam.Role], environment: str) -> None:
    """Refuse raw data to all but its readers, also to administrators and whoever gets a wide policy.

    Besides the given roles those of the catalog stack read it: they crawl, check and mask it. They come
    later, so that the policy knows them by the name that CloudFormation gives them; nobody else can make a
    role of that name, because no role of the environment may create roles.

    Nothing that deploys reads objects, so deployments go on. Breaking the glass takes the root user, or an
    administrator who takes this statement out of the bucket's policy; both leave a trace in CloudTrail.
    """
    account = data.stack.account
    data.add_to_resource_policy(
        iam.PolicyStatement(
            sid="RawDataForItsReadersOnly",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[data.arn_for_objects("raw/*")],
            conditions={
                "ArnNotLike": {
                    "aws:PrincipalArn": [
                        *(role.role_arn for role in readers),
                        f"arn:aws:iam::{account}:role/{environment}-catalog-*",
                        f"arn:aws:iam::{account}:root",
                    ]
                }
            },
        )
    )
