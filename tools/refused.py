"""Why a call was refused, in words that say what to ask for."""

import re

from botocore.exceptions import BotoCoreError, ClientError

_MISSING_RIGHT = re.compile(r"not authorized to perform: (?P<action>[\w-]+:\w+)")
_REFUSED = ("AccessDenied", "AuthorizationError", "UnauthorizedOperation")


def missing_right(error: ClientError) -> str | None:
    """The action that the caller lacks; None where the call failed for another reason."""
    told = error.response["Error"]
    if not told["Code"].startswith(_REFUSED):
        return None
    named = _MISSING_RIGHT.search(told.get("Message", ""))
    return named["action"] if named else error.operation_name


def why(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError) and (action := missing_right(error)):
        return f"needs {action}"
    return str(error)
