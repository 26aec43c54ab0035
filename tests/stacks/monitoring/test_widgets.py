"""The CDK's own dashboard is the referee: ours has the same body, made without a call for each widget."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.widgets import Measuring, alarms, laid_out, limit, text
from stacks.parts.metrics import HOUR, MINUTE, MathExpression, Metric

REGION, ALARM = "eu-central-1", "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:rush"
REQUESTS = Metric("AWS/SageMaker", "Invocations", {"B": "b", "A": "a"}, "Sum", 5 * MINUTE, "requests")
SLOW = Metric("AWS/SageMaker", "ModelLatency", {"A": "a"}, "Average", 5 * MINUTE)
DAILY = Metric("mlops/quality", "rows", {}, "Minimum", 24 * HOUR)
RATE = MathExpression("asked/slow", {"asked": REQUESTS, "slow": SLOW}, "rate")


def test_a_page_is_what_the_cdks_own_would_be() -> None:
    measuring = Measuring(REGION)
    ours = laid_out(
        [
            [text("# Page", "of lines", height=2)],
            [alarms("Alarms", [ALARM] * 5)],
            [measuring.number("Now", REQUESTS), measuring.number("All", RATE, over_all=True)],
            [
                measuring.graph("Requests", [REQUESTS, SLOW], limit(0.5, "at most 0.5")),
                measuring.graph("Rate", [RATE], from_zero=False),
                text("beside", height=3),
            ],
            [measuring.graph("Below", [DAILY])],
        ]
    )
    assert ours == _theirs()


def test_two_figures_of_a_graph_do_not_call_different_metrics_the_same() -> None:
    """As the CDK's own graph, which refuses it too: only one of them would be shown."""
    other = MathExpression("asked/2", {"asked": SLOW}, "half")
    with pytest.raises(ValueError, match=r"Both: .*: asked"):
        Measuring(REGION).graph("Both", [RATE, other])


def _metric(metric: Metric) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions_map=dict(metric.dimensions),
        statistic=metric.statistic,
        period=cdk.Duration.seconds(metric.period_seconds),
        label=metric.label,
    )


def _theirs() -> list[dict[str, Any]]:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    rate = cloudwatch.MathExpression(
        expression=RATE.expression,
        using_metrics={name: _metric(metric) for name, metric in RATE.metrics.items()},
        label=RATE.label,
        period=cdk.Duration.seconds(RATE.period_seconds),
    )
    requests, slow = _metric(REQUESTS), _metric(SLOW)
    from_zero = cloudwatch.YAxisProps(min=0, show_units=False)
    half = cloudwatch.HorizontalAnnotation(value=0.5, label="at most 0.5", color=cloudwatch.Color.RED)
    shown = [cloudwatch.Alarm.from_alarm_arn(stack, f"Alarm{number}", ALARM) for number in range(5)]
    graph, number = cloudwatch.GraphWidget, cloudwatch.SingleValueWidget
    page = cloudwatch.Dashboard(
        stack,
        "Page",
        widgets=[
            [cloudwatch.TextWidget(markdown="# Page\nof lines", width=24, height=2)],
            [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=shown, width=24, height=3)],
            [
                number(
                    title="Now",
                    metrics=[requests],
                    width=12,
                    height=2,
                    region=REGION,
                    set_period_to_time_range=False,
                ),
                number(
                    title="All",
                    metrics=[rate],
                    width=12,
                    height=2,
                    region=REGION,
                    set_period_to_time_range=True,
                ),
            ],
            [
                graph(
                    title="Requests",
                    left=[requests, slow],
                    left_annotations=[half],
                    left_y_axis=from_zero,
                    width=8,
                    region=REGION,
                ),
                graph(title="Rate", left=[rate], width=8, region=REGION),
                cloudwatch.TextWidget(markdown="beside", width=8, height=3),
            ],
            [graph(title="Below", left=[_metric(DAILY)], left_y_axis=from_zero, width=24, region=REGION)],
        ],
    )
    template_page = page.node.default_child
    assert isinstance(template_page, cloudwatch.CfnDashboard)
    widgets: list[dict[str, Any]] = json.loads(stack.resolve(template_page.dashboard_body))["widgets"]
    return widgets
