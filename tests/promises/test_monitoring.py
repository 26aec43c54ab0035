"""Endpoints are watched, alarms reach somebody, and no event is lost unnoticed."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import pytest

from config.settings import Deployment, Environment, UseCase
from stacks.parts.images import Images, model_monitor_image
from tests.stacks.cloud import Cloud, Json, Resource, text_of
from tests.stacks.machines import check_people_hear_of_failures, tells_of_failures
from tests.stacks.roles import roles_of
from tests.stacks.synthesis import Synthesis
from tools.local_aws.cloudwatch.dashboards import check_body
from tools.review.readable import embedded_json

DEFINITION = "AWS::SageMaker::DataQualityJobDefinition"
DATA_QUALITY, MODEL_QUALITY = "data-quality", "model-quality"
FILLED_IN = "(filled in)"
CALLS = {
    "aws-sdk:s3:listObjectsV2": "s3:ListBucket",
    "aws-sdk:s3:getObject": "s3:GetObject",
    "aws-sdk:cloudwatch:putMetricData": "cloudwatch:PutMetricData",
    # https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
    "sagemaker:createProcessingJob.sync": (
        "sagemaker:AddTags sagemaker:CreateProcessingJob sagemaker:DescribeProcessingJob sagemaker:ListTags "
        "sagemaker:StopProcessingJob iam:PassRole events:DescribeRule events:PutRule events:PutTargets"
    ),
}
"""What the tasks of a monitor need, by what they call."""


@dataclass(frozen=True)
class Monitor:
    """What watches one endpoint, whichever engine it is: its job, as the API's request has it."""

    where: Resource
    kind: str
    """The folder of its reports: data-quality or model-quality."""
    endpoint: str
    hours: tuple[int, ...]
    """Hours of the day at the end of which it compares."""
    job: Json
    """NetworkConfig, ClusterConfig, KmsKeyId, StoppingCondition, ImageUri, Baseline."""


def _of_model_monitor(cloud: Cloud) -> Iterator[Monitor]:
    for definition in cloud.resources:
        if definition.type != DEFINITION:
            continue
        (schedule,) = definition.template.of_type("AWS::SageMaker::MonitoringSchedule")
        assert (
            cloud.the_one(schedule, "MonitoringScheduleConfig", "MonitoringJobDefinitionName") == definition
        )
        expression = schedule.get("MonitoringScheduleConfig", "ScheduleConfig", "ScheduleExpression")
        baseline = definition.get("DataQualityBaselineConfig")
        yield Monitor(
            definition,
            DATA_QUALITY,
            definition.get("DataQualityJobInput", "EndpointInput", "EndpointName"),
            # At the full hour it compares what the hour before has seen.
            tuple((hour - 1) % 24 for hour in _hours_of_model_monitor(expression)),
            {
                "NetworkConfig": definition.get("NetworkConfig"),
                "ClusterConfig": definition.get("JobResources", "ClusterConfig"),
                "KmsKeyId": definition.get("DataQualityJobOutputConfig", "KmsKeyId"),
                "StoppingCondition": definition.get("StoppingCondition"),
                "ImageUri": definition.get("DataQualityAppSpecification", "ImageUri"),
                "Baseline": {
                    text_of(baseline[kind]["S3Uri"], lambda _: "$").rpartition("/")[0]
                    for kind in ("StatisticsResource", "ConstraintsResource")
                },
            },
        )


def _hours_of_model_monitor(expression: str) -> range:
    found = re.fullmatch(r"cron\(0 (?:\*|0/(\d+)) \? \* \* \*\)", expression)
    assert found, expression
    return range(0, 24, int(found[1] or 1))


def _schedules(cloud: Cloud) -> list[Resource]:
    """Of monitors; there may be none."""
    monitoring = [each for each in cloud.templates if each.short_name.endswith("-monitoring")]
    return [schedule for each in monitoring for schedule in each.of_type("AWS::Scheduler::Schedule")]


def _of_our_own(cloud: Cloud) -> Iterator[Monitor]:
    for schedule in _schedules(cloud):
        machine = cloud.the_one(schedule, "Target", "Arn")
        definition = json.loads(text_of(machine.get("DefinitionString"), _escaped))
        request = definition["States"]["Compare"]["Parameters"]
        found = re.fullmatch(r"cron\(59 (\*|[\d,]+) \* \* \? \*\)", schedule.get("ScheduleExpression"))
        assert found, schedule
        hours = range(24) if found[1] == "*" else [int(hour) for hour in found[1].split(",")]
        (baseline,) = (i for i in request["ProcessingInputs"] if i["InputName"] == "baseline")
        arguments = request["AppSpecification"]["ContainerArguments.$"]
        yield Monitor(
            machine,
            re.findall(r"'--namespace', '[^']+/([^']+)'", arguments)[0],
            re.findall(r"'--endpoint', '([^']+)'", arguments)[0],
            tuple(hours),
            {
                "NetworkConfig": request["NetworkConfig"],
                "ClusterConfig": request["ProcessingResources"]["ClusterConfig"],
                "KmsKeyId": request["ProcessingOutputConfig"]["KmsKeyId"],
                "StoppingCondition": request["StoppingCondition"],
                "ImageUri": request["AppSpecification"]["ImageUri"],
                "Baseline": {baseline["S3Input"]["S3Uri"].rstrip("/").replace(FILLED_IN, "$")},
            },
        )


def _escaped(_: Json) -> str:
    return FILLED_IN


def monitors_of(cloud: Cloud) -> list[Monitor]:
    return [*_of_model_monitor(cloud), *_of_our_own(cloud)] or cloud.lacks("a monitor")


@pytest.fixture
def monitors(cloud: Cloud) -> list[Monitor]:
    return monitors_of(cloud)


def _watched(environments: dict[str, Environment]) -> dict[str, Deployment]:
    return {
        f"{environment.prefix}-{use_case}": deployment
        for environment in environments.values()
        for use_case, deployment in environment.use_cases.items()
        if deployment.model != "none"
        and deployment.monitoring.engine != "none"
        and deployment.monitoring.capture_percentage > 0
    }


def test_every_endpoint_is_watched_by_the_engine_that_is_configured(
    monitors: list[Monitor], environments: dict[str, Environment]
) -> None:
    types = {"own": "AWS::StepFunctions::StateMachine", "model-monitor": DEFINITION}
    of_data = [monitor for monitor in monitors if monitor.kind == DATA_QUALITY]
    assert {monitor.endpoint: monitor.where.type for monitor in of_data} == {
        endpoint: types[deployment.monitoring.engine]
        for endpoint, deployment in _watched(environments).items()
    }
    assert len({(monitor.kind, monitor.endpoint) for monitor in monitors}) == len(monitors)


def test_answers_are_compared_with_what_happened_where_that_is_configured(
    monitors: list[Monitor], environments: dict[str, Environment]
) -> None:
    assert {monitor.endpoint for monitor in monitors if monitor.kind == MODEL_QUALITY} == {
        endpoint
        for endpoint, deployment in _watched(environments).items()
        if deployment.monitoring.ground_truth
    }


def test_by_default_nothing_is_needed_that_is_closed_to_new_customers(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for template in cloud.templates:
        environment = environments[template.environment]
        has_workteam = environment.catalog is not None and environment.catalog.workteam is not None
        found = {resource.type for resource in template.resources}
        assert has_workteam or "AWS::SageMaker::Workteam" not in found, template.stack
        if "model-monitor" in {each.monitoring.engine for each in environment.use_cases.values()}:
            continue
        for resource in template.resources:
            assert resource.type not in (DEFINITION, "AWS::SageMaker::MonitoringSchedule"), resource
            # Whoever may pull images may pull this one, whether anybody does or not.
            if resource.type not in ("AWS::IAM::ManagedPolicy", "AWS::EC2::VPCEndpoint"):
                assert "model-monitor-analyzer" not in str(resource.properties), resource


def test_every_hour_of_the_day_is_compared_once(
    monitors: list[Monitor], environments: dict[str, Environment]
) -> None:
    watched = _watched(environments)
    for monitor in monitors:
        by_hours = monitor.kind == DATA_QUALITY
        every = watched[monitor.endpoint].monitoring.every_hours if by_hours else 24
        assert sorted(monitor.hours) == list(range(every - 1, 24, every)), monitor.where


def test_monitoring_jobs_run_isolated_and_encrypted_in_the_private_network(cloud: Cloud) -> None:
    for monitor in monitors_of(cloud):
        network, where = monitor.job["NetworkConfig"], monitor.where
        assert network["EnableNetworkIsolation"] is True, where
        assert network["EnableInterContainerTrafficEncryption"] is True, where
        assert len(network["VpcConfig"]["Subnets"]) >= 2, where
        assert network["VpcConfig"]["SecurityGroupIds"], where
        disk, output = monitor.job["ClusterConfig"]["VolumeKmsKeyId"], monitor.job["KmsKeyId"]
        assert disk == output, where
        if disk == FILLED_IN:
            keys = {each.type for each in cloud.referenced(where.template, where.get("DefinitionString"))}
        else:
            keys = {each.type for each in cloud.referenced(where.template, [disk])}
        assert "AWS::KMS::Key" in keys, where


def test_a_monitoring_job_ends_before_the_next_one_starts(monitors: list[Monitor]) -> None:
    """Ours waits ten minutes for captured data first."""
    for monitor in monitors:
        waits = 600 if monitor.where.type != DEFINITION else 0
        assert waits + monitor.job["StoppingCondition"]["MaxRuntimeInSeconds"] < 3600, monitor.where


def test_baselines_are_those_of_the_version_that_serves(
    monitors: list[Monitor], environments: dict[str, Environment]
) -> None:
    for monitor in monitors:
        here = monitor.where.template
        use_case = here.short_name.removesuffix("-monitoring")
        model = environments[here.environment].use_cases[use_case].model
        version = model if isinstance(model, int) else "$"
        # Ours also looks at how groups fared and at what moved the answers, and asks the model.
        folder = "/data-quality" if monitor.where.type == DEFINITION else ""
        assert monitor.job["Baseline"] == {f"s3://$/models/{use_case}/{version}{folder}"}, monitor.where


def test_whoever_compares_with_a_baseline_has_made_it(
    cloud: Cloud, environments: dict[str, Environment], use_cases: dict[str, UseCase]
) -> None:
    """The two engines describe a distribution in different ways."""
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        here = pipeline.template
        use_case = here.short_name.removesuffix("-training")
        environment = environments[here.environment]
        engine = environment.use_cases[use_case].monitoring.engine
        body = text_of(pipeline.get("PipelineDefinition", "PipelineDefinitionBody"), _escaped)
        (step,) = (each for each in json.loads(body)["Steps"] if each["Name"] == "DataQualityBaseline")
        image = step["Arguments"]["AppSpecification"]["ImageUri"]
        analyzer = model_monitor_image(here.region)
        ours = Images(environment).of(use_cases[use_case])
        assert image == (analyzer if engine == "model-monitor" else ours), pipeline
        assert "CacheConfig" not in step, pipeline


def test_the_drift_alarm_reads_what_the_monitor_publishes(monitors: list[Monitor]) -> None:
    """The analyzer publishes below endpoint and schedule, and only when told to; ours below the endpoint."""
    for monitor in (each for each in monitors if each.kind == DATA_QUALITY):
        here = monitor.where.template
        (drift,) = (
            alarm
            for alarm in here.of_type("AWS::CloudWatch::Alarm")
            if alarm.get("Metrics") and not tells_of_failures(alarm) and not alarm_on_batches(alarm)
        )
        dimensions = {"Endpoint": monitor.endpoint}
        if monitor.where.type == DEFINITION:
            environment = monitor.where.get("DataQualityAppSpecification", "Environment")
            assert environment == {"publish_cloudwatch_metrics": "Enabled"}, monitor.where
            (schedule,) = here.of_type("AWS::SageMaker::MonitoringSchedule")
            dimensions["MonitoringSchedule"] = schedule.get("MonitoringScheduleName")
            namespace = "aws/sagemaker/Endpoints/data-metrics"
        else:
            namespace = f"{here.prefix}/data-quality"
            definition = text_of(monitor.where.get("DefinitionString"), _escaped)
            assert f"'--namespace', '{namespace}'" in definition, monitor.where
            assert f'"Namespace":"{namespace}"' in definition, monitor.where
        expression, *metrics = drift.get("Metrics")
        assert expression["Expression"] == "MAX(METRICS())", monitor.where
        for metric in (item["MetricStat"]["Metric"] for item in metrics):
            assert metric["Namespace"] == namespace, monitor.where
            found = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
            assert found == dimensions, monitor.where
            assert metric["MetricName"].startswith("feature_baseline_drift_"), monitor.where


def alarm_on_batches(alarm: Resource) -> bool:
    """Whether its metrics are about batches, not about what an endpoint is asked."""
    return '"Name": "Batch"' in json.dumps([alarm.get("Metrics"), alarm.get("Dimensions")])


def test_people_hear_of_every_machine_that_time_starts_and_that_does_not_succeed(cloud: Cloud) -> None:
    schedules = cloud.of_type("AWS::Scheduler::Schedule")
    started = [
        machine
        for each in schedules
        for machine in cloud.referenced(each.template, each.get("Target", "Arn"))
    ]
    check_people_hear_of_failures(started, cloud)


def test_a_monitor_calls_only_what_its_role_allows(cloud: Cloud) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for schedule in _schedules(cloud):
        machine = cloud.the_one(schedule, "Target", "Arn")
        role = roles[str(cloud.the_one(machine, "RoleArn"))]
        states = json.loads(text_of(machine.get("DefinitionString"), _escaped))["States"].values()
        called = {state["Resource"].split(":::")[1] for state in states if state["Type"] == "Task"}
        assert called == CALLS.keys(), machine
        for action in " ".join(CALLS.values()).split():
            assert role.allowing(action), f"{machine}: {action}"


def test_a_schedule_tells_its_time_and_may_start_only_the_monitors_of_its_environment(cloud: Cloud) -> None:
    for schedule in _schedules(cloud):
        here = schedule.template
        assert schedule.get("FlexibleTimeWindow", "Mode") == "OFF", schedule
        assert schedule.get("ScheduleExpressionTimezone") == "UTC", schedule
        assert json.loads(schedule.get("Target", "Input")) == {"time": "<aws.scheduler.scheduled-time>"}
        role = cloud.the_one(schedule, "Target", "RoleArn")
        (policy,) = (
            each
            for each in role.template.of_type("AWS::IAM::ManagedPolicy")
            if role in cloud.referenced(role.template, each.get("Roles") or [])
        )
        (statement,) = policy.get("PolicyDocument", "Statement")
        machines = [
            f"arn:aws:states:{here.region}:{here.account}:stateMachine:{here.prefix}-*-{machine}"
            for machine in ("monitor", MODEL_QUALITY)
        ]
        assert (statement["Action"], statement["Resource"]) == ("states:StartExecution", machines), policy


def test_every_alarm_notifies_somebody_or_starts_an_instance(cloud: Cloud) -> None:
    """Of refused requests test_shared_endpoint.py holds which of the two it is."""
    scaling, topic = "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::SNS::Topic"
    starts = {"HasBacklogWithoutCapacity": {scaling}, "NoCapacityInvocationFailures": {scaling, topic}}
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        expected = starts.get(alarm.get("MetricName"), {topic})
        assert cloud.the_one(alarm, "AlarmActions").type in expected, alarm
        assert alarm.get("ActionsEnabled") is not False, alarm


def test_every_alarm_says_what_is_wrong_and_stays_calm_without_data(cloud: Cloud) -> None:
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        assert len(alarm.get("AlarmDescription")) >= 20, alarm
        assert alarm.get("TreatMissingData") == "notBreaching", alarm


FIRES_WHEN = {
    "Invocation5XXErrors": ("AWS/SageMaker", "GreaterThanThreshold", "Average", 0.01),
    # Its threshold is configured, and held by test_serving.py.
    "ModelLatency": ("AWS/SageMaker", "GreaterThanThreshold", "p99", None),
    "InvocationFailures": ("AWS/SageMaker", "GreaterThanThreshold", "Sum", 0),
    "ApproximateAgeOfOldestRequest": ("AWS/SageMaker", "GreaterThanThreshold", "Maximum", 3_600),
    "HasBacklogWithoutCapacity": ("AWS/SageMaker", "GreaterThanOrEqualToThreshold", "Average", 1),
    "NoCapacityInvocationFailures": ("AWS/SageMaker", "GreaterThanOrEqualToThreshold", "Sum", 1),
    "ApproximateNumberOfMessagesVisible": ("AWS/SQS", "GreaterThanOrEqualToThreshold", "Maximum", 1),
}
"""Namespace, comparison, statistic and threshold (a share, a count) of every metric of AWS."""
MOST_SECONDS_TO_HEAR = 3_600


def test_every_alarm_on_a_metric_of_aws_fires_at_what_its_metric_means(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        metric = alarm.get("MetricName")
        if metric and alarm.get("Namespace").startswith("AWS/"):
            namespace, comparison, statistic, threshold = FIRES_WHEN[metric]
            assert alarm.get("Namespace") == namespace, alarm
            assert alarm.get("ComparisonOperator") == comparison, alarm
            assert (alarm.get("Statistic") or alarm.get("ExtendedStatistic")) == statistic, alarm
            assert threshold in (None, alarm.get("Threshold")), alarm
            assert alarm.get("Period") * alarm.get("EvaluationPeriods") <= MOST_SECONDS_TO_HEAR, alarm
            assert alarm.get("DatapointsToAlarm") is None, alarm


def test_an_alarm_tells_of_a_live_model_that_misses_its_criterion_and_of_missing_labels(
    monitors: list[Monitor], environments: dict[str, Environment], synthesis: Synthesis
) -> None:
    for monitor in (each for each in monitors if each.kind == MODEL_QUALITY):
        here = monitor.where.template
        use_case = here.short_name.removesuffix("-monitoring")
        truth = environments[here.environment].use_cases[use_case].monitoring.ground_truth
        success = synthesis.settings.use_cases[use_case].success
        assert truth
        found = {
            alarm.get("MetricName"): alarm
            for alarm in here.of_type("AWS::CloudWatch::Alarm")
            if alarm.get("Namespace") == f"{here.prefix}/{MODEL_QUALITY}"
        }
        missed, unlabelled = found[f"{success.metric}_at_best"], found["labelled_rows"]
        with_groups = {"bias_drift"} if synthesis.settings.use_cases[use_case].bias else set()
        assert found.keys() == {f"{success.metric}_at_best", "labelled_rows", *with_groups}, here
        for alarm in found.values():
            assert alarm.get("Dimensions") == [{"Name": "Endpoint", "Value": monitor.endpoint}], alarm
            assert alarm.get("Period") == 86_400, alarm
        less = {"at_least": "LessThanThreshold", "at_most": "GreaterThanThreshold"}[success.comparison]
        assert (missed.get("ComparisonOperator"), missed.get("Threshold")) == (less, success.threshold)
        assert missed.get("Statistic") == {"at_least": "Minimum", "at_most": "Maximum"}[success.comparison]
        assert unlabelled.get("ComparisonOperator") == "LessThanThreshold"
        assert unlabelled.get("Threshold") == truth.rows


OF_ANSWERS = {
    "bias_drift": ("GreaterThanThreshold", 0, "Maximum"),
    "attribution_agreement_at_best": ("LessThanThreshold", 0.9, "Minimum"),
}
"""Comparison, threshold and statistic of metrics that only our own monitor publishes."""


def test_an_alarm_tells_of_groups_that_fare_worse_and_of_other_features_that_move_the_answers(
    monitors: list[Monitor], synthesis: Synthesis
) -> None:
    for monitor in monitors:
        here = monitor.where.template
        use_case = synthesis.settings.use_cases[here.short_name.removesuffix("-monitoring")]
        by_answers = monitor.kind == DATA_QUALITY and monitor.where.type != DEFINITION
        expected = {"bias_drift"} if use_case.bias and monitor.where.type != DEFINITION else set()
        if by_answers and use_case.algorithm in ("xgboost", "lightgbm", "linear"):
            expected.add("attribution_agreement_at_best")
        found = {
            alarm.get("MetricName"): alarm
            for alarm in here.of_type("AWS::CloudWatch::Alarm")
            if alarm.get("Namespace") == f"{here.prefix}/{monitor.kind}"
            and alarm.get("MetricName") in OF_ANSWERS
            and not alarm_on_batches(alarm)
        }
        assert found.keys() == expected, monitor.where
        for metric, alarm in found.items():
            properties = ("ComparisonOperator", "Threshold", "Statistic")
            assert tuple(map(alarm.get, properties)) == OF_ANSWERS[metric], alarm
            assert alarm.get("Dimensions") == [{"Name": "Endpoint", "Value": monitor.endpoint}], alarm
            assert alarm.get("Period") == 3600 * 24 // len(monitor.hours), alarm
            assert alarm.get("AlarmActions"), alarm


LOG_GROUPS = (
    "/aws/codebuild/{prefix}-image",
    "/aws/sagemaker/Endpoints/{endpoint}",
    "/aws/sagemaker/InferenceComponents/{endpoint}",
    *(f"/aws/sagemaker/{kind}Jobs" for kind in ("Processing", "Training", "Transform")),
    "/aws/vendedlogs/route53resolver/{prefix}-queries",
    *("/aws/vendedlogs/states/{prefix}-monitor", "/aws/vendedlogs/states/{prefix}-release"),
    "/aws/vendedlogs/states/{prefix}-tracking",
    "/aws/vendedlogs/states/{prefix}-{use_case}-ingest",
    "/aws/vpc/{prefix}-flow-logs",
)
"""https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html; the rest is chosen here."""


def test_log_groups_have_the_names_that_their_services_write_to(cloud: Cloud) -> None:
    for log_group in cloud.of_type("AWS::Logs::LogGroup"):
        prefix = log_group.template.prefix
        endpoint = f"{prefix}-{log_group.template.short_name.removesuffix('-serving')}"
        use_case = log_group.template.short_name.removesuffix("-training")
        names = [name.format(prefix=prefix, endpoint=endpoint, use_case=use_case) for name in LOG_GROUPS]
        assert log_group.get("LogGroupName") in names, log_group


def test_every_schedule_is_in_force_and_is_tried_again(cloud: Cloud) -> None:
    for schedule in cloud.of_type("AWS::Scheduler::Schedule"):
        assert schedule.get("State") in (None, "ENABLED"), schedule
        again = schedule.get("Target", "RetryPolicy")
        assert again["MaximumRetryAttempts"] >= 1, schedule
        # A comparison that starts later than the next one would compare the same hour a second time.
        assert again["MaximumEventAgeInSeconds"] <= 3_600, schedule


def test_undelivered_events_are_kept_as_long_as_sqs_can(cloud: Cloud) -> None:
    for queue in cloud.of_type("AWS::SQS::Queue"):
        assert queue.get("MessageRetentionPeriod") == 14 * 24 * 3_600, queue


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
        # Rules about alarms have names of their own, and share one queue.
        name = rule.get("Name")
        names = f"{rule.template.prefix}-*-retrain" if name else f"{rule.template.stack}-*"
        assert name is None or fnmatch(name, names), rule
        # Decisions of another environment come on a bus of their own, which rules have in their ARNs.
        names = f"{rule.template.prefix}-decisions/{names}" if rule.get("EventBusName") else names
        assert allowing["Condition"] == {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{here}:rule/{names}"}}


def test_every_use_case_has_a_rule_for_decisions_on_its_model_versions(cloud: Cloud) -> None:
    groups = {
        group.get("ModelPackageGroupName") for group in cloud.of_type("AWS::SageMaker::ModelPackageGroup")
    }
    decided = set()
    for rule in cloud.of_type("AWS::Events::Rule"):
        assert rule.get("State") == "ENABLED", rule
        pattern = rule.get("EventPattern")
        if pattern["source"] == ["aws.cloudwatch"]:
            continue
        assert pattern["source"] == ["aws.sagemaker"], rule
        if rule.template.short_name != "release":
            continue
        assert pattern["detail-type"] == ["SageMaker Model Package State Change"], rule
        assert pattern["detail"]["ModelApprovalStatus"] == ["Approved", "Rejected"], rule
        decided |= set(pattern["detail"]["ModelPackageGroupName"])
    assert decided == groups


def test_every_use_case_has_a_dashboard_from_the_first_deployment_on(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for environment in environments.values():
        for use_case in environment.use_cases:
            template = cloud.stack(f"{environment.prefix}-{use_case}-monitoring")
            (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard")
            assert "Condition" not in dashboard.body, dashboard
            body = embedded_json(dashboard.get("DashboardBody"))
            assert body, dashboard
            check_body(json.dumps(body))
            assert _places(body["widgets"]) == 1, dashboard
            titles = " ".join(widget["properties"].get("title", "") for widget in body["widgets"])
            told = "".join(widget["properties"].get("markdown", "") for widget in body["widgets"])
            assert all(part in titles for part in ("Requests", "Errors", "Latency", "Executions")), dashboard
            assert "Cost" in told, dashboard
            # Those of the endpoint are of another stack, and are not among them.
            of_alarms = [each for each in body["widgets"] if each["type"] == "alarm"]
            assert {each["properties"]["title"] for each in of_alarms} <= {"Alarms of the monitors"}, (
                dashboard
            )


def _places(widgets: list[Json]) -> int:
    """How many widgets lie on the same place at most; each is within the page."""
    taken = Counter(
        (column, row)
        for widget in widgets
        for column in range(widget["x"], widget["x"] + widget["width"])
        for row in range(widget["y"], widget["y"] + widget["height"])
    )
    assert max(column for column, _ in taken) < 24
    return max(taken.values())


def test_a_dashboard_shows_every_alarm_of_its_stack_and_what_alarms_are_about(cloud: Cloud) -> None:
    for dashboard in cloud.of_type("AWS::CloudWatch::Dashboard"):
        alarms = set(map(str, dashboard.template.of_type("AWS::CloudWatch::Alarm")))
        shown = cloud.referenced(dashboard.template, dashboard.get("DashboardBody"))
        assert alarms == {str(each) for each in shown if each.type == "AWS::CloudWatch::Alarm"}, dashboard
        text = text_of(dashboard.get("DashboardBody"), _escaped)
        for alarm in dashboard.template.of_type("AWS::CloudWatch::Alarm"):
            if not tells_of_failures(alarm):
                for metric in _metrics_of(alarm) - {"labelled_rows"}:
                    assert f'"{metric}"' in text, f"{dashboard}: {metric}"


def test_lines_of_one_graph_have_different_names(cloud: Cloud) -> None:
    for dashboard in cloud.of_type("AWS::CloudWatch::Dashboard"):
        body = embedded_json(dashboard.get("DashboardBody"))
        assert body, dashboard
        for widget in body["widgets"]:
            rows = [row for row in widget["properties"].get("metrics", ()) if _is_drawn(row)]
            names = [_name_of(row) for row in rows]
            assert len(names) == len(set(names)), (dashboard, names)


def _name_of(row: list[Any]) -> str:
    """Its label, or that of the metric where it has none."""
    return str(row[-1]["label"] if isinstance(row[-1], dict) and "label" in row[-1] else row[1])


def _is_drawn(row: list[Any]) -> bool:
    return not isinstance(row[-1], dict) or row[-1].get("visible", True)


def _metrics_of(alarm: Resource) -> set[str]:
    stats = [item["MetricStat"]["Metric"]["MetricName"] for item in (alarm.get("Metrics") or [])[1:]]
    return set(stats or [alarm.get("MetricName")])


def test_monitoring_jobs_run_in_the_image_of_their_own_region_and_use_case(
    monitors: list[Monitor], environments: dict[str, Environment], use_cases: dict[str, UseCase]
) -> None:
    for monitor in monitors:
        here = monitor.where.template
        use_case = use_cases[here.short_name.removesuffix("-monitoring")]
        ours = Images(environments[here.environment]).of(use_case)
        image = model_monitor_image(here.region) if monitor.where.type == DEFINITION else ours
        assert monitor.job["ImageUri"] == image, monitor.where
