"""Fills in what CloudFormation would: every reference of a template becomes a fixed, made-up name or ARN."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from tests.stacks.cloud import Cloud, Resource, Template

Json = dict[str, Any]

_HASH = re.compile(r"[0-9A-F]{8}$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# ARNs that are not simply arn:aws:<service>:<region>:<account>:<type>/<name>.
_ARNS = {
    "AWS::IAM::Role": "arn:aws:iam::{account}:role{path}{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy{path}{name}",
    "AWS::IAM::OIDCProvider": "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::EC2::FlowLog": "arn:aws:ec2:{region}:{account}:vpc-flow-log/{name}",
}
_REF_IS_ARN = {
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
}
_IDS = {
    "AWS::EC2::Subnet": "subnet",
    "AWS::EC2::SecurityGroup": "sg",
    "AWS::EC2::VPC": "vpc",
    "AWS::EC2::VPCEndpoint": "vpce",
    "AWS::EC2::RouteTable": "rtb",
    "AWS::SageMaker::Domain": "d",
    "AWS::SageMaker::MlflowApp": "app",
}


class UnresolvedError(Exception):
    """A template holds something that has no made-up value yet."""


class Names:
    """Names and ARNs of all resources of one environment."""

    def __init__(self, cloud: Cloud, environment: str) -> None:
        self.templates = [template for template in cloud.templates if template.environment == environment]
        self._exports = {
            output["Export"]["Name"]: (template, output["Value"])
            for template in self.templates
            for output in template.section("Outputs").values()
            if "Export" in output
        }

    def resolve(self, template: Template, value: Any) -> Any:
        """The value without CloudFormation's functions. UnresolvedError for a function that is not known."""
        if isinstance(value, list):
            return [self.resolve(template, item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(template, function, argument)
        return {key: self.resolve(template, item) for key, item in value.items()}

    def _call(self, template: Template, function: str, argument: Any) -> Any:
        if function == "Ref":
            return self._ref(template, argument)
        if function == "Fn::GetAtt":
            logical_id, attribute = argument.split(".") if isinstance(argument, str) else argument
            return self.attribute(_resource(template, logical_id), attribute)
        if function == "Fn::ImportValue":
            return self.resolve(*self._exports[argument])
        if function == "Fn::If":
            return self.resolve(template, argument[1])
        if function == "Fn::Sub":
            return re.sub(r"\$\{([^}!]+)\}", lambda found: self._sub(template, found[1]), argument)
        arguments = self.resolve(template, argument)
        if function == "Fn::Base64":
            return arguments
        if function == "Fn::Join":
            return arguments[0].join(arguments[1])
        if function == "Fn::Select":
            return arguments[1][int(arguments[0])]
        if function == "Fn::Split":
            return arguments[1].split(arguments[0])
        raise UnresolvedError(
            f"{template.stack} uses {function}, which tests/security/iam/names.py does not know"
        )

    def _sub(self, template: Template, name: str) -> str:
        function, argument = ("Fn::GetAtt", name) if "." in name else ("Ref", name)
        return str(self._call(template, function, argument))

    def _ref(self, template: Template, name: str) -> str:
        pseudo = {
            "AWS::AccountId": template.account,
            "AWS::Region": template.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": template.stack,
        }
        if name in pseudo:
            return pseudo[name]
        if name in template.section("Parameters"):
            return str(template.section("Parameters")[name].get("Default", f"parameter-{name}"))
        return self.ref(_resource(template, name))

    def ref(self, resource: Resource) -> str:
        """What Ref gives."""
        if resource.type in _REF_IS_ARN:
            return self.arn(resource)
        if resource.type == "AWS::SQS::Queue":
            here = resource.template
            return f"https://sqs.{here.region}.amazonaws.com/{here.account}/{self.name(resource)}"
        return self.name(resource)

    def attribute(self, resource: Resource, attribute: str) -> str:
        """What Fn::GetAtt gives."""
        if attribute.endswith("Arn"):
            return self.arn(resource)
        if attribute in ("GroupId", "DomainId", "VpcId", "Name"):
            return self.name(resource)
        return f"{self.name(resource)}-{kebab(attribute)}"

    def name(self, resource: Resource) -> str:
        """The physical name: the one that the template fixes, or one made of the stack and the logical id."""
        if resource.type in _IDS:
            digest = hashlib.sha256(str(resource).encode()).hexdigest()
            return f"{_IDS[resource.type]}-{digest[:17]}"
        fixed = next((key for key in _name_keys(resource.type) if isinstance(resource.get(key), str)), None)
        if fixed:
            return str(resource.get(fixed))
        return f"{resource.template.stack}-{kebab(short_id(resource))}"

    def arn(self, resource: Resource) -> str:
        """The ARN."""
        here = resource.template
        form = _ARNS.get(resource.type)
        if form is None:
            _, service, kind = resource.type.split("::")
            form = f"arn:aws:{service.lower()}:{{region}}:{{account}}:{kebab(kind)}/{{name}}"
        path = resource.get("Path") or "/"
        return form.format(region=here.region, account=here.account, path=path, name=self.name(resource))


def _resource(template: Template, logical_id: str) -> Resource:
    try:
        return Resource(template, logical_id, template.section("Resources")[logical_id])
    except KeyError:
        raise UnresolvedError(f"{template.stack} refers to {logical_id}, which it does not have") from None


def _name_keys(resource_type: str) -> tuple[str, ...]:
    kind = resource_type.split("::")[-1]
    return f"{kind}Name", f"{kind.removeprefix('Mlflow')}Name", "Name", "DatabaseName"


def short_id(resource: Resource) -> str:
    """The logical id without the hash that CDK appends."""
    return _HASH.sub("", resource.logical_id)


def kebab(text: str) -> str:
    """`DataEngineer` as `data-engineer`."""
    return _CAMEL.sub("-", text).lower()
