"""The operations of the CloudFormation API."""

import dataclasses
import re
from typing import Any, ClassVar

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from tools.local_aws.cloudformation import views
from tools.local_aws.cloudformation.errors import ChangeSetNotFoundError, ValidationError
from tools.local_aws.cloudformation.requests import read_request, read_template
from tools.local_aws.cloudformation.service import CloudFormationService
from tools.local_aws.cloudformation.state import ChangeSet, Request, Stack

# Recorded from AWS: github.com/localstack/localstack, tests/aws/services/cloudformation/api, 2025.
_MISSING = {
    "DescribeStackEvents": "Stack [{}] does not exist",
    "DescribeStackResource": "Stack '{}' does not exist",
}


_NEEDS_A_STACK = {
    "DescribeChangeSet": "StackName must be specified if ChangeSetName is not specified as an ARN.",
    "GetTemplate": "StackName is a required parameter.",
}


class CloudFormationResponse(BaseResponse):  # type: ignore[misc]
    """Answers one call; the services, by account, are set when the part is installed."""

    services: ClassVar[dict[str, CloudFormationService]]

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    @property
    def service(self) -> CloudFormationService:
        """Of the caller's account."""
        return self.services[self.current_account]

    def _read(self, name: str) -> Any:
        return self._get_param(name)

    def _stack(self, *, also_deleted: bool = False) -> Stack:
        try:
            return self.service.stacks.get(self._read("StackName"), also_deleted=also_deleted)
        except ValidationError:
            words = _MISSING.get(self._get_action())
            if words is None:
                raise
            raise ValidationError(words.format(self._read("StackName"))) from None

    def create_stack(self) -> ActionResult:
        name = self._read("StackName")
        stack = self.service.stacks.find(name) or self.service.draft(name)
        request = read_request(self.service, self._read, stack)
        protection = bool(self._read("EnableTerminationProtection"))
        created = self.service.create_stack(name, request, termination_protection=protection)
        return ActionResult({"StackId": created.stack_id})

    def update_stack(self) -> ActionResult:
        stack = self._stack()
        self.service.refuse_unless_updatable(stack)
        request = read_request(self.service, self._read, stack)
        updated = self.service.update_stack(stack.name, request)
        return ActionResult({"StackId": updated.stack_id})

    def delete_stack(self) -> ActionResult:
        retained = self._read("RetainResources") or []
        self.service.delete_stack(self._read("StackName"), self._read("RoleARN"), retained)
        return EmptyResult()

    def rollback_stack(self) -> ActionResult:
        stack = self._stack()
        self.service.roll_back_stack(stack, self._read("RoleARN"))
        return ActionResult({"StackId": stack.stack_id})

    def continue_update_rollback(self) -> ActionResult:
        skipped = self._read("ResourcesToSkip") or []
        self.service.roll_back_stack(self._stack(), self._read("RoleARN"), skipped=skipped)
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        stack = self._stack()
        stack.termination_protection = bool(self._read("EnableTerminationProtection"))
        return ActionResult({"StackId": stack.stack_id})

    def describe_stacks(self) -> ActionResult:
        everything = self.service.stacks.all()
        stacks = [self._stack(also_deleted=True)] if self._read("StackName") else everything
        return ActionResult({"Stacks": [views.stack_view(stack) for stack in stacks]})

    def list_stacks(self) -> ActionResult:
        wanted = self._read("StackStatusFilter")
        stacks = [*self.service.stacks.all(), *self.service.stacks.deleted.values()]
        shown = [views.summary_view(stack) for stack in stacks if not wanted or stack.status in wanted]
        return ActionResult({"StackSummaries": shown})

    def describe_stack_events(self) -> ActionResult:
        """DescribeStackEvents, newest first."""
        stack = self._stack(also_deleted=True)
        return ActionResult(
            {"StackEvents": [views.event_view(stack, event) for event in reversed(stack.events)]}
        )

    def describe_events(self) -> ActionResult:
        """DescribeEvents of a stack, an operation or a change set, newest first."""
        if self._read("ChangeSetName"):
            found = self.service.stacks.change_set(self._read("StackName"), self._read("ChangeSetName"))
            return ActionResult({"OperationEvents": views.validation_events_view(*found)})
        if not self._read("StackName"):
            raise ValidationError("DescribeEvents needs StackName, or ChangeSetName, here.")
        stack, operation = self._stack(also_deleted=True), self._read("OperationId")
        events = [event for event in reversed(stack.events) if operation in (None, event.operation_id)]
        if (self._read("Filters") or {}).get("FailedEvents"):
            events = [event for event in events if event.status.endswith("_FAILED")]
        return ActionResult(
            {"OperationEvents": [views.operation_event_view(stack, event) for event in events]}
        )

    def detect_stack_drift(self) -> ActionResult:
        detection = self.service.detect_drift(self._stack(), self._read("LogicalResourceIds") or [])
        return ActionResult({"StackDriftDetectionId": detection.detection_id})

    def detect_stack_resource_drift(self) -> ActionResult:
        name = self._read("LogicalResourceId")
        detection = self.service.detect_drift(self._stack(), [name])
        view = detection.drifts[name].view(detection.stack.stack_id)
        return ActionResult({"StackResourceDrift": view})

    def describe_stack_drift_detection_status(self) -> ActionResult:
        detection = self.service.detections.get(self._read("StackDriftDetectionId"))
        if detection is None:
            raise ValidationError("There is no drift detection with this StackDriftDetectionId.")
        shown = {
            "StackId": detection.stack.stack_id,
            "StackDriftDetectionId": detection.detection_id,
            "StackDriftStatus": detection.status,
            "DetectionStatus": "DETECTION_COMPLETE",
            "DriftedStackResourceCount": detection.count,
            "Timestamp": detection.at,
        }
        return ActionResult(shown)

    def describe_stack_resource_drifts(self) -> ActionResult:
        stack, wanted = self._stack(), self._read("StackResourceDriftStatusFilters")
        drifts = [drift for drift in stack.drifts.values() if not wanted or drift.status in wanted]
        return ActionResult({"StackResourceDrifts": [drift.view(stack.stack_id) for drift in drifts]})

    def describe_stack_resources(self) -> ActionResult:
        logical_id = self._read("LogicalResourceId")
        resources = views.resource_views(self._stack(also_deleted=True))
        shown = [resource for resource in resources if logical_id in (None, resource["LogicalResourceId"])]
        return ActionResult({"StackResources": shown})

    def describe_stack_resource(self) -> ActionResult:
        stack, logical_id = self._stack(also_deleted=True), self._read("LogicalResourceId")
        for resource in views.resource_views(stack):
            if resource["LogicalResourceId"] == logical_id:
                return ActionResult({"StackResourceDetail": resource})
        raise ValidationError(f"Resource {logical_id} does not exist for stack {self._read('StackName')}")

    def list_stack_resources(self) -> ActionResult:
        return ActionResult({"StackResourceSummaries": views.resource_views(self._stack(also_deleted=True))})

    def get_template(self) -> ActionResult:
        """GetTemplate of a stack or a change set; it loses every character that is not ASCII.

        https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1220
        """
        if self._read("ChangeSetName"):
            request: Request | None = self._change_set()[1].request
        elif not self._read("StackName"):
            raise ValidationError("StackName is required if ChangeSetName is not specified.")
        else:
            request = self._stack(also_deleted=True).request
        # A stack in review has an empty template, not none.
        body = re.sub(r"[^\x00-\x7f]", "?", request.template.body) if request else "{}"
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        """GetTemplateSummary of a stack or a template."""
        if self._read("StackName"):
            stack = self._stack()
            if stack.status == "REVIEW_IN_PROGRESS":
                raise ValidationError("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
            return ActionResult(views.template_summary(stack.template))
        return ActionResult(views.template_summary(read_template(self.service, self._read, None)))

    def validate_template(self) -> ActionResult:
        return ActionResult(views.template_summary(read_template(self.service, self._read, None)))

    def create_change_set(self) -> ActionResult:
        """CreateChangeSet for a new or an existing stack."""
        name, kind = self._read("StackName"), self._read("ChangeSetType") or "UPDATE"
        stack = self.service.stacks.find(name)
        if stack is None and kind == "UPDATE":
            raise ValidationError(f"Stack [{name}] does not exist")
        if stack is not None and (kind == "UPDATE" or (kind, stack.status) == ("IMPORT", "CREATE_COMPLETE")):
            self.service.refuse_unless_updatable(stack)
        change_set = self._read("ChangeSetName")
        is_there = stack is not None and stack.status != "REVIEW_IN_PROGRESS"
        if kind == "CREATE" and (is_there or name in self.service.stacks.deleted):
            raise ValidationError(
                f"Stack [{name}] already exists and cannot be created again with the changeSet "
                f"[{change_set}]."
            )
        stack = stack or self.service.draft(name)
        request = read_request(self.service, self._read, stack)
        stack, created = self.service.create_change_set(
            stack, change_set, kind, request, self._read("Description")
        )
        return ActionResult({"Id": created.change_set_id, "StackId": stack.stack_id})

    def _change_set(self) -> tuple[Stack, ChangeSet]:
        name, change_set = self._read("StackName"), self._read("ChangeSetName")
        if not name and not change_set.startswith("arn:"):
            words = _NEEDS_A_STACK.get(self._get_action(), _NEEDS_A_STACK["DescribeChangeSet"])
            raise ValidationError(words)
        if name and self.service.stacks.find(name) is None:
            raise ValidationError(f"Stack [{name}] does not exist")
        return self.service.stacks.change_set(name, change_set)

    def describe_change_set(self) -> ActionResult:
        with_values = bool(self._read("IncludePropertyValues"))
        return ActionResult(views.change_set_view(*self._change_set(), with_values=with_values))

    def list_change_sets(self) -> ActionResult:
        stack = self._stack()
        waiting = [item for item in stack.change_sets.values() if not item.is_executed]
        summaries = [views.change_set_summary(stack, item) for item in waiting]
        return ActionResult({"Summaries": summaries})

    def delete_change_set(self) -> ActionResult:
        """DeleteChangeSet; one that does not exist counts as deleted."""
        try:
            stack, change_set = self._change_set()
        except ChangeSetNotFoundError:
            return EmptyResult()
        del stack.change_sets[change_set.change_set_id]
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        stack, change_set = self._change_set()
        request = dataclasses.replace(
            change_set.request,
            rollback=not self._read("DisableRollback"),
            retain_except_on_create=bool(self._read("RetainExceptOnCreate")),
        )
        self.service.execute_change_set(stack, change_set, request)
        return EmptyResult()

    def list_exports(self) -> ActionResult:
        exports = [
            {"ExportingStackId": stack.stack_id, "Name": name, "Value": value}
            for stack in self.service.stacks.all()
            for name, value in stack.exports.items()
        ]
        return ActionResult({"Exports": exports})

    def list_imports(self) -> ActionResult:
        name = self._read("ExportName")
        importers = self.service.stacks.importers(name)
        if not importers:
            raise ValidationError(f"Export '{name}' is not imported by any stack.")
        return ActionResult({"Imports": importers})
