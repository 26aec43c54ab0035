"""The VPC endpoints of an environment, and who may reach what through them.

An endpoint policy grants nothing. It bounds what may be reached from inside the network: without one,
somebody with credentials of another account could carry data out through our own endpoints.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.models.options import needed_vpc_endpoints
from config.settings import ENDPOINTS, BucketSource, Environment, Source
from stacks.parts.images import image_repository_arns
from stacks.parts.layout import Bucket, Zone
from stacks.parts.place import Place
from stacks.permissions.statements import Statement, allow

S3 = "s3"
HTTPS = 443


def create_vpc_endpoints(
    vpc: ec2.Vpc, *, environment: Environment, clients: ec2.ISecurityGroup, sources: Sequence[Source]
) -> None:
    """The gateway endpoint of S3, and an interface endpoint in every zone for each other service needed.

    `clients` is the security group of everything that calls; `sources` say where raw data comes from.
    """
    scope = cdk.Stack.of(vpc)
    policies = _Policies(Place.of(vpc), [source.bucket for source in sources if source.bucket])
    gateway = vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    _set_policy(gateway, policies.of(S3))
    servers = ec2.SecurityGroup(
        scope, "Endpoints", vpc=vpc, description="VPC interface endpoints", allow_all_outbound=False
    )
    servers.add_ingress_rule(clients, ec2.Port.tcp(HTTPS), "Calls of jobs, endpoints and people's apps")
    for name in needed_vpc_endpoints(environment.studio, environment.catalog, sources):
        if name != S3:
            _set_policy(_interface(scope, name, vpc, servers), policies.of(name))


def _interface(
    scope: Construct, name: str, vpc: ec2.Vpc, security_group: ec2.ISecurityGroup
) -> ec2.InterfaceVpcEndpoint:
    service = ENDPOINTS[name].format(region=cdk.Stack.of(scope).region)
    return ec2.InterfaceVpcEndpoint(
        scope,
        "".join(part.capitalize() for part in re.split(r"\W", name)),
        vpc=vpc,
        service=ec2.InterfaceVpcEndpointService(service, port=HTTPS),
        private_dns_enabled=True,
        security_groups=[security_group],
        open=False,
    )


def _set_policy(endpoint: ec2.VpcEndpoint, statements: Iterable[Statement]) -> None:
    for statement in statements:
        endpoint.add_to_policy(statement.about(iam.AnyPrincipal()))


@dataclass(frozen=True)
class _Policies:
    """The endpoint policies of one account and region."""

    place: Place
    sources: Sequence[BucketSource]

    def of(self, name: str) -> list[Statement]:
        if name == S3:
            return [self._own_buckets(), self._image_layers(), *self._source_buckets()]
        if name == "studio":
            return [self._own_domain()]
        statements = [self._own_resources()]
        if name.startswith("ecr."):
            statements.append(self._images())
        if name == "kms":
            statements += self._source_keys()
        return statements

    @property
    def _own_principals(self) -> dict[str, object]:
        return {"aws:PrincipalAccount": self.place.account}

    def _own_buckets(self) -> Statement:
        own = {**self._own_principals, "aws:ResourceAccount": self.place.account}
        return allow("OwnPrincipalsOwnBuckets", "s3:*", ["*"], {"StringEquals": own})

    def _image_layers(self) -> Statement:
        # Layers are fetched by URLs that ECR has signed, so the principal is none of ours:
        # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
        return allow(
            "ImageLayers",
            "s3:GetObject",
            [Zone(Bucket.named(f"prod-{self.place.region}-starport-layer-bucket")).objects],
        )

    def _source_buckets(self) -> list[Statement]:
        if not self.sources:
            return []
        buckets = sorted({Bucket.named(source.name).arn for source in self.sources})
        objects = [f"{bucket}/*" for bucket in buckets]
        theirs = {
            **self._own_principals,
            "aws:ResourceAccount": sorted({source.account for source in self.sources}),
        }
        actions = "s3:GetObject s3:ListBucket"
        return [allow("ReadSources", actions, [*buckets, *objects], {"StringEquals": theirs})]

    def _own_resources(self) -> Statement:
        # Requests about no resource, such as sts:GetCallerIdentity, may lack the resource's account.
        return allow(
            "OwnPrincipalsOwnResources",
            "*",
            ["*"],
            {
                "StringEquals": self._own_principals,
                "StringEqualsIfExists": {"aws:ResourceAccount": self.place.account},
            },
        )

    def _own_domain(self) -> Statement:
        # A browser comes with the token of a presigned URL, not with a principal of the account:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/studio-interface-endpoint.html
        return allow("OwnDomain", "sagemaker:*", [self.place.arn("sagemaker", "*")])

    def _images(self) -> Statement:
        return allow(
            "PullImagesOfAws",
            "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer",
            image_repository_arns(self.place.region),
            {"StringEquals": self._own_principals},
        )

    def _source_keys(self) -> list[Statement]:
        keys = sorted({source.key_arn for source in self.sources if source.key_arn})
        if not keys:
            return []
        return [allow("DecryptSources", "kms:Decrypt", keys, {"StringEquals": self._own_principals})]
