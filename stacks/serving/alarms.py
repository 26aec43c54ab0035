"""Alarms that decide whether a new fleet of an endpoint may stay."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.parts.alarms import ABOVE, create_alarm
from stacks.parts.metrics import MINUTE, Metric
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
) -> list[cloudwatch.CfnAlarm]:
    """On server errors and on latency."""

    def alarm(
        name: str, metric_name: str, statistic: str, threshold: float, description: str
    ) -> cloudwatch.CfnAlarm:
        return create_alarm(
            stack,
            id_of(watched.variant, name),
            Metric("AWS/SageMaker", metric_name, watched.dimensions, statistic, MINUTE),
            ABOVE,
            threshold,
            periods=2,
            description=f"{watched.who}: {description}",
            actions=[stack.foundation.alert_topic_arn],
        )

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
