"""What people may do with the models on a shared endpoint, in environments that have one."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.foundation.studio_access import beside_own_use_case
from stacks.parts.place import Place
from stacks.permissions.policies import managed_policy
from stacks.permissions.statements import allow_own, deny


def create_policies_of_components(
    scope: Construct, *, everybody: Sequence[iam.Role], operator: iam.Role
) -> None:
    """All look at them; who operates endpoints asks them and sets their copies."""
    place = Place.of(scope)
    components = place.own("inference-component")
    managed_policy(
        scope,
        "SharedEndpointPolicy",
        description="What everybody may do with the models on the shared endpoint",
        roles=list(everybody),
        statements=[
            allow_own("DescribeComponents", "sagemaker:DescribeInferenceComponent", components),
            allow_own(
                "ReadLogsOfComponents", "logs:FilterLogEvents logs:GetLogEvents", [place.component_logs]
            ),
        ],
    )
    set_copies = "sagemaker:UpdateInferenceComponentRuntimeConfig"
    managed_policy(
        scope,
        "ComponentsPolicy",
        description="Whoever operates endpoints operates the models on the shared one",
        roles=[operator],
        statements=[
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
            allow_own("OperateComponents", f"sagemaker:InvokeEndpoint {set_copies}", components),
            deny("ComponentsOfOtherUseCases", set_copies, beside_own_use_case()),
        ],
    )
