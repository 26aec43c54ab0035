"""The default security group of the VPC has no rules, and stays that way.

CloudFormation cannot change that group and CDK would do it with a custom resource, once. Here State Manager
runs AWS's own runbook when the association is made and then every day, so that rules added later go again.
https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-remove-default-secg-rules.html
"""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm

from stacks.foundation.job_roles import service_role
from stacks.permissions.acknowledgements import acknowledge, in_compliance_packs
from stacks.permissions.statements import allow

RUNBOOK = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"
SCHEDULE = "rate(1 day)"


def close_default_security_group(vpc: ec2.Vpc) -> None:
    """Remove all rules of the VPC's default security group, now and every day."""
    stack = cdk.Stack.of(vpc)
    group_id = vpc.vpc_default_security_group
    role = service_role(
        stack,
        "CloseDefaultGroup",
        service="ssm",
        description="Removes the rules of the VPC's default security group",
        statements=[
            allow(
                "RemoveRules",
                ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
                [f"arn:aws:ec2:{stack.region}:{stack.account}:security-group/{group_id}"],
            ),
            allow("ReadSecurityGroups", ["ec2:DescribeSecurityGroups"], ["*"]),
            allow(
                "StartRunbook",
                ["ssm:StartAutomationExecution"],
                [f"arn:aws:ssm:{stack.region}::automation-definition/{RUNBOOK}:$DEFAULT"],
            ),
            allow(
                "ReadRunbookExecutions",
                ["ssm:GetAutomationExecution"],
                [f"arn:aws:ssm:{stack.region}:{stack.account}:automation-execution/*"],
            ),
        ],
    )
    association = ssm.CfnAssociation(
        stack,
        "CloseDefaultGroup",
        name=RUNBOOK,
        association_name=f"{stack.stack_name}-close-default-security-group",
        compliance_severity="HIGH",
        schedule_expression=SCHEDULE,
        parameters={"AutomationAssumeRole": [role.role_arn], "GroupId": [group_id]},
    )
    association.node.add_dependency(stack.node.find_child("CloseDefaultGroupPolicy"))
    acknowledge(
        vpc,
        "State Manager removes the rules of this group when the VPC is made, and then every day; no property "
        "of the VPC could say so.",
        *in_compliance_packs("VPCDefaultSecurityGroupClosed"),
    )
