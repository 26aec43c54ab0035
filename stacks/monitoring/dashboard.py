"""One page per use case: traffic, errors, latency, drift and quality."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct


class Measured(NamedTuple):
    """What monitors publish; nothing where nobody measures."""

    drift: Mapping[str, cloudwatch.IMetric]
    quality: Sequence[cloudwatch.IMetric]
    answers: Sequence[cloudwatch.IMetric]


def create_dashboard(
    scope: Construct,
    endpoint_name: str,
    variants: Sequence[str],
    measured: Measured,
    *,
    queues: bool,
) -> cloudwatch.Dashboard:
    """The dashboard named like the endpoint, without what nobody measures.

    It exists before the endpoint does, and is empty until then. Each graph has all variants of the endpoint.
    `queues` says that its requests wait.
    """

    def metric(name: str, statistic: str, label: str | None = None, **dimensions: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map={"EndpointName": endpoint_name, **dimensions},
            statistic=statistic,
            period=cdk.Duration.minutes(5),
            label=label,
        )

    def each(name: str, statistic: str) -> list[cloudwatch.IMetric]:
        labels = {variant: f"{variant} {name} {statistic}" for variant in variants if len(variants) > 1}
        return [metric(name, statistic, labels.get(variant), VariantName=variant) for variant in variants]

    # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    waiting = metric("ApproximateBacklogSize", "Maximum")
    widgets = [
        cloudwatch.GraphWidget(
            title="Requests that wait" if queues else "Requests",
            left=[waiting] if queues else each("Invocations", "Sum"),
        ),
        cloudwatch.GraphWidget(
            title="Errors", left=[*each("Invocation4XXErrors", "Sum"), *each("Invocation5XXErrors", "Sum")]
        ),
        cloudwatch.GraphWidget(
            title="Latency in microseconds",
            left=[*each("ModelLatency", "Average"), *each("ModelLatency", "p99")],
        ),
    ]
    of_monitors = {
        "Drift from the training data": list(measured.drift.values()),
        "Quality, by what really happened: the metric and its better end": list(measured.quality),
        "How much worse groups fare, and whether the same features move the answers": list(measured.answers),
    }
    for title, metrics in of_monitors.items():
        if metrics:
            widgets.append(cloudwatch.GraphWidget(title=title, left=metrics, width=18))
    return cloudwatch.Dashboard(
        scope,
        "Dashboard",
        dashboard_name=endpoint_name,
        widgets=[widgets[:3], *([widget] for widget in widgets[3:])],
    )
