"""Values that stand for something else while a template is evaluated, and whom the evaluator asks."""

from collections.abc import Mapping
from typing import Any, Protocol


class Absent:
    """`AWS::NoValue`: the property is left out."""


class Unknown:
    """A value that exists only once a resource has been created, for example a new bucket's name."""

    def __repr__(self) -> str:
        return "{{changeSet:KNOWN_AFTER_APPLY}}"


ABSENT = Absent()
UNKNOWN = Unknown()


def has_unknown(value: Any) -> bool:
    """Whether any part of a resolved value is known only after deployment."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


class Surroundings(Protocol):
    """What the evaluator asks about the world outside the template."""

    def pseudo_parameters(self) -> Mapping[str, Any]:
        """`AWS::Region` and its like."""

    def reference(self, logical_id: str) -> Any:
        """What `Ref` of a resource gives, `UNKNOWN` before it exists."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """What `Fn::GetAtt` gives, `UNKNOWN` before the resource exists."""

    def import_value(self, name: str) -> str:
        """The value another stack exports."""

    def dynamic_reference(self, service: str, key: str) -> str:
        """The value of `{{resolve:service:key}}`."""
