"""What policies give, action by action, and whether one set of them gives more than another.

Patterns are compared with the embedded AWS's own, so that `s3:*` covers `s3:GetObject`.
"""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tools.local_aws.iam.engine.patterns import matches, resource_matches

_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
# Operators for which a value more means more requests that fit; for the negated ones it means fewer.
_MORE_VALUES_FIT = re.compile(
    r"^(ForAnyValue:|ForAllValues:)?(String(Equals|Like)\w*|Arn\w+|IpAddress|Bool)(IfExists)?$"
)
# A colon would begin another part of an ARN.
_COLON = "\ue002"
# Who has one of them has more than it says: they sort first.
_FAR_REACHING = re.compile(r"\*|^!|^(iam|sts|kms|organizations):|Policy|Permission|PassRole")


class Condition(NamedTuple):
    """One operator on one key."""

    operator: str
    key: str
    values: frozenset[str]

    def __str__(self) -> str:
        return f"{self.operator} {self.key} {', '.join(sorted(self.values))}"


@dataclass(frozen=True)
class Grant:
    """One action on one resource for one principal. `!` before a pattern: all but what it fits."""

    effect: str
    principal: str
    action: str
    resource: str
    conditions: frozenset[Condition]

    def covers(self, other: "Grant") -> bool:
        """Whether all that the other one speaks of, this one speaks of, too."""
        return self.covers_but_for_conditions(other) and all(
            any(_implies(theirs, ours) for theirs in other.conditions) for ours in self.conditions
        )

    def covers_but_for_conditions(self, other: "Grant") -> bool:
        return (
            self.principal in ("*", other.principal)
            and _fits(self.action, other.action, is_resource=False)
            and _fits(self.resource, other.resource, is_resource=True)
        )


def _implies(stricter: Condition, condition: Condition) -> bool:
    if (stricter.operator, stricter.key.lower()) != (condition.operator, condition.key.lower()):
        return False
    if "Not" in stricter.operator:
        return stricter.values >= condition.values
    if _MORE_VALUES_FIT.match(stricter.operator):
        is_pattern = "Like" in stricter.operator or stricter.operator.startswith("Arn")
        return all(
            value in condition.values
            or (is_pattern and any(matches(pattern, value) for pattern in condition.values))
            for value in stricter.values
        )
    return stricter.values == condition.values


def _fits(pattern: str, text: str, *, is_resource: bool) -> bool:
    if pattern == text or pattern == "*":
        return True
    if pattern.startswith("!") or text.startswith("!"):
        return False
    if is_resource:
        return resource_matches(pattern, text)
    return matches(pattern, text, ignore_case=True)


def grants(document: Any) -> Iterator[Grant]:
    """The grants of a readable policy document."""
    statements = document.get("Statement", []) if isinstance(document, Mapping) else []
    for statement in _listed(statements):
        if not isinstance(statement, Mapping) or "Effect" not in statement:
            # A function chooses it, or it is a mistake: nobody can say what it allows.
            yield Grant("Allow", "", _plain(statement), "*", frozenset())
            continue
        conditions = frozenset(_conditions(statement.get("Condition", {})))
        for principal, action, resource in itertools.product(
            _principals(statement), _patterns(statement, "Action"), _patterns(statement, "Resource")
        ):
            yield Grant(str(statement["Effect"]), principal, action, resource, conditions)


def is_far_reaching(action: str) -> bool:
    """Whether an action gives more than itself, as `iam:PassRole` does."""
    return _FAR_REACHING.search(action.partition(" on ")[0]) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return _PLACEHOLDER.sub(lambda found: found[0].replace(":", _COLON), text)


def _patterns(statement: Mapping[str, Any], element: str) -> list[str]:
    if f"Not{element}" in statement:
        return ["!" + "|".join(sorted(_plain(value) for value in _listed(statement[f"Not{element}"])))]
    return [_plain(value) for value in _listed(statement.get(element, "*"))]


def _principals(statement: Mapping[str, Any]) -> list[str]:
    if "NotPrincipal" in statement:
        return ["!" + json.dumps(statement["NotPrincipal"], sort_keys=True)]
    principal = statement.get("Principal", "")
    if isinstance(principal, Mapping):
        return [_plain(name) for names in principal.values() for name in _listed(names)]
    return [str(principal)]


def _conditions(block: Any) -> Iterator[Condition]:
    operators = block.items() if isinstance(block, Mapping) else [("unknown", block)]
    for operator, keys in operators:
        if not isinstance(keys, Mapping):
            # Chosen by a function: equal to nothing but itself.
            yield Condition(str(operator), _plain(keys), frozenset())
            continue
        for key, values in keys.items():
            texts = [str(v).lower() if isinstance(v, bool) else _plain(v) for v in _listed(values)]
            yield Condition(operator, key, frozenset(texts))


def widened(before: Iterable[Grant], after: Iterable[Grant]) -> list[str]:
    """In words, what is allowed afterwards that was not before, or denied no more."""
    old, new = set(before), set(after)
    allowed = sorted((grant for grant in old if grant.effect == "Allow"), key=_place)
    more = [grant for grant in new - old if grant.effect == "Allow"]
    more = [grant for grant in more if not any(each.covers(grant) for each in allowed)]
    denied = [grant for grant in new if grant.effect == "Deny"]
    lost = [grant for grant in old - new if grant.effect == "Deny"]
    lost = [grant for grant in lost if not any(each.covers(grant) for each in denied)]
    return [*_told(sorted({_why(grant, allowed) for grant in more})), *_told(sorted(set(map(_lost, lost))))]


def _place(grant: Grant) -> tuple[str, ...]:
    return grant.principal, grant.action, grant.resource, *sorted(map(str, grant.conditions))


def _told(sentences: list[tuple[str, str]]) -> Iterator[str]:
    """Equal beginnings once: `new actions on X: a, b`."""
    for beginning, items in itertools.groupby(sentences, key=lambda pair: pair[0]):
        listed = sorted((item for _, item in items), key=lambda item: (not is_far_reaching(item), item))
        yield f"{beginning}: {', '.join(listed)}".replace(_COLON, ":")


def _why(grant: Grant, allowed: list[Grant]) -> tuple[str, str]:
    for each in allowed:
        if each.covers_but_for_conditions(grant):
            lost = "; ".join(sorted(map(str, each.conditions - grant.conditions)))
            return f"condition dropped or loosened ({lost})", f"{grant.action} on {grant.resource}"
    who = f" for {grant.principal}" if grant.principal else ""
    if grant.principal and not any(each.principal in ("*", grant.principal) for each in allowed):
        return f"new principal {grant.principal}", f"{grant.action} on {grant.resource}"
    if any(_fits(each.action, grant.action, is_resource=False) for each in allowed):
        return f"new resource {grant.resource}{who}", grant.action
    return f"new action on {grant.resource}{who}", grant.action


def _lost(grant: Grant) -> tuple[str, str]:
    conditions = "; ".join(sorted(map(str, grant.conditions)))
    return "no longer denied" + (
        f" where {conditions}" if conditions else ""
    ), f"{grant.action} on {grant.resource}"
