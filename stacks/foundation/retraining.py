"""What trains models anew by itself: roles of state machines and rules, and where undelivered alarms wait.

Once for all use cases, so that policies do not grow with them; and not in their monitoring stacks, which the
release updates without the capability to change roles.
"""

from collections.abc import Sequence

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.parts.dead_letters import queue_of_rules
from stacks.parts.layout import Layout
from stacks.parts.place import Place
from stacks.parts.state_machines import INGESTION, RETRAINING
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    OF_THIS_ENVIRONMENT,
    Statement,
    allow,
    allow_own,
    list_zones,
    state_machine_statements,
)


class SharedRetraining:
    """Roles of the state machines that retrain and of the rules that start them, and the rules' queue."""

    def __init__(
        self,
        scope: Construct,
        *,
        layout: Layout,
        key: kms.IKey,
        topic: sns.ITopic,
        approved_by_rule: Sequence[str],
    ) -> None:
        """`approved_by_rule` are the use cases whose versions need nobody to approve them."""
        self._place = Place.of(scope)
        self._approved_by_rule = approved_by_rule
        self.machine = service_role(
            scope,
            "Retrain",
            "states",
            "Trains models anew on the newest delivery",
            self._machine_statements(layout, key.key_arn, topic.topic_arn),
        ).role
        self.rule = service_role(
            scope,
            "StartRetraining",
            "events",
            "Starts a retraining when an alarm asks for it",
            [allow_own("StartRetraining", "states:StartExecution", [self._machines(RETRAINING)])],
        ).role
        self.undelivered = queue_of_rules(
            scope,
            "UndeliveredAlarms",
            key=key,
            topic=topic,
            alarm="An alarm did not start a retraining",
            rules_arn=self._place.arn("events", f"rule/{self._place.name('*', RETRAINING)}"),
        )

    def _machines(self, name: str) -> str:
        return self._place.arn("states", f"stateMachine:{self._place.name('*', name)}")

    def _machine_statements(self, layout: Layout, key_arn: str, topic_arn: str) -> list[Statement]:
        retraining = self._machines(RETRAINING)
        return [
            allow_own("BeTheOnlyOne", "states:ListExecutions", [retraining]),
            allow_own("StartAnew", "states:StartExecution", [retraining, self._machines(INGESTION)]),
            allow_own(
                "RunPipelines",
                "sagemaker:DescribePipelineExecution sagemaker:ListPipelineExecutions "
                "sagemaker:ListPipelineParametersForExecution sagemaker:StartPipelineExecution",
                self._place.own("pipeline"),
            ),
            list_zones("FindDeliveries", layout.raw),
            allow_own(
                "ReadAlarms",
                "cloudwatch:DescribeAlarms",
                [self._place.arn("cloudwatch", f"alarm:{self._place.name('*', 'monitoring')}-*")],
            ),
            allow("TellPeople", "sns:Publish", [topic_arn]),
            allow("EncryptWhatIsTold", "kms:Decrypt kms:GenerateDataKey", [key_arn]),
            *(self._approve() if self._approved_by_rule else ()),
            *state_machine_statements(),
        ]

    def _approve(self) -> list[Statement]:
        """Only of use cases that say so, and nothing but to approve: whom people reject, no rule saves."""
        versions = [
            self._place.sagemaker("model-package", f"{self._place.name(use_case)}/*")
            for use_case in self._approved_by_rule
        ]
        return [
            allow_own(
                "AskWhatWasRegistered", "sagemaker:ListPipelineExecutionSteps", self._place.own("pipeline")
            ),
            allow_own("ReadVersions", "sagemaker:DescribeModelPackage", versions),
            allow(
                "FindNewestApproved",
                "sagemaker:ListModelPackages",
                ["*"],
                because="The request names a group; AWS's list of actions has versions, and demands none.",
            ),
            allow(
                "ApproveByRule",
                "sagemaker:UpdateModelPackage",
                versions,
                {
                    "StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"},
                    "Null": {
                        "sagemaker:CustomerMetadataPropertiesToRemove": "true",
                        "sagemaker:ModelLifeCycle:Stage": "true",
                    },
                },
                because=OF_THIS_ENVIRONMENT,
            ),
        ]
