"""Change sets: what a request would do, or why it cannot be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tools.local_aws.cloudformation.existing import Collision, not_importable
from tools.local_aws.cloudformation.planning import Mistake, Plan
from tools.local_aws.cloudformation.state import ChangeSet, Request

# Tools tell the two kinds of failure by these words.
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
EARLY_VALIDATION = (
    "The following hook(s)/validation failed: [AWS::EarlyValidation::{check}]. "
    "To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information. "
)


@dataclass(frozen=True)
class Proposal:
    """What a caller asks for, under the names that the change set will have."""

    name: str
    change_set_id: str
    kind: str
    request: Request

    def change_set(
        self, plan: Plan, collisions: Sequence[Collision], *, same: bool, refusal: str | None
    ) -> ChangeSet:
        """A change set that can be executed, or a failed one that says why it cannot."""
        imported = [item for item in collisions if self.request.import_existing and item.importable]
        in_the_way = [item for item in collisions if item not in imported]
        failure, mistakes = _failure(plan, in_the_way, importing=self.request.import_existing, same=same)
        failure = refusal or failure
        return ChangeSet(
            name=self.name,
            change_set_id=self.change_set_id,
            kind=self.kind,
            request=self.request,
            plan=_with_imports(replace(plan, mistakes=mistakes), self._identifiers(imported)),
            status="FAILED" if failure else "CREATE_COMPLETE",
            status_reason=failure,
            execution_status="UNAVAILABLE" if failure else "AVAILABLE",
        )

    def _identifiers(self, imported: Sequence[Collision]) -> dict[str, str]:
        """The physical ids of what is taken over, by logical id."""
        found = {item.declaration.logical_id: item.identifier for item in imported}
        return {name: "|".join(values.values()) for name, values in {**found, **self.request.imports}.items()}


def _failure(
    plan: Plan, in_the_way: Sequence[Collision], *, importing: bool, same: bool
) -> tuple[str | None, tuple[Mistake, ...]]:
    if plan.mistakes:
        return _early_validation("PropertyValidation", plan.mistakes), plan.mistakes
    deletable = [item for item in in_the_way if not item.owned]
    if importing and deletable:
        return not_importable(deletable), ()
    if in_the_way:
        mistakes = tuple(item.mistake for item in in_the_way)
        return _early_validation("ResourceExistenceCheck", mistakes), mistakes
    return (NO_CHANGES if same else None), ()


def _early_validation(check: str, mistakes: Sequence[Mistake]) -> str:
    return EARLY_VALIDATION.format(check=check) + "; ".join(map(str, mistakes))


def _with_imports(plan: Plan, names: Mapping[str, str]) -> Plan:
    changes = (
        replace(change, action="Import", physical_id=names[change.logical_id])
        if change.logical_id in names
        else change
        for change in plan.changes
    )
    return replace(plan, changes=tuple(changes))
