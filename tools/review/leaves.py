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
_COME_AND_GO_WHOLE = ".States"
_DEFINITION = "PipelineDefinition.PipelineDefinitionBody."


@dataclass(frozen=True)
class Change:
    """One leaf: `Steps.Train.Arguments.HyperParameters.max_depth`, 4, 6."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        path = self.path.removeprefix(_DEFINITION)
        if _are_texts(self.before) and _are_texts(self.after):
            return f"{path}: {_of_lists(self.before, self.after)}"
        before, after = (_text(side) for side in (self.before, self.after))
        start = _equal_start(before, after)
        return f"{path}: {_from(before, start)} → {_from(after, start)}"


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """The leaves that differ. Items of lists that have a name are known by it, and come and go whole."""
    before, after = _opened(before), _opened(after)
    if before == after:
        return
    left, right = _children(before), _children(after)
    if left is None or right is None or not (left or right):
        yield Change(path, before, after)
        return
    are_items = isinstance(before, list) or isinstance(after, list) or path.endswith(_COME_AND_GO_WHOLE)
    if [key for key in left if key in right] != [key for key in right if key in left] and are_items:
        yield Change(f"{path}, in order", ", ".join(left), ", ".join(right))
    for key in [*left, *(key for key in right if key not in left)]:
        below = f"{path}.{key}" if path else key
        if are_items and (key not in left or key not in right):
            yield Change(below, left.get(key), right.get(key))
        else:
            yield from changes(left.get(key), right.get(key), below)


def shown(value: Any) -> str:
    """A value in a line."""
    text = _text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, Mapping) and {"Name", "Type"} <= value.keys():
        return f"{value['Name']} ({value['Type']})"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _equal_start(before: str, after: str) -> int:
    """Where two long texts begin to differ, but for some words before; 0 for short ones."""
    if max(len(before), len(after)) <= _LONGEST:
        return 0
    pairs = enumerate(zip(before, after, strict=False))
    first = next((at for at, (left, right) in pairs if left != right), min(len(before), len(after)))
    return max(0, first - _LONGEST // 3)


def _from(text: str, start: int) -> str:
    return f"…{text[start:]}" if start else text


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _of_lists(before: list[str], after: list[str]) -> str:
    gone, new = (
        [item for item in one if item not in other] for one, other in ((before, after), (after, before))
    )
    if not gone and not new:
        return f"{', '.join(before)} → {', '.join(after)}"
    return "; ".join(
        f"{word} {', '.join(items)}" for word, items in (("without", gone), ("with", new)) if items
    )


def _opened(value: Any) -> Any:
    """JSON that a string holds, without the function that closes it again."""
    if isinstance(value, Mapping) and len(value) == 1:
        for function in _OPENED:
            if function in value:
                return value[function]
    return value


def _children(value: Any) -> Mapping[str, Any] | None:
    """What is inside by key or name; None for what is compared as a whole."""
    if value is ABSENT or value == []:
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
