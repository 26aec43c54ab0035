"""A model as a component of the shared endpoint: its copies, its scaling down to none, its alarms.

https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
"""

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import LONGEST_DEPLOYMENT_MINUTES, WITHOUT_GUARDRAILS, Shared
from stacks.parts.alarms import AT_LEAST, create_alarm
from stacks.parts.metrics import MINUTE, Metric
from stacks.serving.alarms import Watched, create_rollback_alarms
from stacks.serving.scaling import SERVICE_LINKED_ROLE, resting, waking_policy
from stacks.serving.variants import VARIANT
from stacks.use_case_stack import UseCaseStack

SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60
_NAMESPACE = "AWS/SageMaker"
Component = sagemaker.CfnInferenceComponent


class SharedComponent:
    """What of a use case runs on the shared endpoint. Callers know it by the use case's fixed name."""

    def __init__(self, stack: UseCaseStack, shared: Shared) -> None:
        self._stack, self._shared, self._name = stack, shared, stack.fixed_name
        self._dimensions = {"InferenceComponentName": self._name}
        rests = stack.settings.off_hours is not None
        self._fewest = 0 if rests else shared.copies.min

    def create(self, model: sagemaker.CfnModel, endpoint_name: str) -> list[cdk.CfnResource]:
        """All that exists with a model only; the component first."""
        stack, resources = self._stack, self._stack.deployment.endpoint
        watched = Watched(self._name, self._dimensions)
        alarms = create_rollback_alarms(stack, watched, resources.latency_p99_ms)
        requirements = Component.InferenceComponentComputeResourceRequirementsProperty(
            min_memory_required_in_mb=self._shared.memory_mb, number_of_cpu_cores_required=self._shared.cpus
        )
        component = Component(
            stack,
            "Component",
            inference_component_name=self._name,
            endpoint_name=endpoint_name,
            variant_name=VARIANT,
            specification=Component.InferenceComponentSpecificationProperty(
                model_name=model.attr_model_name,
                compute_resource_requirements=requirements,
                scheduling_config=self._apart(),
            ),
            # One at least: a version that does not start is found by its deployment.
            runtime_config=Component.InferenceComponentRuntimeConfigProperty(
                copy_count=max(self._shared.copies.min, 1)
            ),
            deployment_config=self._deployment(alarms),
        )
        return [component, *self._scale(component), *alarms]

    def _apart(self) -> Component.InferenceComponentSchedulingConfigProperty | None:
        """Copies that always run are on different instances and zones: else two would go with one machine.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentSchedulingConfig.html
        """
        if self._shared.copies.min < 2:
            return None
        balanced = Component.InferenceComponentAvailabilityZoneBalanceProperty(enforcement_mode="PERMISSIVE")
        return Component.InferenceComponentSchedulingConfigProperty(
            placement_strategy="SPREAD", availability_zone_balance=balanced
        )

    def _deployment(
        self, alarms: list[cloudwatch.CfnAlarm]
    ) -> Component.InferenceComponentDeploymentConfigProperty | None:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html."""
        update = self._stack.deployment.endpoint.update
        if update.strategy == WITHOUT_GUARDRAILS:
            return None
        return Component.InferenceComponentDeploymentConfigProperty(
            rolling_update_policy=Component.InferenceComponentRollingUpdatePolicyProperty(
                maximum_batch_size=Component.InferenceComponentCapacitySizeProperty(
                    type="CAPACITY_PERCENT", value=update.step_percent
                ),
                wait_interval_in_seconds=update.bake_minutes * 60,
                maximum_execution_timeout_in_seconds=LONGEST_DEPLOYMENT_MINUTES * 60,
            ),
            auto_rollback_configuration=Component.AutoRollbackConfigurationProperty(
                alarms=[Component.AlarmProperty(alarm_name=alarm.ref) for alarm in alarms]
            ),
        )

    def _scale(self, component: Component) -> list[cdk.CfnResource]:
        copies = self._shared.copies
        if self._fewest == copies.max:
            return [self._refused()]
        target = self._create_target(component)
        scaling = [target, self._follow_load(target)]
        return [*scaling, *(self._wake(target) if self._fewest == 0 else [self._refused()])]

    def _create_target(self, component: Component) -> autoscaling.CfnScalableTarget:
        off_hours, copies = self._stack.settings.off_hours, self._shared.copies
        limits = (copies.min, copies.max)
        target = autoscaling.CfnScalableTarget(
            self._stack,
            "ScalableTarget",
            service_namespace="sagemaker",
            scalable_dimension="sagemaker:inference-component:DesiredCopyCount",
            resource_id=f"inference-component/{self._name}",
            min_capacity=copies.min,
            max_capacity=copies.max,
            role_arn=self._stack.place.global_arn("iam", SERVICE_LINKED_ROLE),
            scheduled_actions=resting(off_hours, (0, copies.max), limits) if off_hours else None,
        )
        target.add_resource_dependency(component)
        return target

    def _follow_load(self, target: autoscaling.CfnScalableTarget) -> autoscaling.CfnScalingPolicy:
        policy = autoscaling.CfnScalingPolicy
        tracking = policy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=self._shared.invocations_per_copy_per_minute,
            predefined_metric_specification=policy.PredefinedMetricSpecificationProperty(
                predefined_metric_type="SageMakerInferenceComponentInvocationsPerCopy"
            ),
            scale_in_cooldown=SCALE_IN_SECONDS,
            scale_out_cooldown=SCALE_OUT_SECONDS,
        )
        return policy(
            self._stack,
            "ScalingPolicy",
            policy_name=f"{self._name}-invocations",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=tracking,
        )

    def _wake(self, target: autoscaling.CfnScalableTarget) -> list[cdk.CfnResource]:
        """The first copy for the first request, which is refused: a load per copy says nothing of none."""
        first = waking_policy(self._stack, target, "Maximum", SCALE_OUT_SECONDS)
        return [
            first,
            self._without_copy("no copy runs, and a request was refused; one is started", first.ref),
        ]

    def _refused(self) -> cloudwatch.CfnAlarm:
        what = "no copy runs, though some always should, and a request was refused"
        return self._without_copy(what, self._stack.foundation.alert_topic_arn)

    def _without_copy(self, description: str, action: str) -> cloudwatch.CfnAlarm:
        return create_alarm(
            self._stack,
            "RequestsWithoutCopy",
            Metric(_NAMESPACE, "NoCapacityInvocationFailures", self._dimensions, "Sum", MINUTE),
            AT_LEAST,
            1,
            description=f"{self._name}: {description}",
            actions=[action],
        )
