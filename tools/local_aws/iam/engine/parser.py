"""Reads policy documents and refuses what AWS would refuse.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from tools.local_aws.iam.engine.conditions import OPERATORS, to_date, to_flag, to_number
from tools.local_aws.iam.engine.model import Condition, Effect, Policy, PolicyKind, Statement

_VERSIONS = ("2008-10-17", "2012-10-17")
_VERSION_WITH_VARIABLES = "2012-10-17"
_OPPOSITES = {"Principal": "NotPrincipal", "Action": "NotAction", "Resource": "NotResource"}
_ELEMENTS = frozenset({"Sid", "Effect", "Condition", *_OPPOSITES, *_OPPOSITES.values()})
_PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")
_QUANTIFIERS = ("ForAllValues", "ForAnyValue")
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}|arn:aws[\w-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)/[^*?]+)|A(ROA|IDA)\w+"
)
_CHECKS_BY_PREFIX = {"Numeric": to_number, "Date": to_date, "Bool": to_flag, "Null": to_flag}


class PolicyError(ValueError):
    """A policy document that AWS would refuse; the text names the policy, the statement and the mistake."""


def parse_policy(document: str | dict[str, Any], name: str, kind: PolicyKind) -> Policy:
    """Parses a policy document; `PolicyError` names the policy, the statement and what is wrong with it."""
    text = document if isinstance(document, str) else json.dumps(document)
    return _parse(text, name, kind)


@lru_cache(maxsize=1024)
def _parse(text: str, name: str, kind: PolicyKind) -> Policy:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PolicyError(f"{name}: the policy is not JSON: {error}") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise PolicyError(f"{name}: a policy is an object with a Statement")
    version = document.get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise PolicyError(f"{name}: Version is {version!r}; it must be one of {', '.join(_VERSIONS)}")
    statements = document["Statement"]
    if not all(isinstance(raw, dict) for raw in _as_list(statements)):
        raise PolicyError(f"{name}: Statement is an object or a list of objects")
    parsed = [
        _StatementParser(f"{name}, statement {raw.get('Sid', position)}", kind, raw).parse(
            has_variables=version == _VERSION_WITH_VARIABLES
        )
        for position, raw in enumerate(_as_list(statements), start=1)
    ]
    return Policy(name, kind, tuple(parsed))


class _StatementParser:
    def __init__(self, where: str, kind: PolicyKind, raw: dict[str, Any]) -> None:
        self._where = where
        self._kind = kind
        self._raw = raw

    def parse(self, *, has_variables: bool) -> Statement:
        if unknown := sorted(set(self._raw) - _ELEMENTS):
            raise self._error(
                f"unknown element {', '.join(unknown)}; known are {', '.join(sorted(_ELEMENTS))}"
            )
        self._check_elements()
        return Statement(
            sid=self._raw.get("Sid"),
            effect=self._effect(),
            actions=self._texts("Action"),
            not_actions=self._texts("NotAction"),
            resources=self._texts("Resource"),
            not_resources=self._texts("NotResource"),
            principals=self._principals("Principal"),
            not_principals=self._principals("NotPrincipal"),
            conditions=self._conditions(),
            has_variables=has_variables,
        )

    def _error(self, mistake: str) -> PolicyError:
        return PolicyError(f"{self._where}: {mistake}")

    def _check_elements(self) -> None:
        self._exactly_one("Action")
        if self._kind in (PolicyKind.RESOURCE, PolicyKind.TRUST):
            self._exactly_one("Principal")
        elif "Principal" in self._raw or "NotPrincipal" in self._raw:
            raise self._error(f"a Principal has no place in a {self._kind.value}")
        else:
            self._exactly_one("Resource")
        if self._kind is PolicyKind.TRUST and ("Resource" in self._raw or "NotResource" in self._raw):
            raise self._error("a role trust policy has no Resource: it is about the role itself")

    def _exactly_one(self, element: str) -> None:
        opposite = _OPPOSITES[element]
        if (element in self._raw) == (opposite in self._raw):
            raise self._error(f"exactly one of {element} and {opposite} is needed")

    def _effect(self) -> Effect:
        try:
            return Effect(self._raw.get("Effect"))
        except ValueError:
            raise self._error(f"Effect is {self._raw.get('Effect')!r}; it must be Allow or Deny") from None

    def _texts(self, element: str) -> tuple[str, ...] | None:
        if element not in self._raw:
            return None
        return self._list_of_texts(element, self._raw[element])

    def _list_of_texts(self, what: str, value: Any) -> tuple[str, ...]:
        texts = value if isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise self._error(f"{what} must be a text or a list of texts, not {value!r}")
        return tuple(texts)

    def _principals(self, element: str) -> dict[str, tuple[str, ...]] | None:
        raw = self._raw.get(element)
        if raw is None:
            return None
        if raw == "*":
            return {"AWS": ("*",)}
        if not isinstance(raw, dict):
            raise self._error(f'{element} must be "*" or an object, not {raw!r}')
        if unknown := sorted(set(raw) - set(_PRINCIPAL_TYPES)):
            raise self._error(
                f"{element} has unknown type {', '.join(unknown)}; use {', '.join(_PRINCIPAL_TYPES)}"
            )
        principals = {kind: self._list_of_texts(f"{element}.{kind}", names) for kind, names in raw.items()}
        for name in principals.get("AWS", ()):
            if not _AWS_PRINCIPAL.fullmatch(name):
                raise self._error(
                    f"invalid principal {name!r}: wildcards inside an ARN are not possible here"
                )
        return principals

    def _conditions(self) -> tuple[Condition, ...]:
        block = self._raw.get("Condition", {})
        if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
            raise self._error("Condition must be an object of operators, each an object of keys")
        return tuple(
            self._condition(operator, key, values)
            for operator, keys in block.items()
            for key, values in keys.items()
        )

    def _condition(self, text: str, key: str, raw_values: Any) -> Condition:
        quantifier, _, name = text.rpartition(":")
        if_exists = name.endswith("IfExists")
        name = name.removesuffix("IfExists")
        if name not in OPERATORS or quantifier not in ("", *_QUANTIFIERS):
            raise self._error(f"unknown condition operator {text}")
        if name == "Null" and (if_exists or quantifier):
            raise self._error(f"{text}: Null takes neither IfExists nor ForAllValues/ForAnyValue")
        values = tuple(_as_text(value) for value in _as_list(raw_values))
        self._check_values(name, key, values)
        return Condition(name, quantifier or None, if_exists, key, values)

    def _check_values(self, name: str, key: str, values: tuple[str, ...]) -> None:
        check = next((check for prefix, check in _CHECKS_BY_PREFIX.items() if name.startswith(prefix)), None)
        for value in values:
            try:
                if check is not None:
                    check(value)
                elif name.endswith("IpAddress"):
                    ip_network(value, strict=False)
            except ValueError as error:
                raise self._error(f"{name} on {key}: {value!r} does not fit: {error}") from error


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
