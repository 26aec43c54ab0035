"""What every part of SageMaker needs to act: names, state, roles, events."""

import json
import logging
import os
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.clients import Credentials
from tools.local_aws.context import Context
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.store import Members, Tags, name_of

SERVICE_PRINCIPAL = "sagemaker.amazonaws.com"
# SageMaker names its sessions so; it is what an access-denied message shows.
SESSION_NAME = "SageMaker"

log = logging.getLogger(__name__)


@dataclass
class Account:
    """SageMaker of one account and region."""

    context: Context
    tags: Tags = field(default_factory=Tags)
    _credentials: dict[tuple[str, str], Credentials] = field(default_factory=dict)

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a SageMaker resource."""
        return f"arn:aws:sagemaker:{self.context.region}:{self.context.account}:{kind}/{name}"

    def assume(self, role_arn: str) -> Credentials:
        """Credentials of a role; `ValidationError` when it does not exist or does not trust SageMaker."""
        try:
            role = self.context.client("iam").get_role(RoleName=name_of(role_arn))["Role"]
        except ClientError as error:
            raise _cannot_assume(role_arn) from error
        if role["Arn"] != role_arn or not _trusts(role["AssumeRolePolicyDocument"], SERVICE_PRINCIPAL):
            raise _cannot_assume(role_arn)
        # A role that was deleted and made again under its name has another id and needs new credentials.
        key = (role_arn, role["RoleId"])
        if key not in self._credentials:
            answer = self.context.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=SESSION_NAME)
            self._credentials[key] = Credentials.from_sts(answer["Credentials"])
        return self._credentials[key]

    def environment(self, role: Credentials) -> dict[str, str]:
        """The environment variables of a container: nothing of the host but what a program needs to start."""
        home = self.context.work_folder / "home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
        cores = str(os.cpu_count() or 1)
        return kept | {
            "HOME": str(home),
            "PYTHONUNBUFFERED": "1",
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token or "",
            "AWS_REGION": self.context.region,
            "AWS_DEFAULT_REGION": self.context.region,
            "AWS_ENDPOINT_URL": self.context.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            # Numeric libraries start a thread per core of the host for each process unless told otherwise.
            "OMP_NUM_THREADS": cores,
            "OPENBLAS_NUM_THREADS": cores,
        }

    def emit(self, detail_type: str, detail: Members, resource_arn: str) -> None:
        """Puts an event of SageMaker on the default bus. A failure is logged, not raised."""
        entry = {
            "Source": "aws.sagemaker",
            "DetailType": detail_type,
            "Detail": json.dumps(detail, default=_event_value),
            "Resources": [resource_arn],
        }
        try:
            self.context.client("events").put_events(Entries=[entry])
        except ClientError:
            log.exception("Event %r of %s could not be put", detail_type, resource_arn)


def _event_value(value: Any) -> Any:
    # Events carry times in milliseconds since the epoch.
    return int(value.timestamp() * 1000) if hasattr(value, "timestamp") else str(value)


def _cannot_assume(role_arn: str) -> ValidationError:
    return ValidationError(
        f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
        f"'{SERVICE_PRINCIPAL}' to assume the role."
    )


def _trusts(document: Members, service: str) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and "sts:AssumeRole" in _as_list(statement["Action"])
        and service in _as_list(statement.get("Principal", {}).get("Service"))
        for statement in _as_list(document["Statement"])
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
