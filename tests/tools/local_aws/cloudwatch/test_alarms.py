import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import Queue, make_topic, unique
from tools.local_aws.process import LocalAws


class Alarms:
    """Makes alarms on namespaces of their own."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.cloudwatch = aws.client("cloudwatch")
        self.namespace = unique("Test")

    def make(self, **settings: Any) -> str:
        name = unique("alarm")
        defaults = {
            "Namespace": self.namespace,
            "MetricName": "Errors",
            "Statistic": "Maximum",
            "Period": 3600,
            "EvaluationPeriods": 1,
            "Threshold": 0.5,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }
        self.cloudwatch.put_metric_alarm(AlarmName=name, **{**defaults, **settings})
        return name

    def make_math(self, expression: str, *features: str, **settings: Any) -> str:
        stats = [
            {"Id": f"m{number}", "ReturnData": False, "MetricStat": self.stat(f"drift_{feature}")}
            for number, feature in enumerate(features)
        ]
        queries = [*stats, {"Id": "expr", "Expression": expression, "Label": "Largest", "ReturnData": True}]
        name = unique("alarm")
        self.cloudwatch.put_metric_alarm(
            AlarmName=name,
            Metrics=queries,
            EvaluationPeriods=1,
            Threshold=0.5,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
            **settings,
        )
        return name

    def stat(self, metric: str) -> dict[str, Any]:
        dimensions = [{"Name": "Endpoint", "Value": "houses"}]
        return {
            "Metric": {"Namespace": self.namespace, "MetricName": metric, "Dimensions": dimensions},
            "Period": 3600,
            "Stat": "Maximum",
        }

    def put(self, value: float, metric: str = "Errors", **dimensions: str) -> None:
        pairs = [{"Name": name, "Value": text} for name, text in dimensions.items()]
        datum = {"MetricName": metric, "Value": value, "Dimensions": pairs}
        self.cloudwatch.put_metric_data(Namespace=self.namespace, MetricData=[datum])

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0])

    def state(self, name: str) -> str:
        return str(self.describe(name)["StateValue"])


@pytest.fixture
def alarms(local_aws: LocalAws) -> Alarms:
    return Alarms(local_aws)


def test_alarms_are_found_by_their_names_and_their_state_together(alarms: Alarms) -> None:
    rings, rests = alarms.make(), alarms.make(MetricName="Others")
    alarms.put(1.0, "Errors")
    found = alarms.cloudwatch.describe_alarms(AlarmNames=[rings, rests], StateValue="ALARM")
    assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == [rings]


def test_an_alarm_rings_and_calms_down(alarms: Alarms) -> None:
    name = alarms.make(Statistic="Average")
    assert alarms.state(name) == "OK"
    alarms.put(0.9)
    described = alarms.describe(name)
    assert described["StateValue"] == "ALARM"
    assert (
        "1 out of the last 1 datapoints [0.9] were greater than the threshold (0.5)"
        in described["StateReason"]
    )
    alarms.put(0.0)
    assert alarms.state(name) == "OK"


def test_a_new_alarm_has_no_data(alarms: Alarms) -> None:
    assert alarms.state(alarms.make(TreatMissingData="missing")) == "INSUFFICIENT_DATA"


def test_a_changed_alarm_keeps_its_state_until_it_is_judged_anew(alarms: Alarms) -> None:
    name = alarms.make()
    alarms.put(0.9)
    alarms.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=alarms.namespace,
        MetricName="Errors",
        Statistic="Maximum",
        Period=3600,
        EvaluationPeriods=1,
        Threshold=2,
        ComparisonOperator="GreaterThanThreshold",
    )
    updates = [item["HistorySummary"] for item in history(alarms, name, "StateUpdate")]
    assert updates[0] == "Alarm updated from ALARM to OK"


@pytest.mark.parametrize("metric", [{"metric": "Other"}, {"Endpoint": "other"}, {}])
def test_other_metrics_and_dimensions_do_not_count(alarms: Alarms, metric: dict[str, str]) -> None:
    name = alarms.make(Dimensions=[{"Name": "Endpoint", "Value": "houses"}])
    alarms.put(0.9, **metric)
    assert alarms.state(name) == "OK"
    alarms.put(0.9, Endpoint="houses")
    assert alarms.state(name) == "ALARM"


@pytest.mark.parametrize(
    ("statistic", "threshold", "state"),
    [
        ({"Statistic": "Sum"}, 5.5, "ALARM"),
        ({"Statistic": "Sum"}, 6, "OK"),
        ({"Statistic": "SampleCount"}, 2.5, "ALARM"),
        ({"Statistic": "Minimum"}, 0.5, "ALARM"),
        ({"ExtendedStatistic": "p50"}, 1.5, "ALARM"),
        ({"ExtendedStatistic": "p50"}, 2, "OK"),
    ],
)
def test_statistics_are_computed(
    alarms: Alarms, statistic: dict[str, str], threshold: float, state: str
) -> None:
    settings: dict[str, Any] = {
        "Namespace": alarms.namespace,
        "MetricName": "Errors",
        "Period": 3600,
        **statistic,
    }
    name = unique("alarm")
    alarms.cloudwatch.put_metric_alarm(
        AlarmName=name,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        **settings,
    )
    for value in (1, 2, 3):
        alarms.put(value)
    assert alarms.state(name) == state


def test_statistic_sets_count(alarms: Alarms) -> None:
    name = alarms.make(Statistic="Average")
    values = {"SampleCount": 4, "Sum": 4, "Minimum": 0, "Maximum": 3}
    datum = {"MetricName": "Errors", "StatisticValues": values}
    alarms.cloudwatch.put_metric_data(Namespace=alarms.namespace, MetricData=[datum])
    assert alarms.describe(name)["StateReason"].endswith("[1] were greater than the threshold (0.5).")


def test_the_largest_of_several_metrics_rings(alarms: Alarms) -> None:
    name = alarms.make_math("MAX(METRICS())", "area", "year")
    alarms.put(0.2, "drift_area", Endpoint="houses")
    assert alarms.state(name) == "OK"
    alarms.put(0.7, "drift_year", Endpoint="houses")
    described = alarms.describe(name)
    assert described["StateValue"] == "ALARM"
    assert [query["Id"] for query in described["Metrics"]] == ["m0", "m1", "expr"]
    assert described["Metrics"][0]["MetricStat"]["Metric"]["MetricName"] == "drift_area"
    assert described["Metrics"][2]["Expression"] == "MAX(METRICS())"
    assert "MetricName" not in described


def test_an_expression_that_cannot_be_evaluated_is_refused(alarms: Alarms) -> None:
    with pytest.raises(ClientError, match="ValidationError") as caught:
        alarms.make_math("ANOMALY_DETECTION_BAND(m0, 2)", "area")
    assert "ANOMALY_DETECTION_BAND" in str(caught.value)


def test_a_ringing_alarm_notifies_its_topic(alarms: Alarms) -> None:
    queue, topic = Queue(alarms.aws), make_topic(alarms.aws)
    alarms.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    name = alarms.make(AlarmActions=[topic])
    alarms.put(0.9)
    message = json.loads(queue.next_body()["Message"])
    assert (message["AlarmName"], message["OldStateValue"], message["NewStateValue"]) == (name, "OK", "ALARM")
    assert "Successfully executed action" in history(alarms, name, "Action")[0]["HistorySummary"]


def test_a_topic_that_does_not_let_cloudwatch_publish_shows_in_the_history(alarms: Alarms) -> None:
    topic = make_topic(alarms.aws, service="budgets.amazonaws.com")
    name = alarms.make(AlarmActions=[topic])
    alarms.put(0.9)
    summary = history(alarms, name, "Action")[0]["HistorySummary"]
    assert f"Failed to execute action {topic}: User: cloudwatch.amazonaws.com is not authorized" in summary


def test_an_encrypted_topic_needs_a_key_that_cloudwatch_may_use(alarms: Alarms) -> None:
    key = alarms.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    topic = make_topic(alarms.aws)
    alarms.aws.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key
    )
    name = alarms.make(AlarmActions=[topic])
    alarms.put(0.9)
    assert f"kms:GenerateDataKey on resource: {key}" in history(alarms, name, "Action")[0]["HistorySummary"]


def test_an_action_of_another_service_is_said_not_to_be_done(alarms: Alarms) -> None:
    name = alarms.make(AlarmActions=["arn:aws:automate:us-east-1:ec2:stop"])
    alarms.put(0.9)
    assert (
        "acts through SNS and Application Auto Scaling only"
        in history(alarms, name, "Action")[0]["HistorySummary"]
    )


def test_switched_off_actions_are_not_done(alarms: Alarms) -> None:
    name = alarms.make(AlarmActions=[make_topic(alarms.aws)], ActionsEnabled=False)
    alarms.put(0.9)
    assert alarms.state(name) == "ALARM"
    assert history(alarms, name, "Action") == []


def test_a_change_of_state_is_an_event(alarms: Alarms) -> None:
    queue, events, name = (
        Queue(alarms.aws, "events.amazonaws.com"),
        alarms.aws.client("events"),
        alarms.make(),
    )
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [name], "state": {"value": ["ALARM"]}},
    }
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": queue.arn}])
    alarms.put(0.9)
    event = queue.next_body()
    assert event["resources"] == [alarms.describe(name)["AlarmArn"]]
    assert event["detail"]["previousState"]["value"] == "OK"
    stat = event["detail"]["configuration"]["metrics"][0]["metricStat"]
    assert stat["metric"]["name"] == "Errors"


def test_a_state_that_is_set_acts_until_the_next_judgement(alarms: Alarms) -> None:
    name = alarms.make()
    alarms.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="drill")
    assert alarms.state(name) == "OK"
    summaries = [item["HistorySummary"] for item in history(alarms, name, "StateUpdate")]
    assert summaries[:2] == ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"]


def test_a_dashboard_is_kept(alarms: Alarms) -> None:
    name, body = unique("dashboard"), json.dumps({"widgets": []})
    alarms.cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
    assert alarms.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"] == body


def test_no_trail_has_anything_to_tell(local_aws: LocalAws) -> None:
    assert local_aws.client("cloudtrail").lookup_events()["Events"] == []


def history(alarms: Alarms, name: str, kind: str) -> list[dict[str, Any]]:
    answer = alarms.cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType=kind)
    return list(answer["AlarmHistoryItems"])


def test_an_alarm_watches_how_many_messages_wait_in_a_queue(local_aws: LocalAws, alarms: Alarms) -> None:
    queue = Queue(local_aws)
    name = alarms.make(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": queue.arn.split(":")[-1]}],
        Period=60,
    )
    assert alarms.state(name) == "OK"
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="decision")
    assert alarms.state(name) == "ALARM"
    queue.sqs.purge_queue(QueueUrl=queue.url)
    assert alarms.state(name) == "OK"


def test_a_queue_tells_all_who_ask_for_data(local_aws: LocalAws) -> None:
    queue, now = Queue(local_aws), datetime.now(UTC)
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="decision")
    metric = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue.arn.split(":")[-1]}],
    }
    answer = local_aws.client("cloudwatch").get_metric_data(
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        MetricDataQueries=[{"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
    )
    assert answer["MetricDataResults"][0]["Values"] == [1.0]
