"""What a template decides by itself: mappings, and conditions that ask no parameter.

Where a condition cannot be decided and is another one than before, its definition takes the place of its
name, so that everything that asks it differs.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tools.review.stacks import Json, Stack, Stacks

_NO_VALUE = "${AWS::NoValue}"
_FOUND_IN_TEXT = re.compile(r"\$\{\{'Fn::FindInMap': \['(\w+)', '([\w-]+)', '([\w-]+)'\]\}\}")
_ASKED_IN_TEXT = re.compile(r"(?<='Fn::If': \[')(\w+)(?=')")


def resolved(before: Stacks, after: Stacks) -> tuple[Stacks, Stacks]:
    """Both with what their templates decide; stacks that are equal stay as they are."""
    old, new = dict(before), dict(after)
    for place in before.keys() | after.keys():
        left, right = before.get(place), after.get(place)
        if left is right or (left and right and left.template == right.template):
            continue
        for stack, other, found in ((left, right, old), (right, left, new)):
            if stack and {"Conditions", "Mappings"} & stack.template.keys():
                found[place] = _Resolution(stack.template, other.template if other else {}).of(stack)
    return old, new


class _Resolution:
    """One template, as it is read beside what it was or becomes."""

    def __init__(self, template: Json, other: Json) -> None:
        self._mappings: Json = template.get("Mappings", {})
        self._conditions: Json = template.get("Conditions", {})
        former = other.get("Conditions", {})
        self._told = {
            name: f"{name}: {json.dumps(self._conditions[name], sort_keys=True)}"
            for name in self._conditions
            if name in former and self._whole(name, self._conditions) != self._whole(name, former)
        }
        # What a condition asks is followed by name; none is decided before all are.
        self._decided: dict[str, bool | None] = {}
        self._decided = {name: self._decide(value) for name, value in self._conditions.items()}

    def of(self, stack: Stack) -> Stack:
        resources = {}
        for name, body in stack.resources.items():
            condition = body.get("Condition", "")
            if self._decided.get(condition) is False:
                continue
            kept = {key: value for key, value in body.items() if key != "Condition"}
            if condition and self._decided.get(condition) is None:
                kept["Condition"] = self._told.get(condition, condition)
            resources[name] = {**kept, "Properties": self._resolve(kept.get("Properties", {}))}
        return replace(stack, template={**stack.template, "Resources": resources})

    def _whole(self, name: str, conditions: Json) -> Any:
        """A condition's definition, with those of the conditions that it asks."""
        text = json.dumps(conditions.get(name), sort_keys=True)
        asked = re.findall(r'"Condition": "(\w+)"', text)
        return text, [self._whole(each, conditions) for each in asked if each != name]

    def _decide(self, value: Any) -> bool | None:
        """Whether a condition holds; None where that depends on a parameter or a place."""
        match value:
            case {"Fn::Equals": [left, right]}:
                sides = [self._resolve(each) for each in (left, right)]
                is_open = any("${" in json.dumps(side) or "Fn::" in json.dumps(side) for side in sides)
                return None if is_open else str(sides[0]) == str(sides[1])
            case {"Fn::Not": [inner]}:
                decided = self._decide(inner)
                return None if decided is None else not decided
            case {"Fn::And": [*parts]} | {"Fn::Or": [*parts]}:
                each = [self._decide(part) for part in parts]
                settling = "Fn::Or" in value
                if settling in each:
                    return settling
                return None if None in each else not settling
            case {"Condition": str(name)}:
                return self._decide(self._conditions.get(name))
        return None

    def _resolve(self, node: Any) -> Any:
        match node:
            case {"Fn::FindInMap": [str(mapping), str(first), str(second), *_]} if self._has(
                mapping, first, second
            ):
                return self._mappings[mapping][first][second]
            case {"Fn::FindInMap": [str(mapping), *_]} if mapping in self._mappings:
                return {**node, "of": self._mappings[mapping]}
            case {"Fn::If": [str(name), yes, no]}:
                decided = self._decided.get(name)
                if decided is not None:
                    return self._resolve(yes if decided else no)
                return {"Fn::If": [self._told.get(name, name), self._resolve(yes), self._resolve(no)]}
            case Mapping():
                items = {key: self._resolve(value) for key, value in node.items()}
                return {key: value for key, value in items.items() if value != _NO_VALUE}
            case list():
                return [item for item in map(self._resolve, node) if item != _NO_VALUE]
            case str() if "{'Fn::" in node:
                return _ASKED_IN_TEXT.sub(lambda found: self._told.get(found[1], found[1]), self._found(node))
        return node

    def _has(self, mapping: str, first: str, second: str) -> bool:
        return second in self._mappings.get(mapping, {}).get(first, {})

    def _found(self, text: str) -> str:
        return _FOUND_IN_TEXT.sub(
            lambda found: (
                str(self._mappings[found[1]][found[2]][found[3]]) if self._has(*found.groups()) else found[0]
            ),
            text,
        )
