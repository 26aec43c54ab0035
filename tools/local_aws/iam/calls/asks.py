"""What a call needs permission for: one or more actions, each on a resource and with its condition keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.local_aws.iam.calls.arns import ANY, resource_arns
from tools.local_aws.iam.calls.sagemaker import sagemaker_keys
from tools.local_aws.iam.engine.patterns import ContextValue


@dataclass(frozen=True)
class Call:
    """An API call as its client made it: IAM's service prefix, the operation and its input."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str


@dataclass(frozen=True)
class Ask:
    """One permission that a call needs; it is asked without some of the caller's condition keys."""

    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


# The service that will assume a role differs from the service that is called.
_PASSED_TO = {"ec2": "vpc-flow-logs.amazonaws.com"}
# Where the action differs from the operation.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
_ACTIONS = {
    ("lambda", "Invoke"): "InvokeFunction",
    **{("budgets", f"{verb}Budget"): "ModifyBudget" for verb in ("Create", "Update", "Delete")},
    ("budgets", "DescribeBudget"): "ViewBudget",
}
_IAM_KEYS = {"iam:PolicyARN": "PolicyArn", "iam:PermissionsBoundary": "PermissionsBoundary"}
_SESSION_KEYS = {"sts:RoleSessionName": "RoleSessionName", "sts:SourceIdentity": "SourceIdentity"}
_ROLE_PARAMETERS = (
    *("rolearn", "executionrolearn", "executionrole", "role", "deliverlogspermissionarn"),
    *("automationassumerole", "iamrolearn"),
)
# Calls that name a role without handing it to a service.
_SERVICES_THAT_TAKE_NO_ROLE = ("sts", "iam")


def asks_of(call: Call) -> list[Ask]:
    """Everything that must be allowed for the call to go ahead."""
    tags = _request_tags(call.parameters)
    context = {**tags, **_service_keys(call)}
    resources = resource_arns(call.service, call.operation, call.parameters, call.account, call.region)
    action = _ACTIONS.get((call.service, call.operation), call.operation)
    asks = [Ask(f"{call.service}:{action}", resource, context) for resource in resources]
    if call.service == "sagemaker" and call.operation.startswith("Create") and tags:
        asks.append(_tagging_ask(call, resources[0], tags))
    if (
        call.operation == "CreateVpcEndpoint"
        and str(call.parameters.get("PrivateDnsEnabled")).lower() == "true"
    ):
        # https://docs.aws.amazon.com/vpc/latest/privatelink/security_iam_id-based-policy-examples.html
        asks.append(Ask("route53:AssociateVPCWithHostedZone", ANY))
    return asks + [_pass_role_ask(call, role) for role in _roles_in(call)]


def _service_keys(call: Call) -> dict[str, ContextValue]:
    if call.service == "sagemaker":
        return sagemaker_keys(call.operation, call.parameters)
    if call.service == "cloudwatch" and call.operation == "PutMetricData":
        return {"cloudwatch:namespace": str(call.parameters.get("Namespace", ""))}
    if call.service == "iam":
        return _named(call.parameters, _IAM_KEYS)
    if (call.service, call.operation) == ("sts", "AssumeRole"):
        return _named(call.parameters, _SESSION_KEYS)
    if call.service == "kms" and call.operation == "CreateGrant":
        # Services take grants in the name of a role for what they encrypt for it.
        is_service = str(call.parameters.get("GranteePrincipal", "")).endswith(".amazonaws.com")
        return {"kms:GrantIsForAWSResource": str(is_service).lower()}
    return {}


def _named(parameters: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, ContextValue]:
    return {key: str(parameters[name]) for key, name in keys.items() if parameters.get(name)}


def _tagging_ask(call: Call, resource: str, tags: Mapping[str, ContextValue]) -> Ask:
    # SageMaker asks for AddTags as well when something is created with tags:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html
    return Ask("sagemaker:AddTags", resource, {**tags, "sagemaker:TaggingAction": call.operation})


def _pass_role_ask(call: Call, role_arn: str) -> Ask:
    service = _PASSED_TO.get(call.service, f"{call.service}.amazonaws.com")
    return Ask("iam:PassRole", role_arn, {"iam:PassedToService": service})


def _roles_in(call: Call) -> list[str]:
    if call.service in _SERVICES_THAT_TAKE_NO_ROLE:
        return []
    return sorted(set(_role_values(call.parameters)))


def _role_values(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            # Parameters of a runbook are lists.
            texts = member if isinstance(member, list) else [member]
            if name.lower() in _ROLE_PARAMETERS and all(_is_role(text) for text in texts):
                yield from texts
            else:
                yield from _role_values(member)
    elif isinstance(value, list):
        for member in value:
            yield from _role_values(member)


def _is_role(value: Any) -> bool:
    return isinstance(value, str) and ":role/" in value


def _request_tags(parameters: Mapping[str, Any]) -> dict[str, ContextValue]:
    tags = _tag_pairs(parameters)
    context: dict[str, ContextValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if tags:
        context["aws:TagKeys"] = tuple(tags)
    return context


def _tag_pairs(parameters: Mapping[str, Any]) -> dict[str, str]:
    given: Any = next((parameters[name] for name in ("Tags", "tags") if parameters.get(name)), {})
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    pairs = ({name.lower(): value for name, value in tag.items()} for tag in given)
    return {
        str(pair.get("key", pair.get("tagkey"))): str(pair.get("value", pair.get("tagvalue", "")))
        for pair in pairs
    }
