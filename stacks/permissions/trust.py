"""Who may assume a role."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam


def service_trust(sid: str, service: str, account: str, actions: Sequence[str] = ()) -> iam.PolicyStatement:
    """One service may assume the role, only on behalf of this account: the confused deputy stays out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
        actions=["sts:AssumeRole", *actions],
        conditions={"StringEquals": {"aws:SourceAccount": account}},
    )


def trust(role: iam.Role, statements: Sequence[iam.PolicyStatement]) -> None:
    """Let exactly these statements say who may assume the role; CDK's own would have no `Sid`."""
    template_role = role.node.default_child
    assert isinstance(template_role, iam.CfnRole)
    template_role.assume_role_policy_document = iam.PolicyDocument(statements=list(statements))
