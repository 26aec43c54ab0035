"""Where people work: a Studio domain without internet, and a user profile for each of them."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Environment, Person, Studio
from stacks.foundation.personas import PERSONAS
from stacks.foundation.stack import FoundationStack
from stacks.foundation.studio_access import PERSON, PERSONA
from stacks.parts.environment_stack import EnvironmentStack
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, service_role, studio_trust, trust
from stacks.permissions.statements import allow, grant_key
from stacks.studio.mlflow import Mlflow
from stacks.studio.settings import user_settings
from stacks.studio.space_preparation import SpacePreparation


class StudioStack(EnvironmentStack):
    """The Studio domain of one environment, and the user profiles of its people.

    The domain is retained with the file system of its users' homes: deleting or replacing it would lose their
    work. So it carries no tag that is configured, because a changed tag may replace it; name, sign-in and key
    replace it too. Someone's profile is deleted with them, once their apps and spaces are.
    """

    kind = "studio"
    purpose = "Where people work: a Studio domain without internet, and a user profile for each of them."
    protected = True

    def __init__(self, scope: Construct, foundation: FoundationStack, studio: Studio) -> None:
        environment = foundation.settings
        super().__init__(scope, environment)
        self.studio = studio
        self.foundation = foundation
        self.preparation = SpacePreparation(self, "Space", prefix=environment.prefix)
        self.domain = self._create_domain(environment.prefix)
        policies = self._allow_personas(environment.prefix)
        for name, person in studio.people.items():
            self._add_person(name, person).node.add_dependency(*policies)
        self._leave_configured_tags_out(environment)
        cdk.CfnOutput(self, "DomainId", value=self.domain.attr_domain_id)
        cdk.CfnOutput(self, "DomainUrl", value=self.domain.attr_url)

    def _create_domain(self, name: str) -> sagemaker.CfnDomain:
        newcomer = self._create_newcomer_role()
        network = self.foundation.network
        domain = sagemaker.CfnDomain(
            self,
            "Domain",
            domain_name=name,
            auth_mode="IAM" if self.studio.sign_in == "iam" else "SSO",
            app_network_access_type="VpcOnly",
            vpc_id=network.vpc_id,
            subnet_ids=network.subnet_ids,
            kms_key_id=self.foundation.key_arn,
            default_user_settings=user_settings(
                self.studio,
                network=network,
                role_arn=newcomer.role.role_arn,
                lifecycle_configs=self.preparation.arns,
            ),
            domain_settings=sagemaker.CfnDomain.DomainSettingsProperty(
                docker_settings=sagemaker.CfnDomain.DockerSettingsProperty(enable_docker_access="DISABLED"),
                # CloudTrail then names the person and not only the role that the persona shares.
                execution_role_identity_config="USER_PROFILE_NAME",
            ),
        )
        domain.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        domain.node.add_dependency(newcomer.policy)
        return domain

    def _create_newcomer_role(self) -> ServiceRole:
        """The role of people that Identity Center lets in before they have a profile. It reaches nothing."""
        key = self.foundation.key_arn
        statements = [allow("DescribeKey", "kms:DescribeKey", [key]), grant_key("GrantKeyToStudioDisks", key)]
        why = "People in Studio without a persona"
        newcomer = service_role(self, "Newcomer", "sagemaker", why, statements)
        trust(newcomer.role, [studio_trust(self.account)])
        return newcomer

    def _add_person(self, name: str, person: Person) -> sagemaker.CfnUserProfile:
        uses_identity_center = self.studio.sign_in == "identity-center"
        profile = sagemaker.CfnUserProfile(
            self,
            f"Person-{name}",
            domain_id=self.domain.attr_domain_id,
            user_profile_name=name,
            single_sign_on_user_identifier="UserName" if uses_identity_center else None,
            single_sign_on_user_value=person.single_sign_on_user if uses_identity_center else None,
            user_settings=sagemaker.CfnUserProfile.UserSettingsProperty(
                execution_role=self.foundation.personas[PERSONAS[person.persona]].role_arn
            ),
        )
        cdk.Tags.of(profile).add(PERSONA, person.persona)
        return profile

    def _allow_personas(self, environment: str) -> list[iam.ManagedPolicy]:
        """What Studio and its options add to the permissions of personas."""
        domain = self.domain.attr_domain_id
        policies = [
            managed_policy(
                self,
                "SpacePolicy",
                description="What a space needs of the person who starts it",
                roles=list(self.foundation.personas.values()),
                statements=[
                    allow("ReadNotebook", "s3:GetObject", [self.preparation.notebook_arn]),
                    # https://docs.aws.amazon.com/sagemaker/latest/dg/studio-lcc-debug.html
                    allow(
                        "KeepLogsOfStudio",
                        "logs:CreateLogStream logs:GetLogEvents logs:PutLogEvents",
                        [self.place.log_group(f"/aws/sagemaker/studio:log-stream:{domain}/*")],
                        because="The group is the account's; its streams begin with the id of their domain.",
                    ),
                ],
            )
        ]
        if self.studio.canvas:
            policies.append(self._allow_canvas())
        if self.studio.mlflow != "none":
            mlflow = Mlflow(self, "Mlflow", name=environment, studio=self.studio, foundation=self.foundation)
            policies.append(mlflow.users_policy)
        return policies

    def _allow_canvas(self) -> iam.ManagedPolicy:
        """Canvas runs for a person and not in a space.

        Where it keeps its files is a setting of the user profile that CloudFormation does not know.
        """
        own = f"{self.domain.attr_domain_id}/{PERSON}/Canvas/default"
        return managed_policy(
            self,
            "CanvasPolicy",
            description="SageMaker Canvas",
            roles=[self.foundation.personas["DataScientist"]],
            statements=[
                allow(
                    "RunCanvas", "sagemaker:CreateApp sagemaker:DeleteApp", [self.place.sagemaker("app", own)]
                )
            ],
        )

    def _leave_configured_tags_out(self, environment: Environment) -> None:
        for key in environment.tags:
            cdk.Tags.of(self).remove(
                key,
                include_resource_types=[
                    "aws:cdk:stack",
                    "AWS::SageMaker::Domain",
                    "AWS::SageMaker::StudioLifecycleConfig",
                    "AWS::SageMaker::UserProfile",
                ],
            )
