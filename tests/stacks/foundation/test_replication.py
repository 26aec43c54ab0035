"""Data and artifacts are copied to another region where that is asked for."""

from tests.stacks.cloud import Cloud, Resource


def _buckets(sample: Cloud, stack: str) -> dict[str, Resource]:
    return {bucket.logical_id[:-8]: bucket for bucket in sample.stack(stack).of_type("AWS::S3::Bucket")}


def test_data_and_artifacts_are_copied(sample: Cloud) -> None:
    buckets = _buckets(sample, "data-foundation")
    copies = {bucket.get("BucketName") for bucket in _buckets(sample, "data-copies").values()}
    copied = {name for name, bucket in buckets.items() if bucket.get("ReplicationConfiguration")}
    assert copied == {"Artifacts", "Data"}
    for name in copied:
        (rule,) = buckets[name].get("ReplicationConfiguration", "Rules")
        assert rule["Destination"]["Bucket"].removeprefix("arn:aws:s3:::") in copies, name
        assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}, name
        assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}, name


def test_copies_are_made_before_what_is_copied_and_encrypted_in_their_region(sample: Cloud) -> None:
    assert "data-copies" in sample.stacks_before("data-foundation")
    copies = sample.stack("data-copies")
    (alias,) = copies.of_type("AWS::KMS::Alias")
    assert copies.region == "us-west-2"
    for bucket in _buckets(sample, "data-foundation").values():
        for rule in bucket.get("ReplicationConfiguration", "Rules") or []:
            key = rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]
            assert key == f"arn:aws:kms:us-west-2:222222222222:{alias.get('AliasName')}", bucket


def test_without_a_region_to_copy_to_nothing_is_copied(sample: Cloud) -> None:
    for bucket in sample.of_type("AWS::S3::Bucket"):
        is_copied = bucket.get("ReplicationConfiguration") is not None
        assert not is_copied or bucket.template.environment == "data", bucket
