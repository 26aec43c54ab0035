"""AWS's Service Authorization Reference, as a package on the npm registry carries it (MIT), and what it says
of a policy: actions, the resources they take, the condition keys they have, what they depend on.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
DATA = Path(__file__).parents[2] / "node_modules" / "@cloud-copilot" / "iam-data" / "data"
ALWAYS_THERE = re.compile(r"aws:(?!resourcetag/|requesttag/|tagkeys)", re.IGNORECASE)
"""Global condition keys that every request has; those about tags only some actions have."""
PLACEHOLDER = re.compile(r"\$\{[^}]+\}")


@dataclass(frozen=True)
class Action:
    """One action: its resource types as ARN patterns, its condition keys, the actions it depends on."""

    name: str
    resource_arns: tuple[str, ...]
    keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]

    def has_key(self, key: str) -> bool:
        """Whether a request for this action may carry a condition key."""
        if ALWAYS_THERE.match(key):
            return True
        patterns = (re.escape(known).replace(r"\$\{tagkey\}", ".+") for known in map(str.lower, self.keys))
        return any(re.fullmatch(pattern, key.lower()) for pattern in patterns)

    def takes(self, resource: str) -> bool:
        """Whether a pattern of a policy may mean a resource that the action is about."""
        if resource == "*":
            return True
        return any(may_meet(resource, PLACEHOLDER.sub("*", arn)) for arn in self.resource_arns)


@cache
def _table(kind: str, service: str) -> Json:
    path = DATA / kind / f"{service}.json"
    content: Json = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return content


@cache
def actions(pattern: str) -> tuple[Action, ...]:
    """The actions that a pattern such as `sagemaker:Describe*` means; none when AWS has no such action."""
    service, _, name = pattern.lower().partition(":")
    known = _table("actions", service)
    return tuple(_action(service, entry) for key, entry in known.items() if fnmatch.fnmatchcase(key, name))


def _action(service: str, entry: Json) -> Action:
    types = _table("resourceTypes", service)
    used = [types[resource["name"].lower()] for resource in entry["resourceTypes"]]
    keys = [*entry["conditionKeys"]]
    dependent = [*entry["dependentActions"]]
    for resource in entry["resourceTypes"]:
        keys += resource["conditionKeys"]
        dependent += resource["dependentActions"]
    for kind in used:
        keys += kind.get("conditionKeys", [])
    arns = tuple(kind["arn"] for kind in used)
    return Action(f"{service}:{entry['name']}", arns, tuple(keys), tuple(dependent))


def may_meet(left: str, right: str) -> bool:
    """Whether two patterns with `*` and `?` can mean the same text."""

    @cache
    def meet(i: int, j: int) -> bool:
        if i == len(left):
            return all(character == "*" for character in right[j:])
        if j == len(right):
            return all(character == "*" for character in left[i:])
        if left[i] == "*":
            return meet(i + 1, j) or meet(i, j + 1)
        if right[j] == "*":
            return meet(i, j + 1) or meet(i + 1, j)
        return ("?" in (left[i], right[j]) or left[i] == right[j]) and meet(i + 1, j + 1)

    return meet(0, 0)


def mistakes(statements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What AWS's table says against the statements of one identity, each with the statement's Sid.

    Resources are texts; what CloudFormation fills in stands in them as `*`.
    """
    allowed = {
        action.name
        for statement in statements
        if statement["Effect"] == "Allow"
        for pattern in as_list(statement.get("Action", []))
        for action in actions(pattern)
    }
    for statement in statements:
        for pattern in as_list(statement.get("Action", [])):
            for problem in _problems(statement, pattern, allowed):
                yield f"{statement.get('Sid')}: {problem}"


def _problems(statement: Mapping[str, Any], pattern: str, allowed: set[str]) -> Iterator[str]:
    meant = actions(pattern) if pattern != "*" else ()
    if not meant and pattern != "*":
        yield f"{pattern} is no action of AWS"
    keys = [key for condition in statement.get("Condition", {}).values() for key in condition]
    resources = as_list(statement.get("Resource", "*"))
    for action in meant:
        for key in keys:
            if not action.has_key(key):
                yield f"{action.name} never has the condition key {key}"
        if "*" in pattern or statement["Effect"] == "Deny":
            continue
        if not action.resource_arns and "*" not in resources:
            yield f"{action.name} takes no resource, only *"
        elif not any(map(action.takes, resources)):
            yield f"{action.name} takes none of {', '.join(resources)}"
        for needed in action.dependent_actions:
            if needed not in allowed:
                yield f"{action.name} needs {needed} as well"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
