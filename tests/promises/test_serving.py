"""Endpoints change without downtime, record what they answer, scale, and run isolated."""

import math
import re

from config.settings import Environment, UseCase
from stacks.parts.images import Images, image_repository
from tests.promises.serving import (
    CONFIGURATION,
    TARGET,
    deployment_of,
    guarded,
    of_use_cases,
    on_instances,
    real_time,
    scaled_by_instances,
    sized,
    variants_of,
)
from tests.stacks.cloud import Cloud, Json, Resource, text_of


def test_every_endpoint_records_what_it_is_asked_and_answers(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in real_time(cloud, environments, CONFIGURATION):
        capture = configuration.get("DataCaptureConfig")
        assert capture["EnableCapture"] is True, configuration
        modes = [option["CaptureMode"] for option in capture["CaptureOptions"]]
        assert modes == ["Input", "Output"], configuration
        headers = capture["CaptureContentTypeHeader"]
        texts = (headers["CsvContentTypes"], headers["JsonContentTypes"])
        # What is of another type is recorded in Base64, which no monitor reads.
        assert texts == (["text/csv"], ["application/json"]), configuration
        destination = cloud.the_one(configuration, "DataCaptureConfig", "DestinationS3Uri")
        assert destination.type == "AWS::S3::Bucket", configuration


def test_endpoints_have_the_size_and_record_the_share_that_is_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in on_instances(cloud, environments, CONFIGURATION):
        deployment = deployment_of(configuration, environments)
        first = max(deployment.endpoint.instances.min, 1)
        for variant in sized(configuration):
            size = (variant["InstanceType"], variant["InitialInstanceCount"])
            assert size == (deployment.endpoint.instance_type, first), configuration
        share = configuration.get("DataCaptureConfig", "InitialSamplingPercentage") or 0
        assert share == deployment.monitoring.capture_percentage, configuration


def test_endpoints_grow_as_far_as_is_configured_and_shrink_slowly(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for target in scaled_by_instances(cloud):
        instances = deployment_of(target, environments).endpoint.instances
        limits = (target.get("MinCapacity"), target.get("MaxCapacity"))
        assert limits == (instances.min, instances.max), target
        scaled = (target.get("ServiceNamespace"), target.get("ScalableDimension"))
        assert scaled == ("sagemaker", "sagemaker:variant:DesiredInstanceCount"), target
        role = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        assert target.get("RoleARN").endswith(role), target
    for policy in real_time(cloud, environments, "AWS::ApplicationAutoScaling::ScalingPolicy"):
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
        load = deployment_of(policy, environments).endpoint.invocations_per_instance_per_minute
        assert (policy.get("PolicyType"), tracking["TargetValue"]) == ("TargetTrackingScaling", load), policy
        assert tracking["ScaleOutCooldown"] < tracking["ScaleInCooldown"], policy
        assert not tracking.get("DisableScaleIn"), policy


def test_recorded_data_and_disks_are_encrypted_with_the_key_of_the_environment(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in real_time(cloud, environments, CONFIGURATION):
        captured = cloud.the_one(configuration, "DataCaptureConfig", "KmsKeyId")
        disk = cloud.the_one(configuration, "KmsKeyId")
        assert (captured.type, disk) == ("AWS::KMS::Key", captured), configuration


def test_a_new_fleet_that_fails_is_rolled_back(cloud: Cloud, environments: dict[str, Environment]) -> None:
    for endpoint in guarded(cloud, environments):
        alarms = _rollback_alarms(cloud, endpoint)
        metrics = {alarm.get("MetricName") for alarm in alarms}
        assert {"Invocation5XXErrors", "ModelLatency"} <= metrics, endpoint
        assert 1 <= len(alarms) <= 10, endpoint
        answering = cloud.the_one(endpoint, "EndpointConfigName").get("ProductionVariants")
        watched = {(_dimension(alarm, "VariantName"), alarm.get("MetricName")) for alarm in alarms}
        assert watched == {(each["VariantName"], metric) for each in answering for metric in metrics}, (
            endpoint
        )


def test_rollback_alarms_look_at_the_new_fleet_only(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """An alarm of the ailing old fleet would block the deployment that mends it."""
    for endpoint in guarded(cloud, environments):
        configuration = cloud.the_one(endpoint, "EndpointConfigName")
        for alarm in _rollback_alarms(cloud, endpoint):
            dimensions = {item["Name"]: item["Value"] for item in alarm.get("Dimensions")}
            (target,) = cloud.referenced(alarm.template, dimensions["EndpointConfigName"])
            assert target == configuration, alarm
            assert dimensions["EndpointName"] == endpoint.get("EndpointName"), alarm
            assert dimensions["VariantName"] in variants_of(configuration), alarm


def test_an_update_keeps_the_number_of_instances_that_scaling_chose(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """Unless that may be none, with which nothing shows that a new version starts."""
    for endpoint in of_use_cases(cloud, "AWS::SageMaker::Endpoint"):
        is_real_time = deployment_of(endpoint, environments).endpoint.is_real_time
        assert endpoint.get("RetainAllVariantProperties") is is_real_time, endpoint


def test_the_old_configuration_is_deleted_after_the_endpoint_has_changed(cloud: Cloud) -> None:
    """A name as text would let CloudFormation delete the old one while the endpoint uses it."""
    for endpoint in cloud.of_type("AWS::SageMaker::Endpoint"):
        assert cloud.the_one(endpoint, "EndpointConfigName").type == "AWS::SageMaker::EndpointConfig"
    for configuration in of_use_cases(cloud, "AWS::SageMaker::EndpointConfig"):
        for variant in sized(configuration):
            (model,) = cloud.referenced(configuration.template, variant["ModelName"])
            assert model.type == "AWS::SageMaker::Model", configuration


def test_what_is_replaced_has_no_fixed_name(cloud: Cloud) -> None:
    replaced = {
        "AWS::SageMaker::Model": "ModelName",
        "AWS::SageMaker::EndpointConfig": "EndpointConfigName",
        "AWS::SageMaker::DataQualityJobDefinition": "JobDefinitionName",
    }
    for kind, name in replaced.items():
        for resource in cloud.of_type(kind):
            assert resource.get(name) is None, resource


def test_what_callers_use_has_the_name_of_environment_and_use_case(cloud: Cloud) -> None:
    called = {
        "AWS::SageMaker::Endpoint": "EndpointName",
        "AWS::SageMaker::Pipeline": "PipelineName",
        "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupName",
    }
    for kind, name in called.items():
        for resource in of_use_cases(cloud, kind):
            use_case = resource.template.short_name.rpartition("-")[0]
            assert resource.get(name) == f"{resource.template.prefix}-{use_case}", resource


def test_production_runs_on_two_instances_and_tries_a_new_model_on_half_of_them_at_most(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in _in_production(cloud, environments, "AWS::SageMaker::EndpointConfig"):
        for variant in configuration.get("ProductionVariants"):
            assert variant["InitialInstanceCount"] >= 2, configuration
    for endpoint in _in_production(cloud, environments, "AWS::SageMaker::Endpoint"):
        _, _, step = _update_of(endpoint)
        assert step is not None, endpoint
        assert (step["Type"], step["Value"] <= 50) == ("CAPACITY_PERCENT", True), endpoint


def test_an_update_moves_traffic_as_is_configured(cloud: Cloud, environments: dict[str, Environment]) -> None:
    for endpoint in guarded(cloud, environments):
        resources = deployment_of(endpoint, environments).endpoint
        rests = environments[endpoint.template.environment].off_hours is not None
        always_two = resources.instances.min > 1 and not rests and not resources.serverless
        # AWS moves traffic by parts between the same variants only:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        always_two = always_two and not deployment_of(endpoint, environments).beside
        suits = "canary" if always_two else "all-at-once"
        strategy, routing, step = _update_of(endpoint)
        assert strategy == (resources.update.strategy or suits), endpoint
        assert routing["WaitIntervalInSeconds"] == resources.update.bake_minutes * 60, endpoint
        percent = None if strategy == "all-at-once" else resources.update.percent or 50
        assert (step or {}).get("Value") == percent, endpoint


def test_a_new_fleet_whose_slowest_answers_are_too_slow_is_rolled_back(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in guarded(cloud, environments):
        resources = deployment_of(endpoint, environments).endpoint
        longest = 1000 * (resources.update.latency_p99_ms or (60_000 if resources.asynchronous else 1_000))
        watched = {
            (alarm.get("ExtendedStatistic"), alarm.get("Threshold"))
            for alarm in _rollback_alarms(cloud, endpoint)
            if alarm.get("MetricName") == "ModelLatency"
        }
        assert watched == {("p99", longest)}, endpoint


def test_alarms_have_time_to_fire_before_the_old_fleet_goes(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in guarded(cloud, environments):
        strategy, routing, step = _update_of(endpoint)
        bake_seconds = routing["WaitIntervalInSeconds"]
        for alarm in _rollback_alarms(cloud, endpoint):
            assert alarm.get("Period") * alarm.get("EvaluationPeriods") < bake_seconds, alarm
        steps = {"all-at-once": 1, "canary": 2}.get(strategy) or math.ceil(100 / (step or {})["Value"])
        policy = _update_policy(endpoint)
        assert steps * bake_seconds + 600 < policy["MaximumExecutionTimeoutInSeconds"] <= 28_800, endpoint
        assert strategy == "rolling" or 60 <= policy["TerminationWaitInSeconds"] <= 600, endpoint


def test_scaling_moves_a_variant_that_exists_and_waits_for_its_endpoint(cloud: Cloud) -> None:
    for target in scaled_by_instances(cloud):
        (endpoint,) = (
            resource for resource in target.template.resources if resource.type == "AWS::SageMaker::Endpoint"
        )
        configuration = cloud.the_one(endpoint, "EndpointConfigName")
        resource_ids = {
            f"endpoint/{endpoint.get('EndpointName')}/variant/{variant}"
            for variant in variants_of(configuration)
        }
        assert target.get("ResourceId") in resource_ids, target
        assert str(endpoint) in cloud.waits_for(target), target
        counts = [variant["InitialInstanceCount"] for variant in sized(configuration)]
        assert max(target.get("MinCapacity"), 1) == min(counts) <= target.get("MaxCapacity"), target


def test_every_scaling_target_follows_the_load(cloud: Cloud, environments: dict[str, Environment]) -> None:
    targets = {str(target) for target in real_time(cloud, environments, TARGET)}
    policies = real_time(cloud, environments, "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert {str(cloud.the_one(policy, "ScalingTargetId")) for policy in policies} == targets
    for policy in policies:
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
        metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
        assert metric == "SageMakerVariantInvocationsPerInstance", policy


def test_models_run_isolated_in_the_private_network(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for model in on_instances(cloud, environments, "AWS::SageMaker::Model"):
        assert model.get("EnableNetworkIsolation") is True, model
        assert len(model.get("VpcConfig", "Subnets")) >= 2, model
        assert model.get("VpcConfig", "SecurityGroupIds"), model


def test_a_model_serves_what_the_release_has_taken_for_a_version_of_its_use_case(cloud: Cloud) -> None:
    """And nothing that a person could still change in the registry."""
    for model in cloud.of_type("AWS::SageMaker::Model"):
        (container,) = model.get("Containers")
        use_case = model.template.short_name.removesuffix("-serving")
        below = rf"s3://.*/models/{use_case}/([1-9][0-9]*|ModelVersion)/model\.tar\.gz"
        url = text_of(container["ModelDataUrl"], lambda node: node.get("Ref", "bucket"))
        assert re.fullmatch(below, url), model
        assert "ModelPackageName" not in container, model


def test_a_model_runs_in_the_image_of_its_version(
    cloud: Cloud, environments: dict[str, Environment], use_cases: dict[str, UseCase]
) -> None:
    """Of a pinned version it is written down; of the newest it comes with the version: AWS's, or our own."""
    for model in cloud.of_type("AWS::SageMaker::Model"):
        (container,) = model.get("Containers")
        use_case = use_cases[model.template.short_name.removesuffix("-serving")]
        configured = Images(environments[model.template.environment]).of(use_case)
        if (parameter := model.template.section("Parameters").get("ModelImage")) is None:
            assert container["Image"] == configured, model
            continue
        assert container["Image"] == {"Ref": "ModelImage"}, model
        assert parameter["Default"] == configured, model
        assert re.fullmatch(parameter["AllowedPattern"], configured), model
        for allowed in {configured.partition(":")[0], image_repository(model.template.region)}:
            assert re.fullmatch(parameter["AllowedPattern"], f"{allowed}@sha256:{'a' * 64}"), model
        repository = configured.partition(":")[0]
        for other in (
            f"{repository}-of-mine:1",
            f"x{repository}:1",
            "111111111111.dkr.ecr/own:1",
            f"{repository}@sha256:1",
        ):
            assert not re.fullmatch(parameter["AllowedPattern"], other), other


def _update_policy(endpoint: Resource) -> Json:
    (policy,) = (
        policy for name, policy in endpoint.get("DeploymentConfig").items() if name.endswith("UpdatePolicy")
    )
    found: Json = policy
    return found


def _update_of(endpoint: Resource) -> tuple[str, Json, Json | None]:
    """The strategy, what says how long it waits, and how much of the new fleet a step adds."""
    policy = _update_policy(endpoint)
    if "MaximumBatchSize" in policy:
        return "rolling", policy, policy["MaximumBatchSize"]
    routing = policy["TrafficRoutingConfiguration"]
    size = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(routing["Type"], "")
    return routing["Type"].lower().replace("_", "-"), routing, routing.get(size)


def _dimension(alarm: Resource, name: str) -> str:
    (value,) = (each["Value"] for each in alarm.get("Dimensions") if each["Name"] == name)
    return str(value)


def _rollback_alarms(cloud: Cloud, endpoint: Resource) -> list[Resource]:
    path = ("DeploymentConfig", "AutoRollbackConfiguration", "Alarms")
    return list(cloud.referenced(endpoint.template, endpoint.get(*path)))


def _in_production(cloud: Cloud, environments: dict[str, Environment], kind: str) -> list[Resource]:
    """Of real-time endpoints where stacks refuse to be deleted, unless it is meant otherwise."""

    def is_meant(resource: Resource) -> bool:
        deployment = deployment_of(resource, environments)
        endpoint = deployment.endpoint
        chosen = endpoint.instances.because or endpoint.update.strategy == "all-at-once" or deployment.beside
        protected = environments[resource.template.environment].termination_protection
        return protected and endpoint.is_real_time and not chosen

    found = [resource for resource in of_use_cases(cloud, kind) if is_meant(resource)]
    return found or cloud.lacks("an endpoint in production")
