"""Where functions and machines answer CloudFormation: objects behind presigned URLs, as on AWS.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.s3.exceptions import BucketAlreadyExists
from moto.s3.models import s3_backends

from tools.local_aws.context import Context

# The bucket is AWS's own: no account sees it among its buckets.
_OWNER = "0" * 12
_SECONDS_VALID = 7 * 24 * 3600


class LetterBoxes:
    """Boxes of one account and region, each an object of which every version is kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._bucket_name = f"cloudformation-custom-resource-response-{context.region.replace('-', '')}"

    def url(self, key: str) -> str:
        """A URL that takes a PUT from whoever has it."""
        with suppress(BucketAlreadyExists):
            self._s3.create_bucket(self._bucket_name, self._context.region)
            self._s3.put_bucket_versioning(self._bucket_name, "Enabled")
        url = self._context.client("s3").generate_presigned_url(
            "put_object", {"Bucket": self._bucket_name, "Key": key}, ExpiresIn=_SECONDS_VALID
        )
        return str(url)

    def letters(self, url: str) -> list[bytes]:
        """What was put at a URL of ours, oldest first."""
        _, bucket, key = unquote(urlsplit(url).path).split("/", 2)
        if bucket != self._bucket_name:
            return []
        return [bytes(item.value) for item in self._s3.get_bucket(bucket).keys.getlist(key, [])]

    @property
    def _s3(self) -> Any:
        return s3_backends[_OWNER]["aws"]


def as_object(letter: bytes) -> dict[str, Any]:
    """A letter in JSON; empty for what is none."""
    with suppress(ValueError):
        found = json.loads(letter)
        return found if isinstance(found, dict) else {}
    return {}
