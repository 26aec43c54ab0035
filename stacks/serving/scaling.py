"""How many instances an endpoint has: between two limits by its load, and one while nobody works."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import EndpointResources, OffHours
from stacks.serving.variants import id_of
from stacks.use_case_stack import UseCaseStack

# Of a real-time endpoint one is the fewest: only those with inference components can run on none.
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
FEWEST_INSTANCES = 1
SERVICE_LINKED_ROLE = (
    "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
ScheduledActions = list[autoscaling.CfnScalableTarget.ScheduledActionProperty]
WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def fewest_instances(resources: EndpointResources, off_hours: OffHours | None) -> int:
    return FEWEST_INSTANCES if off_hours else resources.instances.min


def create_scaling(
    stack: UseCaseStack, endpoint: sagemaker.CfnEndpoint, variant: str
) -> list[cdk.CfnResource]:
    """What changes the number of instances; nothing for an endpoint that always runs on the same number."""
    resources, off_hours = stack.deployment.endpoint, stack.settings.off_hours
    if fewest_instances(resources, off_hours) == resources.instances.max:
        return []
    rests = _rest(resources, off_hours) if off_hours else None
    target = create_target(stack, endpoint, variant, rests)
    if resources.instances.min == resources.instances.max:
        return [target]
    return [target, _create_policy(stack, target, variant)]


def create_target(
    stack: UseCaseStack,
    endpoint: sagemaker.CfnEndpoint,
    variant: str,
    rests: ScheduledActions | None = None,
) -> autoscaling.CfnScalableTarget:
    instances = stack.deployment.endpoint.instances
    target = autoscaling.CfnScalableTarget(
        stack,
        id_of(variant, "ScalableTarget"),
        service_namespace="sagemaker",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        resource_id=f"endpoint/{stack.fixed_name}/variant/{variant}",
        min_capacity=instances.min,
        max_capacity=instances.max,
        role_arn=stack.place.global_arn("iam", SERVICE_LINKED_ROLE),
        scheduled_actions=rests,
    )
    target.add_resource_dependency(endpoint)
    return target


def _rest(resources: EndpointResources, off_hours: OffHours) -> ScheduledActions:
    instances = resources.instances
    return resting(off_hours, (FEWEST_INSTANCES, FEWEST_INSTANCES), (instances.min, instances.max))


def resting(off_hours: OffHours, rest: tuple[int, int], work: tuple[int, int]) -> ScheduledActions:
    """Other limits while nobody works."""
    target = autoscaling.CfnScalableTarget
    limits = {"rest": (off_hours.stop, *rest), "work": (off_hours.start, *work)}
    return [
        target.ScheduledActionProperty(
            scheduled_action_name=name,
            schedule=schedule_expression(off_hours.days, time_of_day),
            timezone=off_hours.timezone,
            scalable_target_action=target.ScalableTargetActionProperty(min_capacity=least, max_capacity=most),
        )
        for name, (time_of_day, least, most) in limits.items()
    ]


def schedule_expression(days: Sequence[str], time_of_day: str) -> str:
    """A cron expression of AWS: MON-FRI for days that follow each other, else a list of days.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    hour, minute = (int(part) for part in time_of_day.split(":"))
    ordered = [day for day in WEEK if day in days]
    text = ",".join(ordered)
    if len(ordered) > 1 and text in ",".join(WEEK):
        text = f"{ordered[0]}-{ordered[-1]}"
    return f"cron({minute} {hour} ? * {text} *)"


def _create_policy(
    stack: UseCaseStack, target: autoscaling.CfnScalableTarget, variant: str
) -> autoscaling.CfnScalingPolicy:
    policy = autoscaling.CfnScalingPolicy
    return policy(
        stack,
        id_of(variant, "ScalingPolicy"),
        policy_name=f"{stack.fixed_name}-invocations",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration=policy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=stack.deployment.endpoint.invocations_per_instance_per_minute,
            predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
                predefined_metric_type="SageMakerVariantInvocationsPerInstance"
            ),
            scale_in_cooldown=300,
            scale_out_cooldown=60,
        ),
    )


def waking_policy(
    stack: UseCaseStack, target: autoscaling.CfnScalableTarget, statistic: str, cooldown_seconds: int
) -> autoscaling.CfnScalingPolicy:
    """One more where there is none: for the alarm that rings when somebody asks in vain."""
    policy = autoscaling.CfnScalingPolicy
    return policy(
        stack,
        "WakingPolicy",
        policy_name=f"{stack.fixed_name}-waking",
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=policy.StepScalingPolicyConfigurationProperty(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type=statistic,
            cooldown=cooldown_seconds,
            step_adjustments=[
                policy.StepAdjustmentProperty(metric_interval_lower_bound=0, scaling_adjustment=1)
            ],
        ),
    )
