"""Two sets of stacks, resource by resource: what came, went, was renamed, is replaced or changed in place."""

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from tools.review.leaves import Change, changes
from tools.review.replacement import identifying, own_name, refers_to, replacing, replacing_texts
from tools.review.rules import GUARDING_TYPES
from tools.review.stacks import Json, Stack, Stacks

_ATTRIBUTES = ("Condition", "CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")
# Of 1, which is equal. A bucket whose prefix of logs is called after its construct has more.
_LEAST_LIKENESS = 0.85
TAGS = ("Tags", "ResourceTags", "HostedZoneTags")


class Event(Enum):
    """What CloudFormation does to a resource."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    """It leaves under one logical id and comes anew under another one."""
    REPLACED = "replaced"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """One resource; `before` and `after` are empty where it is not there."""

    event: Event
    stack: Stack
    logical_id: str
    before: Json
    after: Json
    was: str = ""
    """The logical id that it had, when it was renamed."""
    because_of: tuple[str, ...] = ()
    """Properties, or other resources, for which it is replaced."""
    is_certain: bool = True
    """Whether it is replaced for certain: some properties say so only together with others."""

    @property
    def type(self) -> str:
        return str((self.after or self.before)["Type"])

    @property
    def subject(self) -> str:
        return f"{self.type.removeprefix('AWS::').replace('::', ' ')} {self.was or self.logical_id}"

    @property
    def changes(self) -> list[Change]:
        """Leaves of properties and attributes, without tags."""
        before, after = _without_tags(self.before), _without_tags(self.after)
        attributes = [
            change
            for name in _ATTRIBUTES
            for change in changes(self.before.get(name), self.after.get(name), name)
        ]
        return [*changes(before, after), *attributes]

    @property
    def tags(self) -> list[Change]:
        """Leaves of its tags, by the tag's key."""
        return [
            change
            for name in TAGS
            for change in changes(_tags(self.before, name), _tags(self.after, name))
        ]


def _without_tags(resource: Json) -> Json:
    return {key: value for key, value in resource.get("Properties", {}).items() if key not in TAGS}


def _tags(resource: Json, name: str) -> Json:
    tags = resource.get("Properties", {}).get(name) or {}
    if isinstance(tags, list):
        return {str(tag.get("Key")): tag.get("Value") for tag in tags if isinstance(tag, Mapping)}
    return tags if isinstance(tags, dict) else {}


@dataclass(frozen=True)
class Comparison:
    """`before` calls what was renamed by its new logical id, so that nothing else differs for it."""

    before: Stacks
    after: Stacks
    differences: tuple[Difference, ...]


def compare(before: Stacks, after: Stacks) -> Comparison:
    """All that differs between resources."""
    renamed = {place: _renames(before[place], after[place]) for place in before.keys() & after.keys()}
    followed = {place: _followed(stack, renamed) for place, stack in before.items()}
    found = [
        difference
        for place in sorted(followed.keys() | after.keys())
        for difference in _differences(followed.get(place), after.get(place), renamed.get(place, _Renames({}, {})).logical_ids)
    ]
    return Comparison(followed, after, tuple(_with_consequences(found, followed, after)))


@dataclass(frozen=True)
class _Renames:
    """New for old in one stack: logical ids, and the names that templates give."""

    logical_ids: dict[str, str]
    names: dict[str, str]


def _renames(before: Stack, after: Stack) -> _Renames:
    ids = _renamed_ids(before, after)
    names = [
        (own_name(body["Type"], body.get("Properties", {})) or ())
        for pair in ((before.resources[old], after.resources[new]) for old, new in ids.items())
        for body in pair
    ]
    pairs = zip(names[::2], names[1::2], strict=True)
    return _Renames(
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
    """What is nearly as before under another logical id. Not what guards something: it may guard something else."""
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


def _followed(stack: Stack, renamed: Mapping[str, _Renames]) -> Stack:
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


def _differences(
    before: Stack | None, after: Stack | None, renamed: Mapping[str, str]
) -> Iterator[Difference]:
    stack = after or before
    if stack is None or (before == after and not renamed):
        return
    old = before.resources if before else {}
    new = after.resources if after else {}
    was = {name: former for former, name in renamed.items()}
    for name in [*old, *(name for name in new if name not in old)]:
        left, right = old.get(name, {}), new.get(name, {})
        if not right:
            yield Difference(Event.REMOVED, stack, name, left, right)
        elif not left:
            yield Difference(Event.ADDED, stack, name, left, right)
        elif name in was:
            yield Difference(Event.RENAMED, stack, name, left, right, was=was[name])
        elif left != right:
            yield _changed(stack, name, left, right)


def _changed(stack: Stack, name: str, before: Json, after: Json) -> Difference:
    if before["Type"] != after["Type"]:
        return Difference(Event.REPLACED, stack, name, before, after, because_of=("Type",))
    certain, perhaps = replacing(after["Type"], before.get("Properties", {}), after.get("Properties", {}))
    if not certain and not perhaps:
        return Difference(Event.CHANGED, stack, name, before, after)
    because_of = tuple(certain or perhaps)
    return Difference(
        Event.REPLACED, stack, name, before, after, because_of=because_of, is_certain=bool(certain)
    )


def _with_consequences(found: list[Difference], before: Stacks, after: Stacks) -> list[Difference]:
    """What is replaced because something that it is made with is another one afterwards."""
    known = {(difference.stack.place, difference.logical_id): difference for difference in found}
    waiting = [difference for difference in found if _is_another_one(difference)]
    while waiting:
        gone = waiting.pop()
        for stack in after.values():
            if stack.environment != gone.stack.environment or gone.logical_id not in stack.text:
                continue
            for name in _made_with(gone, stack):
                place = (stack.place, name)
                old = before[stack.place].resources.get(name) if stack.place in before else None
                seen = known.get(place)
                if old is None or (seen and seen.event is not Event.CHANGED):
                    continue
                known[place] = Difference(
                    Event.REPLACED,
                    stack,
                    name,
                    old,
                    stack.resources[name],
                    because_of=(f"{gone.logical_id}, which is another one",),
                )
                if _is_another_one(known[place]):
                    waiting.append(known[place])
    return [*known.values()]


def _is_another_one(difference: Difference) -> bool:
    """Whether a reference to it has another value afterwards: it has not where a name is given and stays."""
    if difference.event not in (Event.REPLACED, Event.RENAMED):
        return False
    name = own_name(difference.type, difference.after.get("Properties", {}))
    return name is None or name != own_name(difference.type, difference.before.get("Properties", {}))


def _made_with(gone: Difference, stack: Stack) -> Iterator[str]:
    is_own = stack.place == gone.stack.place
    for name, body in stack.resources.items():
        values = replacing_texts(body["Type"], body.get("Properties", {}))
        if any(
            refers_to(value, gone.stack.name, gone.logical_id, is_own=is_own) for value in values.values()
        ):
            yield name
