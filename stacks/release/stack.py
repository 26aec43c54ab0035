"""Approval of a model version becomes a deployment."""

import json
from collections.abc import Sequence
from functools import cached_property

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
from stacks.parts.neighbours import RELEASE, Neighbour, bus_name
from stacks.parts.references import json_text
from stacks.parts.state_machines import failure_alarm, log_group_of_machines, logged_in, started_by_rule
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, name_role, service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
    state_machine_statements,
    use_key,
)
from stacks.release.decisions import create_bus, decisions_on, forward_decisions
from stacks.release.followed import Followed
from stacks.release.machine import release_machine
from stacks.release.version import Origin

_FIND_NEWEST = allow(
    "FindNewestApproved",
    "sagemaker:ListModelPackages",
    ["*"],
    because="The request names a group; AWS's list of actions has versions, and demands none.",
)


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
        self._trainer = foundation.neighbours.trainer
        machine = self._create_machine(environment.log_retention_days)
        if environment.alerts.slack:
            # The mail of a release that failed is no message that a chat shows.
            failure_alarm(
                self,
                "ReleaseFailed",
                machine,
                alert_topic_arn=foundation.alert_topic_arn,
                description=f"An approved version is not live, or a rejected one is, in {environment.prefix}",
            )
        undelivered = self._create_dead_letter_queue()
        self._bus = create_bus(self, self._trainer) if self._trainer else None
        start = allow("StartRelease", "states:StartExecution", [machine.attr_arn])
        why = "Starts the release when a decision on a model version is made"
        starter = service_role(self, "StartRelease", "events", why, [start])
        for name, deployment in environment.use_cases.items():
            self._create_rule(name, deployment, machine, starter, undelivered)
        if followers := foundation.neighbours.followers:
            forward_decisions(self, followers, undelivered)
        cdk.CfnOutput(self, "ReleaseStateMachineArn", value=machine.attr_arn)
        if self._trainer:
            groups = self._trainer.place.sagemaker("model-package-group", self._trainer.place.name("*"))
            cdk.CfnOutput(self, "FollowedModelPackageGroups", value=groups)

    def _create_machine(self, log_retention_days: int) -> stepfunctions.CfnStateMachine:
        log_group = create_log_group(
            self,
            "ReleaseLogs",
            key=self.foundation.key,
            retention_days=log_retention_days,
            name=log_group_of_machines(self.place.name(RELEASE)),
        )
        machine = stepfunctions.CfnStateMachine
        why = "Takes the files of approved versions and updates the stacks of their use case"
        role, policy = service_role(self, "Release", "states", why, self._release_statements())
        neighbours = self.foundation.neighbours
        if neighbours.followers or (neighbours.trainer and not neighbours.trainer.is_in(self.account)):
            # Policies of the other environment name it.
            name_role(role, self.place.name(RELEASE))
        created = machine(
            self,
            "Release",
            # People who may replay a release know the machine by its name.
            state_machine_name=self.place.name(RELEASE),
            role_arn=role.role_arn,
            definition_string=json_text(
                release_machine(
                    self._versions,
                    self.foundation.alert_topic_arn,
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

    @cached_property
    def _versions(self) -> Origin | Followed:
        layout, own = self.foundation.layout, self.place.name("{}")
        if trainer := self._trainer:
            group = trainer.place.name("{}")
            return Followed(
                here=own,
                group_arn=trainer.place.sagemaker("model-package-group", group),
                version_arn=trainer.place.sagemaker("model-package", f"{group}/{{}}"),
                models=trainer.models,
                repositories=self._repositories,
                layout=layout,
            )
        execution = self.place.sagemaker("pipeline", f"{own}/execution/{{}}")
        is_followed = bool(self.foundation.neighbours.followers)
        return Origin(own, execution, self._repositories, layout, is_followed)

    def _release_statements(self) -> list[Statement]:
        layout, place, trainer = self.foundation.layout, self.place, self._trainer
        kinds = ("serving", "monitoring") if trainer else ("serving", "monitoring", "training")
        stacks = [f"stack/{place.name('*', kind)}/*" for kind in kinds]
        return [
            *(self._read_elsewhere(trainer) if trainer else self._read_here()),
            allow_objects("ReadCandidates", "s3:GetObjectVersion", layout.candidates),
            allow_objects("TakeFiles", "s3:PutObject", layout.candidates, layout.models),
            use_key(self.foundation.key_arn),
            # The stacks' own service role makes the changes; this role only sets their parameter.
            allow_own(
                "DeployVersion",
                "cloudformation:DescribeStacks cloudformation:UpdateStack",
                [place.arn("cloudformation", stack) for stack in stacks],
            ),
            allow_own("CheckEndpoint", "sagemaker:DescribeEndpoint", place.own("endpoint")),
            allow("TellPeople", "sns:Publish", [self.foundation.alert_topic_arn]),
            *state_machine_statements(),
        ]

    def _read_here(self) -> list[Statement]:
        layout, place = self.foundation.layout, self.place
        return [
            allow_own("ReadVersion", "sagemaker:DescribeModelPackage", place.own("model-package")),
            _FIND_NEWEST,
            allow_own("AskWhoRegistered", "sagemaker:ListPipelineExecutionSteps", place.own("pipeline")),
            allow_objects("ReadFiles", "s3:GetObject", layout.training, layout.executions, layout.models),
        ]

    def _read_elsewhere(self, trainer: Neighbour) -> list[Statement]:
        """The other environment's policies say of which use cases, where it is another account's."""
        there, place = f"{trainer.name}, which trains", trainer.place
        through_the_bucket = {
            "kms:ViaService": f"s3.{place.region}.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": trainer.artifacts.arn,
        }
        return [
            allow(
                "ReadVersionElsewhere",
                "sagemaker:DescribeModelPackage",
                place.own("model-package"),
                because="Versions of the environment that trains; use cases come and go.",
                foreign=there,
            ),
            _FIND_NEWEST,
            allow_objects("ReadFilesElsewhere", "s3:GetObject", trainer.models, foreign=there),
            allow(
                "DecryptFilesElsewhere",
                "kms:Decrypt",
                [place.arn("kms", "key/*")],
                {"StringEquals": through_the_bucket},
                because="The key's id is known there alone; the condition allows that bucket's objects only.",
                foreign=there,
            ),
            allow_objects("ReadFiles", "s3:GetObject", self.foundation.layout.models),
        ]

    def _create_dead_letter_queue(self) -> sqs.Queue:
        return queue_of_rules(
            self,
            "UndeliveredDecisions",
            key=self.foundation.key,
            topic=self.foundation.alert_topic,
            alarm="A decision on a model version did not start a release",
            rules_arn=self.place.arn("events", f"rule/{self._rules}-*"),
        )

    @property
    def _rules(self) -> str:
        """What the names of its rules begin with in their ARNs."""
        return f"{bus_name(self.place)}/{self.stack_name}" if self._trainer else self.stack_name

    def _create_rule(
        self,
        use_case: str,
        deployment: Deployment,
        machine: stepfunctions.CfnStateMachine,
        starter: ServiceRole,
        undelivered: sqs.IQueue,
    ) -> None:
        registry = self._trainer.place if self._trainer else self.place
        account = registry.account if self._trainer else None
        follows_latest = json.dumps(deployment.model == "latest-approved")
        created = events.CfnRule(
            # CDK's rule would add a statement to the queue's policy for each use case, and SQS takes 20.
            Construct(self, f"Decision-{use_case}"),
            "Resource",
            description=f"A version of {use_case} was approved or rejected",
            state="ENABLED",
            event_bus_name=self._bus.ref if self._bus else None,
            event_pattern=decisions_on([registry.name(use_case)], account),
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
