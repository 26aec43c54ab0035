"""The words of the case table: who may, or must never, do what on which resource, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

Value = str | tuple[str, ...]
Context = Mapping[str, Value]

GUARDED = "anyone under the guardrails"
"""Somebody who may do everything that the guardrails do not deny."""
TRACKING = "anyone under the guardrails of what tells MLflow"
"""The same, with the guardrails that leave a way to the network."""
BOUNDED = "anyone within the boundary"
"""Somebody who may do everything that the permissions boundary lets through."""
RAISED = "anyone within the boundary, its ceiling raised"
"""Somebody who may do everything that the boundary does not deny, should its list of services be widened."""
WITH_EVERYTHING = " with everything"
"""Behind the name of a role: somebody gave it a policy that allows everything."""
ROOT = "root"
"""The root user of this account."""
ADMINISTRATOR = "administrator"
"""Somebody of this account who may do everything; what is refused, the resource's own policy refuses."""
STRANGER = "stranger"
"""An administrator of another account."""
OTHER_ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Row:
    """One expectation. `who` is a role's name, one of the names above, or a service or identity provider.

    It holds where the resource that it `needs` exists, because an option brings both.
    """

    who: str
    action: str
    resource: str
    allowed: bool
    why: str
    context: Context = field(default_factory=dict)
    derived: bool = False
    needs: str | None = None


def may(
    who: str,
    actions: str,
    resources: str | Sequence[str],
    why: str,
    *,
    given: Context | None = None,
    only: Context | None = None,
    anywhere: bool = False,
) -> list[Row]:
    """What must work, and with it what then must not: each row brings its own counter-examples.

    The same is denied on a neighbour of the resource (unless `anywhere`), and whenever a key of `only` is
    missing or has another value. Keys of `given` merely belong to the request.
    """
    context = {**(given or {}), **(only or {})}
    rows = []
    for action in actions.split():
        for resource in [resources] if isinstance(resources, str) else resources:
            row = Row(who, action, resource, True, why, context)
            rows += [row, *_without_its_conditions(row, only or {})]
            if resource != "*" and not anywhere:
                rows.append(_denied(row, f"only there: {why}", resource=elsewhere(resource)))
    return rows


def never(
    who: str, actions: str, resources: str | Sequence[str], why: str, *, given: Context | None = None
) -> list[Row]:
    """What must not work."""
    named = [resources] if isinstance(resources, str) else resources
    return [
        Row(who, action, resource, False, why, given or {})
        for action in actions.split()
        for resource in named
    ]


def where(needs: str, rows: Sequence[Row]) -> list[Row]:
    """Rows that hold where an environment has a resource of this name."""
    return [replace(row, needs=needs) for row in rows]


def _without_its_conditions(row: Row, only: Context) -> Iterator[Row]:
    for key, value in only.items():
        rest = {name: given for name, given in row.context.items() if name != key}
        yield _denied(row, f"not without {key}: {row.why}", context=rest)
        yield _denied(row, f"not with another {key}: {row.why}", context={**rest, key: other(value)})


def _denied(row: Row, why: str, *, resource: str | None = None, context: Context | None = None) -> Row:
    return replace(
        row,
        allowed=False,
        derived=True,
        why=why,
        resource=row.resource if resource is None else resource,
        context=row.context if context is None else context,
    )


def other(value: Value) -> Value:
    """A value that is not this one."""
    if isinstance(value, tuple):
        return (*value, "elsewhere")
    opposites = {"true": "false", "false": "true"}
    return opposites.get(value) or (elsewhere(value) if value.startswith("arn:") else "elsewhere")


def elsewhere(resource: str) -> str:
    """A resource of the same kind that has another name, in the same account and region."""
    if resource == "{key}" or resource.endswith("Key}"):
        return "{kms}:key/elsewhere"
    if resource.startswith("{role:"):
        return "arn:aws:iam::{account}:role/elsewhere"
    if ":log-group:" in resource:
        return resource.replace(":log-group:", ":log-group:/elsewhere", 1)
    if resource.startswith("arn:aws:s3:::") or ("/" in resource and resource.startswith(_BUCKETS)):
        bucket, slash, _ = resource.partition("/")
        return f"{bucket}/elsewhere/file" if slash else "arn:aws:s3:::elsewhere"
    if resource.startswith("{") and resource.endswith("-image}"):
        return f"{resource}-elsewhere"
    if resource in _BUCKETS:
        return "arn:aws:s3:::elsewhere"
    head, separator, name = resource.rpartition("/" if "/" in resource else ":")
    if resource.startswith("{") and not separator:
        return resource + "-elsewhere"
    return _with_another_name(head, separator, name)


_BUCKETS = ("{data}", "{artifacts}", "{capture}", "{logs-bucket}", "{assets}")


def _with_another_name(head: str, separator: str, name: str) -> str:
    first, slash, rest = head.partition("/")
    if slash:
        # The first part of a longer name is what policies tell resources apart by.
        return f"{first}/elsewhere-{rest}{separator}{name}"
    return f"{head}{separator}elsewhere-{name}"
