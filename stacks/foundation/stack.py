"""What an environment keeps whatever happens to its models: key, buckets, roles, alert topic."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from config.settings import Environment
from stacks.foundation.batches import SharedBatches
from stacks.foundation.buckets import create_buckets, keep_versions, name_raw_readers, protect_raw_data
from stacks.foundation.budgets import create_budgets
from stacks.foundation.chat import create_slack_channel
from stacks.foundation.following import let_followers_read
from stacks.foundation.guardrails import create_guardrails
from stacks.foundation.job_roles import JobRoles
from stacks.foundation.personas import create_personas
from stacks.foundation.replication import Replica, replicate
from stacks.foundation.retraining import SharedRetraining
from stacks.foundation.watching import Watching
from stacks.network.stack import JobNetwork
from stacks.parts.encryption import create_job_log_groups, create_key
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.neighbours import Neighbours
from stacks.permissions.roles import arn_of
from stacks.permissions.statements import allow


class FoundationStack(EnvironmentStack):
    """Key, buckets, roles and alert topic of one environment.

    Key and buckets are retained when the stack is deleted or they are replaced; roles and topic go with it.
    """

    kind = "foundation"
    purpose = "What an environment keeps whatever happens to its models: key, buckets, roles, alert topic."
    protected = True

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        network: JobNetwork,
        *,
        makes_job_log_groups: bool,
        neighbours: Neighbours,
    ) -> None:
        super().__init__(scope, environment)
        self.network, self.neighbours = network, neighbours
        self.key = self._create_key(environment.name)
        # What the CDK answers is kept: each question goes to another process.
        self.key_arn = self.key.key_arn
        replica = Replica.of(environment)
        self.buckets = create_buckets(self, self.key, copied=replica is not None)
        self.layout = self.buckets.layout
        if replica:
            replicate(self, [self.buckets.data, self.buckets.artifacts], replica, self.key_arn)
        self.alert_topic = self._create_alert_topic(environment.alerts.email)
        self.alert_topic_arn = self.alert_topic.topic_arn
        if environment.alerts.slack:
            create_slack_channel(self, environment.alerts.slack, self.alert_topic)
        self.job_roles = JobRoles(
            self, layout=self.layout, key_arn=self.key_arn, watches_batches=environment.watches_batches
        )
        self.watching = Watching(
            self,
            layout=self.layout,
            key=self.key,
            monitor=self.job_roles.monitor,
            retention_days=environment.log_retention_days,
            watches_batches=environment.watches_batches,
        )
        self.batches = SharedBatches(
            self,
            layout=self.layout,
            key=self.key,
            topic=self.alert_topic,
            are_watched=environment.watches_batches,
        )
        self.personas = create_personas(
            self,
            layout=self.layout,
            key_arn=self.key_arn,
            vpc_id=network.vpc_id,
            job_roles=self.job_roles,
            environment=environment,
        )
        create_guardrails(
            self,
            environment=environment,
            network=network,
            key_arn=self.key_arn,
            roles=[
                *self.personas.values(),
                self.job_roles.pipeline,
                self.watching.machine,
                self.batches.machine,
            ],
        )
        name_raw_readers(
            {
                "data-engineer": self.personas["DataEngineer"],
                "processing": self.job_roles.processing,
                "preparation": self.job_roles.preparation,
            }
        )
        protect_raw_data(self.buckets.data, self.layout.raw)
        keep_versions(self.buckets.artifacts, self.layout.models)
        let_followers_read(self.buckets.artifacts, self.key, neighbours)
        self.retraining = SharedRetraining(
            self,
            layout=self.layout,
            key=self.key,
            topic=self.alert_topic,
            approved_by_rule=[
                name
                for name, deployment in environment.use_cases.items()
                if deployment.retraining and deployment.retraining.approve_when_better_by
            ],
        )
        create_budgets(self, environment, topic=self.alert_topic, key=self.key)
        if makes_job_log_groups:
            create_job_log_groups(self, key=self.key, retention_days=environment.log_retention_days)
        self._add_outputs()
        self._hand_on()

    def _create_key(self, environment: str) -> kms.Key:
        about = f"Encrypts data, artifacts, logs and alerts of {environment}"
        key = create_key(self, "Key", description=about, alias=self.place.prefix)
        key.add_to_resource_policy(
            allow(
                "PublishEncryptedAlerts",
                "kms:Decrypt kms:GenerateDataKey*",
                ["*"],
                {"StringEquals": {"aws:SourceAccount": self.account}},
            ).about(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        )
        # EventBridge does not say for which account it asks: a condition would lose its messages unnoticed.
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        key.add_to_resource_policy(
            allow("KeepEncryptedEvents", "kms:Decrypt kms:GenerateDataKey*", ["*"]).about(
                iam.ServicePrincipal("events.amazonaws.com")
            )
        )
        return key

    def _create_alert_topic(self, email: str | None) -> sns.Topic:
        topic = sns.Topic(self, "Alerts", master_key=self.key, enforce_ssl=True)
        topic.add_to_resource_policy(
            allow(
                "AlarmsPublish",
                "sns:Publish",
                [topic.topic_arn],
                {"StringEquals": {"aws:SourceAccount": self.account}},
            ).about(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        )
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _add_outputs(self) -> None:
        outputs = {
            "DataBucketName": self.buckets.data.bucket_name,
            "ArtifactsBucketName": self.buckets.artifacts.bucket_name,
            "CaptureBucketName": self.buckets.capture.bucket_name,
            "AlertTopicArn": self.alert_topic_arn,
            **{f"{name}RoleArn": arn_of(role) for name, role in self.personas.items()},
            # What data scientists pass to jobs of their own.
            "ExperimentRoleArn": arn_of(self.job_roles.experiment),
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _hand_on(self) -> None:
        jobs, buckets = self.job_roles, self.buckets
        served = [jobs.endpoint, jobs.asynchronous, jobs.serverless, jobs.batch_transform]
        roles = [*self.personas.values(), jobs.processing, jobs.training, jobs.monitor, *served]
        starting = [
            *(self.watching.machine, self.watching.schedule),
            *(self.batches.machine, self.batches.schedule),
            *(self.retraining.machine, self.retraining.rule),
        ]
        self.hand_on(
            self.key_arn,
            self.alert_topic_arn,
            *map(arn_of, [*roles, jobs.pipeline, *starting]),
            # Policies of other stacks are attached by the name.
            *(role.role_name for role in [*roles, jobs.experiment]),
            *(bucket.bucket_name for bucket in (buckets.data, buckets.artifacts, buckets.capture)),
            *(bucket.bucket_arn for bucket in (buckets.data, buckets.artifacts)),
            self.watching.log_group_arn,
            self.batches.undelivered.queue_arn,
            self.retraining.undelivered.queue_arn,
        )
