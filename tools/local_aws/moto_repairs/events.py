"""EventBridge: events really reach their targets, and patterns that AWS does not take are refused."""

from collections.abc import Callable
from typing import Any

from moto.events.models import EventsBackend, Rule

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.events.delivery import Postman
from tools.local_aws.events.patterns import InvalidPatternError, check_pattern


def install(context: Context) -> None:
    postman = Postman(context)
    Rule.send_to_targets = postman.accept
    EventsBackend.put_rule = _checking_its_pattern(EventsBackend.put_rule)
    postman.start()


def _checking_its_pattern(put_rule: Callable[..., Any]) -> Callable[..., Any]:
    """Moto lets every event pass a filter that it does not know."""

    def put(backend: Any, name: str, *more: Any, **named: Any) -> Any:
        try:
            if pattern := named.get("event_pattern"):
                check_pattern(pattern)
        except InvalidPatternError as error:
            why = f"Event pattern is not valid. Reason: {error}"
            raise ApiError("InvalidEventPatternException", why) from error
        return put_rule(backend, name, *more, **named)

    return put
