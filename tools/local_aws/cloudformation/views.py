"""How CloudFormation's answers describe stacks, resources, events and change sets."""

import json
from collections.abc import Iterable
from typing import Any

from tools.local_aws.cloudformation.capabilities import capabilities_of
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.planning import Change, PropertyChange
from tools.local_aws.cloudformation.schemas import resource_schema
from tools.local_aws.cloudformation.state import ChangeSet, Request, Stack, StackEvent, StackResource
from tools.local_aws.cloudformation.template import Template


def stack_view(stack: Stack) -> dict[str, Any]:
    """A stack as DescribeStacks and ListStacks show it."""
    request = stack.request
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "Description": request.template.document.get("Description") if request else None,
        "ChangeSetId": stack.change_set_id,
        "Parameters": parameters_view(request) or None,
        "CreationTime": stack.created_at,
        "LastUpdatedTime": stack.updated_at,
        "DeletionTime": stack.deleted_at,
        "StackStatus": stack.status,
        "StackStatusReason": stack.status_reason,
        "DisableRollback": bool(request and not request.rollback),
        "RollbackConfiguration": {},
        "NotificationARNs": [],
        "Capabilities": list(request.capabilities) or None if request else None,
        "Outputs": [
            {
                "OutputKey": output.key,
                "OutputValue": "*****" if output.masked else output.value,
                "Description": output.description,
                "ExportName": output.export_name,
            }
            for output in stack.outputs
        ]
        or None,
        "RoleARN": stack.role_arn,
        "Tags": tags_view(request),
        "EnableTerminationProtection": stack.termination_protection,
        "DriftInformation": {"StackDriftStatus": stack.drift_status},
        "ParentId": stack.parent and stack.parent.stack_id,
        "RootId": stack.parent and stack.root.stack_id,
    }


def summary_view(stack: Stack) -> dict[str, Any]:
    """A stack as ListStacks shows it."""
    view = stack_view(stack)
    return {**view, "TemplateDescription": view["Description"]}


def parameters_view(request: Request | None) -> list[dict[str, str]]:
    return [parameter.described() for parameter in request.parameters.values()] if request else []


def tags_view(request: Request | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in request.tags.items()] if request else []


def event_view(stack: Stack, event: StackEvent) -> dict[str, Any]:
    """An event as DescribeStackEvents shows it."""
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "EventId": event.event_id,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type_name,
        "Timestamp": event.timestamp,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
    }


def operation_event_view(stack: Stack, event: StackEvent) -> dict[str, Any]:
    """An event as DescribeEvents shows it."""
    return {**event_view(stack, event), "EventType": "STACK_EVENT", "OperationId": event.operation_id}


def validation_events_view(stack: Stack, change_set: ChangeSet) -> list[dict[str, Any]]:
    """What early validation found wrong, as DescribeEvents shows it for a change set."""
    return [
        {
            "EventId": f"{change_set.name}-{number}",
            "StackId": stack.stack_id,
            "OperationId": change_set.change_set_id,
            "OperationType": "CREATE_CHANGESET",
            "EventType": "VALIDATION_ERROR",
            "LogicalResourceId": mistake.logical_id,
            "ResourceType": mistake.type_name,
            "Timestamp": change_set.created_at,
            "ValidationFailureMode": "FAIL",
            "ValidationName": "NAME_CONFLICT_VALIDATION" if mistake.is_conflict else "PROPERTY_VALIDATION",
            "ValidationStatus": "FAILED",
            "ValidationStatusReason": mistake.text,
            "ValidationPath": f"/Resources/{mistake.logical_id}"
            + ("" if mistake.is_conflict else "/Properties"),
        }
        for number, mistake in enumerate(change_set.plan.mistakes)
    ]


def resource_views(stack: Stack) -> list[dict[str, Any]]:
    """The resources of a stack that exist or did exist."""
    return [_resource_view(stack, resource) for resource in stack.resources.values()]


def _resource_view(stack: Stack, resource: StackResource) -> dict[str, Any]:
    drift = stack.drifts.get(resource.logical_id)
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical.physical_id,
        "ResourceType": resource.type_name,
        "Timestamp": resource.changed_at,
        "LastUpdatedTimestamp": resource.changed_at,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": {"StackResourceDriftStatus": drift.status if drift else "NOT_CHECKED"},
    }


def change_set_view(stack: Stack, change_set: ChangeSet, *, with_values: bool) -> dict[str, Any]:
    """A change set as DescribeChangeSet shows it."""
    return {
        **change_set_summary(stack, change_set),
        "Parameters": parameters_view(change_set.request) or None,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": list(change_set.request.capabilities),
        "Tags": tags_view(change_set.request) or None,
        "Changes": [
            {"Type": "Resource", "ResourceChange": _change_view(change, with_values)}
            for change in change_set.plan.changes
        ],
        "OnStackFailure": change_set.request.on_failure,
        "IncludeNestedStacks": False,
    }


def change_set_summary(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    """A change set as ListChangeSets shows it."""
    return {
        "ChangeSetName": change_set.name,
        "ChangeSetId": change_set.change_set_id,
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "Description": change_set.description,
        "CreationTime": change_set.created_at,
        "ExecutionStatus": change_set.execution_status,
        "Status": change_set.status,
        "StatusReason": change_set.status_reason,
    }


def _change_view(change: Change, with_values: bool) -> dict[str, Any]:
    contexts = {"BeforeContext": change.before, "AfterContext": change.after} if with_values else {}
    return {
        "Action": change.action,
        "PolicyAction": change.policy,
        "LogicalResourceId": change.logical_id,
        "PhysicalResourceId": change.physical_id,
        "ResourceType": change.type_name,
        "Replacement": change.replacement,
        "Scope": sorted({detail.attribute for detail in change.details}),
        "Details": [_detail_view(detail, with_values) for detail in change.details],
        **{
            name: json.dumps({"Properties": properties}, default=str)
            for name, properties in contexts.items()
            if properties is not None
        },
    }


def _detail_view(detail: PropertyChange, with_values: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if with_values and detail.name:
        kinds = {(True, False): "Add", (False, True): "Remove"}
        values = {
            "Path": f"/Properties/{detail.name}",
            "BeforeValue": None if detail.before is None else as_text(detail.before),
            "AfterValue": None if detail.after is None else as_text(detail.after),
            "AttributeChangeType": kinds.get((detail.before is None, detail.after is None), "Modify"),
        }
    return {
        "Target": {
            "Attribute": detail.attribute,
            "Name": detail.name,
            "RequiresRecreation": detail.recreation,
            **values,
        },
        "Evaluation": "Static" if detail.known else "Dynamic",
        "ChangeSource": "DirectModification",
    }


def template_summary(template: Template) -> dict[str, Any]:
    """A template as GetTemplateSummary and ValidateTemplate show it."""
    capabilities, reasons = capabilities_of(template)
    metadata = template.section("Metadata")
    return {
        "Description": template.document.get("Description"),
        "Parameters": list(_parameter_declarations(template)),
        "ResourceTypes": template.type_names,
        "Capabilities": capabilities or None,
        "CapabilitiesReason": f"The following resource(s) require capabilities: [{', '.join(reasons)}]"
        if reasons
        else None,
        "DeclaredTransforms": template.transforms or None,
        "Metadata": str(metadata) if metadata else None,
        "Version": str(template.document.get("AWSTemplateFormatVersion", "2010-09-09")),
        "ResourceIdentifierSummaries": [_identifiers(template, name) for name in template.type_names],
    }


def _identifiers(template: Template, type_name: str) -> dict[str, Any]:
    schema = resource_schema(type_name)
    return {
        "ResourceType": type_name,
        "LogicalResourceIds": [
            name for name, resource in template.resources.items() if resource.type_name == type_name
        ],
        "ResourceIdentifiers": [path[-1] for path in schema.paths("primaryIdentifier")] if schema else None,
    }


def _parameter_declarations(template: Template) -> Iterable[dict[str, Any]]:
    for name, declaration in template.section("Parameters").items():
        allowed = [as_text(value) for value in declaration.get("AllowedValues", [])]
        yield {
            "ParameterKey": name,
            "DefaultValue": as_text(declaration["Default"]) if "Default" in declaration else None,
            "ParameterType": declaration["Type"],
            "NoEcho": str(declaration.get("NoEcho", "false")).lower() == "true",
            "Description": declaration.get("Description"),
            "ParameterConstraints": {"AllowedValues": allowed} if allowed else None,
        }
