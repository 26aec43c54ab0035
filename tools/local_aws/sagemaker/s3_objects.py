"""Copies between S3 and folders the way the SageMaker agent does for a job."""

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.errors import JobFailedError


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`."""
    parts = urlparse(uri)
    return parts.netloc, parts.path.lstrip("/")


def list_objects(s3: Any, bucket: str, prefix: str) -> list[dict[str, Any]]:
    """All objects under a prefix, as S3 lists them."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item for page in pages for item in page.get("Contents", ())]


def download(
    s3: Any, uri: str, folder: Path, only: list[str] | None = None, *, missing: bool = False
) -> None:
    """Copies one object, or all objects under a prefix or those of them in `only`, into a folder.

    Raises `JobFailedError` when there is none, unless some may be missing, or the client's role may not read.
    """
    bucket, prefix = split_uri(uri)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        keys = only if only is not None else [item["Key"] for item in list_objects(s3, bucket, prefix)]
        wanted = {key: path for key in keys if (path := _relative(key, prefix)) is not None}
        _check_paths(wanted)
        for key, path in wanted.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            _fetch(s3, bucket, key, folder / path)
    except ClientError as error:
        raise _failure("Failed to download data from", uri, error) from error
    if not wanted and not missing:
        raise JobFailedError(
            f'ClientError: No S3 objects found under S3 URL "{uri}". Please ensure that it exists.'
        )


def download_object(s3: Any, uri: str, path: Path) -> None:
    """Copies one object without listing its bucket; `JobFailedError` when it is not there or not readable."""
    bucket, key = split_uri(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(s3, bucket, key, path)
    except ClientError as error:
        raise _failure("Failed to download", uri, error) from error


def _fetch(s3: Any, bucket: str, key: str, path: Path) -> None:
    # Not download_file: it asks for the object's head first, and a refused head has no message.
    with path.open("wb") as file:
        shutil.copyfileobj(s3.get_object(Bucket=bucket, Key=key)["Body"], file)


def _relative(key: str, prefix: str) -> str | None:
    """The path inside the folder; nothing for folder markers."""
    if key.endswith("/"):
        return None
    if key == prefix:
        return Path(key).name
    # An S3 prefix is text, not a folder: `train` matches `training/a.csv` too, on AWS as well.
    folder_end = prefix.rfind("/") + 1 if not key.startswith(prefix.rstrip("/") + "/") else len(prefix)
    return key[folder_end:].lstrip("/")


def _check_paths(wanted: dict[str, str]) -> None:
    """A key is text: the parts of a path that lead upwards would leave the folder."""
    for key, path in wanted.items():
        if ".." in Path(path).parts:
            raise JobFailedError(f"ClientError: The key {key} leads out of its folder.")


def upload(s3: Any, source: Path, uri: str, kms_key_id: str | None = None) -> None:
    """Copies a file to an object, or a folder's files under a prefix.

    Raises `JobFailedError` when the client's role may not write them.
    """
    bucket, key = split_uri(uri)
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}
    files = {source: key}
    if source.is_dir():
        found = [path for path in sorted(source.rglob("*")) if path.is_file()]
        files = {path: f"{key.rstrip('/')}/{path.relative_to(source)}".lstrip("/") for path in found}
    for path, target in files.items():
        try:
            target.encode()
            with path.open("rb") as file:
                s3.put_object(Bucket=bucket, Key=target, Body=file, **encryption)
        except (ClientError, UnicodeEncodeError) as error:
            # A name of a file may be any bytes, a key is UTF-8.
            raise _failure("Failed to upload data to", f"s3://{bucket}/{target}", error) from error


def _failure(what: str, uri: str, error: Exception) -> JobFailedError:
    return JobFailedError(f"ClientError: {what} {uri}: {error}")
