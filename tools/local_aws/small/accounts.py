"""Account Management: the age of the account, which says whether it can have used what is closed since."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.closed import CLOSED_SINCE

_A_WHILE = timedelta(days=7)


def with_its_age(context: Context) -> Callable[[Any], ActionResult]:
    created = CLOSED_SINCE + (_A_WHILE if context.new_customer else -_A_WHILE)

    def answer(response: Any) -> ActionResult:
        known = {"AccountId": response.current_account, "AccountName": "embedded", "AccountState": "ACTIVE"}
        return ActionResult({**known, "AccountCreatedDate": created})

    return answer
