"""The Glue catalog of an environment: tables of its data, rules for their quality, and Athena for queries."""

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Catalog, UseCase, Workteam
from stacks.catalog.data_preparation import DataPreparation
from stacks.catalog.feature_groups import create_feature_group
from stacks.catalog.names import CatalogNames
from stacks.catalog.permissions import CatalogPermissions
from stacks.catalog.tables import create_crawler, create_processed_table, create_rules
from stacks.foundation.stack import FoundationStack
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.tags import USE_CASE
from stacks.permissions.policies import managed_policy

BYTES_PER_GB = 1000**3


class CatalogStack(EnvironmentStack):
    """Glue database, crawlers, data quality rules and Athena workgroup; DataBrew, feature groups, work team.

    Who may read which data is said by IAM and the bucket policies. Lake Formation is not used: the database
    keeps its default permissions, which hand the decision to IAM.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        foundation: FoundationStack,
        *,
        catalog: Catalog,
        use_cases: list[UseCase],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            foundation.settings,
            description=(
                "The Glue catalog of an environment: tables of its data, rules for their quality, "
                "and Athena for queries."
            ),
        )
        self.catalog = catalog
        self.foundation = foundation
        self.names = CatalogNames(self.place)
        self.permissions = CatalogPermissions(
            self, self.names, [use_case.name for use_case in use_cases], foundation
        )
        self.database = self._create_database()
        self.workgroup = self._create_workgroup()
        if use_cases:
            self._create_tables(use_cases)
        if catalog.workteam:
            self._create_workteam(catalog.workteam)

    def _create_database(self) -> glue.CfnDatabase:
        return glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=self.names.database, description=f"Data of {self.place.environment}"
            ),
        )

    def _create_workgroup(self) -> athena.CfnWorkGroup:
        """Queries cannot choose where results go or how they are encrypted, nor read without limit."""
        return athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=self.place.environment,
            description="Queries on the data of the environment",
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=self.catalog.scan_limit_gb * BYTES_PER_GB,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=self.foundation.layout.athena.uri(""),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=self.foundation.key.key_arn
                    ),
                ),
            ),
        )

    def _create_tables(self, use_cases: list[UseCase]) -> None:
        security = self._create_security_configuration()
        crawler_role, quality_role = self.permissions.crawler(), self.permissions.data_quality()
        preparation_role = self.permissions.data_preparation() if self.catalog.databrew else None
        features_role = self.permissions.feature_store() if self.catalog.feature_store != "none" else None
        needed = [self.database, security, *_policies(self)]
        self._let_data_engineers_in(quality_role)
        for use_case in use_cases:
            part = Construct(self, use_case.name)
            cdk.Tags.of(part).add(USE_CASE, use_case.name)
            part.node.add_dependency(*needed)
            create_crawler(
                part,
                names=self.names,
                use_case=use_case,
                role=crawler_role,
                layout=self.foundation.layout,
                hour_utc=self.catalog.crawler_hour_utc,
                security_configuration=security.name,
            )
            create_processed_table(part, names=self.names, use_case=use_case, layout=self.foundation.layout)
            create_rules(part, names=self.names, use_case=use_case)
            self._add_options(part, use_case, preparation_role, features_role)

    def _add_options(
        self,
        part: Construct,
        use_case: UseCase,
        preparation_role: iam.Role | None,
        features_role: iam.Role | None,
    ) -> None:
        name = self.place.name(use_case.name)
        if preparation_role:
            DataPreparation(
                part, name=name, use_case=use_case, role=preparation_role, foundation=self.foundation
            )
        if features_role:
            create_feature_group(
                part,
                name=name,
                use_case=use_case,
                online=self.catalog.feature_store == "online",
                role=features_role,
                foundation=self.foundation,
            )

    def _let_data_engineers_in(self, quality_role: iam.Role) -> None:
        managed_policy(
            self,
            "DataEngineerPolicy",
            roles=[self.foundation.personas["DataEngineer"]],
            description="What data engineers may do with the catalog",
            statements=self.permissions.data_engineer(quality_role, databrew=self.catalog.databrew),
        )
        cdk.CfnOutput(self, "DataQualityRoleArn", value=quality_role.role_arn)

    def _create_security_configuration(self) -> glue.CfnSecurityConfiguration:
        key = self.foundation.key.key_arn
        configuration = glue.CfnSecurityConfiguration
        return configuration(
            self,
            "Encryption",
            name=self.place.environment,
            encryption_configuration=configuration.EncryptionConfigurationProperty(
                s3_encryptions=[
                    configuration.S3EncryptionProperty(s3_encryption_mode="SSE-KMS", kms_key_arn=key)
                ],
                cloud_watch_encryption=configuration.CloudWatchEncryptionProperty(
                    cloud_watch_encryption_mode="SSE-KMS", kms_key_arn=key
                ),
                job_bookmarks_encryption=configuration.JobBookmarksEncryptionProperty(
                    job_bookmarks_encryption_mode="CSE-KMS", kms_key_arn=key
                ),
            ),
        )

    def _create_workteam(self, workteam: Workteam) -> None:
        """Labellers. Their user pool is the account's private workforce, which exists once per region."""
        sagemaker.CfnWorkteam(
            self,
            "Workteam",
            workteam_name=self.place.environment,
            description=f"Labels the data of {self.place.environment}",
            member_definitions=[
                sagemaker.CfnWorkteam.MemberDefinitionProperty(
                    cognito_member_definition=sagemaker.CfnWorkteam.CognitoMemberDefinitionProperty(
                        cognito_user_pool=workteam.user_pool_id,
                        cognito_client_id=workteam.client_id,
                        cognito_user_group=group,
                    )
                )
                for group in workteam.user_groups
            ],
        )


def _policies(stack: cdk.Stack) -> list[iam.ManagedPolicy]:
    """The policies of the stack's roles: IAM lets a role be used before they are attached."""
    return [child for child in stack.node.children if isinstance(child, iam.ManagedPolicy)]
