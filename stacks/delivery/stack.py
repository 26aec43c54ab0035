"""Continuous delivery: one repository and environment of GitHub may deploy, without a secret."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.settings import Delivery, Environment
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.images import OWN_REPOSITORY
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import trust
from stacks.permissions.statements import Statement, allow

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
LOOKUP = "lookup"
BOOTSTRAP_ROLES = ("deploy", "file-publishing", "image-publishing", LOOKUP)
LONGEST_DEPLOYMENT = cdk.Duration.hours(2)


class DeliveryStack(EnvironmentStack):
    """Two roles for GitHub Actions, and GitHub's identity provider where the account has none yet.

    The one that deploys can do nothing but assume the roles of the CDK bootstrap in this account and region,
    and start the build of the environment's own image, where there is one. The one that looks for drift can
    do nothing but assume the bootstrap's role for look-ups, which reads: it is of an environment of GitHub
    of its own, because nobody approves what runs every night.
    """

    kind = "delivery"
    purpose = "Continuous delivery: one repository and environment of GitHub may deploy, without a secret."
    protected = True

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        delivery: Delivery,
        *,
        creates_provider: bool,
        builds_image: bool,
    ) -> None:
        super().__init__(scope, environment)
        role = iam.Role(
            self,
            "Role",
            description=f"Deployments of {environment.name} by {delivery.github_repository}",
            max_session_duration=LONGEST_DEPLOYMENT,
            assumed_by=iam.WebIdentityPrincipal(self._provider_arn),
        )
        github_environment = delivery.github_environment or environment.name
        self._trust_github(role, delivery, github_environment)
        watcher = self._watch_drift(environment, delivery, github_environment)
        if creates_provider:
            provider = self._create_provider()
            for trusting in (role, watcher):
                trusting.node.add_dependency(provider)
        managed_policy(
            self,
            "Policy",
            roles=[role],
            description="Assumes the roles of the CDK bootstrap",
            statements=[
                allow(
                    "AssumeBootstrapRoles",
                    "sts:AssumeRole",
                    [self.place.bootstrap_role(name) for name in BOOTSTRAP_ROLES],
                    because="An account and region has one bootstrap, whatever environments are in it.",
                ),
                *(self._build_image() if builds_image else []),
            ],
        )
        cdk.CfnOutput(self, "DeliveryRoleArn", value=role.role_arn)
        cdk.CfnOutput(self, "DriftRoleArn", value=watcher.role_arn)

    def _watch_drift(self, environment: Environment, delivery: Delivery, github_environment: str) -> iam.Role:
        role = iam.Role(
            self,
            "DriftRole",
            description=f"Looks for drift of {environment.name} for {delivery.github_repository}",
            assumed_by=iam.WebIdentityPrincipal(self._provider_arn),
        )
        self._trust_github(role, delivery, f"{github_environment}-drift")
        reads = allow(
            "AssumeLookupRole",
            "sts:AssumeRole",
            [self.place.bootstrap_role(LOOKUP)],
            because="An account and region has one bootstrap, whatever environments are in it.",
        )
        managed_policy(
            self,
            "DriftPolicy",
            roles=[role],
            description="Assumes the role of the CDK bootstrap that looks up",
            statements=[reads],
        )
        return role

    def _build_image(self) -> list[Statement]:
        """What make deploy does where the image is missing."""
        name = self.place.name(OWN_REPOSITORY)
        repository = self.place.arn("ecr", f"repository/{name}")
        build = "codebuild:BatchGetBuilds codebuild:StartBuild"
        return [
            allow("FindOwnImage", "ecr:DescribeImages", [repository]),
            allow("BuildOwnImage", build, [self.place.arn("codebuild", f"project/{name}")]),
        ]

    @property
    def _provider_arn(self) -> str:
        return self.place.global_arn("iam", f"oidc-provider/{ISSUER}")

    def _trust_github(self, role: iam.Role, delivery: Delivery, github_environment: str) -> None:
        """Both claims are compared whole: a pattern would let other repositories or branches in.

        https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
        """
        subject = f"repo:{delivery.github_repository}:environment:{github_environment}"
        statement = allow(
            "OneRepositoryOneEnvironment",
            "sts:AssumeRoleWithWebIdentity",
            conditions={"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
        )
        trust(role, [statement.about(iam.FederatedPrincipal(self._provider_arn))])

    def _create_provider(self) -> iam.CfnOIDCProvider:
        # Without a thumbprint: AWS checks GitHub's certificate by its own list of authorities.
        return iam.CfnOIDCProvider(self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
