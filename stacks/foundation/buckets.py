"""The environment's buckets: encrypted, private, versioned, logged, kept when their stack is deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.parts.layout import KEPT_DAYS, Bucket, Layout, Zone
from stacks.parts.place import DELIVER, Place
from stacks.permissions.acknowledgements import acknowledge, checkov, in_compliance_packs
from stacks.permissions.roles import name_role
from stacks.permissions.statements import Conditions, deny

NONCURRENT_VERSIONS_KEPT = cdk.Duration.days(90)
CAPTURED_DATA_KEPT = cdk.Duration.days(90)
ACCESS_LOGS_KEPT = cdk.Duration.days(365)
CLOSED_AND_KEPT: dict[str, Any] = {
    "versioned": True,
    "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
    "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    "removal_policy": cdk.RemovalPolicy.RETAIN,
}
"""What all buckets have in common."""

RAW_READERS = ("data-engineer", "processing", "preparation")
"""Who reads raw data: roles of the foundation, which have these names after the prefix."""

NOT_REPLICATED = (
    "Versions protect against deletion; a copy in a second region is an option of the environment, "
    "`replication_region`, because it doubles the cost of storage."
)

_KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_ENCRYPTION_HEADER = "s3:x-amz-server-side-encryption"


@dataclass(frozen=True)
class Buckets:
    """The buckets by what they hold."""

    data: s3.Bucket
    artifacts: s3.Bucket
    capture: s3.Bucket

    @property
    def layout(self) -> Layout:
        return Layout(data=_named(self.data), artifacts=_named(self.artifacts), capture=_named(self.capture))


def _named(bucket: s3.Bucket) -> Bucket:
    return Bucket(bucket.bucket_name, bucket.bucket_arn)


def create_buckets(scope: Construct, key: kms.IKey, *, copied: bool = False) -> Buckets:
    """All buckets of one environment. By their names a new stack takes over the ones that an old one left.

    `copied` says that data and artifacts are replicated.
    """
    access_logs = create_access_log_bucket(scope)
    expiring = [
        s3.LifecycleRule(
            id=f"Expire{prefix.title()}", prefix=f"{prefix}/", expiration=cdk.Duration.days(days)
        )
        for prefix, days in KEPT_DAYS.items()
    ]
    captured = s3.LifecycleRule(id="ExpireCapturedData", expiration=CAPTURED_DATA_KEPT)
    not_copied = None if copied else NOT_REPLICATED
    data = create_bucket(scope, "Data", key, access_logs, not_replicated=not_copied)
    _notify_event_bridge(data)
    artifacts = create_bucket(scope, "Artifacts", key, access_logs, rules=expiring, not_replicated=not_copied)
    return Buckets(
        data=data,
        artifacts=artifacts,
        capture=create_bucket(scope, "Capture", key, access_logs, rules=[captured]),
    )


def create_access_log_bucket(scope: Construct, kind: str = "access-logs") -> s3.Bucket:
    name = Place.of(scope).bucket(kind)
    access_logs = s3.Bucket(
        scope,
        "AccessLogs",
        bucket_name=name,
        # Log delivery cannot write to a bucket whose default encryption is a customer managed key:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        encryption=s3.BucketEncryption.S3_MANAGED,
        lifecycle_rules=[s3.LifecycleRule(id="ExpireLogs", expiration=ACCESS_LOGS_KEPT)],
        **CLOSED_AND_KEPT,
    )
    _refuse_clear_text(access_logs, name)
    acknowledge(
        access_logs,
        "This bucket receives the access logs of the others; logging it into itself never ends.",
        checkov("CKV_AWS_18"),
    )
    acknowledge(
        access_logs,
        "Log delivery cannot write to a bucket whose default encryption is a customer managed key.",
        *in_compliance_packs("S3DefaultEncryptionKMS"),
    )
    acknowledge(access_logs, NOT_REPLICATED, *in_compliance_packs("S3BucketReplicationEnabled"))
    return access_logs


def create_bucket(
    scope: Construct,
    name: str,
    key: kms.IKey,
    access_logs: s3.Bucket,
    *,
    rules: list[s3.LifecycleRule] | None = None,
    kind: str = "",
    not_replicated: str | None = NOT_REPLICATED,
) -> s3.Bucket:
    """A bucket whose objects can only be encrypted with one key; one that is not copied says why."""
    bucket_name = Place.of(scope).bucket(kind or name.lower())
    bucket = s3.Bucket(
        scope,
        name,
        bucket_name=bucket_name,
        encryption_key=key,
        bucket_key_enabled=True,
        **CLOSED_AND_KEPT,
        server_access_logs_bucket=access_logs,
        server_access_logs_prefix=f"{name.lower()}/",
        lifecycle_rules=[
            s3.LifecycleRule(
                id="ExpireOldVersions",
                noncurrent_version_expiration=NONCURRENT_VERSIONS_KEPT,
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            ),
            *(rules or []),
        ],
    )
    _refuse_clear_text(bucket, bucket_name)
    _demand_the_key(bucket, key)
    if not_replicated:
        acknowledge(bucket, not_replicated, *in_compliance_packs("S3BucketReplicationEnabled"))
    return bucket


def _refuse_clear_text(bucket: s3.Bucket, name: str) -> None:
    """Refuses requests without TLS 1.2, also when the bucket has outlived its stack.

    A new stack takes such a policy over only where the template spells the bucket's name out:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    """
    named = Bucket.named(name)
    refused: dict[str, Conditions] = {
        "DenyClearText": {"Bool": {"aws:SecureTransport": "false"}},
        "DenyOldTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }
    for sid, conditions in refused.items():
        statement = deny(sid, "s3:*", conditions, resources=[named.arn, Zone(named).objects])
        bucket.add_to_resource_policy(statement.about(iam.AnyPrincipal()))
    policy = bucket.policy and bucket.policy.node.default_child
    assert isinstance(policy, s3.CfnBucketPolicy)
    policy.bucket = name
    policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN)


def _demand_the_key(bucket: s3.Bucket, key: kms.IKey) -> None:
    """Refuses objects with another key or none.

    A request that names no encryption gets the bucket's default, this key. That is why the header must be
    there to be refused; `StringNotEqualsIfExists` is true without it, and would refuse all such requests.
    """
    demanded = {
        "DenyForeignKey": {_KEY_HEADER: key.key_arn},
        "DenyOtherEncryption": {_ENCRYPTION_HEADER: "aws:kms"},
    }
    for sid, header in demanded.items():
        bucket.add_to_resource_policy(
            deny(
                sid,
                "s3:PutObject",
                {"StringNotEquals": header, "Null": dict.fromkeys(header, "false")},
                resources=[bucket.arn_for_objects("*")],
            ).about(iam.AnyPrincipal())
        )


def keep_versions(artifacts: s3.Bucket, models: Zone) -> None:
    """Refuses to write over what belongs to a version, also to administrators.

    A write must say that nothing may be there yet; an upload in parts cannot say so when it starts, and is
    refused: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    Since October 2025 that holds for copies, too:
    https://www.amazonaws.cn/en/new/2025/amazon-s3-adds-conditional-write-functionality-to-copy-operations
    """
    artifacts.add_to_resource_policy(
        deny(
            "NeverOverVersions",
            "s3:PutObject",
            {"Null": {"s3:if-none-match": "true"}},
            resources=[models.objects],
        ).about(iam.AnyPrincipal())
    )


def _notify_event_bridge(bucket: s3.Bucket) -> None:
    # The construct's own property would add a custom resource with a Lambda function.
    template_bucket = bucket.node.default_child
    assert isinstance(template_bucket, s3.CfnBucket)
    template_bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


def name_raw_readers(roles: Mapping[str, iam.Role]) -> None:
    """Roles that read raw data, by their names of `RAW_READERS`."""
    assert tuple(roles) == RAW_READERS
    for name, role in roles.items():
        name_role(role, Place.of(role).name(name))


def protect_raw_data(data: s3.Bucket, raw: Zone) -> None:
    """Refuse raw data to all but its readers, also to administrators and whoever gets a wide policy.

    The bucket keeps this policy when its stack goes, and a new stack takes it over as it is. So the readers
    have names: with ones that CloudFormation makes up, the next data engineer would be somebody else.

    Besides these roles those of the catalog stack read it: they crawl, check and mask it; and jobs of
    deliveries check what has been exported. They come later, so that the policy knows them by the name that
    CloudFormation gives them, or by its end; nobody else can make a role of that name, because no role of
    the environment may create roles.

    Nothing that deploys reads objects, so deployments go on. Breaking the glass takes the root user, or an
    administrator who takes this statement out of the bucket's policy; both leave a trace in CloudTrail.
    """
    place = Place.of(data)
    data.add_to_resource_policy(
        deny(
            "RawDataForItsReadersOnly",
            "s3:GetObject s3:GetObjectVersion",
            {
                "ArnNotLike": {
                    "aws:PrincipalArn": [
                        *(place.role_arn(place.name(name)) for name in RAW_READERS),
                        place.role_arn(place.name("catalog", "*")),
                        place.role_arn(place.name("*", DELIVER)),
                        place.global_arn("iam", "root"),
                    ]
                }
            },
            resources=[raw.objects],
        ).about(iam.AnyPrincipal())
    )
