"""The secret behind each access key that there is: the operators', AWS's services', users' and sessions'."""

import hmac
from collections.abc import Mapping

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from tools.local_aws.clients import SERVICE_ACCESS_KEY_PREFIX, Credentials
from tools.local_aws.gate.refusals import Reason, RefusedError

_PARTITION = "aws"


class Keys:
    """The access keys of some accounts, each with its operator."""

    def __init__(self, operators: Mapping[str, Credentials]) -> None:
        self._operators = operators

    def is_operator(self, access_key_id: str) -> bool:
        return any(access_key_id == operator.access_key_id for operator in self._operators.values())

    def account_of(self, access_key_id: str) -> str:
        """Whose key it is; `RefusedError` for an unknown key."""
        if access_key_id.startswith(SERVICE_ACCESS_KEY_PREFIX):
            account = access_key_id.rpartition("@")[2]
            if account in self._operators:
                return account
        for account, operator in self._operators.items():
            if access_key_id == operator.access_key_id or self._is_known(access_key_id, account):
                return account
        raise RefusedError(Reason.UNKNOWN_KEY)

    def _is_known(self, access_key_id: str, account: str) -> bool:
        sessions = sts_backends[account][_PARTITION]
        return sessions.get_assumed_role_from_access_key(access_key_id) is not None or any(
            key.access_key_id == access_key_id
            for user in iam_backends[account][_PARTITION].users.values()
            for key in user.access_keys
        )

    def secret_of(self, access_key_id: str, token: str) -> str:
        """The secret access key; `RefusedError` for an unknown key, or a token that does not belong to it."""
        account = self.account_of(access_key_id)
        if access_key_id.startswith(SERVICE_ACCESS_KEY_PREFIX):
            return self._operators[account].secret_access_key
        session = sts_backends[account][_PARTITION].get_assumed_role_from_access_key(access_key_id)
        if session is not None:
            if not hmac.compare_digest(token.encode(), session.session_token.encode()):
                raise RefusedError(Reason.WRONG_TOKEN)
            if session.expiration <= utcnow():
                raise RefusedError(Reason.EXPIRED_TOKEN)
            return str(session.secret_access_key)
        if token:
            raise RefusedError(Reason.WRONG_TOKEN)
        return self._long_term_secret(access_key_id, account)

    def _long_term_secret(self, access_key_id: str, account: str) -> str:
        if self.is_operator(access_key_id):
            return self._operators[account].secret_access_key
        for user in iam_backends[account][_PARTITION].users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key_id and key.status == "Active":
                    return str(key.secret_access_key)
        raise RefusedError(Reason.UNKNOWN_KEY)
