"""The default security group of the VPC has no rules, and stays that way.

CloudFormation cannot change that group and CDK would do it with a custom resource, once. Here State Manager
runs AWS's own runbook when the association is made and then every day, so that rules added later go again.
https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-remove-default-secg-rules.html
"""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm

from stacks.parts.place import Place
from stacks.permissions.acknowledgements import acknowledge, in_compliance_packs
from stacks.permissions.roles import service_role
from stacks.permissions.statements import allow

RUNBOOK = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"
SCHEDULE = "rate(1 day)"


def close_default_security_group(vpc: ec2.Vpc) -> None:
    stack, place = cdk.Stack.of(vpc), Place.of(vpc)
    group_id = vpc.vpc_default_security_group
    role, policy = service_role(
        stack,
        "CloseDefaultGroup",
        "ssm",
        "Removes the rules of the VPC's default security group",
        [
            allow(
                "RemoveRules",
                "ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
                [place.arn("ec2", f"security-group/{group_id}")],
            ),
            allow(
                "ReadSecurityGroups",
                "ec2:DescribeSecurityGroups",
                ["*"],
                because="Describing security groups has no resource-level permissions.",
            ),
            allow(
                "StartRunbook",
                "ssm:StartAutomationExecution",
                [f"arn:aws:ssm:{place.region}::automation-definition/{RUNBOOK}:$DEFAULT"],
                foreign="AWS's own runbook, which is in no account",
            ),
            allow(
                "ReadRunbookExecutions",
                "ssm:GetAutomationExecution",
                [place.arn("ssm", "automation-execution/*")],
                because="An execution's id is made up when it starts.",
            ),
        ],
    )
    association = ssm.CfnAssociation(
        stack,
        "CloseDefaultGroup",
        name=RUNBOOK,
        association_name=place.name("network-close-default-security-group"),
        compliance_severity="HIGH",
        schedule_expression=SCHEDULE,
        parameters={"AutomationAssumeRole": [role.role_arn], "GroupId": [group_id]},
    )
    association.node.add_dependency(policy)
    acknowledge(
        vpc,
        "State Manager removes the rules of this group when the VPC is made, and then every day; no property "
        "of the VPC could say so.",
        *in_compliance_packs("VPCDefaultSecurityGroupClosed"),
    )
