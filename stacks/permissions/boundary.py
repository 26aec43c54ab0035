"""Every role and policy of an environment: below its path, and every role below its permissions boundary.

The boundary is no resource of a stack: `make bootstrap` makes it (tools/bootstrap/policies/), so that
the deployments that it limits cannot change it.
"""

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from stacks.parts.place import Place


def limit_roles(stage: cdk.Stage, place: Place) -> None:
    """Do it for the whole stage at once: a role that somebody adds later cannot be forgotten."""
    boundary = iam.ManagedPolicy.from_managed_policy_arn(stage, "Boundary", place.boundary_arn)
    iam.PermissionsBoundary.of(stage).apply(boundary)
    cdk.Aspects.of(stage).add(_BelowThePath(place.path))


@jsii.implements(cdk.IAspect)
class _BelowThePath:
    def __init__(self, path: str) -> None:
        self._path = path

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole | iam.CfnManagedPolicy):
            node.path = self._path
