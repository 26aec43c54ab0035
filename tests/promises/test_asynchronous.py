"""Requests that wait: answered in encrypted files, announced, by as many instances as there is work for."""

from config.settings import Environment
from tests.promises.serving import CONFIGURATION, ENDPOINT, TARGET, asynchronous, deployment_of
from tests.stacks.cloud import Cloud, text_of

POLICY, ALARM = "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::CloudWatch::Alarm"


def test_answers_and_failures_are_encrypted_in_the_bucket_whose_objects_expire(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for configuration in asynchronous(cloud, environments, CONFIGURATION):
        use_case = configuration.template.short_name.removesuffix("-serving")
        output = configuration.get("AsyncInferenceConfig", "OutputConfig")
        (key,) = cloud.referenced(configuration.template, output["KmsKeyId"])
        assert key.type == "AWS::KMS::Key", configuration
        for path, folder in (("S3OutputPath", "answers"), ("S3FailurePath", "failures")):
            (bucket,) = cloud.referenced(configuration.template, output[path])
            rules = bucket.get("LifecycleConfiguration", "Rules")
            assert any(rule.get("ExpirationInDays") and not rule.get("Prefix") for rule in rules), bucket
            place = text_of(output[path], lambda _: "bucket")
            assert place == f"s3://bucket/{folder}/{use_case}", configuration
        assert configuration.get("DataCaptureConfig") is None, configuration


def test_who_waits_hears_of_answers_and_of_failures_from_encrypted_topics(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """By their names, the role of asynchronous endpoints may publish to them."""
    for configuration in asynchronous(cloud, environments, CONFIGURATION):
        template = configuration.template
        notified = configuration.get("AsyncInferenceConfig", "OutputConfig", "NotificationConfig")
        topics = [cloud.referenced(template, notified[name])[0] for name in ("SuccessTopic", "ErrorTopic")]
        use_case = template.short_name.removesuffix("-serving")
        names = [f"{template.prefix}-{use_case}-{what}" for what in ("answered", "failed")]
        assert [topic.get("TopicName") for topic in topics] == names, configuration
        for topic in topics:
            assert cloud.the_one(topic, "KmsMasterKeyId").type == "AWS::KMS::Key", topic
        (model,) = template.of_type("AWS::SageMaker::Model")
        role = cloud.the_one(model, "ExecutionRoleArn")
        assert role.logical_id.startswith("AsynchronousEndpoint"), model


def test_instances_follow_the_requests_that_wait(cloud: Cloud, environments: dict[str, Environment]) -> None:
    for target in asynchronous(cloud, environments, TARGET):
        wanted = deployment_of(target, environments).endpoint.asynchronous
        endpoint = [{"Name": "EndpointName", "Value": target.get("ResourceId").split("/")[1]}]
        (policy,) = (
            policy
            for policy in target.template.of_type(POLICY)
            if policy.get("PolicyType") == "TargetTrackingScaling"
        )
        assert cloud.the_one(policy, "ScalingTargetId") == target, policy
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
        assert wanted, target
        assert tracking["TargetValue"] == wanted.backlog_per_instance, target
        metric = tracking["CustomizedMetricSpecification"]
        followed = (metric["MetricName"], metric["Dimensions"], metric["Statistic"])
        assert followed == ("ApproximateBacklogSizePerInstance", endpoint, "Average"), target
        assert tracking["ScaleOutCooldown"] < tracking["ScaleInCooldown"], target
        assert not tracking.get("DisableScaleIn"), target


def test_the_first_request_starts_an_instance_where_none_runs(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for target in asynchronous(cloud, environments, TARGET):
        assert target.get("MinCapacity") == 0, target
        (alarm,) = (
            alarm
            for alarm in target.template.of_type(ALARM)
            if alarm.get("MetricName") == "HasBacklogWithoutCapacity"
        )
        policy = cloud.the_one(alarm, "AlarmActions")
        assert cloud.the_one(policy, "ScalingTargetId") == target, policy
        step = policy.get("StepScalingPolicyConfiguration")
        assert step["AdjustmentType"] == "ChangeInCapacity", alarm
        assert step["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}], alarm


def test_people_hear_of_requests_that_failed_or_wait_for_an_hour(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for endpoint in asynchronous(cloud, environments, ENDPOINT):
        metrics = {alarm.get("MetricName") for alarm in endpoint.template.of_type(ALARM)}
        assert {"InvocationFailures", "ApproximateAgeOfOldestRequest"} <= metrics, endpoint
