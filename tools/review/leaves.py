"""Two values side by side: every leaf that differs, with its path."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ABSENT: Any = None
"""What a side has where it has nothing: templates hold no null."""

_NAMES = ("Name", "Key", "Sid", "Id", "VariantName", "InputName", "OutputName", "AlarmName", "Rel", "RuleId")
_OPENED = ("Fn::ToJsonString", "Fn::ToSpacedJsonString")
_LONGEST, _WORDS_BEFORE = 90, 20
_DEFINITION = "PipelineDefinition.PipelineDefinitionBody."


@dataclass(frozen=True)
class Change:
    """One leaf: `Steps.Train.Arguments.HyperParameters.max_depth`, 4, 6."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        path = self.path.removeprefix(_DEFINITION)
        before, after = _from_where_they_differ(_text(self.before), _text(self.after))
        return f"{path}: {_cut(before)} → {_cut(after)}"


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
    return _cut(_text(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _from_where_they_differ(before: str, after: str) -> tuple[str, str]:
    """Without what both begin with, where their difference would be cut off."""
    letters = enumerate(zip(before, after, strict=False))
    alike = next((at for at, (one, other) in letters if one != other), min(len(before), len(after)))
    begin = alike - _WORDS_BEFORE
    if begin + 2 * _WORDS_BEFORE <= _LONGEST:
        return before, after
    return f"…{before[begin:]}", f"…{after[begin:]}"


def _text(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Mapping) and {"Name", "Type"} <= value.keys():
        return f"{value['Name']} ({value['Type']})"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
