"""Roles of services, and who may assume a role."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.permissions.policies import managed_policy
from stacks.permissions.statements import Statement, allow


class ServiceRole(NamedTuple):
    """A role and its policy: what the role is for has to wait for both."""

    role: iam.Role
    policy: iam.ManagedPolicy


def service_role(
    scope: Construct, name: str, service: str, description: str, statements: Sequence[Statement]
) -> ServiceRole:
    """A role that one AWS service may assume, only on behalf of this account, and its managed policy.

    Managed rather than inline, so that the policy is one resource to review and can be waited for.
    """
    principal = iam.ServicePrincipal(f"{service}.amazonaws.com")
    role = iam.Role(scope, f"{name}Role", assumed_by=principal, description=description)
    trust(role, [service_trust("ServiceOfThisAccount", service, cdk.Stack.of(scope).account)])
    policy = managed_policy(
        scope, f"{name}Policy", roles=[role], description=description, statements=statements
    )
    return ServiceRole(role, policy)


@cache
def arn_of(role: iam.Role) -> str:
    """Asked once: what all use cases name would be a question to another process for each."""
    return role.role_arn


def name_role(role: iam.Role, name: str) -> None:
    """For a role that something retained refers to: deployed again, it is the same one."""
    template_role = role.node.default_child
    assert isinstance(template_role, iam.CfnRole)
    template_role.role_name = name


def service_trust(sid: str, service: str, account: str, actions: str = "") -> iam.PolicyStatement:
    """One service may assume the role, only on behalf of this account: the confused deputy stays out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    on_behalf = {"StringEquals": {"aws:SourceAccount": account}}
    statement = allow(sid, f"sts:AssumeRole {actions}", conditions=on_behalf)
    return statement.about(iam.ServicePrincipal(f"{service}.amazonaws.com"))


def studio_trust(account: str) -> iam.PolicyStatement:
    """Studio may, and says for whom: CloudTrail then names the person."""
    return service_trust("StudioOfThisAccount", "sagemaker", account, "sts:SetSourceIdentity")


def trust(role: iam.Role, statements: Sequence[iam.PolicyStatement]) -> None:
    """Let exactly these statements say who may assume the role; CDK's own would have no `Sid`."""
    template_role = role.node.default_child
    assert isinstance(template_role, iam.CfnRole)
    template_role.assume_role_policy_document = iam.PolicyDocument(statements=list(statements))
