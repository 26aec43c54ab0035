"""What comes back under another logical id or name, and references that follow it."""

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tools.review.replacement import identifying, own_name
from tools.review.rules import GUARDING_TYPES
from tools.review.stacks import Json, Stack

# Of 1, which is equal. A bucket whose prefix of logs is called after its construct has more.
_LEAST_LIKENESS = 0.85


@dataclass(frozen=True)
class Renames:
    """New for old in one stack: logical ids, and the names that templates give."""

    logical_ids: dict[str, str]
    names: dict[str, str]


def renames(before: Stack, after: Stack) -> Renames:
    """What one stack's resources are called now."""
    ids = _renamed_ids(before, after)
    names = [
        (own_name(body["Type"], body.get("Properties", {})) or ())
        for pair in ((before.resources[old], after.resources[new]) for old, new in ids.items())
        for body in pair
    ]
    pairs = zip(names[::2], names[1::2], strict=True)
    return Renames(
        ids,
        {str(old[0]): str(new[0]) for old, new in pairs if len(old) == len(new) == 1 and old != new},
    )


def _renamed_ids(before: Stack, after: Stack) -> dict[str, str]:
    """New logical ids by old ones: resources that are equal but for it or have the same name."""
    gone = {name: body for name, body in before.resources.items() if name not in after.resources}
    new = {name: body for name, body in after.resources.items() if name not in before.resources}
    if not gone or not new:
        return {}
    found: dict[str, str] = {}
    for known_by in (_text_without(gone.keys() | new.keys()), _named):
        candidates = defaultdict(list)
        for name, body in new.items():
            if name not in found.values():
                candidates[known_by(body)].append(name)
        for name, body in gone.items():
            if name not in found and (key := known_by(body)) and candidates[key]:
                found[name] = candidates[key].pop(0)
    return found | _much_alike(_without(gone, found.keys()), _without(new, {*found.values()}))


def _without(resources: Mapping[str, Json], names: Collection[str]) -> dict[str, Json]:
    return {name: body for name, body in resources.items() if name not in names}


def _much_alike(gone: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, str]:
    """What is nearly as before. Not what guards something: it may guard something else now."""
    alike = [
        (likeness, name, other)
        for name, body in gone.items()
        for other, candidate in new.items()
        if body["Type"] == candidate["Type"] and not GUARDING_TYPES.search(body["Type"])
        if (likeness := _likeness(body, candidate)) >= _LEAST_LIKENESS
    ]
    found: dict[str, str] = {}
    for _, name, other in sorted(alike, reverse=True):
        if name not in found and other not in found.values():
            found[name] = other
    return found


def _likeness(body: Json, other: Json) -> float:
    matcher = difflib.SequenceMatcher(None, _lines(body), _lines(other), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _LEAST_LIKENESS else 0.0


def _lines(resource: Json) -> list[str]:
    """Its properties without its own name, a line for each leaf."""
    properties = resource.get("Properties", {})
    text = json.dumps(properties, indent=1, sort_keys=True)
    for name in own_name(resource["Type"], properties) or ():
        text = text.replace(str(name), "")
    return text.splitlines()


def _text_without(logical_ids: set[str]) -> Any:
    pattern = re.compile(r"(?<=[{:\"'])(" + "|".join(map(re.escape, logical_ids)) + r")(?=[.}\"'])")
    return lambda body: pattern.sub("", json.dumps(body, sort_keys=True))


def _named(body: Json) -> Any:
    name = own_name(body["Type"], body.get("Properties", {}))
    return name and (body["Type"], json.dumps(name))


def follow(stack: Stack, renamed: Mapping[str, Renames]) -> Stack:
    """The stack with new logical ids and names for old ones, also in references to other stacks."""
    text = stack.text
    for place, renames in renamed.items():
        environment, _, other = place.partition("/")
        if environment == stack.environment:
            before = r"\$\{" if place == stack.place else rf"\$\{{[\w-]*-?{re.escape(other)}:"
            for old, new in renames.logical_ids.items():
                text = re.sub(rf"({before}){re.escape(old)}(?=[.}}])", rf"\g<1>{new}", text)
            for old, new in renames.names.items():
                text = re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", new, text)
    ids = renamed[stack.place].logical_ids if stack.place in renamed else {}
    if text == stack.text and not ids:
        return stack
    template = json.loads(text)
    resources = {
        ids.get(name, name): _waiting_for(_with_own_name(body, stack.resources[name]), ids)
        for name, body in template.get("Resources", {}).items()
    }
    return replace(stack, template={**template, "Resources": resources})


def _with_own_name(followed: Json, original: Json) -> Json:
    """What it is called itself stays visible."""
    properties = original.get("Properties", {})
    own = {key: properties[key] for key in identifying(original["Type"]) if key in properties}
    return {**followed, "Properties": {**followed["Properties"], **own}} if own else followed


def _waiting_for(resource: Json, names: Mapping[str, str]) -> Json:
    waits_for = resource.get("DependsOn")
    if isinstance(waits_for, list):
        return {**resource, "DependsOn": [names.get(name, name) for name in waits_for]}
    return resource
