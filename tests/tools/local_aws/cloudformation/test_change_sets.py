from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.cloudformation.helpers import Aws
from tests.tools.local_aws.cloudformation.test_stacks import exists, parameter, value_of


def propose(
    aws: Aws, stack: str, resources: dict[str, Any], kind: str = "UPDATE", **sections: Any
) -> dict[str, Any]:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName="change",
        ChangeSetType=kind,
        TemplateBody=aws.template(resources, **sections),
    )
    described: dict[str, Any] = cloudformation.describe_change_set(StackName=stack, ChangeSetName="change")
    return described


def summary(change_set: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    changes = [change["ResourceChange"] for change in change_set["Changes"]]
    return {item["LogicalResourceId"]: (item["Action"], item.get("Replacement")) for item in changes}


def test_a_change_set_creates_nothing_until_it_is_executed(aws: Aws, name: str) -> None:
    change_set = propose(aws, name, {"A": parameter("x", Name=f"/{name}/a")}, "CREATE")
    assert summary(change_set) == {"A": ("Add", None)}
    assert aws.stack(name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert not exists(aws, f"/{name}/a")
    aws.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")
    assert aws.stack(name)["StackStatus"] == "CREATE_COMPLETE"
    assert value_of(aws, f"/{name}/a") == "x"


def test_a_change_set_tells_additions_changes_replacements_and_removals_apart(aws: Aws, name: str) -> None:
    same = {"Same": parameter("x")}
    aws.deploy(
        name,
        {
            **same,
            "Changed": parameter("old"),
            "Replaced": parameter("x", Name=f"/{name}/old"),
            "Follower": parameter({"Ref": "Replaced"}),
            "Removed": parameter("x"),
        },
    )
    change_set = propose(
        aws,
        name,
        {
            **same,
            "Changed": parameter("new"),
            "Replaced": parameter("x", Name=f"/{name}/new"),
            "Follower": parameter({"Ref": "Replaced"}),
            "Added": parameter("x"),
        },
    )
    assert summary(change_set) == {
        "Added": ("Add", None),
        "Changed": ("Modify", "False"),
        "Replaced": ("Modify", "True"),
        "Follower": ("Modify", "False"),
        "Removed": ("Remove", None),
    }


def test_change_sets_of_the_same_name_belong_to_their_stacks(aws: Aws, name: str) -> None:
    propose(aws, f"{name}-one", {"One": parameter("x")}, "CREATE")
    two = propose(aws, f"{name}-two", {"Two": parameter("x")}, "CREATE")
    assert two["StackName"] == f"{name}-two"
    assert list(summary(two)) == ["Two"]


def test_a_change_set_without_a_change_fails_in_the_words_that_tools_look_for(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x")})
    change_set = propose(aws, name, {"A": parameter("x")})
    assert (change_set["Status"], change_set["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert change_set["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        aws.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")


def test_a_changed_output_alone_can_be_deployed(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x")})
    change_set = propose(aws, name, {"A": parameter("x")}, Outputs={"O": {"Value": "new"}})
    assert (change_set["Status"], change_set["Changes"]) == ("CREATE_COMPLETE", [])
    aws.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")
    assert aws.outputs(name) == {"O": "new"}


def test_a_changed_deletion_policy_alone_is_a_change(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x", Name=f"/{name}/a")})
    change_set = propose(aws, name, {"A": {**parameter("x", Name=f"/{name}/a"), "DeletionPolicy": "Retain"}})
    assert summary(change_set) == {"A": ("Modify", "False")}
    aws.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")
    aws.client("cloudformation").delete_stack(StackName=name)
    assert exists(aws, f"/{name}/a")


def test_early_validation_names_every_mistake(aws: Aws, name: str) -> None:
    change_set = propose(aws, name, {"A": parameter("x", Vaule="y"), "B": parameter([])}, "CREATE")
    assert change_set["Status"] == "FAILED"
    assert "AWS::EarlyValidation" in change_set["StatusReason"]
    events = aws.client("cloudformation").describe_events(StackName=name, ChangeSetName="change")
    found = {
        event["LogicalResourceId"]: event["ValidationStatusReason"] for event in events["OperationEvents"]
    }
    assert found["A"] == "#: extraneous key [Vaule] is not permitted"
    assert "expected type: string" in found["B"]


def test_what_the_cdk_cli_always_sends_is_accepted(aws: Aws, name: str) -> None:
    created = aws.client("cloudformation").create_change_set(
        StackName=name,
        ChangeSetName="change",
        ChangeSetType="CREATE",
        TemplateBody=aws.template({"A": parameter("x")}),
        ImportExistingResources=True,
        IncludeNestedStacks=True,
        DeploymentConfig={"Mode": "STANDARD"},
        ClientToken="create-1",
    )
    assert "changeSet/change/" in created["Id"]


def test_deleting_an_unknown_change_set_succeeds_and_describing_it_fails(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x")})
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_change_set(StackName=name, ChangeSetName="unknown")
    with pytest.raises(cloudformation.exceptions.ChangeSetNotFoundException):
        cloudformation.describe_change_set(StackName=name, ChangeSetName="unknown")
