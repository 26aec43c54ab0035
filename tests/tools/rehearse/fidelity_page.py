"""The table of docs/fidelity.md: operations that deployed stacks and the rehearsal call, and their checks."""

import re
from collections.abc import Iterator
from pathlib import Path

from botocore import xform_name

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "fidelity.md"
TESTS = ROOT / "tests" / "tools" / "local_aws"

_PLACE = re.compile(r"(<!-- operations -->\n).*?(<!-- end of operations -->)", re.DOTALL)
_CALL = re.compile(r'\.([a-z][a-z0-9_]+)\(|"([a-z][a-z0-9_]+)"|get_paginator\("([a-z0-9_]+)"\)')
_HEAD = (
    "| service | answered by | with tests of their own | checked by deployment and rehearsal alone |\n"
    "|---|---|---|---|\n"
)
# IAM's actions whose operations have other names.
_OPERATIONS_OF_S3 = {
    "ListBucket": "list_objects_v2",
    "GetBucketPublicAccessBlock": "get_public_access_block",
    "PutBucketPublicAccessBlock": "put_public_access_block",
    "GetEncryptionConfiguration": "get_bucket_encryption",
    "PutEncryptionConfiguration": "put_bucket_encryption",
    "PutLifecycleConfiguration": "put_bucket_lifecycle_configuration",
    "PutBucketNotification": "put_bucket_notification_configuration",
}

Called = dict[str, dict[str, str]]


def with_operations(page: str, called: Called) -> str:
    table = _HEAD + "".join(_rows(called))
    return _PLACE.sub(lambda place: f"{place[1]}{table}{place[2]}", page)


def _rows(called: Called) -> Iterator[str]:
    tested = _called_by_tests()
    for service, operations in called.items():
        for author in sorted(set(operations.values())):
            names = [name for name, by in operations.items() if by == author]
            own = [name for name in names if _method(name) in tested]
            others = [name for name in names if name not in own]
            yield f"| {service} | {author} | {', '.join(own)} | {', '.join(others)} |\n"


def _method(operation: str) -> str:
    return _OPERATIONS_OF_S3.get(operation) or xform_name(operation)


def _called_by_tests() -> set[str]:
    texts = (path.read_text("utf-8") for path in TESTS.rglob("*.py"))
    return {name for text in texts for found in _CALL.findall(text) for name in found if name}
