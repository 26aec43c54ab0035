"""GetMetricData sums up by CloudWatch's periods, knows percentiles, and computes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws

VALUES = [float(value) for value in range(1, 101)]


@pytest.fixture(scope="module")
def namespace(local_aws: LocalAws) -> str:
    name, moment = unique("namespace"), datetime.now(UTC).replace(microsecond=0)
    data = [
        {"MetricName": "latency", "Values": VALUES, "Timestamp": moment},
        {"MetricName": "none", "Value": 0.0, "Timestamp": moment},
    ]
    local_aws.client("cloudwatch").put_metric_data(Namespace=name, MetricData=data)
    return name


def ask(local_aws: LocalAws, *queries: dict[str, Any]) -> dict[str, dict[str, Any]]:
    now = datetime.now(UTC)
    answer = local_aws.client("cloudwatch").get_metric_data(
        StartTime=now - timedelta(minutes=17),
        EndTime=now + timedelta(minutes=1),
        MetricDataQueries=list(queries),
    )
    return {found["Id"]: found for found in answer["MetricDataResults"]}


def query(namespace: str, name: str, metric: str, stat: str, **more: Any) -> dict[str, Any]:
    asked = {"Namespace": namespace, "MetricName": metric}
    return {"Id": name, "MetricStat": {"Metric": asked, "Period": 300, "Stat": stat}, **more}


@pytest.mark.parametrize(("stat", "value"), [("p99", 99.0), ("Average", 50.5), ("SampleCount", 100.0)])
def test_a_statistic_is_of_whole_periods(
    local_aws: LocalAws, namespace: str, stat: str, value: float
) -> None:
    found = ask(local_aws, query(namespace, "a", "latency", stat))["a"]
    assert found["Values"] == [value]
    (moment,) = found["Timestamps"]
    assert (moment.minute % 5, moment.second) == (0, 0)


def test_an_expression_is_computed_from_metrics_that_are_not_returned(
    local_aws: LocalAws, namespace: str
) -> None:
    hidden = query(namespace, "a", "latency", "Sum", ReturnData=False)
    found = ask(local_aws, hidden, {"Id": "e", "Expression": "a/1000", "Label": "thousands"})
    assert {name: (each["Label"], each["Values"]) for name, each in found.items()} == {
        "e": ("thousands", [5.05])
    }


def test_a_division_by_zero_has_no_value(local_aws: LocalAws, namespace: str) -> None:
    queries = [query(namespace, name, name, "Sum", ReturnData=False) for name in ("latency", "none")]
    assert ask(local_aws, *queries, {"Id": "e", "Expression": "latency/none"})["e"]["Values"] == []


def test_what_nobody_put_has_no_values(local_aws: LocalAws, namespace: str) -> None:
    assert ask(local_aws, query(namespace, "a", "unheard", "Sum"))["a"]["Values"] == []


@pytest.mark.parametrize("expression", ["SEARCH('x', 'Sum')", "b+1"])
def test_an_expression_that_cannot_be_computed_is_refused(
    local_aws: LocalAws, namespace: str, expression: str
) -> None:
    with pytest.raises(ClientError, match="Error in expression 'e'"):
        ask(local_aws, query(namespace, "a", "latency", "Sum"), {"Id": "e", "Expression": expression})
