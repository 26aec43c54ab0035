"""How CloudFormation's answers describe stacks, resources, events and change sets."""

from collections.abc import Iterable
from typing import Any

from tools.local_aws.cloudformation.planning import Change, PropertyChange
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


def change_set_view(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    """A change set as DescribeChangeSet shows it."""
    return {
        **change_set_summary(stack, change_set),
        "Parameters": parameters_view(change_set.request) or None,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": list(change_set.request.capabilities),
        "Tags": tags_view(change_set.request) or None,
        "Changes": [
            {"Type": "Resource", "ResourceChange": _change_view(change)} for change in change_set.plan.changes
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


def _change_view(change: Change) -> dict[str, Any]:
    return {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "PhysicalResourceId": change.physical_id,
        "ResourceType": change.type_name,
        "Replacement": change.replacement,
        "Scope": sorted({detail.attribute for detail in change.details}),
        "Details": [_detail_view(detail) for detail in change.details],
    }


def _detail_view(detail: PropertyChange) -> dict[str, Any]:
    return {
        "Target": {
            "Attribute": detail.attribute,
            "Name": detail.name,
            "RequiresRecreation": detail.recreation,
        },
        "Evaluation": "Static" if detail.known else "Dynamic",
        "ChangeSource": "DirectModification",
    }


def template_summary(template: Template) -> dict[str, Any]:
    """A template as GetTemplateSummary shows it."""
    has_iam = any(name.startswith("AWS::IAM::") for name in template.type_names)
    return {
        "Description": template.document.get("Description"),
        "Parameters": list(_parameter_declarations(template)),
        "ResourceTypes": template.type_names,
        "Capabilities": ["CAPABILITY_NAMED_IAM"] if has_iam else [],
        "Version": template.document.get("AWSTemplateFormatVersion"),
    }


def _parameter_declarations(template: Template) -> Iterable[dict[str, Any]]:
    for name, declaration in template.section("Parameters").items():
        default = declaration.get("Default")
        yield {
            "ParameterKey": name,
            "DefaultValue": None if default is None else str(default),
            "ParameterType": declaration["Type"],
            "NoEcho": str(declaration.get("NoEcho", "false")).lower() == "true",
            "Description": declaration.get("Description"),
            "ParameterConstraints": {"AllowedValues": declaration.get("AllowedValues", [])},
        }
