"""What intrinsic functions of a stack's template refer to: the stack's resources, other stacks, stores."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.cloudformation.errors import ValidationError, reason
from tools.local_aws.cloudformation.schemas import has_open_attributes, is_custom, resource_schema
from tools.local_aws.cloudformation.state import Stack, Stacks
from tools.local_aws.cloudformation.values import UNKNOWN

Clients = Callable[[str], Any]


@dataclass
class StackSurroundings:
    """Answers the evaluator for one stack; `imports` collects what was imported on the way."""

    account: str
    region: str
    stack: Stack
    stacks: Stacks
    clients: Clients
    type_names: Mapping[str, str]
    unknown: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    planning: bool = False
    """What other stacks and stores do not have is missed when it is used, not when a change is planned."""

    def pseudo_parameters(self) -> Mapping[str, Any]:
        return {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::StackId": self.stack.stack_id,
            "AWS::StackName": self.stack.name,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NotificationARNs": [],
        }

    def reference(self, logical_id: str) -> Any:
        if logical_id in self.unknown:
            return UNKNOWN
        resource = self.stack.resources.get(logical_id)
        if resource is None or resource.physical.physical_id is None:
            raise ValidationError(f"Template format error: Unresolved resource dependencies [{logical_id}]")
        return resource.physical.physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute of a resource; one that the type does not have is refused even before it exists."""
        type_name = self.type_names.get(logical_id)
        if type_name is None:
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {logical_id}"
            )
        schema = resource_schema(type_name)
        is_known = schema is None or name.split(".")[0] in schema.properties
        if not is_known and not has_open_attributes(type_name):
            raise ValidationError(
                f"Template error: resource {logical_id} does not support attribute type {name} in Fn::GetAtt"
            )
        if logical_id in self.unknown:
            return UNKNOWN
        value = _found(self.stack.resources[logical_id].physical.attributes, name)
        if value is None and is_custom(type_name):
            # https://github.com/aws/aws-cdk/issues/29949
            raise ValidationError(
                f"CustomResource attribute error: Vendor response doesn't contain {name} attribute in object "
                f"{self.stack.stack_id}|{logical_id}"
            )
        if value is None:
            raise ValidationError(
                f"Attribute {name} of {logical_id} ({type_name}) is not known to the embedded AWS; add it to "
                "the type's row in tools/local_aws/cloudformation/rows."
            )
        return value

    def import_value(self, name: str) -> Any:
        self.imports.add(name)
        for other in self.stacks.all():
            if name in other.exports:
                return other.exports[name]
        if self.planning:
            return UNKNOWN
        raise ValidationError(f"No export named {name} found.")

    def dynamic_reference(self, service: str, key: str) -> str:
        """A Systems Manager parameter or a part of a secret."""
        if service in ("ssm", "ssm-secure"):
            return self.ssm_parameter(key)
        if service == "secretsmanager":
            return self._secret(key)
        raise ValidationError(f"Dynamic reference {{{{resolve:{service}:{key}}}}} names an unknown service.")

    def ssm_parameter(self, name: str) -> str:
        try:
            answer = self.clients("ssm").get_parameter(Name=name, WithDecryption=True)
        except ClientError as error:
            # https://github.com/awslabs/aws-deployment-framework/issues/659
            raise ValidationError(
                f"Unable to fetch parameters [{name}] from parameter store for this account."
            ) from error
        return str(answer["Parameter"]["Value"])

    def _secret(self, key: str) -> str:
        name, _, rest = key.partition(":SecretString")
        try:
            text = self.clients("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        except ClientError as error:
            raise ValidationError(f"Could not resolve secret {name}: {reason(error)}") from error
        member = rest.removeprefix(":").split(":")[0]
        return str(json.loads(text)[member]) if member else str(text)


def _found(attributes: Mapping[str, Any], name: str) -> Any:
    """Custom resources have attributes with a dot in their name, others have objects."""
    value: Any = attributes
    for part in [name] if name in attributes else name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
