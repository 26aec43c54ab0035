"""What every part of SageMaker needs to act: names, state, roles, events."""

import json
import logging
import os
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.store import Members, Tags

SERVICE_PRINCIPAL = "sagemaker.amazonaws.com"
# SageMaker names its sessions so; it is what an access-denied message shows.
SESSION_NAME = "SageMaker"

# Whom the call that is being answered is for. Jobs and pipelines get sessions with the same source identity:
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitor-user-access.html
PERSON: ContextVar[str | None] = ContextVar("person", default=None)

log = logging.getLogger(__name__)


@dataclass
class Account:
    """SageMaker of one account and region."""

    context: Context
    tags: Tags = field(default_factory=Tags)
    _credentials: dict[tuple[str, str | None], Credentials] = field(default_factory=dict)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:sagemaker:{self.context.region}:{self.context.account}:{kind}/{name}"

    def assume(self, role_arn: str, person: str | None = None) -> Credentials:
        """Credentials of a role; `ValidationError` when it does not exist or does not trust SageMaker.

        `person` is whom the session is for, its source identity.
        """
        sts = self.context.client("sts", service_credentials(SERVICE_PRINCIPAL))
        identity = {"SourceIdentity": person} if person else {}
        try:
            answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=SESSION_NAME, **identity)
        except ClientError as error:
            why = f" {error.response['Error']['Message']}" if person else ""
            raise ValidationError(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
                f"'{SERVICE_PRINCIPAL}' to assume the role.{why}"
            ) from error
        # The first session serves all later calls: each new one would need new boto3 clients.
        return self._credentials.setdefault((role_arn, person), Credentials.from_sts(answer["Credentials"]))

    def environment(self, role: Credentials) -> dict[str, str]:
        """The environment variables of a container: nothing of the host but what a program needs to start."""
        home = self.context.work_folder / "home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        cores = str(os.cpu_count() or 1)
        return kept | {
            "HOME": str(home),
            "PYTHONUNBUFFERED": "1",
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token or "",
            # Not what botocore reads, AWS_DEFAULT_REGION: https://github.com/aws/sagemaker-containers/issues/144
            "AWS_REGION": self.context.region,
            "AWS_ENDPOINT_URL": self.context.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
            # https://github.com/aws/sagemaker-mlflow
            "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": self.context.endpoint_url,
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
        except (ClientError, BotoCoreError) as error:
            log.warning("Event %r of %s could not be put: %s", detail_type, resource_arn, error)


def _event_value(value: Any) -> Any:
    # Events carry times in milliseconds since the epoch.
    return int(value.timestamp() * 1000) if hasattr(value, "timestamp") else str(value)
