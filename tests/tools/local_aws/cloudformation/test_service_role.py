import json
from typing import Any

from tests.tools.local_aws.cloudformation.conftest import Aws
from tests.tools.local_aws.cloudformation.test_stacks import exists, parameter


def role(aws: Aws, name: str, *actions: str) -> str:
    """A role that CloudFormation may assume and that may do the actions."""
    iam = aws.client("iam")
    trust = statement("Allow", "sts:AssumeRole", Principal={"Service": "cloudformation.amazonaws.com"})
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    allowed = statement("Allow", list(actions), Resource="*")
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=json.dumps(allowed))
    return str(created["Role"]["Arn"])


def statement(effect: str, action: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, **more}]}


def test_a_stack_can_do_only_what_its_role_may(aws: Aws, name: str) -> None:
    arn = role(aws, f"{name}-reader", "ssm:GetParameter")
    stack = aws.deploy(name, {"A": parameter("x", Name=f"/{name}/a")}, RoleARN=arn)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    failure = next(why for _, status, why in aws.events(name) if status == "CREATE_FAILED")
    assert (
        f"assumed-role/{name}-reader/AWSCloudFormation is not authorized to perform: ssm:PutParameter"
        in failure
    )


def test_later_updates_and_the_deletion_use_the_role_that_was_given_first(aws: Aws, name: str) -> None:
    arn = role(aws, f"{name}-writer", "ssm:PutParameter", "ssm:AddTagsToResource")
    aws.deploy(name, {"A": parameter("one", Name=f"/{name}/a")}, RoleARN=arn)
    stack = aws.deploy(name, {"A": parameter("two", Name=f"/{name}/a")})
    assert (stack["StackStatus"], stack["RoleARN"]) == ("UPDATE_COMPLETE", arn)
    aws.client("cloudformation").delete_stack(StackName=name)
    assert aws.stack(name)["StackStatus"] == "DELETE_FAILED"
    assert "is not authorized to perform: ssm:DeleteParameter" in aws.stack(name)["StackStatusReason"]
    assert exists(aws, f"/{name}/a")
