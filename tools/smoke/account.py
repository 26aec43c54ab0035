"""The account that the credentials of the shell lead to."""

import os
from dataclasses import dataclass
from typing import Any

import boto3

from tools.local_aws.clients import Credentials
from tools.rehearse.waiting import EMBEDDED, REAL, Pace


@dataclass(frozen=True)
class Account:
    """An account in a region, as boto3 finds it by its usual variables and files."""

    account: str
    region: str

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A client of the shell's identity, or of somebody else."""
        if credentials is None:
            return boto3.client(service, region_name=self.region)
        return boto3.client(
            service,
            region_name=self.region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
        )

    @property
    def signed_in(self) -> str:
        """The account that the shell's identity is in."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def pace(self) -> Pace:
        """Jobs of the embedded AWS take seconds, AWS's take minutes."""
        return EMBEDDED if os.environ.get("AWS_ENDPOINT_URL") else REAL
