"""The ARNs that a call is about, as policies have to name them.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Only the resource types of the services this project uses are known; elsewhere permission is asked on `*`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tools.local_aws.iam.calls.studio import studio_resource

ANY = "*"
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_SAGEMAKER_VERBS = re.compile(
    r"^(Create|Describe|Update|Delete|Start|Stop|Retry|Put|Get|Invoke)(?P<noun>.+)$"
)
# Operations on SageMaker whose name does not say which resource they are about.
_SAGEMAKER_PARAMETERS = {
    "AddTags": "ResourceArn",
    "DeleteTags": "ResourceArn",
    "ListTags": "ResourceArn",
    "ListPipelineExecutionSteps": "PipelineExecutionArn",
    "ListPipelineParametersForExecution": "PipelineExecutionArn",
}
_SAGEMAKER_NOUNS = {
    "EndpointWeightsAndCapacities": "Endpoint",
    "EndpointAsync": "Endpoint",
    "InferenceComponentRuntimeConfig": "InferenceComponent",
    "EndpointWithResponseStream": "Endpoint",
    "ModelPackageGroupPolicy": "ModelPackageGroup",
    "PipelineDefinitionForExecution": "PipelineExecution",
}
# What such a call is about besides, where it names one.
_SAGEMAKER_ALSO = {
    **dict.fromkeys(("CreateEndpoint", "UpdateEndpoint"), ("endpoint-config/", "EndpointConfigName")),
    "CreateInferenceComponent": ("endpoint/", "EndpointName"),
    "InvokeEndpoint": ("inference-component/", "InferenceComponentName"),
}
_GLUE_NAMED = {
    "Crawler": ("crawler", ("Name", "CrawlerName")),
    "DataQualityRuleset": ("dataQualityRuleset", ("Name",)),
    "Job": ("job", ("JobName", "Name")),
    "JobRun": ("job", ("JobName",)),
}
# The catalog stands above the database above the table:
# https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
_GLUE_CATALOG_OPERATION = re.compile(
    r"^(?:Batch)?(?:Create|Get|Update|Delete)(?P<noun>Connection|Database|Table|TableVersion|Partition|PartitionIndex)e?s?$"
)
_GLUE_NAMED_OPERATION = re.compile(
    r"^(?:Create|Get|Update|Delete|Start|Stop)(?P<noun>Crawler|DataQualityRuleset|Job|JobRun)$"
)


@dataclass(frozen=True)
class _Names:
    """One call, with what its ARNs are made of."""

    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def first(self, *names: str) -> str | None:
        return next((str(self.parameters[name]) for name in names if self.parameters.get(name)), None)

    def named(self, service: str, prefix: str, *names: str) -> str:
        """The ARN of what one of the parameters names, whether by name or already by ARN."""
        value = self.first(*names)
        if value is None:
            return ANY
        return value if value.startswith("arn:") else self.arn(service, prefix + value)


def resource_arns(
    service: str, operation: str, parameters: Mapping[str, Any], account: str, region: str
) -> list[str]:
    """The resources on which the call needs its action allowed: at least one."""
    names = _Names(operation, parameters, account, region)
    find = _BY_SERVICE.get(service)
    return find(names) if find else [ANY]


def _sagemaker(names: _Names) -> list[str]:
    if arn := names.first("Arn"):
        return [arn]
    if parameter := _SAGEMAKER_PARAMETERS.get(names.operation):
        return [names.first(parameter) or ANY]
    if names.operation == "ListPipelineExecutions":
        return [names.named("sagemaker", "pipeline/", "PipelineName")]
    if names.operation == "ListTrainingJobsForHyperParameterTuningJob":
        kind = "hyper-parameter-tuning-job/"
        return [names.named("sagemaker", kind, "HyperParameterTuningJobName")]
    if names.operation == "StartPipelineExecution":
        return [names.named("sagemaker", "pipeline/", "PipelineName")]
    if versions := _versions(names):
        return [versions]
    found = _SAGEMAKER_VERBS.match(names.operation)
    if found is None:
        return [ANY]
    noun = _SAGEMAKER_NOUNS.get(found["noun"], found["noun"])
    if resource := studio_resource(noun, names.parameters):
        return [names.arn("sagemaker", resource)]
    kind = _CAPITAL.sub("-", noun).lower()
    own = names.named("sagemaker", f"{kind}/", f"{noun}Arn", f"{noun}Name", *_other_names(noun))
    prefix, parameter = _SAGEMAKER_ALSO.get(names.operation, ("", ""))
    return [own, names.named("sagemaker", prefix, parameter)] if names.first(parameter) else [own]


def _versions(names: _Names) -> str | None:
    """The versions of a group, on which one is registered, or on which another account's are listed.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
    """
    group = names.first("ModelPackageGroupName") or ""
    if names.operation == "ListModelPackages" and group.startswith("arn:"):
        return f"{group.replace(':model-package-group/', ':model-package/', 1)}/*"
    if names.operation == "CreateModelPackage" and group:
        return f"{names.named('sagemaker', 'model-package/', 'ModelPackageGroupName')}/*"
    return None


def _other_names(noun: str) -> tuple[str, ...]:
    return ("JobDefinitionName",) if noun.endswith("JobDefinition") else ()


def _logs(names: _Names) -> list[str]:
    if names.first("logGroupIdentifier", "resourceArn"):
        return [names.named("logs", "log-group:", "logGroupIdentifier", "resourceArn")]
    # Log ARNs always carry a stream part, empty where the call is about the whole group; a policy must
    # therefore end in `:*` to match.
    group = names.first("logGroupName", "logGroupNamePrefix") or ""
    return [names.arn("logs", f"log-group:{group}:log-stream:{names.first('logStreamName') or ''}")]


def _events(names: _Names) -> list[str]:
    if names.operation == "PutEvents":
        entries = names.parameters.get("Entries") or [{}]
        buses = sorted({str(entry.get("EventBusName") or "default") for entry in entries})
        return [bus if bus.startswith("arn:") else names.arn("events", f"event-bus/{bus}") for bus in buses]
    if names.operation.endswith("EventBus"):
        return [names.named("events", "event-bus/", "Name")]
    bus = (names.first("EventBusName") or "default").rpartition("/")[2]
    if names.operation.endswith("Permission"):
        return [names.arn("events", f"event-bus/{bus}")]
    return [names.named("events", "rule/" if bus == "default" else f"rule/{bus}/", "Rule", "Name")]


def _ssm(names: _Names) -> list[str]:
    if names.operation.endswith("Association"):
        association = names.first("AssociationId")
        kind, name = ("association", association) if association else ("document", names.first("Name"))
        return [names.arn("ssm", f"{kind}/{name or ANY}")]
    several = names.parameters.get("Names") or [names.first("Name", "Path")]
    return [_parameter_arn(names, str(name)) for name in several if name] or [ANY]


def _parameter_arn(names: _Names, name: str) -> str:
    return name if name.startswith("arn:") else names.arn("ssm", f"parameter/{name.strip('/')}")


def _cloudwatch(names: _Names) -> list[str]:
    if names.operation.endswith(("Dashboard", "Dashboards")):
        several = names.parameters.get("DashboardNames") or [names.first("DashboardName") or ANY]
        return [f"arn:aws:cloudwatch::{names.account}:dashboard/{name}" for name in several]
    several = names.parameters.get("AlarmNames") or [names.first("AlarmName")]
    if names.operation == "DescribeAlarms":
        several = [name or ANY for name in several]
    return [names.arn("cloudwatch", f"alarm:{name}") for name in several if name] or [ANY]


def _sqs(names: _Names) -> list[str]:
    name = names.first("QueueUrl", "QueueName")
    return [ANY] if name is None else [names.arn("sqs", name.rsplit("/", 1)[-1])]


def _cloudformation(names: _Names) -> list[str]:
    stack = names.first("StackName", "StackId")
    if stack is None:
        return [ANY]
    return [stack if stack.startswith("arn:") else names.arn("cloudformation", f"stack/{stack}/*")]


def _ec2(names: _Names) -> list[str]:
    # Describing has no resource; of the rest, only rules of security groups are limited to theirs.
    if names.operation.endswith(("SecurityGroupIngress", "SecurityGroupEgress")):
        return [names.named("ec2", "security-group/", "GroupId")]
    return [ANY]


def _iam(names: _Names) -> list[str]:
    if arn := names.first("PolicySourceArn"):
        return [arn]
    if arn := names.first("PolicyArn") if not names.first("RoleName") else None:
        return [arn]
    if arn := names.first("OpenIDConnectProviderArn"):
        return [arn]
    if names.operation == "CreateOpenIDConnectProvider":
        provider = str(names.first("Url")).removeprefix("https://")
        return [f"arn:aws:iam::{names.account}:oidc-provider/{provider}"]
    for parameter, kind in (("RoleName", "role"), ("PolicyName", "policy"), ("UserName", "user")):
        if name := names.first(parameter):
            path = names.first("Path") or "/"
            return [f"arn:aws:iam::{names.account}:{kind}{path}{name}"]
    return [ANY]


def _glue(names: _Names) -> list[str]:
    if arn := names.first("ResourceArn"):
        return [arn]
    resources = _glue_resources(names.operation, names.parameters)
    return [names.arn("glue", resource) for resource in resources] or [ANY]


def _glue_resources(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """The resources of a call, as they stand in ARNs; none when the call is about no resource."""
    if named := _GLUE_NAMED_OPERATION.match(operation):
        kind, members = _GLUE_NAMED[named["noun"]]
        name = next((parameters[member] for member in members if parameters.get(member)), "*")
        return [f"{kind}/{name}"]
    found = _GLUE_CATALOG_OPERATION.match(operation)
    if found is None:
        return []
    return ["catalog", *_below_the_catalog(found["noun"], parameters)]


def _below_the_catalog(noun: str, parameters: Mapping[str, Any]) -> list[str]:
    if noun == "Connection":
        declared = parameters.get("ConnectionInput", {}).get("Name")
        return [f"connection/{declared or parameters.get('ConnectionName') or parameters.get('Name', '*')}"]
    if noun == "Database":
        name = parameters.get("Name") or parameters.get("DatabaseInput", {}).get("Name") or "*"
        return [f"database/{name}"]
    database = parameters.get("DatabaseName", "*")
    table = (
        parameters.get("TableName") or parameters.get("Name") or parameters.get("TableInput", {}).get("Name")
    )
    several = parameters.get("TablesToDelete") or [table or "*"]
    return [f"database/{database}", *(f"table/{database}/{name}" for name in several)]


def _secret(names: _Names) -> list[str]:
    """A secret's ARN ends in six characters of its own, which a call by the bare name does not tell."""
    secret = names.first("SecretId", "Name")
    if secret is None:
        return [ANY]
    return [secret if secret.startswith("arn:") else names.arn("secretsmanager", f"secret:{secret}-AbCdEf")]


def _databrew(names: _Names) -> list[str]:
    for ending, kind in (("Job", "job"), ("JobRun", "job"), ("Dataset", "dataset"), ("Recipe", "recipe")):
        if names.operation.endswith(ending):
            return [
                names.named("databrew", f"{kind}/", "Name", "name", "job_name", "dataset_name", "recipe_name")
            ]
    return [ANY]


def _lambda(names: _Names) -> list[str]:
    """A function is named by its name, its ARN or the ARN's end, each with or without a qualifier."""
    function = names.named("lambda", "function:", "FunctionName", "Resource")
    function = function.replace(f":function:{names.account}:function:", ":function:")
    return [f"{function}:{qualifier}" if (qualifier := names.first("Qualifier")) else function]


def _ecr(names: _Names) -> list[str]:
    """A call may be about another account's registry."""
    registry = replace(names, account=names.first("registryId") or names.account)
    if several := names.parameters.get("repositoryNames"):
        return [registry.arn("ecr", f"repository/{name}") for name in several]
    return [registry.named("ecr", "repository/", "repositoryName", "resourceArn")]


def _codebuild(names: _Names) -> list[str]:
    """Builds are asked for by the project that they are of."""
    builds = (str(build).partition(":")[0] for build in names.parameters.get("ids") or ())
    projects = [*(names.parameters.get("names") or ()), *builds, names.first("projectName", "name")]
    return [names.arn("codebuild", f"project/{project}") for project in projects if project] or [ANY]


def _chatbot(names: _Names) -> list[str]:
    """A configuration that exists is named by its ARN."""
    return [names.first("ChatConfigurationArn", "ResourceARN", "Resource") or ANY]


def _one(service: str, prefix: str, *parameters: str) -> Callable[[_Names], list[str]]:
    return lambda names: [names.named(service, prefix, *parameters)]


_BY_SERVICE: dict[str, Callable[[_Names], list[str]]] = {
    "sagemaker": _sagemaker,
    "logs": _logs,
    "events": _events,
    "ssm": _ssm,
    "cloudwatch": _cloudwatch,
    "ec2": _ec2,
    "sqs": _sqs,
    "cloudformation": _cloudformation,
    "iam": _iam,
    "kms": _one("kms", "key/", "KeyId", "TargetKeyId"),
    "lambda": _lambda,
    "sns": _one("sns", "", "TopicArn", "TargetArn", "ResourceArn", "Name"),
    "states": _one("states", "stateMachine:", "stateMachineArn", "executionArn", "resourceArn", "name"),
    "scheduler": _one("scheduler", "schedule/default/", "name", "Name"),
    "sts": _one("sts", "", "RoleArn"),
    "glue": _glue,
    "secretsmanager": _secret,
    "databrew": _databrew,
    "athena": _one("athena", "workgroup/", "ResourceARN", "WorkGroup"),
    "ecr": _ecr,
    "codebuild": _codebuild,
    "chatbot": _chatbot,
    "dynamodb": _one("dynamodb", "table/", "ExportArn", "TableArn", "ResourceArn", "TableName"),
}
