"""What starts the monitoring jobs of all use cases: roles of state machines and schedules, and a log."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.parts.encryption import create_log_group
from stacks.parts.layout import DATA_QUALITY, MODEL_QUALITY, Layout
from stacks.parts.place import Place
from stacks.parts.state_machines import log_group_of_machines
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
    hear_of_jobs,
    list_zones,
    pass_role,
    state_machine_statements,
    tag_when_creating,
)

STATE_MACHINE = "monitor"
"""The last part of the name of a use case's state machine for data quality, and of its schedule."""

STATE_MACHINES = (STATE_MACHINE, MODEL_QUALITY)
"""The same for all that watch an endpoint."""


def watching_machines(place: Place) -> list[str]:
    """Those of all use cases, as patterns of names."""
    return [place.name("*", machine) for machine in STATE_MACHINES]


class Watching:
    """Once for all use cases: their policies do not grow with them, and neither does that of log delivery."""

    def __init__(
        self,
        scope: Construct,
        *,
        layout: Layout,
        key: kms.IKey,
        monitor: iam.Role,
        retention_days: int,
        watches_batches: bool,
    ) -> None:
        self._watches_batches = watches_batches
        self._place = Place.of(scope)
        self.log_group_arn = create_log_group(
            scope,
            "MonitorLogs",
            key=key,
            retention_days=retention_days,
            name=log_group_of_machines(self._place.name(STATE_MACHINE)),
        ).attr_arn
        self.machine = service_role(
            scope,
            "Watch",
            "states",
            "Runs monitoring jobs and publishes what they found",
            self._machine_statements(layout, key.key_arn, monitor.role_arn),
        ).role
        machines = [
            self._place.arn("states", f"stateMachine:{name}") for name in watching_machines(self._place)
        ]
        self.schedule = service_role(
            scope,
            "StartWatch",
            "scheduler",
            "Starts the monitors when it is time",
            [allow_own("StartMonitors", "states:StartExecution", machines)],
        ).role

    def _machine_statements(self, layout: Layout, key_arn: str, monitor_arn: str) -> list[Statement]:
        jobs = self._place.own("processing-job")
        return [
            # https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
            allow_own(
                "RunMonitors",
                "sagemaker:CreateProcessingJob sagemaker:DescribeProcessingJob "
                "sagemaker:ListTags sagemaker:StopProcessingJob",
                jobs,
            ),
            tag_when_creating(jobs, ["CreateProcessingJob"]),
            pass_role("PassMonitorRole", [monitor_arn], "sagemaker"),
            hear_of_jobs(self._place),
            list_zones("FindCapturedData", layout.captured(self._place.name("*"))),
            list_zones("FindLabels", layout.ground_truth),
            *([list_zones("FindBatches", layout.batch_output)] if self._watches_batches else []),
            allow_objects("ReadMetrics", "s3:GetObject", layout.monitoring),
            allow("DecryptMetrics", "kms:Decrypt", [key_arn]),
            allow(
                "PublishMetrics",
                "cloudwatch:PutMetricData",
                ["*"],
                {
                    "StringEquals": {
                        "cloudwatch:namespace": [
                            self._place.metrics(DATA_QUALITY),
                            self._place.metrics(MODEL_QUALITY),
                        ]
                    }
                },
                because="Metrics have no ARN; the condition allows two namespaces.",
            ),
            *state_machine_statements(),
        ]
