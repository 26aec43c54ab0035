"""The execution policy suffices for all types of the templates, and roles cannot leave the boundary."""

import json
from collections.abc import Iterator
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.security.service_reference import actions
from tests.stacks.cloud import Cloud
from tools.bootstrap.execution_policy import document, policy_name
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy
from tools.local_aws.iam.engine.patterns import matches

ACCOUNT = "111111111111"
LONGEST_POLICY = 6144
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/dev-boundary"
# What handlers of these types could need for properties that no template has.
NOT_NEEDED = {
    "autoscaling": "flow logs of transit gateways",
    "billing": "budgets of billing views",
    "cloudformation": "resource groups of stacks",
    "ecs": "flow logs of containers",
    "efs": "IAM knows the service as elasticfilesystem",
    "firehose": "log delivery to Firehose",
    "lakeformation": "tags and permissions of Lake Formation",
    "lambda": "scaling of provisioned concurrency",
    "s3tables": "tables of S3",
    "tag": "resource groups of tags",
    "vpc-lattice": "endpoints of resource configurations",
    "vpce": "no action has this prefix",
}
LEFT_OUT = {
    *("iam:AttachGroupPolicy", "iam:AttachUserPolicy", "iam:DetachGroupPolicy", "iam:DetachUserPolicy"),
    "iam:DeleteRolePermissionsBoundary",
}
POLICY: dict[str, Any] = json.loads(document("dev", ACCOUNT))


def actions_needed(cloud: Cloud) -> Iterator[tuple[str, str]]:
    for type_name in sorted({resource.type for resource in cloud.resources}):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema
        for handler in ("create", "read", "update", "delete"):
            for action in schema["handlers"].get(handler, {}).get("permissions", []):
                yield type_name, action


def may(action: str, resource: str, **context: str) -> bool:
    policy = parse_policy(POLICY, "execution", PolicyKind.IDENTITY)
    role = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1"
    keys = {f"iam:{key}": value for key, value in context.items()}
    request = Request(Principal.role_session(role, "deployment"), action, resource, keys)
    return decide(request, Policies(identity=(policy,))).allowed


ALLOWED = [
    action
    for statement in POLICY["Statement"]
    if statement["Effect"] == "Allow"
    for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
]


def is_missing(action: str) -> bool:
    is_needed = action.split(":")[0].lower() not in NOT_NEEDED and action not in LEFT_OUT
    return is_needed and not any(matches(pattern, action, ignore_case=True) for pattern in ALLOWED)


def test_every_action_that_a_type_needs_is_allowed(cloud: Cloud) -> None:
    missing = {
        f"{type_name} needs {action}" for type_name, action in actions_needed(cloud) if is_missing(action)
    }
    assert not missing, "\n".join(sorted(missing))


def test_every_action_that_another_one_depends_on_is_allowed(cloud: Cloud) -> None:
    """As AWS's Service Authorization Reference says; https://docs.aws.amazon.com/service-authorization/."""
    needed = {action for _, action in actions_needed(cloud) if not is_missing(action)}
    missing = {
        f"{action.name} depends on {other}"
        for name in needed
        for action in actions(name)
        for other in action.dependent_actions
        if is_missing(other)
    }
    assert not missing, "\n".join(sorted(missing))


def test_a_role_is_made_with_the_boundary_or_not_at_all() -> None:
    own, other = f"arn:aws:iam::{ACCOUNT}:role/dev-network-Role", f"arn:aws:iam::{ACCOUNT}:role/admin"
    assert may("iam:CreateRole", own, PermissionsBoundary=BOUNDARY)
    assert not may("iam:CreateRole", own)
    assert not may("iam:CreateRole", own, PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/dev-wide")
    assert not may("iam:CreateRole", other, PermissionsBoundary=BOUNDARY)
    assert not may("iam:AttachRolePolicy", own)
    assert not may("iam:DeleteRolePermissionsBoundary", own, PermissionsBoundary=BOUNDARY)


def test_nobody_is_made_an_administrator() -> None:
    for action in ("iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:AddUserToGroup"):
        assert not may(action, f"arn:aws:iam::{ACCOUNT}:user/somebody"), action
    assert not may("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin")
    assert not may("organizations:LeaveOrganization", "*")


def test_a_deployment_cannot_widen_its_own_policy() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:policy/{policy_name('dev')}"
    assert not may("iam:CreatePolicyVersion", own)
    assert may("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/dev-boundary")


def test_it_is_short_enough_to_be_one_policy() -> None:
    assert len(document("a-rather-long-environment-name", ACCOUNT)) <= LONGEST_POLICY
    assert "PREFIX" not in document("dev", ACCOUNT)
    assert "ACCOUNT" not in document("dev", ACCOUNT)


def test_every_statement_says_why_it_is_there() -> None:
    sids = [statement["Sid"] for statement in POLICY["Statement"]]
    assert len(set(sids)) == len(sids) > 0
