"""What a rule hands to its target: the event, a part of it, a constant, or a template filled from it.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PATH = re.compile(r"\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*")
_PATH_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")
# A placeholder, or a JSON text as a whole, so that it is known whether a placeholder stands inside a text.
_TEMPLATE_PART = re.compile(r'"(?:[^"\\]|\\.)*"|<[\w.-]+>')
_PLACEHOLDER = re.compile(r"<([\w.-]+)>")


class InputError(Exception):
    """A target's input cannot be made from an event."""


@dataclass(frozen=True)
class RuleName:
    """The rule that hands an event on."""

    arn: str
    name: str


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], rule: RuleName) -> str:
    """The text that is delivered; `InputError` names a path that EventBridge would not understand."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _compact(select(event, target["InputPath"]))
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        values = _predefined(event, rule) | {
            name: select(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()
        }
        return _fill(transformer["InputTemplate"], values)
    return _compact(event)


def select(event: Any, path: str) -> Any:
    """The value at a path such as `$.detail.jobs[0]`, or None where the event has nothing there."""
    if not _PATH.fullmatch(path):
        raise InputError(f"{path!r} is not a path of the form $.name.name[0]")
    value = event
    for name, index, quoted in _PATH_STEP.findall(path):
        value = _step(value, int(index)) if index else _step(value, name or quoted)
    return value


def _step(value: Any, key: str | int) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return None


def _predefined(event: Mapping[str, Any], rule: RuleName) -> dict[str, Any]:
    return {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }


def _fill(template: str, values: Mapping[str, Any]) -> str:
    def value_of(name: str) -> Any:
        if name not in values:
            raise InputError(f"<{name}> of the input template has no path; there are {sorted(values)}")
        return values[name]

    def fill(part: re.Match[str]) -> str:
        text = part[0]
        if text.startswith("<"):
            return _compact(value_of(text[1:-1]))
        return _PLACEHOLDER.sub(lambda found: _inside_text(value_of(found[1])), text)

    return _TEMPLATE_PART.sub(fill, template)


def _inside_text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _compact(value)
    return json.dumps(text)[1:-1]


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
