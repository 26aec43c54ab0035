"""What the caller has to acknowledge of a template.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html, Capabilities
"""

from collections.abc import Collection

from moto.core.exceptions import ServiceException

from tools.local_aws.cloudformation.template import Template

_NAME_OF = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}


class InsufficientCapabilitiesError(ServiceException):  # type: ignore[misc]
    """The caller did not acknowledge what the template does."""

    code = "InsufficientCapabilitiesException"


def capabilities_of(template: Template) -> tuple[list[str], list[str]]:
    """The capabilities that a template needs, and the types of resources that need them."""
    of_iam = [resource for resource in template.resources.values() if resource.type_name in _NAME_OF]
    named = any(_NAME_OF[resource.type_name] in resource.properties for resource in of_iam)
    needed = [f"CAPABILITY_{'NAMED_' * named}IAM"] if of_iam else []
    needed += ["CAPABILITY_AUTO_EXPAND"] if template.transforms else []
    return needed, sorted({resource.type_name for resource in of_iam})


def require_capabilities(template: Template, given: Collection[str]) -> None:
    has = {*given, "CAPABILITY_IAM"} if "CAPABILITY_NAMED_IAM" in given else set(given)
    if missing := [name for name in capabilities_of(template)[0] if name not in has]:
        raise InsufficientCapabilitiesError(f"Requires capabilities : [{', '.join(missing)}]")
