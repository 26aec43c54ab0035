"""One use case's model package group and the pipeline that fills it."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Sample, Source, UseCase
from stacks.foundation.stack import FoundationStack
from stacks.ingestion.part import Ingestion
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.model_version import ModelVersion
from stacks.parts.neighbours import only
from stacks.parts.references import json_text
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import arn_of
from stacks.permissions.statements import allow
from stacks.training.data_sources import delivery, read_statements
from stacks.training.pipeline_definition import pipeline_definition
from stacks.training.pipeline_steps import Live, PipelineResources
from stacks.use_case_stack import UseCaseStack

JOB_MAX_RUNTIME_SECONDS = 2 * 60 * 60


class TrainingStack(UseCaseStack):
    """Model package group and pipeline of one use case.

    The group is retained: versions and their approvals outlive the stack. The pipeline is updated in place.
    """

    kind = "training"
    purpose = "One use case's model package group and the pipeline that fills it."

    def __init__(self, scope: Construct, foundation: FoundationStack, use_case: UseCase) -> None:
        super().__init__(scope, foundation, use_case)
        name, training, roles = self.fixed_name, self.deployment.training, foundation.job_roles
        group, code = self._create_model_package_group(), Code.uploaded(self)
        resources = PipelineResources(
            code=code,
            live=self._live(code),
            layout=foundation.layout,
            place=self.place,
            model_package_group=name,
            xgboost_image=self.image,
            model_monitor_image=self.images.model_monitor,
            spark_image=self.images.spark if training.processing_instances > 1 else "",
            processing_role_arn=arn_of(roles.processing),
            training_role_arn=arn_of(roles.training),
            monitoring_engine=self.deployment.monitoring.engine,
            jobs=JobSettings(
                kms_key_arn=foundation.key_arn,
                subnet_ids=foundation.network.subnet_ids,
                security_group_ids=foundation.network.security_group_ids,
                volume_size_gb=training.volume_size_gb,
                max_runtime_seconds=JOB_MAX_RUNTIME_SECONDS,
            ),
        )
        pipeline = sagemaker.CfnPipeline(
            self,
            "Pipeline",
            pipeline_name=name,
            pipeline_description=f"From raw data to a registered model: {use_case.name}",
            role_arn=arn_of(roles.pipeline),
            pipeline_definition={
                "PipelineDefinitionBody": json_text(pipeline_definition(use_case, training, resources))
            },
        )
        pipeline.add_resource_dependency(group)
        if use_case.source:
            self._connect_source(use_case.source, pipeline)
        if use_case.sample:
            self.add_metadata("Sample", _sample(use_case, use_case.sample))
        cdk.CfnOutput(self, "PipelineName", value=name)
        cdk.CfnOutput(self, "ModelPackageGroupName", value=name)

    def _live(self, code: Code) -> Live:
        """The version that the endpoint serves: a job reads the files that the release has taken for it.

        An input must hold an object. So while nothing is live it is the scripts, which are always there.
        """
        version = ModelVersion(self, self.deployment)
        taken = self.foundation.layout.models.uri(self.use_case.name, version.value, "")
        return Live(version.value, version.only_with_model(taken, otherwise=code.s3_uri))

    def _create_model_package_group(self) -> sagemaker.CfnModelPackageGroup:
        # The description is create-only: changing it would replace the group, whose name is still taken.
        group = sagemaker.CfnModelPackageGroup(
            self,
            "ModelPackageGroup",
            model_package_group_name=self.fixed_name,
            model_package_group_description=f"Versions of the {self.use_case.name} model",
            model_package_group_policy=self._registry_policy(),
        )
        group.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        return group

    def _registry_policy(self) -> dict[str, Any] | None:
        """Who serves these versions reads what was decided about them: its release, and who promotes there.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
        """
        versions = self.place.sagemaker("model-package", f"{self.fixed_name}/*")
        statements = [
            allow(
                f"VersionsFor{follower.sid}",
                "sagemaker:DescribeModelPackage sagemaker:ListModelPackages",
                [versions],
                only(follower.place.role_arn("*")),
            ).about(follower.principal)
            for follower in self.foundation.neighbours.abroad(self.place.account)
            if self.use_case.name in follower.use_cases
        ]
        return iam.PolicyDocument(statements=statements).to_json() if statements else None

    def _connect_source(self, source: Source, pipeline: sagemaker.CfnPipeline) -> None:
        """Lets preprocessing read another account's bucket, or brings deliveries; says how to deliver."""
        use_case, foundation = self.use_case.name, self.foundation
        if source.bucket and not source.schedule:
            policy = managed_policy(
                self,
                "SourcePolicy",
                roles=[foundation.job_roles.processing],
                description=f"Reads the raw data of {use_case} in account {source.bucket.account}",
                statements=read_statements(source.bucket),
            )
            pipeline.node.add_dependency(policy)
        if source.delivers:
            ingestion = Ingestion(self, source)
            ingestion.machine.node.add_dependency(pipeline)
            if source.schedule:
                ingestion.start_at(source.schedule)
            bring = f"aws stepfunctions start-execution --state-machine-arn {ingestion.machine.attr_arn}"
        else:
            raw_uri = foundation.layout.raw.uri(use_case)
            bring = delivery(source, raw_uri=raw_uri, key_arn=foundation.key_arn)
        cdk.CfnOutput(self, "Delivery", value=bring, description="Brings one delivery of raw data")


def _sample(use_case: UseCase, sample: Sample) -> dict[str, str]:
    """What a rehearsal delivers, where tools find it: they read templates, not the configuration."""
    later = sample.later
    which = {"AtLeast": str(later.at_least)} if later.value is None else {"Value": later.value}
    return {"File": sample.file, "Target": use_case.target, "Column": later.column, **which}
