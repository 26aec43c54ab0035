"""What is stored is encrypted, private, versioned, and outlives its stack."""

import pytest

from config.settings import Environment
from tests.stacks.cloud import Cloud, Json, Resource, listed, text_of


def _bucket_statements(cloud: Cloud, bucket: Resource) -> list[Json]:
    return [
        statement
        for policy in cloud.of_type("AWS::S3::BucketPolicy")
        if policy.get("Bucket") == bucket.get("BucketName")
        for statement in policy.get("PolicyDocument", "Statement")
    ]


def test_no_bucket_can_be_read_without_tls(cloud: Cloud) -> None:
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        name = bucket.get("BucketName")
        denials = [
            statement
            for statement in _bucket_statements(cloud, bucket)
            if statement["Effect"] == "Deny"
            and statement["Action"] == "s3:*"
            and statement["Principal"] == {"AWS": "*"}
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            and statement["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
        ]
        assert denials, bucket


def test_no_bucket_is_public(cloud: Cloud) -> None:
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        access = bucket.get("PublicAccessBlockConfiguration")
        assert list(access.values()) == [True] * 4, bucket
        rules = bucket.get("OwnershipControls", "Rules")
        assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}], bucket
        for statement in _bucket_statements(cloud, bucket):
            assert statement["Effect"] == "Deny" or statement["Principal"] != {"AWS": "*"}, bucket


def test_every_bucket_is_encrypted_with_the_key_of_its_environment(cloud: Cloud) -> None:
    """Only the access log bucket is not: log delivery cannot write with a customer managed key."""
    log_buckets = {str(target) for target in _access_log_buckets(cloud)}
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        (rule,) = bucket.get("BucketEncryption", "ServerSideEncryptionConfiguration")
        default = rule["ServerSideEncryptionByDefault"]
        if str(bucket) in log_buckets:
            assert default == {"SSEAlgorithm": "AES256"}, bucket
        else:
            (key,) = cloud.referenced(bucket.template, default["KMSMasterKeyID"])
            assert (default["SSEAlgorithm"], key.type) == ("aws:kms", "AWS::KMS::Key"), bucket
            assert rule["BucketKeyEnabled"] is True, bucket


def test_every_access_to_a_bucket_is_logged(cloud: Cloud) -> None:
    log_buckets = {str(target) for target in _access_log_buckets(cloud)}
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        assert str(bucket) in log_buckets or bucket.get("LoggingConfiguration"), bucket


def test_every_bucket_keeps_old_versions_for_a_while(cloud: Cloud) -> None:
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        assert bucket.get("VersioningConfiguration", "Status") == "Enabled", bucket
        rules = bucket.get("LifecycleConfiguration", "Rules") or []
        assert any("Expiration" in key for rule in rules for key in rule), bucket


def test_rules_about_the_end_of_objects_are_in_force_and_leave_time_to_undo(cloud: Cloud) -> None:
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        rules = bucket.get("LifecycleConfiguration", "Rules")
        assert {rule["Status"] for rule in rules} == {"Enabled"}, bucket
        old = [
            rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
            for rule in rules
            if "NoncurrentVersionExpiration" in rule
        ]
        assert all(30 <= days <= 365 for days in old), bucket
        # What the release has looked at is copied on within the hour.
        expired = [
            rule["ExpirationInDays"]
            for rule in rules
            if "ExpirationInDays" in rule and rule.get("Prefix") != "candidates/"
        ]
        assert all(30 <= days <= 400 for days in expired), bucket


def test_no_part_of_an_upload_that_was_given_up_stays_for_ever(cloud: Cloud) -> None:
    """Nobody sees such parts, and they are paid for."""
    log_buckets = {str(target) for target in _access_log_buckets(cloud)}
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        after = [
            rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
            for rule in bucket.get("LifecycleConfiguration", "Rules")
            if "AbortIncompleteMultipartUpload" in rule and not rule.get("Prefix")
        ]
        # The service that writes access logs uploads nothing in parts.
        assert str(bucket) in log_buckets or after == [7], bucket


def test_access_logs_of_every_bucket_are_apart(cloud: Cloud) -> None:
    places = [
        (str(cloud.the_one(bucket, "LoggingConfiguration", "DestinationBucketName")), prefix)
        for bucket in cloud.of_type("AWS::S3::Bucket")
        if bucket.get("LoggingConfiguration")
        for prefix in [bucket.get("LoggingConfiguration", "LogFilePrefix")]
    ]
    assert len(places) == len(set(places))
    assert all(prefix and prefix.endswith("/") for _, prefix in places)


def _expiring(cloud: Cloud) -> set[tuple[str, str]]:
    """Bucket and prefix of every rule that expires current objects."""
    return {
        (bucket.logical_id[:-8], rule.get("Prefix", ""))
        for bucket in cloud.of_type("AWS::S3::Bucket")
        for rule in bucket.get("LifecycleConfiguration", "Rules")
        if any(name.startswith("Expiration") for name in rule)
    }


def test_only_reports_candidates_checkpoints_captured_data_and_logs_expire(cloud: Cloud) -> None:
    prefixes = ("athena", "candidates", "checkpoints", "monitoring", "profiles")
    expiring = {("Artifacts", f"{prefix}/") for prefix in prefixes}
    assert _expiring(cloud) == {("AccessLogs", ""), ("Capture", ""), *expiring}


@pytest.mark.parametrize("needed", ["training/", "models/", "executions/"])
def test_nothing_that_a_live_model_needs_ever_expires(cloud: Cloud, needed: str) -> None:
    """SageMaker fetches the artifact again whenever an instance is replaced; a missing one cannot be."""
    for bucket, prefix in _expiring(cloud):
        overlaps = prefix.startswith(needed) or needed.startswith(prefix)
        assert bucket != "Artifacts" or not overlaps, prefix


def test_no_data_expires(cloud: Cloud) -> None:
    assert "Data" not in {bucket for bucket, _ in _expiring(cloud)}


def test_objects_with_a_foreign_key_or_without_any_are_refused(cloud: Cloud) -> None:
    """What names no key gets the bucket's default, the right one; SDKs often leave the header out."""
    log_buckets = {str(target) for target in _access_log_buckets(cloud)}
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        if str(bucket) in log_buckets:
            continue
        (rule,) = bucket.get("BucketEncryption", "ServerSideEncryptionConfiguration")
        key = rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
        conditions = [
            statement["Condition"]
            for statement in _bucket_statements(cloud, bucket)
            if statement["Effect"] == "Deny" and statement["Action"] == "s3:PutObject"
            if "StringNotEquals" in statement["Condition"]
        ]
        header = "s3:x-amz-server-side-encryption"
        demanded = {f"{header}-aws-kms-key-id": key, header: "aws:kms"}
        assert conditions == [
            {"StringNotEquals": {name: value}, "Null": {name: "false"}} for name, value in demanded.items()
        ], bucket


def test_what_belongs_to_a_version_is_never_written_over(cloud: Cloud) -> None:
    """By nobody: a write has to say that nothing may be there yet."""
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        if bucket.logical_id.startswith(("Artifacts", "CopyOfArtifacts")):
            (found,) = (
                statement
                for statement in _bucket_statements(cloud, bucket)
                if statement["Sid"] == "NeverOverVersions"
            )
            assert (found["Effect"], found["Principal"]) == ("Deny", {"AWS": "*"}), bucket
            assert found["Action"] == "s3:PutObject", bucket
            assert found["Condition"] == {"Null": {"s3:if-none-match": "true"}}, bucket
            assert _refusals(cloud, bucket)["NeverOverVersions"]["Resource"] == ["bucket/models/*"], bucket


def test_a_copy_refuses_all_that_the_original_refuses(cloud: Cloud) -> None:
    """The same statements, but for the name of the bucket and the key of its region."""
    buckets = {bucket.get("BucketName"): bucket for bucket in cloud.of_type("AWS::S3::Bucket")}
    for name, copy in buckets.items():
        if name.endswith("-copy"):
            original = buckets[name.removesuffix("-copy")]
            assert _refusals(cloud, copy) == _refusals(cloud, original), copy


def _refusals(cloud: Cloud, bucket: Resource) -> dict[str, Json]:
    """By what they are for; each bucket called `bucket`."""
    arn = f"arn:aws:s3:::{bucket.get('BucketName')}"
    return {
        statement["Sid"]: {
            **statement,
            "Resource": [
                text_of(resource, lambda _: "bucket").replace(arn, "bucket")
                for resource in listed(statement["Resource"])
            ],
        }
        for statement in _bucket_statements(cloud, bucket)
        if statement["Effect"] == "Deny"
    }


def test_raw_data_are_for_their_readers_only_also_in_the_copy(cloud: Cloud) -> None:
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        if bucket.logical_id.startswith(("Data", "CopyOfData")):
            prefix, account = bucket.template.prefix, bucket.template.account
            names = ("data-engineer", "processing", "preparation", "catalog-*", "*-deliver")
            readers = [f"arn:aws:iam::{account}:role/{prefix}/{prefix}-{name}" for name in names]
            refusal = {statement["Sid"]: statement for statement in _bucket_statements(cloud, bucket)}[
                "RawDataForItsReadersOnly"
            ]
            assert (refusal["Effect"], refusal["Principal"]) == ("Deny", {"AWS": "*"}), bucket
            assert refusal["Action"] == ["s3:GetObject", "s3:GetObjectVersion"], bucket
            root = f"arn:aws:iam::{account}:root"
            assert refusal["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": [*readers, root]}}, bucket


def test_changes_of_data_become_events(cloud: Cloud) -> None:
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        path = ("NotificationConfiguration", "EventBridgeConfiguration", "EventBridgeEnabled")
        is_data = bucket.logical_id[:-8] == "Data" and bucket.template.short_name == "foundation"
        assert bool(bucket.get(*path)) is is_data, bucket


TAKEN_OVER = {
    "AWS::KMS::Alias": "AliasName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SageMaker::FeatureGroup": "FeatureGroupName",
    "AWS::SageMaker::MlflowTrackingServer": "TrackingServerName",
    "AWS::SageMaker::StudioLifecycleConfig": "StudioLifecycleConfigName",
}
"""What stays and CloudFormation finds again, by the property that names it."""


def test_what_stays_under_a_name_is_taken_over_by_the_next_deployment(cloud: Cloud) -> None:
    """For that CloudFormation wants the name spelled out, and a policy that retains.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    """
    for resource in cloud.of_type(*TAKEN_OVER):
        assert isinstance(resource.get(TAKEN_OVER[resource.type]), str), resource
        assert resource.body["DeletionPolicy"] in ("Retain", "RetainExceptOnCreate"), resource


def test_every_key_has_an_alias_by_which_it_is_found_again(cloud: Cloud) -> None:
    aliased = {str(cloud.the_one(alias, "TargetKeyId")) for alias in cloud.of_type("AWS::KMS::Alias")}
    assert {str(key) for key in cloud.of_type("AWS::KMS::Key")} == aliased


def test_names_of_buckets_are_this_accounts(cloud: Cloud) -> None:
    """Names are unique in the world: somebody else's bucket would be in the way, or receive the data."""
    for bucket in cloud.of_type("AWS::S3::Bucket"):
        assert bucket.get("BucketName").startswith(f"{bucket.template.prefix}-{bucket.template.account}-"), (
            bucket
        )


def test_every_key_rotates(cloud: Cloud) -> None:
    for key in cloud.of_type("AWS::KMS::Key"):
        assert key.get("EnableKeyRotation") is True, key


def test_topics_and_queues_are_encrypted_with_the_key_of_their_environment(cloud: Cloud) -> None:
    for resource in cloud.of_type("AWS::SNS::Topic", "AWS::SQS::Queue"):
        assert cloud.the_one(resource, "KmsMasterKeyId").type == "AWS::KMS::Key", resource


def test_log_groups_are_encrypted_and_end_when_that_is_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for log_group in cloud.of_type("AWS::Logs::LogGroup"):
        assert cloud.the_one(log_group, "KmsKeyId").type == "AWS::KMS::Key", log_group
        configured = environments[log_group.template.environment].log_retention_days
        assert log_group.get("RetentionInDays") == configured, log_group


def test_what_is_retained_is_retained_also_when_it_is_replaced(cloud: Cloud) -> None:
    """Except the script of a space: its name says its content, so the old one is nobody's."""
    for resource in cloud.resources:
        if resource.type == "AWS::SageMaker::StudioLifecycleConfig":
            continue
        if resource.body.get("DeletionPolicy", "Delete") != "Delete":
            assert resource.body.get("UpdateReplacePolicy") == "Retain", resource


def test_data_keys_and_model_versions_outlive_their_stack(cloud: Cloud) -> None:
    kept = (
        *("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key"),
        *("AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::FeatureGroup"),
    )
    for resource in cloud.of_type(*kept):
        policies = (resource.body.get("DeletionPolicy"), resource.body.get("UpdateReplacePolicy"))
        assert policies == ("Retain", "Retain"), resource


PROTECTED = ("copies", "delivery", "foundation", "network", "studio")
"""Stacks that hold what cannot be made again, or without which nobody deploys."""


def test_stacks_refuse_to_be_deleted_where_that_is_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for template in cloud.templates:
        configured = environments[template.environment].termination_protection
        expected = template.short_name in PROTECTED and configured
        assert template.termination_protection is expected, template.stack


def _access_log_buckets(cloud: Cloud) -> list[Resource]:
    return [
        cloud.the_one(bucket, "LoggingConfiguration", "DestinationBucketName")
        for bucket in cloud.of_type("AWS::S3::Bucket")
        if bucket.get("LoggingConfiguration")
    ]
