"""Types of names and identifiers that something else on AWS or GitHub gives."""

import re
from typing import Annotated

from pydantic import AfterValidator

from config.mistakes.errors import Mistake, MistakesFoundError
from config.values.fields import matching

_COPY = "copy it from the AWS console"


def _text(pattern: str, problem: str, allowed: str, change: str = _COPY) -> AfterValidator:
    return matching(pattern, problem, allowed, change)


_LONGEST_PROFILE_NAME = 63


def slug(name: str) -> str:
    """Return the nearest name of lower-case words and numbers joined by single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-") or "name"


def _check_profile_name(value: str) -> str:
    if slug(value) != value or len(value) > _LONGEST_PROFILE_NAME:
        nearest = slug(value)[:_LONGEST_PROFILE_NAME].rstrip("-")
        problem = f"cannot be the name of a user profile ({len(value)} characters)"
        allowed = f"1 to {_LONGEST_PROFILE_NAME} lower-case letters and digits, in words joined by dashes"
        raise MistakesFoundError(Mistake((), value, problem, allowed, f"write {nearest}"))
    return value


ProfileName = Annotated[str, AfterValidator(_check_profile_name)]
UserPoolId = Annotated[
    str, _text(r"[a-z]{2}-[a-z]+-[0-9]_[0-9A-Za-z]{1,46}", "is no user pool", "<region>_<letters and digits>")
]
UserPoolClientId = Annotated[
    str, _text(r"[0-9a-z]{1,128}", "is no app client of a user pool", "lower-case letters and digits")
]
RoleArn = Annotated[
    str,
    _text(
        r"arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}",
        "is no role",
        "arn:aws:iam::<12 digits>:role/<name>",
    ),
]
KeyArn = Annotated[
    str,
    _text(
        r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]{36}",
        "is no KMS key",
        "arn:aws:kms:<region>:<12 digits>:key/<id>, not an alias",
    ),
]
BucketName = Annotated[
    str,
    _text(
        r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "is no bucket name",
        "3 to 63 lower-case letters, digits, dots and dashes, without s3://",
        "write the bare name",
    ),
]
S3Uri = Annotated[
    str,
    _text(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S{1,1024}",
        "is no object in S3",
        "s3://<bucket>/<key>",
        "write the whole address",
    ),
]
S3Prefix = Annotated[
    str,
    _text(
        # Policies name the objects below it: a wildcard or a variable here would open more than this folder.
        r"(?!/)[A-Za-z0-9!_.'()=+@:/ -]{1,512}(?<! )",
        "is no folder in S3",
        "letters, digits, spaces and ! - _ . ' ( ) = + @ : /, without a slash at the beginning",
        "write the folder as in the bucket",
    ),
]
EmrClusterId = Annotated[
    str, _text(r"j-[0-9A-Z]{8,20}", "is no EMR cluster", "j- and capital letters and digits")
]
GithubRepository = Annotated[
    str,
    _text(
        # A wildcard here would let other repositories deploy.
        r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}",
        "is no GitHub repository",
        "owner/name, without https://github.com/ and without wildcards",
        "write e.g. example-org/sagemaker-mlops",
    ),
]
GithubEnvironment = Annotated[
    str,
    _text(
        r"(?=.{1,255}$)[A-Za-z0-9_.-]+",
        "is no name of a GitHub environment",
        "1 to 255 letters, digits, dots, dashes and underscores, without wildcards",
        "write the name as in the repository's settings",
    ),
]
