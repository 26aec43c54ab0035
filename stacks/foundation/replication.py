"""Copying data and artifacts to a second region: what the copies are called, and who makes them."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config.settings import Environment
from stacks.foundation.job_roles import service_role
from stacks.permissions.statements import allow

COPIED = ("Data", "Artifacts")
"""The buckets that are copied. What people asked a model, and who read what, stays in its region."""


@dataclass(frozen=True)
class Replica:
    """The copies of one environment. References do not cross regions, so everything is known by name."""

    environment: str
    account: str
    region: str

    @classmethod
    def of(cls, environment: Environment) -> "Replica | None":
        """The replica that an environment asks for, if it does."""
        if environment.replication_region is None:
            return None
        return cls(environment.name, environment.account, environment.replication_region)

    @property
    def key_alias(self) -> str:
        """The alias of the key that encrypts the copies."""
        return f"alias/{self.environment}-copies"

    @property
    def key_alias_arn(self) -> str:
        """What S3 encrypts the copies with."""
        return f"arn:aws:kms:{self.region}:{self.account}:{self.key_alias}"

    def bucket_name(self, copied: str) -> str:
        """The bucket that receives the copies of another; the account makes the name unique."""
        return f"{self.environment}-{self.account}-{copied.lower()}-copy"


def replicate(scope: Construct, buckets: Sequence[s3.Bucket], replica: Replica, key_arn: str) -> None:
    """Copy every new object. The deletion of an object is not copied: that is what the copy is for."""
    role = _role(scope, buckets, replica, key_arn)
    policy = scope.node.find_child("ReplicationPolicy")
    for bucket in buckets:
        source = bucket.node.default_child
        assert isinstance(source, s3.CfnBucket)
        source.replication_configuration = _configuration(replica, bucket.node.id, role)
        source.node.add_dependency(policy)


def _configuration(
    replica: Replica, copied: str, role: iam.Role
) -> s3.CfnBucket.ReplicationConfigurationProperty:
    target = s3.CfnBucket.ReplicationDestinationProperty(
        bucket=f"arn:aws:s3:::{replica.bucket_name(copied)}",
        encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(
            replica_kms_key_id=replica.key_alias_arn
        ),
    )
    rule = s3.CfnBucket.ReplicationRuleProperty(
        id="CopyEverything",
        status="Enabled",
        priority=1,
        filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=""),
        delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status="Disabled"),
        destination=target,
        source_selection_criteria=s3.CfnBucket.SourceSelectionCriteriaProperty(
            sse_kms_encrypted_objects=s3.CfnBucket.SseKmsEncryptedObjectsProperty(status="Enabled")
        ),
    )
    return s3.CfnBucket.ReplicationConfigurationProperty(role=role.role_arn, rules=[rule])


def _role(scope: Construct, buckets: Sequence[s3.Bucket], replica: Replica, key_arn: str) -> iam.Role:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"""
    stack = cdk.Stack.of(scope)
    # A bucket needs the role before it exists, so the policy cannot refer to it: CloudFormation begins the
    # names it makes up like this.
    sources = [f"arn:aws:s3:::{stack.stack_name}-{bucket.node.id.lower()}*" for bucket in buckets]
    copies = [f"arn:aws:s3:::{replica.bucket_name(bucket.node.id)}/*" for bucket in buckets]
    through_s3 = "kms:ViaService"
    return service_role(
        scope,
        "Replication",
        service="s3",
        description="Copies data and artifacts to a second region",
        statements=[
            allow("ReadReplicationRules", ["s3:GetReplicationConfiguration", "s3:ListBucket"], sources),
            allow(
                "ReadVersions",
                [
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionTagging",
                ],
                [f"{source}/*" for source in sources],
            ),
            allow("WriteCopies", ["s3:ReplicateObject", "s3:ReplicateTags"], copies),
            allow(
                "DecryptSources",
                ["kms:Decrypt"],
                [key_arn],
                {"StringEquals": {through_s3: f"s3.{stack.region}.amazonaws.com"}},
            ),
            allow(
                "EncryptCopies",
                ["kms:Encrypt", "kms:GenerateDataKey"],
                [f"arn:aws:kms:{replica.region}:{replica.account}:key/*"],
                {
                    "StringEquals": {through_s3: f"s3.{replica.region}.amazonaws.com"},
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": replica.key_alias},
                },
            ),
        ],
    )
