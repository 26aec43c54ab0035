"""A network that exists is used as it is."""

import json

from tests.stacks.cloud import Cloud


def test_a_network_that_exists_is_used_and_not_created_again(sample: Cloud) -> None:
    network = sample.stack("existing-network")
    # CloudFormation refuses a template without a resource, so what is used is written down.
    assert not [str(resource) for resource in network.resources if resource.type.startswith("AWS::EC2::")]
    (record,) = network.of_type("AWS::SSM::Parameter")
    assert record.get("Name") == "/existing/network"
    recorded = json.loads(record.get("Value"))
    assert recorded["vpc_id"] == "vpc-0123456789abcdef0"
    assert recorded["subnet_ids"] == ["subnet-00000001", "subnet-00000002"]
    (model,) = sample.stack("existing-house-prices-serving").of_type("AWS::SageMaker::Model")
    assert model.get("VpcConfig") == {
        "SecurityGroupIds": ["sg-00000001"],
        "Subnets": ["subnet-00000001", "subnet-00000002"],
    }
