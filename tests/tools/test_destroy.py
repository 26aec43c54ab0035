"""What `make destroy` says before it does anything."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tools.deployed import deployed_stacks, forgotten
from tools.destroy import what_goes
from tools.synthesized import Stack, Synthesized

TEMPLATE = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
KEPT = {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain"}


def stack(kind: str, resources: dict[str, Any], *, is_protected: bool = False) -> Stack:
    roles = ("arn:aws:iam::1:role/x",) * 3
    return Stack(f"m-dev-{kind}", f"dev/{kind}", "us-east-1", {"Resources": resources}, is_protected, *roles)


ENVIRONMENT = Synthesized(
    "dev",
    "111111111111",
    "us-east-1",
    (
        stack("network", {"Vpc": {"Type": "AWS::EC2::VPC"}}),
        stack("foundation", {"Key": KEPT, "Topic": {"Type": "AWS::SNS::Topic"}}, is_protected=True),
        stack("loans-serving", {"Endpoint": {"Type": "AWS::SageMaker::Endpoint"}}),
    ),
)


@pytest.fixture
def cloudformation() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cloudformation", region_name="us-east-1")


def test_stacks_go_in_the_order_that_lets_them_and_what_nobody_knows_goes_first(cloudformation: Any) -> None:
    ours = [{"Key": "environment", "Value": "m-dev"}, {"Key": "use-case", "Value": "rents"}]
    names = {
        "m-dev-foundation": ours[:1],
        "m-dev-rents-training": ours,
        "m-dev-rents-monitoring": ours,
        "m-dev-network": ours[:1],
        # What others own, or what the CDK was bootstrapped with, is not touched.
        "m-dev-cdk-bootstrap": ours[:1],
        "m-dev-of-others-training": [],
        "m-prod-x-training": ours,
    }
    for name, tags in names.items():
        cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE, Tags=tags)
    deployed = deployed_stacks(ENVIRONMENT)
    assert [each.name for each in forgotten(ENVIRONMENT, deployed)] == [
        "m-dev-rents-monitoring",
        "m-dev-rents-training",
    ]
    assert what_goes(ENVIRONMENT, deployed, "dev/network").splitlines() == [
        "What goes, in this order:",
        "  m-dev-rents-monitoring: no configuration knows it any more (CREATE_COMPLETE)",
        "  m-dev-rents-training: no configuration knows it any more (CREATE_COMPLETE)",
        "  m-dev-foundation: 2 resources, of which 1 stay; termination protection is on: it refuses to go",
    ]


def test_what_was_never_deployed_or_is_gone_already_is_said(cloudformation: Any) -> None:
    assert what_goes(ENVIRONMENT, deployed_stacks(ENVIRONMENT), None) == "Nothing of it is deployed."
