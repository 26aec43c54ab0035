"""What alarms have in common: somebody hears of them, and learns where it says what to do."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from config.settings import Delivery
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.metrics import Figure, MathExpression, Metric

RUNBOOK = "docs/operations.md"
ABOVE, AT_LEAST, BELOW = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"
"""How a figure is compared with the threshold, in CloudWatch's words."""


def create_alarm(
    scope: Construct,
    construct_id: str,
    figure: Figure,
    comparison: str,
    threshold: float,
    *,
    description: str,
    actions: Sequence[str],
    periods: int = 1,
) -> cloudwatch.CfnAlarm:
    """An alarm on figures of so many periods; a period without any is none to worry about.

    It is two calls of the CDK, whose own alarm, metrics and actions would be ten. The template has it under
    the name that this one would have: under another one deployed alarms would be replaced.
    """
    return cloudwatch.CfnAlarm(
        Construct(scope, construct_id),
        "Resource",
        alarm_description=described(scope, construct_id, description),
        comparison_operator=comparison,
        threshold=threshold,
        evaluation_periods=periods,
        treat_missing_data="notBreaching",
        alarm_actions=list(actions),
        **(_computed(figure) if isinstance(figure, MathExpression) else _single(figure)),
    )


def described(scope: Construct, construct_id: str, description: str) -> str:
    """The description of an alarm, with a link to the runbook's section of its name."""
    stack, outer = scope, ""
    # Mostly it is the stack itself: then nothing has to be asked.
    if not isinstance(stack, EnvironmentStack):
        stack = cast(EnvironmentStack, cdk.Stack.of(scope))
        outer = scope.node.path.removeprefix(stack.node.path).replace("/", "")
    section = f"{outer}{construct_id}".lower()
    return f"{description}. What to do: {runbook(stack.settings.delivery)}#{section}"


def _single(metric: Metric) -> dict[str, Any]:
    watched = {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": _dimensions(metric.dimensions),
        "period": metric.period_seconds,
    }
    if not metric.is_extended:
        return {**watched, "statistic": metric.statistic}
    # Of a few requests the slowest one is the 99th percentile, and says nothing.
    few = {"evaluate_low_sample_count_percentile": "ignore"} if metric.is_percentile else {}
    return {**watched, "extended_statistic": metric.statistic, **few}


def _computed(computed: MathExpression) -> dict[str, Any]:
    query = cloudwatch.CfnAlarm.MetricDataQueryProperty
    figure = query(id="expr_1", expression=computed.expression, label=computed.label, return_data=True)
    parts = [
        query(id=name, metric_stat=_statistic(metric), label=metric.label, return_data=False)
        for name, metric in computed.metrics.items()
    ]
    return {"metrics": [figure, *parts]}


def _statistic(metric: Metric) -> cloudwatch.CfnAlarm.MetricStatProperty:
    return cloudwatch.CfnAlarm.MetricStatProperty(
        metric=cloudwatch.CfnAlarm.MetricProperty(
            namespace=metric.namespace, metric_name=metric.name, dimensions=_dimensions(metric.dimensions)
        ),
        period=metric.period_seconds,
        stat=metric.statistic,
    )


def _dimensions(dimensions: Mapping[str, str]) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    return [
        cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
        for name, value in sorted(dimensions.items())
    ]


def runbook(delivery: Delivery | None) -> str:
    """Its address, where the repository is known; otherwise its place in the repository."""
    where = f"https://github.com/{delivery.github_repository}/blob/HEAD/" if delivery else ""
    return f"{where}{RUNBOOK}"
