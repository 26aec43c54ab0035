"""EventBridge: events really reach their targets, and filters that nobody knows are refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from moto.events.models import EventsBackend, Rule

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.events.delivery import Postman

_EVENT_FILTERS = (
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
)


def install(context: Context) -> None:
    postman = Postman(context)
    Rule.send_to_targets = postman.accept
    EventsBackend.put_rule = _knowing_its_filters(EventsBackend.put_rule)
    postman.start()


def _knowing_its_filters(put_rule: Callable[..., Any]) -> Callable[..., Any]:
    """Moto lets every event pass a filter whose name it does not know."""

    def put(backend: Any, name: str, *more: Any, **named: Any) -> Any:
        pattern = named.get("event_pattern")
        if pattern:
            unknown = sorted(set(_filters(json.loads(pattern))) - set(_EVENT_FILTERS))
            if unknown:
                raise ApiError(
                    "InvalidEventPatternException",
                    f"Event pattern of rule {name} is not valid. Reason: unknown filter {unknown[0]}; "
                    f"known are {', '.join(_EVENT_FILTERS)}.",
                )
        return put_rule(backend, name, *more, **named)

    return put


def _filters(pattern: Any) -> Iterator[str]:
    """The names of the filters in a pattern: the keys of objects that stand in lists."""
    if not isinstance(pattern, dict):
        return
    for key, value in pattern.items():
        if key == "$or":
            for alternative in value:
                yield from _filters(alternative)
        elif isinstance(value, dict):
            yield from _filters(value)
        else:
            for member in value:
                yield from member if isinstance(member, dict) else ()
