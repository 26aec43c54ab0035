"""What brings the deliveries of one use case: state machine, roles, and a schedule where there is one."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions

from config.settings import Source
from stacks.ingestion.job import DeliveryJob
from stacks.ingestion.machine import Delivery, Export, ingestion_machine
from stacks.parts.dead_letters import dead_letter_queue
from stacks.parts.encryption import create_log_group
from stacks.parts.layout import Zone
from stacks.parts.references import json_text
from stacks.parts.state_machines import (
    INGESTION,
    failure_alarm,
    log_group_of_machines,
    logged_in,
    started_by_schedule,
)
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    list_zones,
    state_machine_statements,
    use_key,
)
from stacks.use_case_stack import UseCaseStack

_NAMED_BY_ITS_OWNER = "The table is not of this environment alone: its name is configured."


class Ingestion:
    """Part of a use case's training stack: what it starts is the pipeline there."""

    def __init__(self, stack: UseCaseStack, source: Source) -> None:
        self._stack = stack
        self._foundation = stack.foundation
        self._name = f"{stack.fixed_name}-{INGESTION}"
        raw, key = stack.foundation.layout.raw, stack.foundation.key_arn
        target = Zone(raw.bucket, raw.key(stack.use_case.name))
        self._job = DeliveryJob(stack, source, target)
        table = source.dynamodb and stack.place.arn("dynamodb", f"table/{source.dynamodb.table}")
        self._delivery = Delivery(
            job=self._job.name,
            target=target,
            pipeline=stack.fixed_name,
            export=Export(table, key) if table else None,
            may_be_nothing=source.bucket is not None,
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
        why = "Brings a delivery, and starts the pipeline with it"
        role, policy = service_role(stack, "Ingest", "states", why, self._statements())
        created = machine(
            stack,
            "Ingestion",
            state_machine_name=self._name,
            role_arn=role.role_arn,
            definition_string=json_text(ingestion_machine(self._delivery, self._foundation.alert_topic_arn)),
            logging_configuration=logged_in(log_group.attr_arn),
            tracing_configuration=machine.TracingConfigurationProperty(enabled=True),
        )
        # Step Functions checks at creation that the role may write to the log group.
        created.node.add_dependency(policy)
        failure_alarm(
            stack,
            "IngestionFailed",
            created,
            alert_topic_arn=self._foundation.alert_topic_arn,
            description=f"A delivery of {stack.use_case.name} did not become a model version",
        )
        # Owners of tables, buckets, secrets and of their keys let these roles in.
        cdk.CfnOutput(stack, "IngestionRoleArn", value=role.role_arn)
        cdk.CfnOutput(stack, "SourceReaderRoleArn", value=self._job.role.role_arn)
        return created

    def _statements(self) -> list[Statement]:
        delivery, place = self._delivery, self._stack.place
        pipeline = place.sagemaker("pipeline", delivery.pipeline)
        return [
            *(self._export_statements(delivery.export) if delivery.export else []),
            *([list_zones("LookForDelivery", delivery.target)] if delivery.may_be_nothing else []),
            allow("RunJob", "glue:GetJobRun glue:StartJobRun", [self._job.arn]),
            use_key(self._foundation.key_arn),
            allow("StartPipeline", "sagemaker:StartPipelineExecution", [pipeline]),
            allow(
                "FollowPipeline",
                "sagemaker:DescribePipelineExecution",
                [f"{pipeline}/execution/*"],
                because="SageMaker names the executions of the pipeline, one for each delivery.",
            ),
            allow("TellPeople", "sns:Publish", [self._foundation.alert_topic_arn]),
            *state_machine_statements(),
        ]

    def _export_statements(self, export: Export) -> list[Statement]:
        table, exports = export.table_arn, f"{export.table_arn}/export/*"
        return [
            allow("ExportTable", "dynamodb:ExportTableToPointInTime", [table], because=_NAMED_BY_ITS_OWNER),
            allow("FollowExport", "dynamodb:DescribeExport", [exports], because=_NAMED_BY_ITS_OWNER),
            # DynamoDB writes in the name of whoever asks for the export, encrypted:
            # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
            allow_objects(
                "WriteDelivery",
                "s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl",
                self._delivery.target,
            ),
        ]

    def start_at(self, expression: str) -> None:
        """What cannot be started waits in a queue of its own, and an alarm says so."""
        stack = self._stack
        queue = dead_letter_queue(
            stack,
            "UndeliveredSchedules",
            key=self._foundation.key,
            topic=self._foundation.alert_topic,
            alarm=f"A delivery of {stack.use_case.name} did not start",
        )
        role, policy = self._starter(queue.queue_arn)
        created = started_by_schedule(
            self.machine,
            role,
            "IngestionSchedule",
            expression=expression,
            given={},
            undelivered=queue,
            description=f"Brings a delivery of {stack.use_case.name}",
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
                allow("EncryptUndelivered", "kms:Decrypt kms:GenerateDataKey", [self._foundation.key_arn]),
            ],
        )
