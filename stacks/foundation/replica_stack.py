"""Copies of data and artifacts in a second region."""

from constructs import Construct

from config.settings import Environment
from stacks.foundation.buckets import create_access_log_bucket, create_bucket
from stacks.foundation.replication import COPIED, Replica
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.keys import create_key

IS_A_COPY = "This bucket holds the copies that replication makes."


class ReplicaStack(EnvironmentStack):
    """Buckets in a second region that receive all new data and artifacts; retained, with their key.

    References do not cross regions, so that these buckets and the key's alias have fixed names. To deploy the
    stack again after it was deleted, import what was retained (`cdk import`).
    """

    def __init__(
        self, scope: Construct, construct_id: str, environment: Environment, replica: Replica
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            environment,
            description="Copies of data and artifacts in a second region.",
            protected=True,
            region=replica.place.region,
        )
        key = create_key(self, "Key", description=f"Encrypts the copies of {environment.name}'s data")
        key.add_alias(replica.key_alias)
        access_logs = create_access_log_bucket(self)
        for copied in COPIED:
            create_bucket(
                self,
                f"CopyOf{copied}",
                key,
                access_logs,
                bucket_name=replica.bucket(copied).name,
                not_replicated=IS_A_COPY,
            )
