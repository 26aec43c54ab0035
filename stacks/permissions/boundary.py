"""Every role and policy of an environment: below its path, and every role below its permissions boundary.

The boundary is no resource of a stack: `make bootstrap` makes it (tools/bootstrap/policies/), so that
the deployments that it limits cannot change it.
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from stacks.parts.place import Place


def limit_roles(stage: cdk.Stage, place: Place) -> None:
    """Do it for the whole stage at once, when all is in it: no role can be forgotten.

    An aspect of ours would be asked about every construct, by another process.
    """
    boundary = iam.ManagedPolicy.from_managed_policy_arn(stage, "Boundary", place.boundary_arn)
    iam.PermissionsBoundary.of(stage).apply(boundary)
    kinds = (iam.CfnRole.CFN_RESOURCE_TYPE_NAME, iam.CfnManagedPolicy.CFN_RESOURCE_TYPE_NAME)
    for each in cdk.Mixins.of(stage, cdk.ConstructSelector.resources_of_type(*kinds)).selected_constructs:
        assert isinstance(each, iam.CfnRole | iam.CfnManagedPolicy)
        each.path = place.path
