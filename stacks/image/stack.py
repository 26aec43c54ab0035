"""The environment's own image: where it is kept, and what builds it."""

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from stacks.foundation.stack import FoundationStack
from stacks.parts.encryption import create_log_group
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.images import OWN_IMAGE, OWN_REPOSITORY, Images, image_repository_arns
from stacks.permissions.acknowledgements import acknowledge, checkov
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, name_role, service_role
from stacks.permissions.statements import Statement, allow

PUSH = "ecr:CompleteLayerUpload ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart"
PULL = "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer"
BUILDER = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
TIMEOUT_MINUTES = 30
UNTAGGED_DAYS = 7


class ImageStack(EnvironmentStack):
    """Repository and build of the image that use cases with `image: own` run in.

    The repository is retained: versions of models name its images. A tag says what an image is made of, and
    never means another one. `make image` starts the build, as `make deploy` does where the image is missing.
    """

    kind = OWN_REPOSITORY
    purpose = "The environment's own image: where it is kept, and what builds it."

    def __init__(self, scope: Construct, foundation: FoundationStack) -> None:
        super().__init__(scope, foundation.settings)
        self._foundation = foundation
        self._images = Images(foundation.settings)
        # Role and repository name each other, so that neither waits for the other.
        self._repository_arn = self.place.arn("ecr", f"repository/{self.stack_name}")
        self._context = s3_assets.Asset(self, "Context", path=str(OWN_IMAGE))
        builder = self._create_builder()
        repository = self._create_repository()
        project = self._create_project(builder)
        project.add_resource_dependency(repository)
        self._let_pull()
        cdk.CfnOutput(self, "Image", value=self._images.own)
        cdk.CfnOutput(self, "ImageBuild", value=self.stack_name, description="Builds it: make image")

    def _create_repository(self) -> ecr.CfnRepository:
        repository = ecr.CfnRepository
        created = repository(
            self,
            "Repository",
            repository_name=self.stack_name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=repository.ImageScanningConfigurationProperty(scan_on_push=True),
            encryption_configuration=repository.EncryptionConfigurationProperty(
                encryption_type="KMS", kms_key=self._foundation.key_arn
            ),
            # Tagged images stay: a version that was made years ago is served in its own.
            lifecycle_policy=repository.LifecyclePolicyProperty(
                lifecycle_policy_text=json.dumps({"rules": [_expire_untagged()]})
            ),
            repository_policy_text=self._only_the_build_pushes(),
        )
        created.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        acknowledge(
            created,
            "The policy allows nobody anything: it denies to push, but for the build, and to delete.",
            checkov("CKV_AWS_32"),
        )
        return created

    def _only_the_build_pushes(self) -> iam.PolicyDocument:
        """Whatever other policies say. Nobody deletes an image that an endpoint may start in tomorrow."""
        others = {"ArnNotEquals": {"aws:PrincipalArn": self.place.role_arn(self.stack_name)}}
        pushing = iam.PolicyStatement(
            sid="OnlyTheBuildPushes",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=PUSH.split(),
            conditions=others,
        )
        deleting = iam.PolicyStatement(
            sid="NobodyDeletes",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["ecr:BatchDeleteImage"],
        )
        return iam.PolicyDocument(statements=[pushing, deleting])

    def _create_builder(self) -> ServiceRole:
        name = f"/aws/codebuild/{self.stack_name}"
        foundation = self._foundation
        create_log_group(
            self,
            "BuildLogs",
            key=foundation.key,
            retention_days=foundation.settings.log_retention_days,
            name=name,
        )
        why = "Builds the environment's own image and pushes it to its repository"
        builder = service_role(self, "Build", "codebuild", why, self._build_statements(name))
        # The policy of the repository, which stays, is about it.
        name_role(builder.role, self.stack_name)
        return builder

    def _build_statements(self, log_group: str) -> list[Statement]:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html."""
        place, context = self.place, self._context
        xgboost, *_ = image_repository_arns(self.region)
        bucket = place.assets.bucket.arn
        return [
            allow(
                "ReadContext",
                "s3:GetObject s3:GetObjectVersion",
                [f"{bucket}/{context.s3_object_key}"],
            ),
            allow("FindContext", "s3:GetBucketAcl s3:GetBucketLocation", [bucket]),
            allow(
                "WriteLogs",
                "logs:CreateLogStream logs:PutLogEvents",
                [place.log_group(f"{log_group}:log-stream:*")],
                because="CodeBuild names a stream for each build.",
            ),
            allow(
                "GetRegistryToken",
                "ecr:GetAuthorizationToken",
                ["*"],
                because="The token belongs to no repository; two repositories can be used with it.",
            ),
            allow("PullBase", PULL, [xgboost], foreign="AWS's own image, in AWS's account"),
            allow("PushImage", f"{PUSH} ecr:BatchCheckLayerAvailability", [self._repository_arn]),
            *self._attach_to_vpc(),
        ]

    def _attach_to_vpc(self) -> list[Statement]:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html."""
        subnets = [self.place.arn("ec2", f"subnet/{each}") for each in self._foundation.network.subnet_ids]
        return [
            allow(
                "AttachToVpc",
                "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeDhcpOptions "
                "ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets "
                "ec2:DescribeVpcs",
                ["*"],
                because="CodeBuild makes the network interfaces of a build, and finds out where.",
                checkov=("CKV_AWS_111",),
            ),
            allow(
                "LendInterfacesToCodeBuild",
                "ec2:CreateNetworkInterfacePermission",
                [self.place.arn("ec2", "network-interface/*")],
                {
                    "StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"},
                    "ArnEquals": {"ec2:Subnet": subnets},
                },
                because="An interface has its name when it is made; it is one of the environment's subnets.",
            ),
        ]

    def _create_project(self, builder: ServiceRole) -> codebuild.CfnProject:
        project, network, context = codebuild.CfnProject, self._foundation.network, self._context
        variables = {"BASE": self._images.xgboost, "IMAGE": self._images.own}
        created = project(
            self,
            "Build",
            name=self.stack_name,
            description="Builds the environment's own image; started by make image",
            service_role=builder.role.role_arn,
            source=project.SourceProperty(
                type="S3",
                location=f"{context.s3_bucket_name}/{context.s3_object_key}",
                build_spec=json.dumps(_build_spec(list(variables.values()))),
            ),
            artifacts=project.ArtifactsProperty(type="NO_ARTIFACTS"),
            environment=project.EnvironmentProperty(
                type="LINUX_CONTAINER",
                compute_type="BUILD_GENERAL1_MEDIUM",
                image=BUILDER,
                privileged_mode=True,
                environment_variables=[
                    project.EnvironmentVariableProperty(name=name, value=value)
                    for name, value in variables.items()
                ],
            ),
            vpc_config=project.VpcConfigProperty(
                vpc_id=network.vpc_id,
                subnets=network.subnet_ids,
                security_group_ids=network.security_group_ids,
            ),
            encryption_key=self._foundation.key_arn,
            timeout_in_minutes=TIMEOUT_MINUTES,
            concurrent_build_limit=1,
            logs_config=project.LogsConfigProperty(
                cloud_watch_logs=project.CloudWatchLogsConfigProperty(
                    status="ENABLED", group_name=f"/aws/codebuild/{self.stack_name}"
                )
            ),
        )
        created.node.add_dependency(builder.policy)
        acknowledge(
            created,
            "Docker needs it to build an image. What runs is a Dockerfile that was reviewed, without a way "
            "to the internet, with a role that reads nothing but it and writes nothing but one repository.",
            "AwsSolutions-CB3",
            checkov("CKV_AWS_316"),
        )
        acknowledge(
            created,
            "The source is an object in S3, read with the build's role, and no repository with credentials.",
            "HIPAA.Security-CodeBuildProjectSourceRepoUrl",
            "PCI.DSS.321-CodeBuildProjectSourceRepoUrl",
        )
        acknowledge(
            created,
            "The template has the role's ARN, by Fn::GetAtt; the rule takes it for a Ref.",
            "CloudFormation-Validate::E3050",
        )
        return created

    def _let_pull(self) -> None:
        """A policy of its own, so that nothing changes where no use case has the image."""
        roles = self._foundation.job_roles
        managed_policy(
            self,
            "PullPolicy",
            roles=[
                *(roles.processing, roles.training, roles.experiment),
                *(roles.endpoint, roles.asynchronous, roles.serverless),
                *(roles.batch_transform, roles.monitor),
            ],
            description="Pulls the environment's own image",
            statements=[self.pull],
        )

    @property
    def pull(self) -> Statement:
        """The right of whoever runs in it."""
        return allow("PullOwnImage", PULL, [self._repository_arn])


def _expire_untagged() -> dict[str, object]:
    return {
        "rulePriority": 1,
        "description": "What a push that was broken off has left",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }


def _build_spec(images: Sequence[str]) -> dict[str, object]:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html."""
    signed_in = "aws ecr get-login-password | docker login --username AWS --password-stdin"
    registries = [image.partition("/")[0] for image in images]
    return {
        "version": "0.2",
        "phases": {
            "build": {
                "on-failure": "ABORT",
                "commands": [
                    *(f"{signed_in} {registry}" for registry in registries),
                    'docker build --build-arg "BASE=$BASE" --tag "$IMAGE" .',
                    'docker push "$IMAGE"',
                ],
            }
        },
    }
