"""The rule that approves, run as it is deployed: by what a pipeline has registered, and by nothing else."""

from dataclasses import dataclass
from typing import Any

import pytest

from stacks.retraining.approval import ApprovalRule, approve_by_rule
from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, IMAGE, Place
from tests.tools.local_aws.sagemaker.pipelines.helpers import create, execute
from tests.tools.local_aws.step_functions.test_service import Machines
from tools.local_aws.process import LocalAws

MARGIN = 0.02
BETTER = {
    "LiveVersion": "1",
    "BetterByAtLeast": "0.031",
    "QualityIsWorse": "no",
    "GroupsFareWorse": "no",
    "BesideLive": "auc is 0.9 and that of the live version 1 on the same 500 rows 0.85",
}
METADATA = {name: {"Get": f"Parameters.{name}"} for name in BETTER}


@dataclass(frozen=True)
class World:
    """A group whose first version is approved, a pipeline that registers, and the machine with the rule."""

    place: Place
    machines: Machines
    pipeline: str
    machine: str

    @property
    def sagemaker(self) -> Any:
        return self.place.sagemaker

    def register(self, **metadata: str) -> tuple[str, str]:
        """The ARNs of an execution and its version."""
        return self.run(self.pipeline, **{**BETTER, **metadata})

    def run(self, pipeline: str, **parameters: str) -> tuple[str, str]:
        execution, ran = execute(self.place, pipeline, **parameters)
        registered = ran["Register"]["Metadata"].get("RegisterModel", {"Arn": ""})
        return execution["PipelineExecutionArn"], registered["Arn"]

    def create(self, step: dict[str, Any]) -> str:
        """Another pipeline, of which this is the only step."""
        name = unique("pipeline")
        create(self.place, name, _pipeline(step))
        return name

    def decide(self, execution: str) -> str:
        """What the machine comes to."""
        ended = self.machines.run(self.machine, Execution={"Arn": execution})
        assert ended["status"] == "SUCCEEDED", ended
        return str(ended["output"])

    def approve(self, version: str, status: str = "Approved") -> None:
        self.sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus=status)

    def described(self, version: str) -> dict[str, Any]:
        return dict(self.sagemaker.describe_model_package(ModelPackageName=version))


@pytest.fixture
def world(local_aws: LocalAws) -> World:
    place = Place(local_aws, "", "")
    trusted = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": [f"{name}.amazonaws.com"]}, "Action": "sts:AssumeRole"}
        for name in ("sagemaker", "states")
    ]}  # fmt: skip
    role, group = place.role(unique("role"), ALLOW_ALL, trusted), unique("rents")
    place.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    place = Place(local_aws, "", role)
    create(place, group, _pipeline(_registration(group, CustomerMetadataProperties=METADATA)))
    arn = f"arn:aws:sagemaker:us-east-1:{local_aws.account}:model-package/{group}/{{}}"
    states = approve_by_rule(ApprovalRule(group, arn, MARGIN), approved="Approved", otherwise="Waits")
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Approved", "Waits")}
    machines = Machines(local_aws)
    machine = machines.make({"StartAt": "ReadRegistered", "States": {**states, **ends}}, role)
    made = World(place, machines, group, machine)
    made.approve(made.register()[1])
    return made


def _pipeline(step: dict[str, Any]) -> dict[str, Any]:
    """Only the last step: what it would have read of files is given."""
    parameters = [{"Name": name, "Type": "String", "DefaultValue": "-"} for name in BETTER]
    return {"Version": "2020-12-01", "Parameters": parameters, "Steps": [step]}


def _registration(group: str, **metadata: object) -> dict[str, Any]:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://nowhere/model.tar.gz"}
    served = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}
    arguments = {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {"Containers": [container], **served},
        **metadata,
    }
    return {"Name": "Register", "Type": "RegisterModel", "Arguments": arguments}


def test_a_version_that_is_better_by_the_margin_is_approved_with_the_reason(world: World) -> None:
    execution, version = world.register()
    assert world.decide(execution) == '"Approved"'
    found = world.described(version)
    assert found["ModelApprovalStatus"] == "Approved"
    reason = f"{BETTER['BesideLive']} - better by 0.031 at least - the rule asks for 0.02 at least"
    assert found["ApprovalDescription"].startswith(f"Approved by rule: {reason}")


@pytest.mark.parametrize(
    "metadata",
    [
        {"BetterByAtLeast": "0.019"},
        {"BetterByAtLeast": "-0.5"},
        {"BetterByAtLeast": "unknown"},
        {"BetterByAtLeast": "nan"},
        {"QualityIsWorse": "yes"},
        {"QualityIsWorse": "unknown"},
        {"GroupsFareWorse": "yes"},
        {"GroupsFareWorse": "unknown"},
        {"LiveVersion": "none"},
        {"LiveVersion": "7"},
    ],
    ids=lambda each: "-".join(f"{name}-{value}" for name, value in each.items()),
)
def test_whatever_is_not_surely_better_waits_for_people(world: World, metadata: dict[str, str]) -> None:
    execution, version = world.register(**metadata)
    assert world.decide(execution) == '"Waits"'
    assert world.described(version)["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_version_that_somebody_has_rejected_stays_rejected(world: World) -> None:
    execution, version = world.register()
    world.approve(version, "Rejected")
    assert world.decide(execution) == '"Waits"'
    assert world.described(version)["ModelApprovalStatus"] == "Rejected"


def test_when_people_have_approved_another_one_meanwhile_it_was_compared_with_the_wrong_one(
    world: World,
) -> None:
    execution, version = world.register()
    world.approve(world.register()[1])
    assert world.decide(execution) == '"Waits"'
    assert world.described(version)["ModelApprovalStatus"] == "PendingManualApproval"


def test_what_looks_like_a_version_that_was_rejected_is_left_to_people(world: World) -> None:
    """Whether they took back what the rule had approved, or have decided first."""
    world.approve(world.register()[1], "Rejected")
    execution, version = world.register()
    assert world.decide(execution) == '"Waits"'
    assert world.described(version)["ModelApprovalStatus"] == "PendingManualApproval"


def test_where_people_have_approved_nothing_they_begin(world: World) -> None:
    execution, version = world.register()
    world.approve(f"{version.rpartition('/')[0]}/1", "PendingManualApproval")
    assert world.decide(execution) == '"Waits"'
    assert world.described(version)["ModelApprovalStatus"] == "PendingManualApproval"


def test_of_an_execution_that_has_registered_nothing_there_is_nothing_to_approve(world: World) -> None:
    fails = {"Name": "Register", "Type": "Fail", "Arguments": {"ErrorMessage": "It is worse"}}
    execution, _ = world.run(world.create(fails))
    assert world.decide(execution) == '"Waits"'


def test_a_version_that_says_nothing_about_itself_waits(world: World) -> None:
    execution, version = world.run(world.create(_registration(world.pipeline)))
    assert "CustomerMetadataProperties" not in world.described(version)
    assert world.decide(execution) == '"Waits"'
