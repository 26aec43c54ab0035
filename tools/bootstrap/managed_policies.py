"""The boundary of an environment's roles and the policies of its deployments, from documents to the account.

An administrator makes them with `make bootstrap`. They lie outside of the path below which deployments may
make roles and policies: `<prefix>-boundary` and `<prefix>-execution-*` are beside `/<prefix>/`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

DOCUMENTS = Path(__file__).parent / "policies"
BOUNDARY = "boundary"
EXECUTION = tuple(sorted(path.stem for path in DOCUMENTS.glob("execution-*.json")))
"""IAM takes 6,144 characters a policy, so that what CloudFormation may do stands in several."""


@dataclass(frozen=True)
class Place:
    """Where an environment is deployed, as far as the documents have to know."""

    prefix: str
    account: str
    regions: Sequence[str]
    qualifier: str

    def document(self, name: str) -> str:
        """A committed document, filled in and without the layout."""
        text = (DOCUMENTS / f"{name}.json").read_text("utf-8")
        regions = ", ".join(json.dumps(region) for region in sorted(self.regions))
        values = {"ACCOUNT": self.account, "PREFIX": self.prefix, "QUALIFIER": self.qualifier}
        for placeholder, value in {**values, '"REGIONS"': regions}.items():
            text = text.replace(placeholder, value)
        return re.sub(r"\s*\n\s*", "", text)

    def arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:policy/{self.prefix}-{name}"


def put_policies(iam: Any, place: Place) -> list[str]:
    """Creates the policies, or makes the documents their versions in force.

    Returns the ARNs of those that the execution role has.
    """
    for name in (BOUNDARY, *EXECUTION):
        _put(iam, place, name)
    return [place.arn(name) for name in EXECUTION]


def _put(iam: Any, place: Place, name: str) -> None:
    arn, document = place.arn(name), place.document(name)
    try:
        iam.create_policy(PolicyName=f"{place.prefix}-{name}", PolicyDocument=document)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
        _delete_old_versions(iam, arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)


def _delete_old_versions(iam: Any, arn: str) -> None:
    """A policy has five versions at most."""
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
