"""The end of an environment: what runs is stopped, nothing is lost unasked, what was killed is finished."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.kept_rehearsal import REPOSITORY, Kept
from tests.tools.rehearse.test_studio import acting_as, open_space, reached
from tools.doctor.account import orphaned_stacks
from tools.rehearse.waiting import wait_for
from tools.status.place import Place
from tools.status.rows import lines
from tools.status.rows import orphaned_stacks as orphaned_line
from tools.synthesized import read_environment

NAME = "dev-house-prices"
DESTROY = (sys.executable, "-m", "tools.destroy", "dev", "--force")
RESTS = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 86_400, "Next": "Rest"}}}


@pytest.fixture
def orphan(kept: Kept) -> str:
    """The training stack of a use case that was removed, while its pipeline and machine run."""
    sagemaker, states = kept.client("sagemaker"), kept.client("stepfunctions")
    pipeline = sagemaker.describe_pipeline(PipelineName=NAME)
    machine = kept.outputs(f"{NAME}-monitoring")["RetrainingStateMachineArn"]
    role = states.describe_state_machine(stateMachineArn=machine)["roleArn"]
    resources = {
        "Pipeline": {
            "Type": "AWS::SageMaker::Pipeline",
            "Properties": {
                "PipelineName": "dev-rents",
                "RoleArn": pipeline["RoleArn"],
                "PipelineDefinition": {"PipelineDefinitionBody": pipeline["PipelineDefinition"]},
            },
        },
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"StateMachineName": "dev-rents", "RoleArn": role, "Definition": RESTS},
        },
        "Record": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Retain",
            "Properties": {"LogGroupName": "/mlops/dev-rents"},
        },
    }
    tags = {"environment": "dev", "use-case": "rents"}
    stack = {"StackName": "dev-rents-training", "TemplateBody": json.dumps({"Resources": resources})}
    cloudformation = kept.client("cloudformation")
    cloudformation.create_stack(**stack, Tags=[{"Key": key, "Value": tags[key]} for key in tags])
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="dev-rents-training", WaiterConfig={"Delay": 1}
    )
    *_, first = sagemaker.list_pipeline_executions(PipelineName=NAME)["PipelineExecutionSummaries"]
    given = sagemaker.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=first["PipelineExecutionArn"]
    )["PipelineParameters"]
    sagemaker.start_pipeline_execution(PipelineName="dev-rents", PipelineParameters=given)
    states.start_execution(stateMachineArn=machine.replace(f"{NAME}-retrain", "dev-rents"))
    return "dev-rents-training"


@pytest.mark.changes_the_rehearsal
def test_an_orphaned_stack_is_named_and_goes_alone_although_something_runs_in_it(
    kept: Kept, orphan: str
) -> None:
    environment = read_environment(kept.folder / "cdk.out" / "assembly-dev")
    with kept.signed_in(kept.operator):
        (told,) = orphaned_stacks(environment)
        (line,) = lines(Place(environment), orphaned_line)
    assert told.what == f"{orphan} is CREATE_COMPLETE, and no configuration knows it any more"
    assert line.text == f"{orphan}: make destroy ENVIRONMENT=dev ORPHANS=1"

    before = _stacks(kept)
    destroyed = kept.run(*DESTROY, "--orphans")
    assert destroyed.returncode == 0, destroyed.stdout
    said = destroyed.stdout
    assert f"  {orphan}: 3 resources, of which 1 stay; no configuration knows it any more" in said
    assert "of the state machine dev-rents is stopped" in said
    assert "of the pipeline dev-rents is stopped" in said
    assert "    1 AWS::Logs::LogGroup: a record" in said
    assert _stacks(kept) == {name: before[name] for name in before if name != orphan}


@pytest.mark.breaks_the_rehearsal
def test_an_environment_goes_in_spite_of_people_a_kill_and_a_failure_and_leaves_only_what_is_retained(
    kept: Kept,
) -> None:
    kept_buckets = _bucket_names(kept)
    space = _somebody_works(kept)
    policy = _somebody_uses_a_policy(kept)

    refused = kept.run(*DESTROY)
    assert refused.returncode == 1
    assert f"    before: app JupyterLab in {space} is ended" in refused.stdout
    assert f"    before: space {space} of sam is deleted with its disk" in refused.stdout
    assert "Nothing was deleted: files on the disks of the spaces of sam would be lost" in refused.stdout
    assert len(_stacks(kept)) > 2

    _killed_midway(kept)
    failed = kept.run(*DESTROY, "--spaces")
    assert failed.returncode == 1
    assert "(AWS::IAM::ManagedPolicy): " in failed.stdout
    assert "Cannot delete a policy attached to entities" in failed.stdout
    assert _stacks(kept)["dev-foundation"] == "DELETE_FAILED"

    kept.client("iam").detach_role_policy(RoleName="by-hand", PolicyArn=policy)
    finished = kept.run(*DESTROY, "--spaces")
    assert finished.returncode == 0, finished.stdout
    assert _stacks(kept) == {"dev-cdk-bootstrap": "CREATE_COMPLETE", "dev-network": "CREATE_COMPLETE"}
    _only_what_is_retained_is_there(kept, kept_buckets)
    # The domain stays, and its file system stands in the subnets.
    network = kept.cdk("destroy", "dev/network", "--force")
    assert network.returncode == 1
    assert "has dependencies and cannot be deleted" in network.stdout
    assert _stacks(kept)["dev-network"] == "DELETE_FAILED"


def _somebody_works(kept: Kept) -> str:
    """In a space whose app runs."""
    domain = kept.outputs("dev-studio")["DomainId"]
    sam = acting_as(kept, "sam")
    space = open_space(sam, domain, "sam")
    app = {"DomainId": domain, "SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}
    sam.create_app(**app)
    reached(lambda: sam.describe_app(**app), "InService")
    return space


def _somebody_uses_a_policy(kept: Kept) -> str:
    """Of the foundation, by hand, so that CloudFormation cannot delete it."""
    pages = kept.client("cloudformation").get_paginator("list_stack_resources")
    listed = [
        each for page in pages.paginate(StackName="dev-foundation") for each in page["StackResourceSummaries"]
    ]
    policy = next(each for each in listed if each["ResourceType"] == "AWS::IAM::ManagedPolicy")
    trust: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam = kept.client("iam")
    iam.create_role(RoleName="by-hand", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="by-hand", PolicyArn=policy["PhysicalResourceId"])
    return str(policy["PhysicalResourceId"])


def _killed_midway(kept: Kept) -> None:
    """As a machine that loses its power: when some stacks have gone."""
    before = len(_stacks(kept))
    process = subprocess.Popen(
        [*DESTROY, "--spaces"],
        cwd=REPOSITORY,
        env=kept.shell,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    wait_for("a stack that has gone", lambda: len(_stacks(kept)) < before or None, 60)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert len(_stacks(kept)) > 3


def _only_what_is_retained_is_there(kept: Kept, buckets: set[str]) -> None:
    sagemaker = kept.client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_pipelines()["PipelineSummaries"] == []
    assert sagemaker.list_user_profiles()["UserProfiles"] == sagemaker.list_spaces()["Spaces"] == []
    assert kept.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert _bucket_names(kept) == buckets
    groups = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert [group["ModelPackageGroupName"] for group in groups] == [NAME]
    with pytest.raises(ClientError, match="does not exist"):
        kept.client("cloudformation").describe_stacks(StackName=f"{NAME}-serving")


def _stacks(kept: Kept) -> dict[str, str]:
    stacks = kept.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"]: stack["StackStatus"] for stack in stacks}


def _bucket_names(kept: Kept) -> set[str]:
    return {bucket["Name"] for bucket in kept.client("s3").list_buckets()["Buckets"]}
