"""S3: buckets and bucket policies."""

from collections.abc import Mapping
from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.parts import calls, put, reads_back, require_kept
from tools.local_aws.cloudformation.row import Name, Row, Setting, Work

# us-east-1 is the one region that must not be named as a location:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
_UNNAMED_LOCATION = "us-east-1"
_CANNED_ACLS = {"Private": "private", "LogDeliveryWrite": "log-delivery-write"}
_LIFECYCLE_KEPT = frozenset({"Id", "Status", "Filter", "AbortIncompleteMultipartUpload"})


def _create_arguments(work: Work) -> dict[str, Any]:
    given = dict(work.properties)
    if work.facts["region"] != _UNNAMED_LOCATION:
        given["CreateBucketConfiguration"] = {"LocationConstraint": work.facts["region"]}
    if "AccessControl" in given:
        given["ACL"] = _canned_acl(given.pop("AccessControl"))
    return given


def _canned_acl(name: str) -> str:
    if name not in _CANNED_ACLS:
        raise ResourceError(
            f"AccessControl {name} is not known to the embedded AWS; use {sorted(_CANNED_ACLS)}."
        )
    return _CANNED_ACLS[name]


def _encryption(work: Work) -> list[dict[str, Any]]:
    rules = work.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    names = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    return [{names.get(name, name): value for name, value in rule.items()} for rule in rules]


def _encrypt(work: Work) -> None:
    work.call("PutBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": _encryption(work)}})


def _check_encryption(work: Work) -> None:
    if "BucketEncryption" in work.properties:
        answer = work.call("GetBucketEncryption")["ServerSideEncryptionConfiguration"]
        require_kept(work, "BucketEncryption", _encryption(work), answer["Rules"])


def _log(work: Work) -> None:
    declared = work.properties["LoggingConfiguration"]
    unknown = sorted(set(declared) - {"DestinationBucketName", "LogFilePrefix"})
    if unknown:
        raise work.refusal([f"LoggingConfiguration.{name}" for name in unknown], "PutBucketLogging")
    target = {
        "TargetBucket": declared.get("DestinationBucketName", work.fill("{BucketName}")),
        "TargetPrefix": declared.get("LogFilePrefix", ""),
    }
    work.call("PutBucketLogging", {"BucketLoggingStatus": {"LoggingEnabled": target}})


def _notify(work: Work) -> None:
    declared = work.properties["NotificationConfiguration"]
    others = sorted(set(declared) - {"EventBridgeConfiguration"})
    if others:
        raise work.refusal(
            [f"NotificationConfiguration.{name}" for name in others], "PutBucketNotificationConfiguration"
        )
    enabled = declared.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", True)
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}} if str(enabled).lower() == "true" else {}
    work.call("PutBucketNotificationConfiguration", {"NotificationConfiguration": configuration})


def _expire(work: Work) -> None:
    rules = [_lifecycle_rule(work, rule) for rule in work.properties["LifecycleConfiguration"]["Rules"]]
    work.call("PutBucketLifecycleConfiguration", {"LifecycleConfiguration": {"Rules": rules}})


def _lifecycle_rule(work: Work, declared: Mapping[str, Any]) -> dict[str, Any]:
    """The API nests what CloudFormation writes flat."""
    rest = {name: value for name, value in declared.items() if name not in _LIFECYCLE_KEPT}
    rule: dict[str, Any] = {name: value for name, value in declared.items() if name in _LIFECYCLE_KEPT}
    rule["ID"] = rule.pop("Id", f"{work.logical_id}-{len(declared)}")
    rule["Filter"] = {"Prefix": rest.pop("Prefix", "")}
    expiration = {
        member: rest.pop(name)
        for name, member in (("ExpirationInDays", "Days"), ("ExpiredObjectDeleteMarker",) * 2)
        if name in rest
    }
    if expiration:
        rule["Expiration"] = expiration
    if "NoncurrentVersionExpiration" in rest:
        rule["NoncurrentVersionExpiration"] = rest.pop("NoncurrentVersionExpiration")
    for name, member, days in (
        ("Transitions", "Transitions", "Days"),
        ("NoncurrentVersionTransitions", "NoncurrentVersionTransitions", "NoncurrentDays"),
    ):
        if name in rest:
            rule[member] = [
                {days: item["TransitionInDays"], "StorageClass": item["StorageClass"]}
                for item in rest.pop(name)
            ]
    if rest:
        raise work.refusal(
            [f"LifecycleConfiguration.Rules.{name}" for name in rest], "PutBucketLifecycleConfiguration"
        )
    return rule


def _suspend_versioning(work: Work) -> None:
    work.call("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Suspended"}})


def _tag(work: Work) -> None:
    work.call("PutBucketTagging", {"Tagging": {"TagSet": work.properties["Tags"]}})


def _stop_logging(work: Work) -> None:
    work.call("PutBucketLogging", {"BucketLoggingStatus": {}})


def _stop_notifying(work: Work) -> None:
    work.call("PutBucketNotificationConfiguration", {"NotificationConfiguration": {}})


ROWS = (
    Row(
        type_name="AWS::S3::Bucket",
        service="s3",
        create="CreateBucket",
        delete="DeleteBucket",
        reference="{BucketName}",
        identity={"Bucket": "{BucketName}"},
        name=Name("BucketName", 63, lower_case=True),
        renamed={"BucketName": "Bucket"},
        arguments=_create_arguments,
        attributes={
            "Arn": "arn:aws:s3:::{BucketName}",
            "DomainName": "{BucketName}.s3.amazonaws.com",
            "RegionalDomainName": "{BucketName}.s3.{region}.amazonaws.com",
        },
        settings=(
            put("PublicAccessBlockConfiguration", "PutPublicAccessBlock", remove="DeletePublicAccessBlock"),
            put("OwnershipControls", "PutBucketOwnershipControls", remove="DeleteBucketOwnershipControls"),
            Setting(("BucketEncryption",), _encrypt, calls("DeleteBucketEncryption")),
            Setting(
                ("VersioningConfiguration",),
                put("VersioningConfiguration", "PutBucketVersioning").apply,
                _suspend_versioning,
            ),
            Setting(("LifecycleConfiguration",), _expire, calls("DeleteBucketLifecycle")),
            Setting(("LoggingConfiguration",), _log, _stop_logging),
            Setting(("NotificationConfiguration",), _notify, _stop_notifying),
            put("ReplicationConfiguration", "PutBucketReplication", remove="DeleteBucketReplication"),
            Setting(("Tags",), _tag, calls("DeleteBucketTagging")),
        ),
        checks=(
            _check_encryption,
            reads_back(
                "GetPublicAccessBlock", {"PublicAccessBlockConfiguration": "PublicAccessBlockConfiguration"}
            ),
            reads_back("GetBucketVersioning", {"VersioningConfiguration": "@"}),
        ),
    ),
    Row(
        type_name="AWS::S3::BucketPolicy",
        service="s3",
        create="PutBucketPolicy",
        update="PutBucketPolicy",
        delete="DeleteBucketPolicy",
        reference="{Bucket}",
        taken="The bucket policy already exists on bucket {Bucket}.",
        identity={"Bucket": "{Bucket}"},
        renamed={"PolicyDocument": "Policy"},
        checks=(reads_back("GetBucketPolicy", {"PolicyDocument": "Policy"}),),
    ),
)
