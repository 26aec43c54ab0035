"""Fits CloudFormation property values onto the input shape of an API operation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fit:
    """The parameters of an API call, and the property paths that the call has no member for."""

    uncarried: list[str] = field(default_factory=list)

    def value(self, value: Any, shape: Any, path: str) -> Any:
        """`value` reshaped: members matched without regard to case, tags as the API spells them."""
        kind = shape.type_name
        if kind == "structure":
            return self._structure(value, shape, path)
        if kind == "list":
            return self._list(value, shape, path)
        if kind == "map":
            return self._map(value, shape, path)
        return _scalar(value, kind, path)

    def _structure(self, value: Any, shape: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"{path or 'parameters'}: expected an object, found {value!r}")
        members = {name.lower(): name for name in shape.members}
        if set(members) == {"tagkey", "tagvalue"}:
            # Key Management Service alone names the two halves of a tag differently.
            members = {"key": members["tagkey"], "value": members["tagvalue"]}
        fitted = {}
        for key, item in value.items():
            where = f"{path}.{key}" if path else key
            member = members.get(key.lower())
            if member is None:
                self.uncarried.append(where)
            else:
                fitted[member] = self.value(item, shape.members[member], where)
        return fitted

    def _list(self, value: Any, shape: Any, path: str) -> list[Any]:
        if isinstance(value, Mapping) and shape.member.type_name == "structure":
            value = [{"Key": key, "Value": item} for key, item in value.items()]
        items = value if isinstance(value, (list, tuple)) else [value]
        return [self.value(item, shape.member, path) for item in items]

    def _map(self, value: Any, shape: Any, path: str) -> dict[str, Any]:
        if isinstance(value, list):
            value = {item["Key"]: item["Value"] for item in value}
        return {key: self.value(item, shape.value, f"{path}.{key}") for key, item in value.items()}


def _scalar(value: Any, kind: str, path: str) -> Any:
    if kind == "string":
        return as_text(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    try:
        if kind in ("integer", "long"):
            return int(value)
        if kind in ("float", "double"):
            return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{path}: expected a number, found {value!r}") from None
    if kind == "blob":
        return value if isinstance(value, bytes) else as_text(value).encode()
    return value


def as_text(value: Any) -> str:
    """A value as the APIs take it in text: objects as JSON, truth values in lower case."""
    if isinstance(value, (Mapping, list, bool)):
        # What is not known before a deployment shows itself as a change set does.
        return json.dumps(value, default=str)
    return str(value)
