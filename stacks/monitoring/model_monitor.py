"""Amazon SageMaker Model Monitor: a schedule of SageMaker's, and AWS's analyzer. Closed to new customers."""

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker

from stacks.parts.layout import DATA_QUALITY
from stacks.use_case_stack import UseCaseStack

MONITOR_VOLUME_GB = 20
MONITOR_MAX_RUNTIME_SECONDS = 3000


class ModelMonitor:
    """Job definition and schedule.

    Job definitions cannot change: a new model version, or even a new tag, replaces the definition and points
    the schedule at the new one.
    """

    # Of the built-in analyzer:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html
    namespace = "aws/sagemaker/Endpoints/data-metrics"

    def __init__(self, stack: UseCaseStack) -> None:
        self._stack = stack
        self._foundation = stack.foundation
        self._resources = stack.deployment.monitoring
        self.schedule_name = f"{stack.fixed_name}-{DATA_QUALITY}"
        self.every_hours = stack.deployment.monitoring.every_hours
        self.dimensions = {"Endpoint": stack.fixed_name, "MonitoringSchedule": self.schedule_name}

    def create(self, version: str) -> list[cdk.CfnResource]:
        """Compares with the baseline of a model version."""
        definition = self._create_job_definition(version)
        return [definition, self._create_schedule(definition)]

    def _create_job_definition(self, version: str) -> sagemaker.CfnDataQualityJobDefinition:
        definition = sagemaker.CfnDataQualityJobDefinition
        network, layout = self._foundation.network, self._foundation.layout
        key_arn = self._foundation.key_arn
        baseline = layout.models.uri(self._stack.use_case.name, version, DATA_QUALITY)
        return definition(
            self._stack,
            "DataQualityJobDefinition",
            role_arn=self._foundation.job_roles.monitor.role_arn,
            data_quality_app_specification=definition.DataQualityAppSpecificationProperty(
                image_uri=self._stack.images.model_monitor,
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
                    endpoint_name=self._stack.fixed_name, local_path="/opt/ml/processing/input/endpoint"
                )
            ),
            data_quality_job_output_config=definition.MonitoringOutputConfigProperty(
                kms_key_id=key_arn,
                monitoring_outputs=[
                    definition.MonitoringOutputProperty(
                        s3_output=definition.S3OutputProperty(
                            s3_uri=layout.monitoring.uri(self._stack.use_case.name, DATA_QUALITY),
                            local_path="/opt/ml/processing/output",
                        )
                    )
                ],
            ),
            job_resources=definition.MonitoringResourcesProperty(
                cluster_config=definition.ClusterConfigProperty(
                    instance_count=1,
                    instance_type=self._resources.instance_type,
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
            self._stack,
            "DataQualitySchedule",
            monitoring_schedule_name=self.schedule_name,
            monitoring_schedule_config=schedule.MonitoringScheduleConfigProperty(
                monitoring_job_definition_name=definition_name,
                monitoring_type="DataQuality",
                schedule_config=schedule.ScheduleConfigProperty(
                    schedule_expression=schedule_expression(self._resources.every_hours)
                ),
            ),
        )


def schedule_expression(every_hours: int) -> str:
    """The cron form that Model Monitor accepts: at the full hour, hourly or every so many hours.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
    """
    return "cron(0 * ? * * *)" if every_hours == 1 else f"cron(0 0/{every_hours} ? * * *)"
