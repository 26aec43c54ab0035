"""Approval of a model version becomes a deployment."""

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from config.settings import Deployment
from stacks.foundation.stack import FoundationStack
from stacks.parts.dead_letters import queue_of_rules
from stacks.parts.encryption import create_log_group
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.state_machines import failure_alarm, log_group_of_machines, logged_in, started_by_rule
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
    state_machine_statements,
    use_key,
)
from stacks.release.machine import release_machine
from stacks.release.version import Origin

DECISIONS = ["Approved", "Rejected"]


class ReleaseStack(EnvironmentStack):
    """State machine of the environment, and one rule per use case that starts it. Holds no data."""

    kind = "release"
    purpose = "Approval of a model version becomes a deployment."

    def __init__(self, scope: Construct, foundation: FoundationStack, repositories: Sequence[str]) -> None:
        """`repositories` are those of the images that versions may have."""
        environment = foundation.settings
        super().__init__(scope, environment)
        self.foundation = foundation
        self._repositories = repositories
        machine = self._create_machine(environment.log_retention_days)
        if environment.alerts.slack:
            # The mail of a release that failed is no message that a chat shows.
            failure_alarm(
                self,
                "ReleaseFailed",
                machine,
                topic=foundation.alert_topic,
                description=f"An approved version is not live, or a rejected one is, in {environment.prefix}",
            )
        undelivered = self._create_dead_letter_queue()
        start = allow("StartRelease", "states:StartExecution", [machine.attr_arn])
        why = "Starts the release when a decision on a model version is made"
        starter = service_role(self, "StartRelease", "events", why, [start])
        for name, deployment in environment.use_cases.items():
            self._create_rule(name, deployment, machine, starter, undelivered)
        cdk.CfnOutput(self, "ReleaseStateMachineArn", value=machine.attr_arn)

    def _create_machine(self, log_retention_days: int) -> stepfunctions.CfnStateMachine:
        log_group = create_log_group(
            self,
            "ReleaseLogs",
            key=self.foundation.key,
            retention_days=log_retention_days,
            name=log_group_of_machines(self.place.name("release")),
        )
        machine = stepfunctions.CfnStateMachine
        why = "Takes the files of approved versions and updates the stacks of their use case"
        role, policy = service_role(self, "Release", "states", why, self._release_statements())
        created = machine(
            self,
            "Release",
            # People who may replay a release know the machine by its name.
            state_machine_name=self.place.name("release"),
            role_arn=role.role_arn,
            definition_string=self.to_json_string(
                release_machine(
                    self._origin,
                    self.foundation.alert_topic.topic_arn,
                    shares_endpoint=self.settings.shared_endpoint is not None,
                )
            ),
            logging_configuration=logged_in(log_group.attr_arn),
            tracing_configuration=machine.TracingConfigurationProperty(enabled=True),
        )
        # Step Functions checks at creation that the role may write to the log group.
        created.node.add_dependency(policy)
        if self.settings.shared_endpoint:
            created.node.add_dependency(self._let_look_at_components(role))
        return created

    def _let_look_at_components(self, role: iam.Role) -> iam.ManagedPolicy:
        components = self.place.own("inference-component")
        return managed_policy(
            self,
            "ReleaseComponentsPolicy",
            description="Looks whether the version serves on the shared endpoint",
            roles=[role],
            statements=[allow_own("CheckComponent", "sagemaker:DescribeInferenceComponent", components)],
        )

    @property
    def _origin(self) -> Origin:
        group = self.place.name("{}")
        execution = self.place.sagemaker("pipeline", f"{group}/execution/{{}}")
        return Origin(group, execution, self._repositories, self.foundation.layout)

    def _release_statements(self) -> list[Statement]:
        layout, place = self.foundation.layout, self.place
        stacks = [f"stack/{place.name('*', kind)}/*" for kind in ("serving", "monitoring", "training")]
        return [
            allow_own("ReadVersion", "sagemaker:DescribeModelPackage", place.own("model-package")),
            allow(
                "FindNewestApproved",
                "sagemaker:ListModelPackages",
                ["*"],
                because="The request names a group; AWS's list of actions has versions, and demands none.",
            ),
            allow_own("AskWhoRegistered", "sagemaker:ListPipelineExecutionSteps", place.own("pipeline")),
            allow_objects("ReadFiles", "s3:GetObject", layout.training, layout.executions, layout.models),
            allow_objects("ReadCandidates", "s3:GetObjectVersion", layout.candidates),
            allow_objects("TakeFiles", "s3:PutObject", layout.candidates, layout.models),
            use_key(self.foundation.key.key_arn),
            # The stacks' own service role makes the changes; this role only sets their parameter.
            allow_own(
                "DeployVersion",
                "cloudformation:DescribeStacks cloudformation:UpdateStack",
                [place.arn("cloudformation", stack) for stack in stacks],
            ),
            allow_own("CheckEndpoint", "sagemaker:DescribeEndpoint", place.own("endpoint")),
            allow("TellPeople", "sns:Publish", [self.foundation.alert_topic.topic_arn]),
            *state_machine_statements(),
        ]

    def _create_dead_letter_queue(self) -> sqs.Queue:
        return queue_of_rules(
            self,
            "UndeliveredDecisions",
            key=self.foundation.key,
            topic=self.foundation.alert_topic,
            alarm="A decision on a model version did not start a release",
            rules_arn=self.place.arn("events", f"rule/{self.stack_name}-*"),
        )

    def _create_rule(
        self,
        use_case: str,
        deployment: Deployment,
        machine: stepfunctions.CfnStateMachine,
        starter: ServiceRole,
        undelivered: sqs.IQueue,
    ) -> None:
        follows_latest = json.dumps(deployment.model == "latest-approved")
        created = events.CfnRule(
            # CDK's rule would add a statement to the queue's policy for each use case, and SQS takes 20.
            Construct(self, f"Decision-{use_case}"),
            "Resource",
            description=f"A version of {use_case} was approved or rejected",
            state="ENABLED",
            event_pattern={
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Package State Change"],
                "detail": {
                    "ModelPackageGroupName": [self.place.name(use_case)],
                    "ModelApprovalStatus": DECISIONS,
                },
            },
            targets=started_by_rule(
                machine,
                starter.role,
                undelivered,
                paths={"detail-ModelPackageArn": "$.detail.ModelPackageArn"},
                template=(
                    '{"ModelPackageArn":<detail-ModelPackageArn>,'
                    f'"UseCase":"{use_case}","FollowsLatest":{follows_latest}}}'
                ),
            ),
        )
        created.node.add_dependency(starter.policy)
