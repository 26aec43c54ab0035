"""Endpoints are watched, alarms reach somebody, and no event is lost unnoticed."""

from config.settings import Environment
from stacks.parts.images import model_monitor_image
from tests.stacks.cloud import Cloud, text_of
from tests.stacks.readable import embedded_json


def test_the_endpoint_of_every_use_case_is_watched_by_a_schedule(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    watched = {
        definition.get("DataQualityJobInput", "EndpointInput", "EndpointName")
        for definition in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition")
    }
    assert watched == {
        f"{environment.name}-{use_case}"
        for environment in environments.values()
        for use_case, deployment in environment.use_cases.items()
        if deployment.model != "none" and deployment.monitoring.capture_percentage > 0
    }
    scheduled = {
        str(cloud.the_one(schedule, "MonitoringScheduleConfig", "MonitoringJobDefinitionName"))
        for schedule in cloud.of_type("AWS::SageMaker::MonitoringSchedule")
    }
    assert scheduled == {str(item) for item in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition")}


def test_schedules_are_hourly_or_divide_the_day(cloud: Cloud) -> None:
    allowed = ["cron(0 * ? * * *)", *(f"cron(0 0/{hours} ? * * *)" for hours in (2, 3, 4, 6, 8, 12, 24))]
    for schedule in cloud.of_type("AWS::SageMaker::MonitoringSchedule"):
        expression = schedule.get("MonitoringScheduleConfig", "ScheduleConfig", "ScheduleExpression")
        assert expression in allowed, schedule


def test_monitoring_jobs_run_isolated_and_encrypted_in_the_private_network(cloud: Cloud) -> None:
    for definition in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition"):
        network = definition.get("NetworkConfig")
        assert network["EnableNetworkIsolation"] is True, definition
        assert network["EnableInterContainerTrafficEncryption"] is True, definition
        assert len(network["VpcConfig"]["Subnets"]) >= 2, definition
        assert network["VpcConfig"]["SecurityGroupIds"], definition
        disk = cloud.the_one(definition, "JobResources", "ClusterConfig", "VolumeKmsKeyId")
        output = cloud.the_one(definition, "DataQualityJobOutputConfig", "KmsKeyId")
        assert (disk.type, output) == ("AWS::KMS::Key", disk), definition


def test_a_monitoring_job_ends_before_the_next_one_starts(cloud: Cloud) -> None:
    for definition in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition"):
        assert definition.get("StoppingCondition", "MaxRuntimeInSeconds") < 3600, definition


def test_baselines_are_those_of_the_version_that_serves(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for definition in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition"):
        baseline = definition.get("DataQualityBaselineConfig")
        for kind, file in (("StatisticsResource", "statistics"), ("ConstraintsResource", "constraints")):
            text = text_of(baseline[kind]["S3Uri"], lambda _: "$")
            use_case = definition.template.short_name.removesuffix("-monitoring")
            model = environments[definition.template.environment].use_cases[use_case].model
            version = model if isinstance(model, int) else "$"
            assert text == f"s3://$/models/{use_case}/{version}/data-quality/{file}.json", definition


def test_the_drift_alarm_reads_what_the_monitoring_job_publishes(cloud: Cloud) -> None:
    """The analyzer publishes below endpoint and schedule, and only when it is told to."""
    for definition in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition"):
        here = definition.template
        (schedule,) = here.of_type("AWS::SageMaker::MonitoringSchedule")
        (drift,) = (alarm for alarm in here.of_type("AWS::CloudWatch::Alarm") if alarm.get("Metrics"))
        environment = definition.get("DataQualityAppSpecification", "Environment")
        assert environment == {"publish_cloudwatch_metrics": "Enabled"}, definition
        dimensions = {
            "Endpoint": definition.get("DataQualityJobInput", "EndpointInput", "EndpointName"),
            "MonitoringSchedule": schedule.get("MonitoringScheduleName"),
        }
        expression, *metrics = drift.get("Metrics")
        assert expression["Expression"] == "MAX(METRICS())", definition
        for metric in (item["MetricStat"]["Metric"] for item in metrics):
            assert metric["Namespace"] == "aws/sagemaker/Endpoints/data-metrics", definition
            found = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
            assert found == dimensions, definition
            assert metric["MetricName"].startswith("feature_baseline_drift_"), definition


def test_every_alarm_notifies_somebody(cloud: Cloud) -> None:
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        assert cloud.the_one(alarm, "AlarmActions").type == "AWS::SNS::Topic", alarm
        assert alarm.get("ActionsEnabled") is not False, alarm


def test_every_alarm_says_what_is_wrong_and_stays_calm_without_data(cloud: Cloud) -> None:
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        assert len(alarm.get("AlarmDescription")) >= 20, alarm
        assert alarm.get("TreatMissingData") == "notBreaching", alarm


def test_every_undelivered_event_is_kept_and_an_alarm_says_so(cloud: Cloud) -> None:
    watched = {
        str(queue)
        for alarm in cloud.of_type("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for queue in cloud.referenced(alarm.template, alarm.get("Dimensions"))
    }
    for rule in cloud.of_type("AWS::Events::Rule"):
        for target in rule.get("Targets"):
            (queue,) = cloud.referenced(rule.template, target["DeadLetterConfig"]["Arn"])
            assert str(queue) in watched, rule
            assert target["RetryPolicy"]["MaximumRetryAttempts"] >= 1, rule


def test_eventbridge_may_write_to_the_queue_of_undelivered_events(cloud: Cloud) -> None:
    """By the name that CloudFormation gives to rules of a stack: a statement per rule would be too many."""
    for rule in cloud.of_type("AWS::Events::Rule"):
        assert rule.get("Name") is None, rule
        (queue,) = {
            target.logical_id: target
            for target in cloud.referenced(rule.template, rule.get("Targets"))
            if target.type == "AWS::SQS::Queue"
        }.values()
        (policy,) = (
            each for each in cloud.of_type("AWS::SQS::QueuePolicy") if cloud.the_one(each, "Queues") == queue
        )
        (allowing,) = (
            each for each in policy.get("PolicyDocument", "Statement") if each["Effect"] == "Allow"
        )
        here = f"{rule.template.region}:{rule.template.account}"
        assert allowing["Action"] == "sqs:SendMessage"
        assert allowing["Principal"] == {"Service": "events.amazonaws.com"}
        assert allowing["Condition"] == {
            "ArnLike": {"aws:SourceArn": f"arn:aws:events:{here}:rule/{rule.template.stack}-*"}
        }


def test_every_use_case_has_a_rule_for_decisions_on_its_model_versions(cloud: Cloud) -> None:
    groups = {
        group.get("ModelPackageGroupName") for group in cloud.of_type("AWS::SageMaker::ModelPackageGroup")
    }
    decided = set()
    for rule in cloud.of_type("AWS::Events::Rule"):
        pattern = rule.get("EventPattern")
        assert pattern["source"] == ["aws.sagemaker"], rule
        assert pattern["detail-type"] == ["SageMaker Model Package State Change"], rule
        assert pattern["detail"]["ModelApprovalStatus"] == ["Approved", "Rejected"], rule
        decided |= set(pattern["detail"]["ModelPackageGroupName"])
    assert decided == groups


def test_every_use_case_has_a_dashboard_from_the_first_deployment_on(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for environment in environments.values():
        for use_case in environment.use_cases:
            template = cloud.stack(f"{environment.name}-{use_case}-monitoring")
            (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard")
            assert "Condition" not in dashboard.body, dashboard
            body = embedded_json(dashboard.get("DashboardBody"))
            assert body, dashboard
            assert body["widgets"], dashboard


def test_monitoring_jobs_run_in_the_image_of_their_own_region(cloud: Cloud) -> None:
    for definition in cloud.of_type("AWS::SageMaker::DataQualityJobDefinition"):
        image = definition.get("DataQualityAppSpecification", "ImageUri")
        assert image == model_monitor_image(definition.template.region), definition
