"""Turns the parameters of an API call into what the service works with."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from tools.local_aws.cloudformation.capabilities import require_capabilities
from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.parameters import resolve_parameters
from tools.local_aws.cloudformation.resource_types import not_carried_out, unknown_types
from tools.local_aws.cloudformation.service import CloudFormationService
from tools.local_aws.cloudformation.state import Request, Stack
from tools.local_aws.cloudformation.surroundings import StackSurroundings
from tools.local_aws.cloudformation.template import Template

_PATH_STYLE = re.compile(r"https?://(?:s3[.-][^/]+|localhost(?::\d+)?|127\.0\.0\.1(?::\d+)?)/([^/]+)/([^?]+)")
_HOST_STYLE = re.compile(r"https?://([^/]+?)\.s3[.-][^/]+/([^?]+)")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MOST_BYTES = 1_000_000
Read = Callable[..., Any]


def read_template(service: CloudFormationService, read: Read, deployed: Stack | None) -> Template:
    """The template of a call: given, at a URL, or the one deployed already."""
    if read("UsePreviousTemplate") and deployed is not None:
        return deployed.template
    body = read("TemplateBody")
    url = read("TemplateURL")
    if body is None and url is None:
        raise ValidationError("Either Template URL or Template Body must be specified.")
    template = Template.parse(body if body is not None else _fetch(service, url))
    if not template.transforms and (unknown := unknown_types(template.type_names)):
        raise ValidationError(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")
    return template


def read_request(service: CloudFormationService, read: Read, stack: Stack) -> Request:
    """Everything a create, an update or a change set asks for."""
    deployed = stack.request if stack.status != "REVIEW_IN_PROGRESS" else None
    template = read_template(service, read, stack if deployed else None)
    capabilities = tuple(read("Capabilities") or ())
    require_capabilities(template, capabilities)
    if problem := not_carried_out(template):
        raise ValidationError(problem)
    role_arn = read("RoleARN") or stack.role_arn
    given = _given_parameters(read("Parameters") or [], deployed)
    surroundings = StackSurroundings(
        account=service.context.account,
        region=service.context.region,
        stack=stack,
        stacks=service.stacks,
        clients=service.clients(role_arn),
        type_names={},
    )
    tags = read("Tags")
    return Request(
        template=template,
        given=given,
        parameters=resolve_parameters(template, given, surroundings.ssm_parameter),
        tags=_tags(tags) if tags is not None else (deployed.tags if deployed else {}),
        role_arn=role_arn,
        capabilities=capabilities,
        rollback=not read("DisableRollback") and read("OnFailure") != "DO_NOTHING",
        on_failure=read("OnStackFailure") or read("OnFailure"),
        retain_except_on_create=bool(read("RetainExceptOnCreate")),
        import_existing=bool(read("ImportExistingResources")),
        imports={
            item["LogicalResourceId"]: dict(item["ResourceIdentifier"])
            for item in read("ResourcesToImport") or []
        },
    )


def _given_parameters(parameters: list[Mapping[str, Any]], deployed: Request | None) -> dict[str, str]:
    given = {}
    for parameter in parameters:
        name = parameter["ParameterKey"]
        if parameter.get("UsePreviousValue"):
            if deployed is None or name not in deployed.parameters:
                raise ValidationError(
                    f"Invalid input for parameter key {name}. There is no previous value to use."
                )
            given[name] = deployed.parameters[name].text
        else:
            given[name] = parameter.get("ParameterValue", "")
    return given


def _tags(tags: list[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _fetch(service: CloudFormationService, url: str) -> str:
    """The template at a URL; the words are recorded beside those of `form`, for an object that cannot be had
    at https://github.com/iotFab/iota-aws-full-node/issues/6."""
    found = _PATH_STYLE.match(url) or _HOST_STYLE.match(url)
    if url.startswith("s3://"):
        host = url.removeprefix("s3://").split("/")[0]
        raise ValidationError(f"S3 error: Domain name specified in {host} is not a valid S3 domain")
    if found is None:
        raise ValidationError("TemplateURL must be a supported URL.")
    try:
        answer = service.context.client("s3").get_object(Bucket=found[1], Key=unquote(found[2]))
        if answer["ContentLength"] > _MOST_BYTES:
            raise ValidationError(f"Template may not exceed {_MOST_BYTES} bytes in size.")
    except ClientError as error:
        raise ValidationError(
            f"S3 error: {error.response['Error'].get('Message')}\nFor more information check "
            "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        ) from error
    return str(answer["Body"].read().decode(errors="replace"))
