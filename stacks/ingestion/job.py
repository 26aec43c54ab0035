"""The job of Glue that reads a source, holds its rows against the rules and delivers them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
"""

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3_assets as s3_assets

from config.settings import BucketSource, JdbcSource, Source
from stacks.parts.data_quality_rules import data_quality_rules
from stacks.parts.layout import Bucket, Zone
from stacks.parts.place import DELIVER
from stacks.permissions.acknowledgements import acknowledge
from stacks.permissions.roles import name_role, service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    list_zones,
    read_zones,
    use_key,
)
from stacks.use_case_stack import UseCaseStack

SCRIPT = Path(__file__).parent.parent.parent / "glue_jobs" / "deliver.py"
# Spark 3.5 and Python 3.11: https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
GLUE_VERSION = "5.1"
LONGEST_RUN_MINUTES = 120


class DeliveryJob:
    """Job, role, rules, security configuration and the place in the network of one use case."""

    def __init__(self, stack: UseCaseStack, source: Source, target: Zone) -> None:
        self._stack = stack
        self._source = source
        self._target = target
        self.name = stack.place.name(stack.use_case.name, DELIVER)
        self.role, policy = service_role(
            stack, "Deliver", "glue", "Reads a source, checks its rows and delivers them", self._statements()
        )
        name_role(self.role, self.name)
        self.job = self._create_job(
            {"--kind": self._kind, "--rules": self.name, **_arguments(source)},
            [self._create_rules(), self._create_encryption(), self._create_connection()],
        )
        self.job.node.add_dependency(policy)

    @property
    def _kind(self) -> str:
        kinds = {"jdbc": self._source.jdbc, "dynamodb": self._source.dynamodb, "bucket": self._source.bucket}
        return next(kind for kind, source in kinds.items() if source)

    @property
    def arn(self) -> str:
        return self._stack.place.arn("glue", f"job/{self.name}")

    def _create_rules(self) -> glue.CfnDataQualityRuleset:
        """Of no table: the job evaluates them on rows that are in none."""
        return glue.CfnDataQualityRuleset(
            self._stack,
            "DeliveryRules",
            name=self.name,
            description=f"What a delivery of {self._stack.use_case.name} must satisfy",
            ruleset=data_quality_rules(self._stack.use_case, str),
        )

    def _create_encryption(self) -> glue.CfnSecurityConfiguration:
        """Of its logs; what it writes, the bucket encrypts."""
        key, configuration = self._stack.foundation.key_arn, glue.CfnSecurityConfiguration
        return configuration(
            self._stack,
            "DeliveryEncryption",
            name=self.name,
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

    def _create_connection(self) -> glue.CfnConnection:
        """Puts the job into the environment's network, where nothing leads to the internet.

        https://docs.aws.amazon.com/glue/latest/dg/connection-properties.html
        """
        network, connection = self._stack.foundation.network, glue.CfnConnection
        groups = list(network.security_group_ids)
        if self._source.jdbc:
            groups.append(self._create_security_group(self._source.jdbc))
        created = connection(
            self._stack,
            "Connection",
            catalog_id=self._stack.account,
            connection_input=connection.ConnectionInputProperty(
                name=self.name,
                connection_type="NETWORK",
                description=f"Where deliveries of {self._stack.use_case.name} are read",
                physical_connection_requirements=connection.PhysicalConnectionRequirementsProperty(
                    availability_zone=self._stack.settings.network.availability_zones[0],
                    subnet_id=network.subnet_ids[0],
                    security_group_id_list=groups,
                ),
            ),
        )
        acknowledge(
            created,
            "Glue wants the zone of the subnet; looking it up would make synthesis depend on an account.",
            "CloudFormation-Validate::W3010",
        )
        return created

    def _create_security_group(self, database: JdbcSource) -> str:
        """A group of its own that the database's lets in; the groups of jobs let hosts talk to each other."""
        stack = self._stack
        group = ec2.CfnSecurityGroup(
            stack,
            "DatabaseClient",
            vpc_id=stack.foundation.network.vpc_id,
            group_description=f"Reads the database of {stack.use_case.name}",
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp",
                    from_port=database.port,
                    to_port=database.port,
                    cidr_ip="0.0.0.0/0",
                    description="The database; no internet route",
                )
            ],
        )
        cdk.CfnOutput(stack, "DatabaseClientSecurityGroupId", value=group.attr_group_id)
        return group.attr_group_id

    def _create_job(self, arguments: Mapping[str, str], needed: list[cdk.CfnResource]) -> glue.CfnJob:
        script, job = s3_assets.Asset(self._stack, "DeliveryScript", path=str(SCRIPT)), glue.CfnJob
        created = job(
            self._stack,
            "DeliveryJob",
            name=self.name,
            description=f"Checks and delivers the raw data of {self._stack.use_case.name}",
            role=self.role.role_arn,
            glue_version=GLUE_VERSION,
            command=job.JobCommandProperty(name="glueetl", script_location=script.s3_object_url),
            default_arguments=dict(arguments),
            connections=job.ConnectionsListProperty(connections=[self.name]),
            security_configuration=self.name,
            worker_type="G.1X",
            number_of_workers=2,
            max_retries=0,
            timeout=LONGEST_RUN_MINUTES,
            # What the next one would deliver, this one is about to.
            execution_property=job.ExecutionPropertyProperty(max_concurrent_runs=1),
        )
        for resource in needed:
            created.add_resource_dependency(resource)
        return created

    def _statements(self) -> list[Statement]:
        place, source = self._stack.place, self._source
        statements = [
            allow_objects("ReadScript", "s3:GetObject", place.assets),
            allow(
                "FindConnection",
                "glue:GetConnection",
                [place.arn("glue", "catalog"), place.arn("glue", f"connection/{self.name}")],
                because="The account has one catalog; the connection in it is this use case's.",
            ),
            allow(
                "ReadRules",
                "glue:GetDataQualityRuleset",
                [place.arn("glue", f"dataQualityRuleset/{self.name}")],
            ),
            *_network_statements(place.arn("ec2", "network-interface/*")),
            allow(
                "WriteLogs",
                "logs:AssociateKmsKey logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
                [place.log_group("/aws-glue/*")],
                because="Glue names log groups by the kind of job, its role and its security configuration.",
            ),
            use_key(self._stack.foundation.key_arn),
        ]
        if source.dynamodb:
            return [*statements, *read_zones("Export", self._target)]
        statements.append(
            allow_objects("WriteDelivery", "s3:AbortMultipartUpload s3:PutObject", self._target)
        )
        if source.jdbc:
            secret = place.arn("secretsmanager", f"secret:{source.jdbc.secret}-??????")
            because = "Secrets Manager ends the ARN of a secret with six characters of its own."
            return [
                *statements,
                allow("ReadSecret", "secretsmanager:GetSecretValue", [secret], because=because),
            ]
        assert source.bucket
        return [*statements, list_zones("ListDeliveries", self._target), *_source_statements(source.bucket)]


def _arguments(source: Source) -> dict[str, str]:
    if source.jdbc:
        return {"--url": source.jdbc.url, "--secret": source.jdbc.secret, "--query": source.jdbc.select}
    if source.bucket:
        zone = Zone(Bucket.named(source.bucket.name), source.bucket.prefix.rstrip("/"))
        return {"--source": zone.uri(""), "--marker": source.bucket.marker}
    return {}


def _source_statements(source: BucketSource) -> list[Statement]:
    owner = f"account {source.account}, which delivers raw data"
    zone = Zone(Bucket.named(source.name), source.prefix.rstrip("/"))
    statements = read_zones("SourceBucket", zone, foreign=owner)
    if source.key_arn:
        statements.append(allow("DecryptSource", "kms:Decrypt", [source.key_arn], foreign=owner))
    return statements


def _network_statements(interfaces: str) -> list[Statement]:
    """https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSGlueServiceRole.html."""
    return [
        allow(
            "AttachToVpc",
            "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces "
            "ec2:DescribeRouteTables ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcAttribute "
            "ec2:DescribeVpcEndpoints",
            ["*"],
            because="Glue makes network interfaces of its own; looking at networks has no resource.",
            checkov=("CKV_AWS_109", "CKV_AWS_111"),
        ),
        allow(
            "TagNetworkInterfaces",
            "ec2:CreateTags ec2:DeleteTags",
            [interfaces],
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["aws-glue-service-resource"]}},
            because="Glue's network interfaces have names of AWS; the condition allows Glue's tag only.",
        ),
    ]
