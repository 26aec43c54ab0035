"""Two sets of stacks, resource by resource: what came, went, was renamed, is replaced or changed in place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from tools.review.leaves import Change, changes
from tools.review.renames import follow, renames
from tools.review.replacement import own_name, refers_to, replacing, replacing_texts
from tools.review.stacks import Json, Stack, Stacks

_ATTRIBUTES = ("Condition", "CreationPolicy", "DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")
TAGS = ("Tags", "ResourceTags", "HostedZoneTags")


class Event(Enum):
    """What CloudFormation does to a resource."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    """It leaves under one logical id and comes anew under another one."""
    REPLACED = "replaced"
    CONDITIONAL = "conditional"
    """It goes where a condition does not hold that is new, or another one."""
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
        """What it was: that is what is lost."""
        return str((self.before or self.after)["Type"])

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
            change for name in TAGS for change in changes(_tags(self.before, name), _tags(self.after, name))
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
    renamed = {place: renames(before[place], after[place]) for place in before.keys() & after.keys()}
    ids = {place: each.logical_ids for place, each in renamed.items()}
    followed = {place: follow(stack, renamed) for place, stack in before.items()}
    found = [
        difference
        for place in sorted(followed.keys() | after.keys())
        for difference in _differences(followed.get(place), after.get(place), ids.get(place, {}))
    ]
    return Comparison(followed, after, tuple(_with_consequences(found, followed, after)))


def _differences(
    before: Stack | None, after: Stack | None, renamed: Mapping[str, str]
) -> Iterator[Difference]:
    # A stack that leaves the app stays deployed: nothing happens to its resources.
    if after is None or (before == after and not renamed):
        return
    old, new = before.resources if before else {}, after.resources
    was = {name: former for former, name in renamed.items()}
    for name in [*old, *(name for name in new if name not in old)]:
        left, right = old.get(name, {}), new.get(name, {})
        if not right:
            yield Difference(Event.REMOVED, after, name, left, right)
        elif not left:
            yield Difference(Event.ADDED, after, name, left, right)
        elif name in was:
            yield Difference(Event.RENAMED, after, name, left, right, was=was[name])
        elif left != right:
            yield _changed(after, name, left, right)


def _changed(stack: Stack, name: str, before: Json, after: Json) -> Difference:
    if before["Type"] != after["Type"]:
        return Difference(Event.REPLACED, stack, name, before, after, because_of=("Type",))
    certain, perhaps = replacing(after["Type"], before.get("Properties", {}), after.get("Properties", {}))
    if not certain and not perhaps:
        is_asked = after.get("Condition", before.get("Condition")) != before.get("Condition")
        return Difference(Event.CONDITIONAL if is_asked else Event.CHANGED, stack, name, before, after)
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
