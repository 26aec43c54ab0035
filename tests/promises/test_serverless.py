"""What runs without instances runs outside of the network: as configured, for a reason, with few rights."""

import json

from config.settings import Environment
from tests.promises.serving import CONFIGURATION, ENDPOINT, deployment_of, serverless
from tests.stacks.cloud import Cloud


def test_a_serverless_endpoint_has_the_size_that_is_configured_and_nothing_that_aws_refuses(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in serverless(cloud, environments, CONFIGURATION):
        wanted = deployment_of(configuration, environments).endpoint.serverless
        assert wanted, configuration
        (variant,) = configuration.get("ProductionVariants")
        size = {"MemorySizeInMB": wanted.memory_mb, "MaxConcurrency": wanted.max_concurrency}
        if wanted.provisioned_concurrency:
            size["ProvisionedConcurrency"] = wanted.provisioned_concurrency
        assert variant["ServerlessConfig"] == size, configuration
        assert {"InstanceType", "InitialInstanceCount"}.isdisjoint(variant), configuration
        assert configuration.get("DataCaptureConfig") is None, configuration
        assert configuration.get("AsyncInferenceConfig") is None, configuration
        assert cloud.the_one(configuration, "KmsKeyId").type == "AWS::KMS::Key", configuration
        assert not configuration.template.of_type("AWS::ApplicationAutoScaling::ScalableTarget")


def test_that_it_is_not_isolated_is_acknowledged_with_the_reason_of_the_configuration(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for model in serverless(cloud, environments, "AWS::SageMaker::Model"):
        wanted = deployment_of(model, environments).endpoint.serverless
        assert wanted, model
        assert model.get("VpcConfig") is model.get("EnableNetworkIsolation") is None, model
        template = model.template.path
        acknowledged = template.with_name(template.name.replace(".template.", ".metadata.")).read_text(
            "utf-8"
        )
        assert wanted.because in acknowledged, model


def test_its_model_acts_as_a_role_that_writes_nothing(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for model in serverless(cloud, environments, "AWS::SageMaker::Model"):
        role = cloud.the_one(model, "ExecutionRoleArn")
        assert role.logical_id.startswith("ServerlessEndpoint"), model
        (policy,) = (
            policy
            for policy in role.template.of_type("AWS::IAM::ManagedPolicy")
            if role in cloud.referenced(role.template, policy.get("Roles"))
        )
        allowed = json.dumps(policy.get("PolicyDocument"))
        assert "s3:PutObject" not in allowed, policy
        assert '"ec2:' not in allowed, policy


def test_its_update_goes_all_at_once_and_is_rolled_back(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in serverless(cloud, environments, ENDPOINT):
        policy = endpoint.get("DeploymentConfig", "BlueGreenUpdatePolicy")
        assert policy["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE", endpoint
        assert endpoint.get("RetainAllVariantProperties") is False, endpoint
