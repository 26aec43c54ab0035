"""The Glue catalog of an environment: tables of its data, rules for their quality, and Athena for queries."""

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Catalog, Workteam
from stacks.catalog.names import CatalogNames
from stacks.catalog.permissions import CatalogRoles
from stacks.foundation.stack import FoundationStack
from stacks.parts.environment_stack import EnvironmentStack
from stacks.permissions.roles import arn_of

BYTES_PER_GB = 1000**3


class CatalogStack(EnvironmentStack):
    """What all use cases share: Glue database, Athena workgroup, roles and rights, encryption, work team.

    Who may read which data is said by IAM and the bucket policies. Lake Formation is not used: the database
    keeps its default permissions, which hand the decision to IAM.
    """

    kind = "catalog"
    purpose = (
        "The Glue catalog of an environment: tables of its data, rules for their quality, and Athena for "
        "queries."
    )

    def __init__(self, scope: Construct, foundation: FoundationStack, options: Catalog) -> None:
        super().__init__(scope, foundation.settings)
        self.options = options
        self.foundation = foundation
        self.names = CatalogNames(self.place)
        self._create_database()
        self._create_workgroup()
        self._create_security_configuration()
        self.roles = CatalogRoles(self, self.names, foundation, options)
        if options.workteam:
            self._create_workteam(options.workteam)
        cdk.CfnOutput(self, "DataQualityRoleArn", value=self.roles.data_quality.role_arn)
        self.hand_on(*map(arn_of, self.roles.of_use_cases))

    def _create_database(self) -> None:
        glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self.account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=self.names.database, description=f"Data of {self.place.prefix}"
            ),
        )

    def _create_workgroup(self) -> None:
        """Queries cannot choose where results go or how they are encrypted, nor read without limit."""
        athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=self.place.prefix,
            description="Queries on the data of the environment",
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=self.options.scan_limit_gb * BYTES_PER_GB,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=self.foundation.layout.athena.uri(""),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=self.foundation.key_arn
                    ),
                ),
            ),
        )

    def _create_security_configuration(self) -> None:
        key = self.foundation.key_arn
        configuration = glue.CfnSecurityConfiguration
        configuration(
            self,
            "Encryption",
            name=self.place.prefix,
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
            workteam_name=self.place.prefix,
            description=f"Labels the data of {self.place.prefix}",
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
