"""Several models share an endpoint: each with its part of it, isolated, watched, down to none."""

from config.settings import Environment, Shared
from tests.promises.serving import CONFIGURATION, ENDPOINT, TARGET, deployment_of, shared
from tests.stacks.cloud import Cloud, Resource, listed
from tests.stacks.roles import roles_of

COMPONENT, POLICY, ALARM = (
    "AWS::SageMaker::InferenceComponent",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::Alarm",
)


def hosts(cloud: Cloud, kind: str) -> list[Resource]:
    found = [each for each in cloud.of_type(kind) if each.template.short_name == "shared"]
    return found or cloud.lacks("a shared endpoint")


def part_of(resource: Resource, environments: dict[str, Environment]) -> Shared:
    part = deployment_of(resource, environments).endpoint.shared
    assert part, resource
    return part


def test_the_endpoint_is_isolated_in_the_private_network_and_encrypted(cloud: Cloud) -> None:
    """Whatever a model on it says: AWS asks its configuration."""
    for configuration in hosts(cloud, CONFIGURATION):
        assert configuration.get("EnableNetworkIsolation") is True, configuration
        assert len(configuration.get("VpcConfig", "Subnets")) >= 2, configuration
        assert configuration.get("VpcConfig", "SecurityGroupIds"), configuration
        assert cloud.the_one(configuration, "KmsKeyId").type == "AWS::KMS::Key", configuration
        assert configuration.get("DataCaptureConfig") is None, configuration


def test_the_endpoint_has_no_model_and_as_many_instances_as_are_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in hosts(cloud, CONFIGURATION):
        wanted = environments[configuration.template.environment].shared_endpoint
        assert wanted, configuration
        (variant,) = configuration.get("ProductionVariants")
        assert "ModelName" not in variant, configuration
        scaling = variant["ManagedInstanceScaling"]
        limits = (scaling["Status"], scaling["MinInstanceCount"], scaling["MaxInstanceCount"])
        assert limits == ("ENABLED", wanted.instances.min, wanted.instances.max), configuration
        size = (variant["InstanceType"], variant["InitialInstanceCount"])
        assert size == (wanted.instance_type, max(wanted.instances.min, 1)), configuration


def test_its_role_reads_released_models_and_writes_nothing(cloud: Cloud) -> None:
    for configuration in hosts(cloud, CONFIGURATION):
        role = cloud.the_one(configuration, "ExecutionRoleArn")
        (acting,) = (each for each in roles_of(cloud) if each.resource == role)
        actions = {action for statement in acting.statements for action in listed(statement["Action"])}
        assert {action for action in actions if action.startswith("s3:")} == {"s3:GetObject"}, role
        assert set(map(str, acting.policies)) <= set(map(str, cloud.waits_for(configuration))), role


def test_a_component_is_on_the_endpoint_of_its_environment_under_the_name_of_its_use_case(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for component in shared(cloud, environments, COMPONENT):
        use_case = component.template.short_name.removesuffix("-serving")
        assert component.get("InferenceComponentName") == f"{component.template.prefix}-{use_case}", component
        endpoint = cloud.the_one(component, "EndpointName")
        assert endpoint in hosts(cloud, ENDPOINT), component
        assert endpoint.get("EndpointName") == f"{component.template.prefix}-shared", endpoint
        assert endpoint.template.environment == component.template.environment, component
        configuration = cloud.the_one(endpoint, "EndpointConfigName")
        (variant,) = configuration.get("ProductionVariants")
        assert component.get("VariantName") == variant["VariantName"], component


def test_a_component_takes_what_is_configured_and_begins_with_a_copy(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for component in shared(cloud, environments, COMPONENT):
        part = part_of(component, environments)
        kept = component.get("Specification", "ComputeResourceRequirements")
        assert kept == {"MinMemoryRequiredInMb": part.memory_mb, "NumberOfCpuCoresRequired": part.cpus}, (
            component
        )
        # A version that does not start is found by its deployment.
        assert component.get("RuntimeConfig", "CopyCount") == max(part.copies.min, 1), component
        model = cloud.the_one(component, "Specification", "ModelName")
        assert model.type == "AWS::SageMaker::Model", component
        role = cloud.the_one(model, "ExecutionRoleArn")
        assert role.template.short_name == "shared", model


def test_copies_that_always_run_are_on_different_instances(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for component in shared(cloud, environments, COMPONENT):
        strategy = component.get("Specification", "SchedulingConfig", "PlacementStrategy")
        several = part_of(component, environments).copies.min > 1
        assert strategy == ("SPREAD" if several else None), component


def test_a_new_version_that_fails_is_rolled_back(cloud: Cloud, environments: dict[str, Environment]) -> None:
    guarded = [
        each
        for each in shared(cloud, environments, COMPONENT)
        if deployment_of(each, environments).endpoint.update.strategy != "without-guardrails"
    ]
    for component in guarded or cloud.lacks("an update with guardrails"):
        update = deployment_of(component, environments).endpoint.update
        rolling = component.get("DeploymentConfig", "RollingUpdatePolicy")
        assert rolling["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": update.step_percent}, (
            component
        )
        assert rolling["WaitIntervalInSeconds"] == update.bake_minutes * 60, component
        told = component.get("DeploymentConfig", "AutoRollbackConfiguration", "Alarms")
        alarms = list(cloud.referenced(component.template, told))
        assert {alarm.get("MetricName") for alarm in alarms} == {"Invocation5XXErrors", "ModelLatency"}, (
            component
        )
        for alarm in alarms:
            (dimension,) = alarm.get("Dimensions")
            named = {"Name": "InferenceComponentName", "Value": component.get("InferenceComponentName")}
            assert dimension == named, alarm
            assert alarm.get("Period") * alarm.get("EvaluationPeriods") < rolling["WaitIntervalInSeconds"], (
                alarm
            )


def test_copies_follow_the_load_between_the_limits_that_are_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for target in shared(cloud, environments, TARGET):
        part = part_of(target, environments)
        (component,) = target.template.of_type(COMPONENT)
        assert target.get("ResourceId") == f"inference-component/{component.get('InferenceComponentName')}"
        assert target.get("ScalableDimension") == "sagemaker:inference-component:DesiredCopyCount", target
        assert (target.get("MinCapacity"), target.get("MaxCapacity")) == (part.copies.min, part.copies.max)
        assert str(component) in cloud.waits_for(target), target
    for policy in shared(cloud, environments, POLICY):
        if tracking := policy.get("TargetTrackingScalingPolicyConfiguration"):
            metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
            assert metric == "SageMakerInferenceComponentInvocationsPerCopy", policy
            load = part_of(policy, environments).invocations_per_copy_per_minute
            assert tracking["TargetValue"] == load, policy


def test_what_rests_is_woken_by_the_first_request(cloud: Cloud, environments: dict[str, Environment]) -> None:
    """Target tracking cannot leave none: a load per copy says nothing where there is no copy."""
    for component in shared(cloud, environments, COMPONENT):
        template, part = component.template, part_of(component, environments)
        rests = part.copies.min == 0 or environments[template.environment].off_hours is not None
        (alarm,) = (
            each
            for each in template.of_type(ALARM)
            if each.get("MetricName") == "NoCapacityInvocationFailures"
        )
        (action,) = cloud.referenced(template, alarm.get("AlarmActions"))
        # Where copies always run, people hear of it.
        assert action.type == (POLICY if rests else "AWS::SNS::Topic"), alarm
        if rests:
            steps = action.get("StepScalingPolicyConfiguration")
            assert steps["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}], (
                action
            )
        else:
            assert alarm.get("Threshold") == 1, alarm


def test_in_off_hours_copies_may_go_to_none(cloud: Cloud, environments: dict[str, Environment]) -> None:
    for target in shared(cloud, environments, TARGET):
        copies = part_of(target, environments).copies
        if environments[target.template.environment].off_hours is None:
            assert target.get("ScheduledActions") is None, target
            continue
        limits = {
            action["ScheduledActionName"]: tuple(action["ScalableTargetAction"].values())
            for action in target.get("ScheduledActions")
        }
        assert {name: set(each) for name, each in limits.items()} == {
            "rest": {0, copies.max},
            "work": {copies.min, copies.max},
        }, target
