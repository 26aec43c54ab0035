"""What a request to S3 needs permission for.

S3's actions are not named after its operations:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tools.local_aws.iam.calls.asks import Ask
from tools.local_aws.iam.engine.patterns import ContextValue

# The sub-resource of a bucket, as the query string names it, and what the actions on it end with.
_BUCKET_PARTS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
# Every other sub-resource is deleted by permission to put it.
_DELETED_BY_THEIR_OWN_ACTION = ("policy", "website")
_BUCKET_DEFAULTS = {
    "GET": "ListBucket",
    "HEAD": "ListBucket",
    "PUT": "CreateBucket",
    "DELETE": "DeleteBucket",
}
_LISTINGS = {"versions": "ListBucketVersions", "uploads": "ListBucketMultipartUploads"}
_OBJECT_PARTS = {
    "acl": "ObjectAcl",
    "tagging": "ObjectTagging",
    "retention": "ObjectRetention",
    "legal-hold": "ObjectLegalHold",
    "attributes": "ObjectAttributes",
}
_OBJECT_DEFAULTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "POST": "PutObject"}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Get", "POST": "Put"}
_KEYS_IN_DELETE_BODY = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL)


@dataclass(frozen=True)
class S3Request:
    """One HTTP request to S3, its header names in lower case."""

    method: str
    bucket: str | None
    key: str | None
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def bucket_arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"


def s3_asks(request: S3Request) -> list[Ask]:
    """Everything that must be allowed for the request to go ahead, keys of KMS aside."""
    context = _context(request)
    if request.bucket is None:
        return [Ask("s3:ListAllMyBuckets", "*", context)]
    if request.key is None:
        return _bucket_asks(request, context)
    object_arn = f"{request.bucket_arn}/{request.key}"
    asks = [Ask(f"s3:{_object_action(request)}", object_arn, context)]
    if source := copy_source(request):
        version = "Version" if "?versionId=" in request.headers["x-amz-copy-source"] else ""
        asks.append(Ask(f"s3:GetObject{version}", f"arn:aws:s3:::{source[0]}/{source[1]}", context))
    if "x-amz-tagging" in request.headers and asks[0].action == "s3:PutObject":
        asks.append(Ask("s3:PutObjectTagging", object_arn, context))
    return asks


def copy_source(request: S3Request) -> tuple[str, str] | None:
    """Bucket and key that a copy reads from."""
    given = request.headers.get("x-amz-copy-source")
    if given is None:
        return None
    bucket, _, key = unquote(given.split("?", 1)[0]).lstrip("/").partition("/")
    return bucket, key


def _bucket_asks(request: S3Request, context: Mapping[str, ContextValue]) -> list[Ask]:
    if request.method == "POST" and "delete" in request.query:
        keys = (html.unescape(key.decode()) for key in _KEYS_IN_DELETE_BODY.findall(request.body))
        return [Ask("s3:DeleteObject", f"{request.bucket_arn}/{key}", context) for key in keys]
    return [Ask(f"s3:{_bucket_action(request)}", request.bucket_arn, context)]


def _bucket_action(request: S3Request) -> str:
    part = next((part for part in _BUCKET_PARTS if part in request.query), None)
    if part is not None:
        deletes = request.method == "DELETE"
        verb = "Put" if deletes and part not in _DELETED_BY_THEIR_OWN_ACTION else _VERBS[request.method]
        return verb + _BUCKET_PARTS[part]
    listing = next((action for part, action in _LISTINGS.items() if part in request.query), None)
    return listing or _BUCKET_DEFAULTS.get(request.method, "PutObject")


def _object_action(request: S3Request) -> str:
    part = next((part for part in _OBJECT_PARTS if part in request.query), None)
    if part is not None:
        return _VERBS[request.method] + _OBJECT_PARTS[part]
    if "uploadId" in request.query and request.method in ("GET", "DELETE"):
        return "ListMultipartUploadParts" if request.method == "GET" else "AbortMultipartUpload"
    version = "Version" if "versionId" in request.query else ""
    return _OBJECT_DEFAULTS.get(request.method, "DeleteObject") + version


def _context(request: S3Request) -> dict[str, ContextValue]:
    names = ("prefix", "delimiter", "max-keys")
    context: dict[str, ContextValue] = {
        f"s3:{name}": request.query[name] for name in names if name in request.query
    }
    context |= {f"s3:{name}": text for name, text in request.headers.items() if name.startswith("x-amz-")}
    if "versionId" in request.query:
        context["s3:VersionId"] = request.query["versionId"]
    if request.method in ("PUT", "POST"):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
        conditions = ("if-match", "if-none-match")
        context |= {f"s3:{name}": request.headers[name] for name in conditions if name in request.headers}
    return context
