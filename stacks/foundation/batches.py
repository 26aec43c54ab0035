"""What has batches of rows predicted: roles of state machines and schedules, and the schedules' queue.

Once for all use cases, so that policies do not grow with them; and not in their serving stacks, which the
release updates without the capability to change roles.
"""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.parts.dead_letters import dead_letter_queue
from stacks.parts.layout import Layout
from stacks.parts.place import Place
from stacks.parts.state_machines import BATCH, BATCH_MONITOR
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_own,
    list_zones,
    state_machine_statements,
    tag_when_creating,
)


class SharedBatches:
    """Roles of the state machines that run transform jobs and of their schedules, and a queue."""

    def __init__(
        self, scope: Construct, *, layout: Layout, key: kms.IKey, topic: sns.ITopic, are_watched: bool
    ) -> None:
        self._place = Place.of(scope)
        self._are_watched = are_watched
        self.machine = service_role(
            scope,
            "Batch",
            "states",
            "Runs transform jobs",
            self._machine_statements(layout, key.key_arn, topic.topic_arn),
        ).role
        self.undelivered = dead_letter_queue(
            scope, "UndeliveredBatches", key=key, topic=topic, alarm="A batch did not start"
        )
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        self.schedule = service_role(
            scope,
            "StartBatch",
            "scheduler",
            "Starts a batch when it is time",
            [
                allow_own("StartBatches", "states:StartExecution", [self._machines(BATCH)]),
                allow("KeepUndelivered", "sqs:SendMessage", [self.undelivered.queue_arn]),
                allow("EncryptUndelivered", "kms:Decrypt kms:GenerateDataKey", [key.key_arn]),
            ],
        ).role

    def _machines(self, kind: str) -> str:
        """Those of all use cases."""
        return self._place.arn("states", f"stateMachine:{self._place.name('*', kind)}")

    def _machine_statements(self, layout: Layout, key_arn: str, topic_arn: str) -> list[Statement]:
        """It passes no role: a transform job acts as its model."""
        jobs = self._place.own("transform-job")
        return [
            allow_own(
                "RunBatches",
                "sagemaker:CreateTransformJob sagemaker:DescribeTransformJob sagemaker:StopTransformJob",
                jobs,
            ),
            tag_when_creating(jobs, ["CreateTransformJob"]),
            list_zones("FindRows", layout.batch_input),
            *(
                [allow_own("StartMonitors", "states:StartExecution", [self._machines(BATCH_MONITOR)])]
                if self._are_watched
                else []
            ),
            allow("TellPeople", "sns:Publish", [topic_arn]),
            allow("EncryptWhatIsTold", "kms:Decrypt kms:GenerateDataKey", [key_arn]),
            *state_machine_statements(),
        ]
