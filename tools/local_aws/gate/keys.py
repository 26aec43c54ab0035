"""The secret behind each access key that there is: the operator's, AWS's services', users' and sessions'."""

import hmac

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from tools.local_aws.clients import SERVICE_ACCESS_KEY_PREFIX, Credentials
from tools.local_aws.gate.refusals import Reason, RefusedError

_PARTITION = "aws"


class Keys:
    """The access keys of one account."""

    def __init__(self, account: str, operator: Credentials) -> None:
        self._account = account
        self._operator = operator

    def is_operator(self, access_key_id: str) -> bool:
        return access_key_id == self._operator.access_key_id

    def secret_of(self, access_key_id: str, token: str) -> str:
        """The secret access key; `RefusedError` for an unknown key, or a token that does not belong to it."""
        if access_key_id.startswith(SERVICE_ACCESS_KEY_PREFIX):
            return self._operator.secret_access_key
        session = sts_backends[self._account][_PARTITION].get_assumed_role_from_access_key(access_key_id)
        if session is not None:
            if not hmac.compare_digest(token.encode(), session.session_token.encode()):
                raise RefusedError(Reason.WRONG_TOKEN)
            if session.expiration <= utcnow():
                raise RefusedError(Reason.EXPIRED_TOKEN)
            return str(session.secret_access_key)
        if token:
            raise RefusedError(Reason.WRONG_TOKEN)
        return self._long_term_secret(access_key_id)

    def _long_term_secret(self, access_key_id: str) -> str:
        if self.is_operator(access_key_id):
            return self._operator.secret_access_key
        for user in iam_backends[self._account][_PARTITION].users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key_id and key.status == "Active":
                    return str(key.secret_access_key)
        raise RefusedError(Reason.UNKNOWN_KEY)
