"""Brings a stack to what a request asks for, or back to where it was."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tools.local_aws.cloudformation import planning
from tools.local_aws.cloudformation.driver import Driver, Physical
from tools.local_aws.cloudformation.errors import NothingDoneError, ResourceError, ValidationError, reason
from tools.local_aws.cloudformation.existing import (
    OUTPUTS_CHANGE,
    Collision,
    refuse_import,
    static_identifier,
)
from tools.local_aws.cloudformation.graph import live_resources
from tools.local_aws.cloudformation.intrinsics import Evaluator
from tools.local_aws.cloudformation.outputs import checked_outputs, live_outputs
from tools.local_aws.cloudformation.rollback import remove, roll_back, unexpected
from tools.local_aws.cloudformation.row import Row
from tools.local_aws.cloudformation.state import Request, Stack, StackResource, Stacks, UndoStep
from tools.local_aws.cloudformation.surroundings import StackSurroundings
from tools.local_aws.cloudformation.tags import with_stack_tags
from tools.local_aws.cloudformation.template import ResourceDeclaration, Template

log = logging.getLogger(__name__)


class Deployment:
    """One create or update of one stack."""

    def __init__(
        self, stack: Stack, stacks: Stacks, request: Request, driver: Driver, rows: Mapping[str, Row]
    ) -> None:
        self._stack, self._stacks, self._request = stack, stacks, request
        self._driver, self._rows = driver, rows
        self._surroundings = StackSurroundings(
            account=driver.account,
            region=driver.region,
            stack=stack,
            stacks=stacks,
            clients=driver.clients,
            type_names=_type_names(request.template),
        )
        values = {name: parameter.value for name, parameter in request.parameters.items()}
        self._evaluator = Evaluator(request.template, values, self._surroundings)

    def plan(self) -> planning.Plan:
        """What this deployment will change; raises `ValidationError` for a template that cannot work."""
        self._surroundings.planning = True
        self._evaluator.check_rules()
        resources = live_resources(self._request.template, self._evaluator)
        existing = self._stack.resources
        plan = planning.plan(
            resources.values(),
            existing,
            self._evaluator,
            self._rows,
            self._request.tags,
            self._surroundings.unknown,
        )
        for declaration in live_outputs(self._request.template, self._evaluator).values():
            self._evaluator.resolve(declaration["Value"])
        self._surroundings.unknown.clear()
        self._surroundings.planning = False
        return replace(plan, changes=tuple(map(self._as_it_was, plan.changes)))

    def _as_it_was(self, change: planning.Change) -> planning.Change:
        """A removal tells what its template says without looking at other resources, as AWS does."""
        if change.action != "Remove" or self._stack.request is None:
            return change
        template = self._stack.request.template
        names, types = set(template.resources), _type_names(template)
        surroundings = replace(
            self._surroundings,
            unknown=names,
            type_names=types,
            planning=True,
            imports=set(),  # what a removed resource has imported is imported no longer
        )
        values = {name: parameter.value for name, parameter in self._stack.request.parameters.items()}
        declared = template.resources[change.logical_id].properties
        return replace(change, before=Evaluator(template, values, surroundings).resolve(declared))

    def collisions(self) -> list[Collision]:
        """The resources that would be created and exist, as far as the template spells out their names."""
        resources = live_resources(self._request.template, self._evaluator)
        new = [item for name, item in resources.items() if name not in self._stack.resources]
        return [collision for item in new if (collision := self._collision(item)) is not None]

    def import_refusal(self) -> str | None:
        """Why the resources that are named cannot be imported."""
        declared = live_resources(self._request.template, self._evaluator)
        deployed = self._stack.request if self._stack.resources else None
        changed = [change.logical_id for change in self.plan().changes if change.action != "Add"]
        if self._request.template.section("Outputs") != (
            deployed.template.section("Outputs") if deployed else {}
        ):
            return OUTPUTS_CHANGE
        return (
            refuse_import(self._request, declared, self._stack.resources, changed) or self._owned_elsewhere()
        )

    def _owned_elsewhere(self) -> str | None:
        for logical_id, identifier in self._request.imports.items():
            type_name = self._request.template.resources[logical_id].type_name
            for stack in self._stacks.all():
                if any(
                    resource.type_name == type_name and identifier.items() <= resource.physical.facts.items()
                    for resource in list(stack.resources.values())
                ):
                    return f"{'|'.join(identifier.values())} already exists in stack {stack.stack_id}"
        return None

    def _collision(self, declaration: ResourceDeclaration) -> Collision | None:
        identifier = static_identifier(declaration)
        row = self._rows[declaration.type_name]
        if identifier is None or not self._driver.exists(row, declaration.logical_id, identifier):
            return None
        owned = any(
            resource.type_name == declaration.type_name
            and identifier.items() <= resource.physical.properties.items()
            for stack in self._stacks.all()
            for resource in list(stack.resources.values())
        )
        return Collision(declaration, identifier, owned)

    def run(self, kind: str) -> None:
        """Creates or updates (`kind` CREATE or UPDATE) and records how it ended; never raises."""
        stack = self._stack
        stack.undo.clear()
        stack.set_status(f"{kind}_IN_PROGRESS", "User Initiated")
        before = dict(stack.resources)
        try:
            resources = live_resources(self._request.template, self._evaluator)
            self._refuse_mistakes(kind)
            for declaration in resources.values():
                self._bring_about(declaration)
            outputs = checked_outputs(self._request.template, self._evaluator, stack, self._stacks)
        except Exception as error:
            unexpected(error)
            self._fail(kind, reason(error))
            return
        stack.outputs, stack.imports, stack.request = outputs, self._surroundings.imports, self._request
        gone = [resource for name, resource in before.items() if name not in resources]
        stack.resources = {name: stack.resources[name] for name in resources}
        self._clean_up(kind, gone)

    def _refuse_mistakes(self, kind: str) -> None:
        mistakes = self.plan().mistakes
        for mistake in mistakes:
            declaration = self._request.template.resources[mistake.logical_id]
            resource = _new_resource(declaration, {})
            self._stack.set_resource_status(resource, f"{kind}_FAILED", str(mistake))
        if mistakes:
            raise ValidationError("; ".join(str(mistake) for mistake in mistakes))

    def _bring_about(self, declaration: ResourceDeclaration) -> None:
        stack, logical_id = self._stack, declaration.logical_id
        properties = self._evaluator.resolve(declaration.properties)
        properties = with_stack_tags(declaration.type_name, properties, self._request.tags)
        new = _new_resource(declaration, properties)
        old = stack.resources.get(logical_id)
        row = self._rows[declaration.type_name]
        self._refuse_if_invalid(new, "UPDATE" if old else "CREATE")
        named = self._request.imports.get(logical_id)
        if old is None and (named or (self._request.import_existing and self._can_import(declaration))):
            self._take_over(row, new, named or {})
        elif old is None:
            self._create(row, new, None)
        elif old.type_name != new.type_name or planning.replaced_properties(
            new.type_name, row, old.physical.properties, properties
        ):
            self._replace(row, new, old)
        elif old.declared != properties:
            self._update(row, new, old)
        else:
            old.deletion_policy, old.update_replace_policy = new.deletion_policy, new.update_replace_policy
            old.metadata = new.metadata

    def _can_import(self, declaration: ResourceDeclaration) -> bool:
        collision = self._collision(declaration)
        return collision is not None and collision.importable

    def _take_over(self, row: Row, new: StackResource, identifier: Mapping[str, str]) -> None:
        stack = self._stack
        stack.set_resource_status(new, "IMPORT_IN_PROGRESS", "Resource import started.")
        try:
            new.physical = self._driver.take_over(
                row, new.logical_id, new.declared, identifier, self._request.tags
            )
        except Exception as error:
            unexpected(error)
            stack.set_resource_status(new, "IMPORT_FAILED", reason(error))
            raise _failure("import", new, error) from error
        stack.undo.append(UndoStep(new, None, taken_over=True))
        stack.resources[new.logical_id] = new
        stack.set_resource_status(new, "IMPORT_COMPLETE", "Resource import completed.")
        tagging = "Apply stack-level tags to imported resource if applicable."
        stack.set_resource_status(new, "UPDATE_IN_PROGRESS", tagging)
        stack.set_resource_status(new, "UPDATE_COMPLETE")

    def _refuse_if_invalid(self, new: StackResource, phase: str) -> None:
        """Checks again, now that every value is known."""
        mistakes = planning.check(new.logical_id, new.type_name, new.declared)
        if mistakes:
            why = "; ".join(map(str, mistakes))
            self._stack.set_resource_status(new, f"{phase}_FAILED", why)
            raise ResourceError(why)

    def _create(self, row: Row, new: StackResource, old: StackResource | None) -> None:
        stack, phase = self._stack, "UPDATE" if old else "CREATE"
        if old is None:
            stack.set_resource_status(new, "CREATE_IN_PROGRESS")
        try:
            self._driver.create(row, new.logical_id, new.declared, new.physical)
        except Exception as error:
            unexpected(error)
            if new.physical.physical_id is not None:
                self._remember(new, old, replaced=old is not None)
            stack.set_resource_status(new, f"{phase}_FAILED", reason(error))
            raise _failure("create", new, error) from error
        self._remember(new, old, replaced=old is not None)
        stack.set_resource_status(new, f"{phase}_COMPLETE")

    def _replace(self, row: Row, new: StackResource, old: StackResource) -> None:
        name = row.name.property if row.name else None
        if (
            name
            and new.declared.get(name) is not None
            and new.declared[name] == old.physical.properties.get(name)
        ):
            problem = (
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {new.declared[name]} and update the stack again."
            )
            self._stack.set_resource_status(old, "UPDATE_FAILED", problem)
            raise ResourceError(problem)
        self._stack.set_resource_status(
            old,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating one.",
        )
        self._create(row, new, old)

    def _update(self, row: Row, new: StackResource, old: StackResource) -> None:
        stack = self._stack
        new.physical = Physical(
            old.physical.physical_id, dict(old.physical.properties), dict(old.physical.facts), {}
        )
        stack.set_resource_status(new, "UPDATE_IN_PROGRESS")
        # Remembered first: a failure half-way leaves something to take back.
        self._remember(new, old)
        try:
            self._driver.update(row, new.logical_id, new.declared, new.physical)
        except Exception as error:
            unexpected(error)
            stack.set_resource_status(new, "UPDATE_FAILED", reason(error))
            if isinstance(error, NothingDoneError):
                stack.undo.pop()
                stack.resources[old.logical_id] = old
            raise _failure("update", new, error) from error
        stack.set_resource_status(new, "UPDATE_COMPLETE")

    def _remember(self, new: StackResource, old: StackResource | None, *, replaced: bool = False) -> None:
        self._stack.undo.append(UndoStep(new, old, replaced))
        self._stack.resources[new.logical_id] = new

    def _fail(self, kind: str, why: str) -> None:
        if not self._request.rollback:
            self._stack.set_status(f"{kind}_FAILED", why)
            return
        roll_back(self._stack, self._driver, self._rows, kind, why, self._request.retain_except_on_create)

    def _clean_up(self, kind: str, gone: list[StackResource]) -> None:
        stack = self._stack
        replaced = [step.old for step in stack.undo if step.old is not None and step.has_left_the_old]
        leaving = [(resource, resource.update_replace_policy) for resource in reversed(replaced)]
        leaving += [(resource, resource.deletion_policy) for resource in reversed(gone)]
        if leaving:
            stack.set_status(f"{kind}_COMPLETE_CLEANUP_IN_PROGRESS")
        for resource, policy in leaving:
            try:
                remove(stack, self._driver, self._rows, resource, keep=policy != "Delete")
            except ResourceError:
                log.warning("%s: %s could not be deleted and stays", stack.name, resource.logical_id)
        stack.undo.clear()
        stack.set_status(f"{kind}_COMPLETE")


def _failure(verb: str, resource: StackResource, error: Exception) -> ResourceError:
    return ResourceError(
        f"The following resource(s) failed to {verb}: [{resource.logical_id}]. {reason(error)}"
    )


def _new_resource(declaration: ResourceDeclaration, properties: dict[str, Any]) -> StackResource:
    return StackResource(
        logical_id=declaration.logical_id,
        type_name=declaration.type_name,
        declared=properties,
        deletion_policy=declaration.deletion_policy,
        update_replace_policy=declaration.update_replace_policy,
        metadata=declaration.metadata,
    )


def _type_names(template: Template) -> dict[str, str]:
    return {name: item.type_name for name, item in template.resources.items()}
