"""Alarms that decide whether a new fleet of an endpoint may stay."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions

from stacks.use_case_stack import UseCaseStack

SERVER_ERROR_RATE = 0.01


def create_rollback_alarms(
    stack: UseCaseStack, variant_name: str, configuration_name: str, *, slowest_seconds: int
) -> list[cloudwatch.Alarm]:
    """Server errors and latency of the fleet that runs this endpoint configuration.

    The configuration's name as a dimension keeps an ailing old fleet from blocking the deployment that mends
    it: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    endpoint_name, topic = stack.fixed_name, stack.foundation.alert_topic
    dimensions = {
        "EndpointName": endpoint_name,
        "VariantName": variant_name,
        "EndpointConfigName": configuration_name,
    }

    def alarm(construct_id: str, metric_name: str, threshold: float, description: str) -> cloudwatch.Alarm:
        metric = cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=metric_name,
            dimensions_map=dimensions,
            statistic="Average",
            period=cdk.Duration.minutes(1),
        )
        created = metric.create_alarm(
            stack,
            construct_id,
            alarm_description=description,
            threshold=threshold,
            evaluation_periods=2,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        created.add_alarm_action(actions.SnsAction(topic))
        return created

    return [
        alarm(
            "ServerErrors",
            "Invocation5XXErrors",
            SERVER_ERROR_RATE,
            f"{endpoint_name}: more than {SERVER_ERROR_RATE:.0%} of requests fail in the model's container",
        ),
        alarm(
            "Latency",
            "ModelLatency",
            slowest_seconds * 1_000_000,
            f"{endpoint_name}: the model takes longer than {slowest_seconds} s on average",
        ),
    ]
