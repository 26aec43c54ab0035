"""Alarms that decide whether a new fleet of an endpoint may stay."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.parts.alarms import told_to
from stacks.serving.variants import VARIANT, id_of
from stacks.use_case_stack import UseCaseStack

SERVER_ERROR_RATE = 0.01


@dataclass(frozen=True)
class Watched:
    """What answers requests, as CloudWatch knows it."""

    who: str
    dimensions: Mapping[str, str]
    variant: str = VARIANT


def watched_fleet(endpoint_name: str, variant: str, configuration_name: str) -> Watched:
    """A variant in the fleet that runs this endpoint configuration.

    The configuration's name as a dimension keeps an ailing old fleet from blocking the deployment that mends
    it: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    who = endpoint_name if variant == VARIANT else f"{endpoint_name}, {variant}"
    dimensions = {
        "EndpointName": endpoint_name,
        "VariantName": variant,
        "EndpointConfigName": configuration_name,
    }
    return Watched(who, dimensions, variant)


def create_rollback_alarms(
    stack: UseCaseStack, watched: Watched, latency_p99_ms: int
) -> list[cloudwatch.Alarm]:
    """On server errors and on latency."""
    who, dimensions, topic = watched.who, dict(watched.dimensions), stack.foundation.alert_topic

    def alarm(
        name: str, metric_name: str, statistic: str, threshold: float, description: str
    ) -> cloudwatch.Alarm:
        metric = cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=metric_name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=cdk.Duration.minutes(1),
        )
        created = metric.create_alarm(
            stack,
            id_of(watched.variant, name),
            alarm_description=f"{who}: {description}",
            threshold=threshold,
            evaluation_periods=2,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            # Of a few requests the slowest one is the 99th percentile, and says nothing.
            evaluate_low_sample_count_percentile="ignore" if statistic == "p99" else None,
        )
        told_to(topic, created)
        return created

    return [
        alarm(
            "ServerErrors",
            "Invocation5XXErrors",
            "Average",
            SERVER_ERROR_RATE,
            f"more than {SERVER_ERROR_RATE:.0%} of requests fail in the model's container",
        ),
        alarm(
            "Latency",
            "ModelLatency",
            "p99",
            latency_p99_ms * 1000,  # the metric is in microseconds
            f"one answer in a hundred takes the model longer than {latency_p99_ms} ms",
        ),
    ]
