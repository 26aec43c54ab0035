"""An endpoint that queues requests, answers them in files, and runs on no instance while nobody asks.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns

from config.settings import Asynchronous
from stacks.parts.alarms import ABOVE, create_alarm, described
from stacks.parts.metrics import MINUTE, Metric
from stacks.parts.place import ANSWERED, FAILED
from stacks.serving.mode import Mode
from stacks.serving.scaling import create_target, waking_policy
from stacks.serving.variants import VARIANT, Variant
from stacks.use_case_stack import UseCaseStack

OLDEST_REQUEST_SECONDS = 3600
SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60
QUEUED = (
    "Requests to an asynchronous endpoint wait in a queue, six hours if nothing else is asked for: while an "
    "instance is replaced, or none runs, answers come later and none is lost."
)
# What serves whole files: else the toolkit in AWS's image gives a request up after 60 seconds, and the
# program takes 10,000 rows at most.
# https://github.com/aws/sagemaker-containers/blob/master/src/sagemaker_containers/_env.py
MOST_ROWS = "INFERENCE_MAX_ROWS"
PATIENT = {"SAGEMAKER_MODEL_SERVER_TIMEOUT": "3600", MOST_ROWS: "1000000"}
_NAMESPACE = "AWS/SageMaker"


class AsynchronousMode(Mode):
    """Scaled by the requests that wait. Its traffic is not recorded: SageMaker captures none of it.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html
    """

    alone_because = QUEUED
    environment = PATIENT

    def __init__(self, stack: UseCaseStack, asynchronous: Asynchronous) -> None:
        super().__init__(stack)
        self._asynchronous = asynchronous

    @property
    def role(self) -> iam.Role:
        return self.stack.foundation.job_roles.asynchronous

    @property
    def fewest_instances(self) -> int:
        return self.resources.instances.min

    @property
    def first_instances(self) -> int:
        """One at least: a version that does not start is found by its deployment."""
        return max(self.resources.instances.min, 1)

    def configure(self) -> dict[str, Any]:
        config, foundation = sagemaker.CfnEndpointConfig, self.stack.foundation
        layout, use_case = foundation.layout, self.stack.use_case.name
        topics = {kind: self._create_topic(kind) for kind in (ANSWERED, FAILED)}
        cdk.CfnOutput(self.stack, "RequestsFolder", value=layout.requests.key(use_case, ""))
        output = config.AsyncInferenceOutputConfigProperty(
            s3_output_path=layout.answers.uri(use_case),
            s3_failure_path=layout.failures.uri(use_case),
            kms_key_id=foundation.key_arn,
            notification_config=config.AsyncInferenceNotificationConfigProperty(
                success_topic=topics[ANSWERED].topic_arn, error_topic=topics[FAILED].topic_arn
            ),
        )
        client = config.AsyncInferenceClientConfigProperty(
            max_concurrent_invocations_per_instance=self._asynchronous.concurrent_invocations
        )
        return {
            "async_inference_config": config.AsyncInferenceConfigProperty(
                output_config=output,
                client_config=client if self._asynchronous.concurrent_invocations else None,
            )
        }

    def _create_topic(self, kind: str) -> sns.Topic:
        """Who waits for answers subscribes; by its name the endpoint's role may publish to it."""
        topic = sns.Topic(
            self.stack,
            f"{kind.title()}Topic",
            topic_name=f"{self.stack.fixed_name}-{kind}",
            master_key=self.stack.foundation.key,
            enforce_ssl=True,
        )
        cdk.CfnOutput(self.stack, f"{kind.title()}RequestsTopicArn", value=topic.topic_arn)
        return topic

    def scale(
        self,
        endpoint: sagemaker.CfnEndpoint,
        variants: Sequence[Variant],  # noqa: ARG002
    ) -> list[cdk.CfnResource]:
        alarms: list[cdk.CfnResource] = [self._failures(), self._oldest()]
        instances = self.resources.instances
        if instances.min == instances.max:
            return alarms
        target = create_target(self.stack, endpoint, VARIANT)
        scaling: list[cdk.CfnResource] = [target, self._follow_backlog(target)]
        if instances.min == 0:
            scaling += self._wake(target)
        return [*scaling, *alarms]

    def _follow_backlog(self, target: autoscaling.CfnScalableTarget) -> autoscaling.CfnScalingPolicy:
        policy = autoscaling.CfnScalingPolicy
        return policy(
            self.stack,
            "ScalingPolicy",
            policy_name=f"{self.stack.fixed_name}-backlog",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=policy.TargetTrackingScalingPolicyConfigurationProperty(
                target_value=self._asynchronous.backlog_per_instance,
                customized_metric_specification=policy.CustomizedMetricSpecificationProperty(
                    metric_name="ApproximateBacklogSizePerInstance",
                    namespace=_NAMESPACE,
                    statistic="Average",
                    dimensions=[
                        policy.MetricDimensionProperty(name="EndpointName", value=self.stack.fixed_name)
                    ],
                ),
                scale_in_cooldown=SCALE_IN_SECONDS,
                scale_out_cooldown=SCALE_OUT_SECONDS,
            ),
        )

    def _wake(self, target: autoscaling.CfnScalableTarget) -> list[cdk.CfnResource]:
        """The first instance for the first request; else it waits until there are more than the target.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
        """
        first = waking_policy(self.stack, target, "Average", SCALE_IN_SECONDS)
        construct_id = "RequestsWithoutInstance"
        alarm = cloudwatch.CfnAlarm(
            self.stack,
            construct_id,
            alarm_description=described(
                self.stack,
                construct_id,
                f"{self.stack.fixed_name}: requests wait and no instance runs; one is started",
            ),
            namespace=_NAMESPACE,
            metric_name="HasBacklogWithoutCapacity",
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name="EndpointName", value=self.stack.fixed_name)
            ],
            statistic="Average",
            period=60,
            evaluation_periods=2,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[first.ref],
        )
        return [first, alarm]

    def _failures(self) -> cloudwatch.CfnAlarm:
        return self._alarm(
            "RequestsFailed",
            self._metric("InvocationFailures", "Sum", VariantName=VARIANT),
            0,
            f"{self.stack.fixed_name}: a request was not answered; why is in the folder of failures",
        )

    def _oldest(self) -> cloudwatch.CfnAlarm:
        return self._alarm(
            "RequestsWaiting",
            self._metric("ApproximateAgeOfOldestRequest", "Maximum"),
            OLDEST_REQUEST_SECONDS,
            f"{self.stack.fixed_name}: a request waits for more than {OLDEST_REQUEST_SECONDS // 60} minutes",
        )

    def _metric(self, name: str, statistic: str, **dimensions: str) -> Metric:
        of_endpoint = {"EndpointName": self.stack.fixed_name, **dimensions}
        return Metric(_NAMESPACE, name, of_endpoint, statistic, 5 * MINUTE)

    def _alarm(
        self, construct_id: str, metric: Metric, threshold: float, description: str
    ) -> cloudwatch.CfnAlarm:
        return create_alarm(
            self.stack,
            construct_id,
            metric,
            ABOVE,
            threshold,
            description=description,
            actions=[self.stack.foundation.alert_topic_arn],
        )
