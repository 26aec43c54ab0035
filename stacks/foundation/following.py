"""What environments that serve our versions may read: what the release has taken for their use cases."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from stacks.parts.layout import MODELS, Bucket, Zone
from stacks.parts.neighbours import Neighbours, only, release_role
from stacks.parts.place import Place
from stacks.permissions.statements import allow, deny


def let_followers_read(artifacts: s3.Bucket, key: kms.Key, neighbours: Neighbours) -> None:
    """Releases of other accounts copy versions. While anybody does, our release alone puts them there.

    What it has put there it has compared with what the execution recorded; the followers rely on that.
    """
    place = Place.of(artifacts)
    # By its name: the bucket needs the key, whose policy cannot wait for the bucket.
    bucket = Bucket.named(place.bucket("artifacts"))
    for follower in neighbours.abroad(place.account):
        follows = only(release_role(follower.place))
        taken = [Zone(bucket, f"{MODELS}/{use_case}").objects for use_case in follower.use_cases]
        artifacts.add_to_resource_policy(
            allow(f"VersionsFor{follower.sid}", "s3:GetObject", taken, follows).about(follower.principal)
        )
        through_the_bucket = {
            "kms:ViaService": f"s3.{place.region}.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": bucket.arn,
        }
        key.add_to_resource_policy(
            allow(
                f"VersionsFor{follower.sid}",
                "kms:Decrypt",
                ["*"],
                {**follows, "StringEquals": through_the_bucket},
            ).about(follower.principal)
        )
    if neighbours.followers:
        artifacts.add_to_resource_policy(
            deny(
                "OnlyTheReleaseTakesVersions",
                # Replication from another bucket writes, too, and asks for a right of its own.
                # https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
                "s3:PutObject s3:ReplicateObject",
                {"ArnNotLike": {"aws:PrincipalArn": release_role(place)}},
                resources=[Zone(bucket, MODELS).objects],
            ).about(iam.AnyPrincipal())
        )
