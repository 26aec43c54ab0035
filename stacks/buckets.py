"""The environment's buckets: encrypted, private, versioned, logged, kept when their stack is deleted."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

NONCURRENT_VERSIONS_KEPT = cdk.Duration.days(90)
CAPTURED_DATA_KEPT = cdk.Duration.days(90)
ACCESS_LOGS_KEPT = cdk.Duration.days(365)
MINIMUM_TLS_VERSION = 1.2


@dataclass(frozen=True)
class Buckets:
    """The buckets by what they hold."""

    data: s3.Bucket
    artifacts: s3.Bucket
    capture: s3.Bucket
    access_logs: s3.Bucket


def create_buckets(scope: Construct, key: kms.IKey) -> Buckets:
    """All buckets of one environment. No fixed names: a retained bucket never blocks a new one."""
    access_logs = s3.Bucket(
        scope,
        "AccessLogs",
        # Log delivery cannot write to a bucket whose default encryption is a customer managed key:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        encryption=s3.BucketEncryption.S3_MANAGED,
        lifecycle_rules=[s3.LifecycleRule(id="ExpireLogs", expiration=ACCESS_LOGS_KEPT)],
        versioned=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        minimum_tls_version=MINIMUM_TLS_VERSION,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    cdk.Validations.of(access_logs).acknowledge(
        cdk.Acknowledgment(
            id="AwsSolutions-S1",
            reason="This bucket receives the access logs of the others; logging it into itself never ends.",
        )
    )
    return Buckets(
        data=_bucket(scope, "Data", key, access_logs, []),
        artifacts=_bucket(scope, "Artifacts", key, access_logs, []),
        capture=_bucket(
            scope,
            "Capture",
            key,
            access_logs,
            [s3.LifecycleRule(id="ExpireCapturedData", expiration=CAPTURED_DATA_KEPT)],
        ),
        access_logs=access_logs,
    )


def _bucket(
    scope: Construct, name: str, key: kms.IKey, access_logs: s3.Bucket, rules: list[s3.LifecycleRule]
) -> s3.Bucket:
    return s3.Bucket(
        scope,
        name,
        encryption_key=key,
        bucket_key_enabled=True,
        versioned=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        minimum_tls_version=MINIMUM_TLS_VERSION,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        removal_policy=cdk.RemovalPolicy.RETAIN,
        server_access_logs_bucket=access_logs,
        server_access_logs_prefix=f"{name.lower()}/",
        lifecycle_rules=[
            s3.LifecycleRule(
                id="ExpireOldVersions",
                noncurrent_version_expiration=NONCURRENT_VERSIONS_KEPT,
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            ),
            *rules,
        ],
    )
