"""Watches one use case's endpoint: captured traffic against the baseline of the model that serves it."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Drift, UseCase
from stacks.foundation.stack import FoundationStack
from stacks.monitoring.dashboard import create_dashboard
from stacks.parts.images import model_monitor_image
from stacks.parts.layout import DATA_QUALITY
from stacks.parts.model_version import ModelVersion
from stacks.serving.stack import VARIANT
from stacks.use_case_stack import UseCaseStack

# Namespace and dimensions of the built-in analyzer:
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html
DRIFT_NAMESPACE = "aws/sagemaker/Endpoints/data-metrics"
NO_SCHEDULE = "none"
MONITOR_VOLUME_GB = 20
MONITOR_MAX_RUNTIME_SECONDS = 3000


class MonitoringStack(UseCaseStack):
    """Data quality job definition, schedule, drift alarm and dashboard of one use case.

    Job definitions cannot change: a new model version, or even a new tag, replaces the definition and points
    the schedule at the new one. Reports in S3 stay.
    """

    kind = "monitoring"
    purpose = (
        "Watches one use case's endpoint: captured traffic against the baseline of the model that serves it."
    )

    def __init__(self, scope: Construct, foundation: FoundationStack, use_case: UseCase) -> None:
        super().__init__(scope, foundation, use_case)
        self.schedule_name = f"{self.fixed_name}-{DATA_QUALITY}"
        self.resources = self.deployment.monitoring
        self.version = ModelVersion(self, self.deployment)
        drift = self._drift_metrics(use_case.drift) if self.resources.capture_percentage else {}
        create_dashboard(self, self.fixed_name, VARIANT, drift)
        schedule_name = NO_SCHEDULE
        # Without captured traffic a schedule would find nothing to compare, at the price of a job each time.
        if self.version.exists and drift:
            definition = self._create_job_definition()
            schedule = self._create_schedule(definition)
            alarm = self._create_drift_alarm(drift, use_case.drift)
            self.version.require([definition, schedule, alarm])
            schedule_name = self.version.only_with_model(self.schedule_name)
        cdk.CfnOutput(self, "MonitoringScheduleName", value=schedule_name)
        cdk.CfnOutput(self, "DeployedModelVersion", value=self.version.value)

    def _create_job_definition(self) -> sagemaker.CfnDataQualityJobDefinition:
        definition = sagemaker.CfnDataQualityJobDefinition
        network, layout = self.foundation.network, self.foundation.layout
        key_arn = self.foundation.key.key_arn
        baseline = layout.models.uri(self.use_case.name, self.version.value, DATA_QUALITY)
        return definition(
            self,
            "DataQualityJobDefinition",
            role_arn=self.foundation.job_roles.monitor.role_arn,
            data_quality_app_specification=definition.DataQualityAppSpecificationProperty(
                image_uri=model_monitor_image(self.region),
                environment={"publish_cloudwatch_metrics": "Enabled"},
            ),
            data_quality_baseline_config=definition.DataQualityBaselineConfigProperty(
                constraints_resource=definition.ConstraintsResourceProperty(
                    s3_uri=f"{baseline}/constraints.json"
                ),
                statistics_resource=definition.StatisticsResourceProperty(
                    s3_uri=f"{baseline}/statistics.json"
                ),
            ),
            data_quality_job_input=definition.DataQualityJobInputProperty(
                endpoint_input=definition.EndpointInputProperty(
                    endpoint_name=self.fixed_name, local_path="/opt/ml/processing/input/endpoint"
                )
            ),
            data_quality_job_output_config=definition.MonitoringOutputConfigProperty(
                kms_key_id=key_arn,
                monitoring_outputs=[
                    definition.MonitoringOutputProperty(
                        s3_output=definition.S3OutputProperty(
                            s3_uri=layout.monitoring.uri(self.use_case.name, DATA_QUALITY),
                            local_path="/opt/ml/processing/output",
                        )
                    )
                ],
            ),
            job_resources=definition.MonitoringResourcesProperty(
                cluster_config=definition.ClusterConfigProperty(
                    instance_count=1,
                    instance_type=self.resources.instance_type,
                    volume_size_in_gb=MONITOR_VOLUME_GB,
                    volume_kms_key_id=key_arn,
                )
            ),
            network_config=definition.NetworkConfigProperty(
                enable_inter_container_traffic_encryption=True,
                enable_network_isolation=True,
                vpc_config=definition.VpcConfigProperty(
                    subnets=network.subnet_ids, security_group_ids=network.security_group_ids
                ),
            ),
            stopping_condition=definition.StoppingConditionProperty(
                max_runtime_in_seconds=MONITOR_MAX_RUNTIME_SECONDS
            ),
        )

    def _create_schedule(
        self, definition: sagemaker.CfnDataQualityJobDefinition
    ) -> sagemaker.CfnMonitoringSchedule:
        schedule = sagemaker.CfnMonitoringSchedule
        # The definition has no fixed name, so that it can be replaced; its ARN ends with the generated one.
        definition_name = cdk.Fn.select(1, cdk.Fn.split("/", definition.attr_job_definition_arn))
        return schedule(
            self,
            "DataQualitySchedule",
            monitoring_schedule_name=self.schedule_name,
            monitoring_schedule_config=schedule.MonitoringScheduleConfigProperty(
                monitoring_job_definition_name=definition_name,
                monitoring_type="DataQuality",
                schedule_config=schedule.ScheduleConfigProperty(
                    schedule_expression=schedule_expression(self.resources.every_hours)
                ),
            ),
        )

    def _drift_metrics(self, drift: Drift) -> dict[str, cloudwatch.IMetric]:
        dimensions = {"Endpoint": self.fixed_name, "MonitoringSchedule": self.schedule_name}
        return {
            f"m{number}": cloudwatch.Metric(
                namespace=DRIFT_NAMESPACE,
                metric_name=f"feature_baseline_drift_{feature}",
                dimensions_map=dimensions,
                statistic="Maximum",
                period=cdk.Duration.hours(self.resources.every_hours),
                label=feature,
            )
            for number, feature in enumerate(drift.features)
        }

    def _create_drift_alarm(self, metrics: dict[str, cloudwatch.IMetric], drift: Drift) -> cdk.CfnResource:
        largest = cloudwatch.MathExpression(
            expression="MAX(METRICS())",
            using_metrics=metrics,
            label="Largest drift",
            period=cdk.Duration.hours(self.resources.every_hours),
        )
        alarm = largest.create_alarm(
            self,
            "Drift",
            alarm_description=(
                f"{self.fixed_name}: live requests differ from the training data by more than "
                f"{drift.threshold:g} in at least one of {', '.join(drift.features)}"
            ),
            threshold=drift.threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.foundation.alert_topic))
        resource = alarm.node.default_child
        assert isinstance(resource, cdk.CfnResource)
        return resource


def schedule_expression(every_hours: int) -> str:
    """The cron form that Model Monitor accepts: at the full hour, hourly or every so many hours.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
    """
    return "cron(0 * ? * * *)" if every_hours == 1 else f"cron(0 0/{every_hours} ? * * *)"
