from tests.tools.local_aws.aws import allow, make_role
from tests.tools.local_aws.cloudformation.helpers import Aws
from tests.tools.local_aws.cloudformation.test_stacks import exists, parameter
from tools.local_aws.process import LocalAws

CLOUDFORMATION = {"Service": "cloudformation.amazonaws.com"}


def test_a_stack_can_do_only_what_its_role_may(local_aws: LocalAws, aws: Aws, name: str) -> None:
    arn = make_role(local_aws, CLOUDFORMATION, allow("ssm:GetParameter"))
    stack = aws.deploy(name, {"A": parameter("x", Name=f"/{name}/a")}, RoleARN=arn)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    failure = next(why for _, status, why in aws.events(name) if status == "CREATE_FAILED")
    session = arn.replace(":role/", ":assumed-role/").split(":")[-1] + "/AWSCloudFormation"
    assert f"{session} is not authorized to perform: ssm:PutParameter" in failure


def test_later_updates_and_the_deletion_use_the_role_that_was_given_first(
    local_aws: LocalAws, aws: Aws, name: str
) -> None:
    arn = make_role(local_aws, CLOUDFORMATION, allow("ssm:PutParameter", "ssm:AddTagsToResource"))
    aws.deploy(name, {"A": parameter("one", Name=f"/{name}/a")}, RoleARN=arn)
    stack = aws.deploy(name, {"A": parameter("two", Name=f"/{name}/a")})
    assert (stack["StackStatus"], stack["RoleARN"]) == ("UPDATE_COMPLETE", arn)
    aws.client("cloudformation").delete_stack(StackName=name)
    assert aws.stack(name)["StackStatus"] == "DELETE_FAILED"
    assert "is not authorized to perform: ssm:DeleteParameter" in aws.stack(name)["StackStatusReason"]
    assert exists(aws, f"/{name}/a")
