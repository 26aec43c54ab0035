"""How an endpoint changes over to another model version, and which alarms bring the old fleet back.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import (
    LONGEST_DEPLOYMENT_MINUTES,
    WITHOUT_GUARDRAILS,
    EndpointUpdate,
    UpdateStrategy,
)

TERMINATION_WAIT_SECONDS = 120

Endpoint = sagemaker.CfnEndpoint


def deployment_config(
    update: EndpointUpdate, strategy: UpdateStrategy, alarms: Sequence[cloudwatch.CfnAlarm]
) -> Endpoint.DeploymentConfigProperty | None:
    """The strategy, with rollback on alarms; without guardrails nothing."""
    if strategy == WITHOUT_GUARDRAILS:
        return None
    rollback = Endpoint.AutoRollbackConfigProperty(
        alarms=[Endpoint.AlarmProperty(alarm_name=alarm.ref) for alarm in alarms]
    )
    step = Endpoint.CapacitySizeProperty(type="CAPACITY_PERCENT", value=update.step_percent)
    # A ceiling, not a wait: how long instances take to start, at each step of a rolling update, is AWS's.
    timeout = LONGEST_DEPLOYMENT_MINUTES * 60
    if strategy == "rolling":
        return Endpoint.DeploymentConfigProperty(
            rolling_update_policy=Endpoint.RollingUpdatePolicyProperty(
                maximum_batch_size=step,
                wait_interval_in_seconds=update.bake_minutes * 60,
                maximum_execution_timeout_in_seconds=timeout,
            ),
            auto_rollback_configuration=rollback,
        )
    return Endpoint.DeploymentConfigProperty(
        blue_green_update_policy=Endpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=Endpoint.TrafficRoutingConfigProperty(
                type=strategy.upper().replace("-", "_"),
                wait_interval_in_seconds=update.bake_minutes * 60,
                canary_size=step if strategy == "canary" else None,
                linear_step_size=step if strategy == "linear" else None,
            ),
            termination_wait_in_seconds=TERMINATION_WAIT_SECONDS,
            maximum_execution_timeout_in_seconds=timeout,
        ),
        auto_rollback_configuration=rollback,
    )
