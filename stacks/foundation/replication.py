"""Copies of data and artifacts in a second region: what they are called, where they lie, who makes them."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config.settings import Environment
from stacks.foundation.buckets import (
    create_access_log_bucket,
    create_bucket,
    keep_versions,
    protect_raw_data,
)
from stacks.parts.encryption import create_key
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.layout import MODELS, RAW, Bucket, Zone
from stacks.parts.place import Place
from stacks.permissions.roles import ServiceRole, service_role
from stacks.permissions.statements import allow, allow_objects

IS_A_COPY = "This bucket holds the copies that replication makes."
COPIED = ("Data", "Artifacts")
"""The buckets that are copied. What people asked a model, and who read what, stays in its region."""
COPIES = "copies"


def _copy_of(copied: str) -> str:
    return f"{copied.lower()}-copy"


@dataclass(frozen=True)
class Replica:
    """The copies of one environment. References do not cross regions, so everything is known by name."""

    place: Place

    @classmethod
    def of(cls, environment: Environment) -> "Replica | None":
        if environment.replication_region is None:
            return None
        return cls(Place(environment.prefix, environment.account, environment.replication_region))

    @property
    def key_alias(self) -> str:
        return f"alias/{self.place.name(COPIES)}"

    @property
    def key_alias_arn(self) -> str:
        return self.place.arn("kms", self.key_alias)

    def bucket(self, copied: str) -> Bucket:
        """The bucket that receives the copies of another."""
        return Bucket.named(self.place.bucket(_copy_of(copied)))


class ReplicaStack(EnvironmentStack):
    """Buckets in a second region that receive all new data and artifacts; retained, with their key.

    References do not cross regions: sources know these buckets, and the key's alias, by their names.
    """

    kind = "copies"
    purpose = "Copies of data and artifacts in a second region."
    protected = True

    def __init__(self, scope: Construct, environment: Environment, replica: Replica) -> None:
        super().__init__(scope, environment, region=replica.place.region)
        about = f"Encrypts the copies of {environment.name}'s data"
        key = create_key(self, "Key", description=about, alias=self.place.name(COPIES))
        access_logs = create_access_log_bucket(self, "logs-of-copies")
        copies = {
            copied: create_bucket(
                self,
                f"CopyOf{copied}",
                key,
                access_logs,
                kind=_copy_of(copied),
                not_replicated=IS_A_COPY,
            )
            for copied in COPIED
        }
        protect_raw_data(copies["Data"], Zone(replica.bucket("Data"), RAW))
        keep_versions(copies["Artifacts"], Zone(replica.bucket("Artifacts"), MODELS))


def replicate(scope: Construct, buckets: Sequence[s3.Bucket], replica: Replica, key_arn: str) -> None:
    """Copy every new object. The deletion of an object is not copied: that is what the copy is for."""
    role, policy = _role(scope, buckets, replica, key_arn)
    for bucket in buckets:
        source = bucket.node.default_child
        assert isinstance(source, s3.CfnBucket)
        source.replication_configuration = _configuration(replica, bucket.node.id, role)
        source.node.add_dependency(policy)


def _configuration(
    replica: Replica, copied: str, role: iam.Role
) -> s3.CfnBucket.ReplicationConfigurationProperty:
    target = s3.CfnBucket.ReplicationDestinationProperty(
        bucket=replica.bucket(copied).arn,
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


def _role(scope: Construct, buckets: Sequence[s3.Bucket], replica: Replica, key_arn: str) -> ServiceRole:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"""
    here, there = Place.of(scope), replica.place
    # By name: a bucket needs the role before it exists, so the role cannot refer to it.
    sources = [Zone(Bucket.named(here.bucket(bucket.node.id.lower()))) for bucket in buckets]
    copies = [Zone(replica.bucket(bucket.node.id)) for bucket in buckets]
    through_s3 = "kms:ViaService"
    return service_role(
        scope,
        "Replication",
        "s3",
        "Copies data and artifacts to a second region",
        [
            allow(
                "ReadReplicationRules",
                "s3:GetReplicationConfiguration s3:ListBucket",
                [source.bucket.arn for source in sources],
            ),
            allow_objects(
                "ReadVersions",
                "s3:GetObjectVersionAcl s3:GetObjectVersionForReplication s3:GetObjectVersionTagging",
                *sources,
            ),
            allow_objects("WriteCopies", "s3:ReplicateObject s3:ReplicateTags", *copies),
            allow(
                "DecryptSources",
                "kms:Decrypt",
                [key_arn],
                {"StringEquals": {through_s3: f"s3.{here.region}.amazonaws.com"}},
            ),
            allow(
                "EncryptCopies",
                "kms:Encrypt kms:GenerateDataKey",
                [there.arn("kms", "key/*")],
                {
                    "StringEquals": {through_s3: f"s3.{there.region}.amazonaws.com"},
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": replica.key_alias},
                },
                because="The key elsewhere is known by its alias only, which the condition names.",
                foreign="the copies' key, in the second region",
            ),
        ],
    )
