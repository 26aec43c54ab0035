"""The policy of CloudFormation's execution role, from the committed document to the account."""

import re
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

DOCUMENT = Path(__file__).parents[2] / "docs" / "examples" / "execution-policy.json"


def policy_name(prefix: str) -> str:
    """What the policy of an environment is called."""
    return f"{prefix}-execution"


def document(prefix: str, account: str) -> str:
    """The committed document, with the prefix of names and the account filled in and without the layout."""
    text = DOCUMENT.read_text("utf-8").replace("ACCOUNT", account).replace("PREFIX", prefix)
    return re.sub(r"\s*\n\s*", "", text)


def put_policy(iam: Any, prefix: str, account: str) -> str:
    """Creates the policy, or makes the document its version in force; returns its ARN."""
    name, content = policy_name(prefix), document(prefix, account)
    arn = f"arn:aws:iam::{account}:policy/{name}"
    try:
        iam.create_policy(PolicyName=name, PolicyDocument=content)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
        _delete_old_versions(iam, arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=content, SetAsDefault=True)
    return arn


def _delete_old_versions(iam: Any, arn: str) -> None:
    """A policy has five versions at most."""
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
