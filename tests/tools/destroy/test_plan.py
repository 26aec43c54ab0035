"""What `make destroy` says before it does anything."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tools.deployed import deployed_stacks, orphans
from tools.destroy.__main__ import _obstacles
from tools.destroy.going import _client, stacks_that_go
from tools.destroy.obstacles import Obstacle, StillThereError
from tools.destroy.staying import what_stays
from tools.synthesized import Stack, Synthesized

TEMPLATE = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
KEPT = {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain"}


def stack(kind: str, resources: dict[str, Any]) -> Stack:
    roles = ("arn:aws:iam::1:role/x",) * 3
    return Stack(f"m-dev-{kind}", f"dev/{kind}", "us-east-1", {"Resources": resources}, False, *roles)


ENVIRONMENT = Synthesized(
    "dev",
    "111111111111",
    "us-east-1",
    (
        stack("network", {"Vpc": {"Type": "AWS::EC2::VPC"}}),
        stack("foundation", {"Key": KEPT, "Topic": {"Type": "AWS::SNS::Topic"}}),
        stack("loans-serving", {"Endpoint": {"Type": "AWS::SageMaker::Endpoint"}}),
    ),
)


@pytest.fixture
def cloudformation() -> Iterator[Any]:
    _client.cache_clear()
    with mock_aws():
        yield boto3.client("cloudformation", region_name="us-east-1")
    _client.cache_clear()


def test_stacks_go_in_the_order_that_lets_them_and_what_nobody_knows_goes_first(cloudformation: Any) -> None:
    ours = [{"Key": "environment", "Value": "m-dev"}, {"Key": "use-case", "Value": "rents"}]
    names = {
        "m-dev-foundation": ours[:1],
        "m-dev-studio": ours[:1],
        "m-dev-rents-training": ours,
        "m-dev-rents-monitoring": ours,
        "m-dev-network": ours[:1],
        # What others own, or what the CDK was bootstrapped with, is not touched.
        "m-dev-cdk-bootstrap": ours[:1],
        "m-dev-of-others-training": [],
        "m-dev-catalog": [],
        "m-prod-x-training": ours,
    }
    for name, tags in names.items():
        cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE, Tags=tags)
    deployed = [
        replace(found, is_protected=found.name.endswith("-foundation"))
        for found in deployed_stacks(ENVIRONMENT)
    ]
    gone = ["m-dev-rents-monitoring", "m-dev-rents-training", "m-dev-studio"]
    assert [each.name for each in orphans(ENVIRONMENT, deployed)] == gone
    going = stacks_that_go(ENVIRONMENT, deployed, "dev/network", only_orphans=False)
    unknown = "1 resources, of which 0 stay; no configuration knows it any more (CREATE_COMPLETE)"
    assert list(map(str, going)) == [
        *(f"{name}: {unknown}" for name in gone),
        "m-dev-foundation: 2 resources, of which 1 stay; termination protection is on: it refuses to go",
    ]
    only = stacks_that_go(ENVIRONMENT, deployed, "dev/network", only_orphans=True)
    assert [each.stack.name for each in only] == gone


def test_what_stays_is_told_with_its_reason() -> None:
    assert what_stays([each.template for each in ENVIRONMENT.stacks], "dev/network").splitlines()[1:] == [
        "    1 AWS::KMS::Key: without it nothing that stays can be read",
        "dev/network stays as well: the domain of Studio stands in it. Its VPC endpoints are billed.",
    ]


def test_what_an_older_template_retains_is_told_too_and_nothing_is_said_of_nothing() -> None:
    older = {"Resources": {"Old": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain"}}}
    assert what_stays([older], None).splitlines()[1:] == [
        "    1 AWS::SQS::Queue: the template says so that it was deployed with"
    ]
    assert what_stays([], None) == "Nothing stays."


class Opened:
    """A stack in which somebody has opened a space after it was asked."""

    def obstacles(self) -> list[Obstacle]:
        return [Obstacle("space desk of sam is deleted with its disk", None, has_files_of="sam")]


def test_a_space_that_was_opened_after_it_was_asked_is_not_deleted() -> None:
    opened: Any = Opened()
    with pytest.raises(StillThereError, match="of the spaces of sam would be lost"):
        _obstacles(opened, with_spaces=False)
    assert len(_obstacles(opened, with_spaces=True)) == 1
