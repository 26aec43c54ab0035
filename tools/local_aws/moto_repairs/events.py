"""EventBridge: patterns are checked and matched as Event Ruler does it, events really reach their targets."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.events.models import EventPattern, EventPatternParser, EventsBackend, Rule
from moto.events.responses import EventsHandler

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.events.delivery import Postman
from tools.local_aws.events.matching import matches
from tools.local_aws.events.patterns import parse
from tools.local_aws.scheduler.expressions import CRON, RATE_OF_RULES

_MEMBERS_OF_EVENTS = {"id", "account", "source", "time", "region", "detail-type"}


def install(context: Context) -> None:
    postman = Postman(context)
    Rule.send_to_targets = postman.accept
    EventPatternParser.parse = lambda parser: parse(parser.pattern) if parser.pattern else {}
    EventPattern.matches_event = lambda pattern, event: matches(pattern.get_pattern(), event)
    EventsBackend._CRON_REGEX, EventsBackend._RATE_REGEX = CRON, RATE_OF_RULES
    EventsHandler.update_event_bus = _update_event_bus
    EventsHandler.test_event_pattern = _test_event_pattern
    EventsHandler.list_rules = _without_who_has_made_it(EventsHandler.list_rules)
    postman.start()


def _without_who_has_made_it(list_rules: Callable[[Any], tuple[str, Any]]) -> Callable[[Any], Any]:
    """Only DescribeRule tells it."""

    def listed(response: Any) -> tuple[str, Any]:
        text, headers = list_rules(response)
        answer = json.loads(text)
        for rule in answer["Rules"]:
            del rule["CreatedBy"]
        return json.dumps(answer), headers

    return listed


def _update_event_bus(response: Any) -> ActionResult:
    """UpdateEventBus, which moto lacks; what is left out is taken away."""
    bus = response.events_backend.describe_event_bus(response._get_param("Name"))
    bus.description = response._get_param("Description")
    bus.kms_key_identifier = response._get_param("KmsKeyIdentifier")
    bus.dead_letter_config = response._get_param("DeadLetterConfig")
    told = {
        "Name": bus.name,
        "Arn": bus.arn,
        "Description": bus.description,
        "KmsKeyIdentifier": bus.kms_key_identifier,
        "DeadLetterConfig": bus.dead_letter_config,
    }
    return ActionResult({member: value for member, value in told.items() if value is not None})


def _test_event_pattern(response: Any) -> ActionResult:
    pattern = parse(response._get_param("EventPattern"))
    try:
        event = json.loads(response._get_param("Event"))
    except ValueError:
        event = None
    if not isinstance(event, dict) or not set(event) >= _MEMBERS_OF_EVENTS:
        raise ApiError("ValidationException", "Parameter Event is not valid.")
    return ActionResult({"Result": matches(pattern, event)})
