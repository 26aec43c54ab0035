"""What trains the model of one use case anew: state machine, and a rule about its alarms."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_stepfunctions as stepfunctions

from config.settings import Retraining
from stacks.parts.layout import Zone
from stacks.parts.references import json_text
from stacks.parts.state_machines import INGESTION, RETRAINING, failure_alarm, logged_in, started_by_rule
from stacks.permissions.roles import arn_of
from stacks.retraining.approval import ApprovalRule
from stacks.retraining.machine import Retraining as Machine
from stacks.retraining.machine import retraining_machine
from stacks.use_case_stack import UseCaseStack


class RetrainingOnAlarm:
    """Part of a use case's monitoring stack: what asks for it are the alarms there."""

    def __init__(
        self, stack: UseCaseStack, retraining: Retraining, alarms: Sequence[cloudwatch.CfnAlarm]
    ) -> None:
        self._stack = stack
        self._foundation = stack.foundation
        self._shared = stack.foundation.retraining
        self._alarms = alarms
        raw = stack.foundation.layout.raw
        source = stack.use_case.source
        brings = f"stateMachine:{stack.fixed_name}-{INGESTION}" if source and source.delivers else ""
        self._retraining = Machine(
            pipeline=stack.fixed_name,
            deliveries=Zone(raw.bucket, raw.key(stack.use_case.name)),
            ingestion_arn=stack.place.arn("states", brings) if brings else "",
            alarms=[alarm.ref for alarm in alarms],
            rest_days=retraining.at_most_every_days,
            rule=self._rule(retraining.approve_when_better_by),
        )
        self.name = f"{stack.fixed_name}-{RETRAINING}"
        self.arn = stack.place.arn("states", f"stateMachine:{self.name}")

    def _rule(self, better_by: float | None) -> ApprovalRule | None:
        if better_by is None:
            return None
        group = self._stack.fixed_name
        return ApprovalRule(group, self._stack.place.sagemaker("model-package", f"{group}/{{}}"), better_by)

    def create(self) -> list[cdk.CfnResource]:
        """What exists with the alarms only."""
        machine = self._create_machine()
        return [machine, self._create_rule(machine), self._create_failure_alarm(machine)]

    def _create_machine(self) -> stepfunctions.CfnStateMachine:
        stack, machine = self._stack, stepfunctions.CfnStateMachine
        return machine(
            stack,
            "Retraining",
            state_machine_name=self.name,
            role_arn=arn_of(self._shared.machine),
            definition_string=json_text(
                retraining_machine(self._retraining, self._foundation.alert_topic_arn)
            ),
            logging_configuration=logged_in(self._foundation.watching.log_group_arn),
            tracing_configuration=machine.TracingConfigurationProperty(enabled=True),
        )

    def _create_rule(self, machine: stepfunctions.CfnStateMachine) -> events.CfnRule:
        return events.CfnRule(
            self._stack,
            "AlarmRaised",
            # The queue knows it by its name, which CloudFormation would cut.
            name=self.name,
            description=f"An alarm asks that {self._stack.fixed_name} is trained anew",
            state="ENABLED",
            event_pattern={
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "resources": [alarm.attr_arn for alarm in self._alarms],
                "detail": {"state": {"value": ["ALARM"]}},
            },
            targets=started_by_rule(
                machine,
                self._shared.rule,
                self._shared.undelivered,
                paths={"alarm": "$.detail.alarmName", "reason": "$.detail.state.reason"},
                template='{"because":<reason>,"alarm":<alarm>}',
            ),
        )

    def _create_failure_alarm(self, machine: stepfunctions.CfnStateMachine) -> cdk.CfnResource:
        return failure_alarm(
            self._stack,
            "RetrainingFailed",
            machine,
            alert_topic_arn=self._foundation.alert_topic_arn,
            description=f"{self._stack.fixed_name} was to be trained anew, and was not",
        )
