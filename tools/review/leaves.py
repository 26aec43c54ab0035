"""Two values side by side: every leaf that differs, with its path."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ABSENT: Any = None
"""What a side has where it has nothing: templates hold no null."""

_NAMES = ("Name", "Key", "Sid", "Id", "VariantName", "InputName", "OutputName", "AlarmName", "Rel", "RuleId")
_OPENED = ("Fn::ToJsonString", "Fn::ToSpacedJsonString")
_LONGEST = 90
_DEFINITION = "PipelineDefinition.PipelineDefinitionBody."


@dataclass(frozen=True)
class Change:
    """One leaf: `Steps.Train.Arguments.HyperParameters.max_depth`, 4, 6."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        path = self.path.removeprefix(_DEFINITION)
        return f"{path}: {shown(self.before)} → {shown(self.after)}"


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """The leaves that differ. Items of lists that have a name are known by it, and come and go whole."""
    before, after = _opened(before), _opened(after)
    if before == after:
        return
    left, right = _children(before), _children(after)
    if left is None or right is None or not (left or right):
        yield Change(path, before, after)
        return
    are_items = isinstance(before, list) or isinstance(after, list)
    for key in [*left, *(key for key in right if key not in left)]:
        below = f"{path}.{key}" if path else key
        if are_items and (key not in left or key not in right):
            yield Change(below, left.get(key), right.get(key))
        else:
            yield from changes(left.get(key), right.get(key), below)


def shown(value: Any) -> str:
    """A value in a line."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Mapping) and {"Name", "Type"} <= value.keys():
        return f"{value['Name']} ({value['Type']})"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _opened(value: Any) -> Any:
    """JSON that a string holds, without the function that closes it again."""
    if isinstance(value, Mapping) and len(value) == 1:
        for function in _OPENED:
            if function in value:
                return value[function]
    return value


def _children(value: Any) -> Mapping[str, Any] | None:
    """What is inside by key or name; None for what is compared as a whole."""
    if value is ABSENT:
        return {}
    if isinstance(value, Mapping):
        is_function = len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))
        return None if is_function else value
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        named = {_name(item, position): item for position, item in enumerate(value)}
        return named if len(named) == len(value) else {str(n): item for n, item in enumerate(value)}
    return None


def _name(item: Mapping[str, Any], position: int) -> str:
    return next((str(item[key]) for key in _NAMES if isinstance(item.get(key), str)), str(position))
