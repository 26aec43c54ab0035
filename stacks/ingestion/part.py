"""What brings the deliveries of one use case: state machine, roles, and a schedule where there is one."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as stepfunctions

from config.settings import DynamodbSource
from stacks.ingestion.machine import Delivery, ingestion_machine
from stacks.parts.dead_letters import dead_letter_queue
from stacks.parts.encryption import create_log_group
from stacks.parts.layout import Zone
from stacks.parts.state_machines import (
    INGESTION,
    failure_alarm,
    log_group_of_machines,
    logged_in,
)
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    state_machine_statements,
    use_key,
)
from stacks.use_case_stack import UseCaseStack

_NAMED_BY_ITS_OWNER = "The table is not of this environment alone: its name is configured."


class Ingestion:
    """Part of a use case's training stack: what it starts is the pipeline there."""

    def __init__(self, stack: UseCaseStack, source: DynamodbSource) -> None:
        self._stack = stack
        self._foundation = stack.foundation
        self._name = f"{stack.fixed_name}-{INGESTION}"
        raw = stack.foundation.layout.raw
        self._delivery = Delivery(
            table_arn=stack.place.arn("dynamodb", f"table/{source.table}"),
            target=Zone(raw.bucket, raw.key(stack.use_case.name)),
            key_arn=stack.foundation.key.key_arn,
            pipeline=stack.fixed_name,
        )
        self.machine = self._create_machine()

    def _create_machine(self) -> stepfunctions.CfnStateMachine:
        stack, machine = self._stack, stepfunctions.CfnStateMachine
        log_group = create_log_group(
            stack,
            "IngestionLogs",
            key=self._foundation.key,
            retention_days=stack.settings.log_retention_days,
            name=log_group_of_machines(self._name),
        )
        why = "Exports a table as a delivery, and starts the pipeline with it"
        role, policy = service_role(stack, "Ingest", "states", why, self._statements())
        created = machine(
            stack,
            "Ingestion",
            state_machine_name=self._name,
            role_arn=role.role_arn,
            definition_string=stack.to_json_string(
                ingestion_machine(self._delivery, self._foundation.alert_topic.topic_arn)
            ),
            logging_configuration=logged_in(log_group.attr_arn),
            tracing_configuration=machine.TracingConfigurationProperty(enabled=True),
        )
        # Step Functions checks at creation that the role may write to the log group.
        created.node.add_dependency(policy)
        failure_alarm(
            stack,
            "IngestionFailed",
            created,
            topic=self._foundation.alert_topic,
            description=f"A delivery of {self._delivery.table_arn} did not become a model version",
        )
        # A table that is encrypted with a customer managed key lets this role use it.
        cdk.CfnOutput(stack, "IngestionRoleArn", value=role.role_arn)
        return created

    def _statements(self) -> list[Statement]:
        table, place = self._delivery.table_arn, self._stack.place
        pipeline = place.sagemaker("pipeline", self._delivery.pipeline)
        return [
            allow("ExportTable", "dynamodb:ExportTableToPointInTime", [table], because=_NAMED_BY_ITS_OWNER),
            allow(
                "FollowExport", "dynamodb:DescribeExport", [f"{table}/export/*"], because=_NAMED_BY_ITS_OWNER
            ),
            # DynamoDB writes in the name of whoever asks for the export, encrypted:
            # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
            allow_objects(
                "WriteDelivery",
                "s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl",
                self._delivery.target,
            ),
            use_key(self._delivery.key_arn),
            allow("StartPipeline", "sagemaker:StartPipelineExecution", [pipeline]),
            allow(
                "FollowPipeline",
                "sagemaker:DescribePipelineExecution",
                [f"{pipeline}/execution/*"],
                because="SageMaker names the executions of the pipeline, one for each delivery.",
            ),
            allow("TellPeople", "sns:Publish", [self._foundation.alert_topic.topic_arn]),
            *state_machine_statements(),
        ]

    def start_at(self, expression: str) -> None:
        """What cannot be started waits in a queue of its own, and an alarm says so."""
        stack, schedule = self._stack, scheduler.CfnSchedule
        queue = dead_letter_queue(
            stack,
            "UndeliveredSchedules",
            key=self._foundation.key,
            topic=self._foundation.alert_topic,
            alarm=f"A delivery of {self._delivery.table_arn} did not start",
        )
        role, policy = self._starter(queue.queue_arn)
        created = schedule(
            stack,
            "IngestionSchedule",
            name=self._name,
            description=f"Brings a delivery of {stack.use_case.name}",
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=schedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=schedule.TargetProperty(
                arn=self.machine.attr_arn,
                role_arn=role.role_arn,
                input="{}",
                dead_letter_config=schedule.DeadLetterConfigProperty(arn=queue.queue_arn),
                retry_policy=schedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
                ),
            ),
        )
        created.node.add_dependency(policy)

    def _starter(self, queue_arn: str) -> tuple[iam.Role, iam.ManagedPolicy]:
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        return service_role(
            self._stack,
            "StartIngestion",
            "scheduler",
            "Starts the delivery when it is time",
            [
                allow("StartIngestion", "states:StartExecution", [self.machine.attr_arn]),
                allow("KeepUndelivered", "sqs:SendMessage", [queue_arn]),
                allow("EncryptUndelivered", "kms:Decrypt kms:GenerateDataKey", [self._delivery.key_arn]),
            ],
        )
