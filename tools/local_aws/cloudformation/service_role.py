"""Credentials of the roles that stacks are deployed with."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.local_aws.clients import Credentials
from tools.local_aws.context import Context

SESSION_NAME = "AWSCloudFormation"
_RENEW_BEFORE = timedelta(minutes=5)


class ServiceRoles:
    """Assumes roles on behalf of CloudFormation, so that IAM applies to what stacks do."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sessions: dict[str, tuple[Credentials, datetime]] = {}
        self._lock = threading.Lock()

    def clients(self, role_arn: str | None) -> Callable[[str], Any]:
        """Makes clients acting as the role, or as the operator without one."""

        def client(service: str) -> Any:
            return self._context.client(service, self._credentials(role_arn) if role_arn else None)

        return client

    def _credentials(self, role_arn: str) -> Credentials:
        with self._lock:
            known = self._sessions.get(role_arn)
            if known is None or known[1] - _RENEW_BEFORE < datetime.now(UTC):
                answer = self._context.client("sts").assume_role(
                    RoleArn=role_arn, RoleSessionName=SESSION_NAME
                )
                known = Credentials.from_sts(answer["Credentials"]), answer["Credentials"]["Expiration"]
                self._sessions[role_arn] = known
            return known[0]
