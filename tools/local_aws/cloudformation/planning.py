"""What a template would change on a stack, found out without changing anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tools.local_aws.cloudformation.driver import Physical
from tools.local_aws.cloudformation.intrinsics import Evaluator
from tools.local_aws.cloudformation.row import Row
from tools.local_aws.cloudformation.schemas import resource_schema
from tools.local_aws.cloudformation.tags import with_stack_tags
from tools.local_aws.cloudformation.template import ResourceDeclaration
from tools.local_aws.cloudformation.validation import mistakes
from tools.local_aws.cloudformation.values import has_unknown


class Existing(Protocol):
    """What planning needs to know about a resource of the deployed stack."""

    type_name: str
    declared: dict[str, Any]
    deletion_policy: str
    update_replace_policy: str
    metadata: Any
    physical: Physical


@dataclass(frozen=True)
class PropertyChange:
    """One property that differs, or one policy attribute."""

    attribute: str
    name: str | None
    recreation: str
    known: bool
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Change:
    """What happens to one resource."""

    action: str
    logical_id: str
    type_name: str
    physical_id: str | None
    replacement: str | None
    details: tuple[PropertyChange, ...]
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    policy: str | None = None
    """What becomes of the resource that is left behind: Delete or Retain."""


@dataclass(frozen=True)
class Mistake:
    """Why a resource cannot be deployed as declared."""

    logical_id: str
    type_name: str
    text: str
    is_conflict: bool = False

    def __str__(self) -> str:
        if self.is_conflict:
            return self.text
        return f"Properties validation failed for resource {self.logical_id} with message: {self.text}"


@dataclass(frozen=True)
class Plan:
    """All changes, and all that is wrong with them."""

    changes: tuple[Change, ...]
    mistakes: tuple[Mistake, ...]


def plan(
    resources: Iterable[ResourceDeclaration],
    existing: Mapping[str, Existing],
    evaluator: Evaluator,
    rows: Mapping[str, Row],
    tags: Mapping[str, str],
    unknown: set[str],
) -> Plan:
    """Compares what is declared with what exists; adds to `unknown` the resources that will be new ones."""
    changes, wrong, live = [], [], set()
    for declaration in resources:
        live.add(declaration.logical_id)
        old = existing.get(declaration.logical_id)
        if old is None:
            unknown.add(declaration.logical_id)
        properties = with_stack_tags(declaration.type_name, evaluator.resolve(declaration.properties), tags)
        wrong += check(declaration.logical_id, declaration.type_name, properties)
        change = _change(declaration, old, properties, rows)
        if change is not None:
            changes.append(change)
            if change.replacement == "True":
                unknown.add(declaration.logical_id)
    removed = [
        Change(
            *("Remove", logical_id, old.type_name, old.physical.physical_id, None, ()),
            before=old.declared,
            policy=_policy(old.deletion_policy),
        )
        for logical_id, old in existing.items()
        if logical_id not in live
    ]
    return Plan((*changes, *removed), tuple(wrong))


def check(logical_id: str, type_name: str, properties: Mapping[str, Any]) -> list[Mistake]:
    """What the schema of the type objects to."""
    schema = resource_schema(type_name)
    assert schema is not None, f"{type_name} has been refused before"
    return [Mistake(logical_id, type_name, text) for text in mistakes(schema, properties)]


def replaced_properties(type_name: str, row: Row, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The changed properties that make a new resource necessary; a generated name counts as unchanged."""
    schema = resource_schema(type_name)
    assert schema is not None, f"{type_name} has been refused before"
    if row.name and row.name.property not in new and row.name.property in old:
        new = {**new, row.name.property: old[row.name.property]}
    return schema.replacing(old, new)


def _change(
    declaration: ResourceDeclaration, old: Existing | None, new: dict[str, Any], rows: Mapping[str, Row]
) -> Change | None:
    logical_id, type_name = declaration.logical_id, declaration.type_name
    if old is None:
        return Change("Add", logical_id, type_name, None, None, (), after=new)
    replacing = f"ReplaceAnd{_policy(old.update_replace_policy)}"
    if old.type_name != type_name:
        return Change(
            *("Modify", logical_id, type_name, old.physical.physical_id, "True", ()),
            before=old.declared,
            after=new,
            policy=replacing,
        )
    names = sorted(name for name in {*old.declared, *new} if old.declared.get(name) != new.get(name))
    recreating = replaced_properties(type_name, rows[type_name], old.physical.properties, new)
    details = [
        PropertyChange(
            attribute="Properties",
            name=name,
            recreation=_recreation(name in recreating, has_unknown(new.get(name))),
            known=not has_unknown(new.get(name)),
            before=old.declared.get(name),
            after=new.get(name),
        )
        for name in names
    ]
    policies = {
        "DeletionPolicy": (old.deletion_policy, declaration.deletion_policy),
        "UpdateReplacePolicy": (old.update_replace_policy, declaration.update_replace_policy),
        "Metadata": (old.metadata, declaration.metadata),
    }
    details += [
        PropertyChange(name, None, "Never", True)
        for name, (before, after) in policies.items()
        if before != after
    ]
    if not details:
        return None
    recreations = {detail.recreation for detail in details}
    replacement = next(
        answer
        for word, answer in (("Always", "True"), ("Conditionally", "Conditional"), ("Never", "False"))
        if word in recreations
    )
    return Change(
        *("Modify", logical_id, type_name, old.physical.physical_id, replacement, tuple(details)),
        before=old.declared,
        after=new,
        policy=replacing if replacement == "True" else None,
    )


def _policy(word: str) -> str:
    return "Delete" if word == "Delete" else "Retain"


def _recreation(create_only: bool, unknown: bool) -> str:
    if not create_only:
        return "Never"
    return "Conditionally" if unknown else "Always"
