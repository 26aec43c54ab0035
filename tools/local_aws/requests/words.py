"""Under which code, and in which words, each service refuses a request that breaks its model."""

import re
from collections.abc import Sequence

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import MALFORMED_XML, Request

_MISSING = re.compile(r"Value null at '(.+)' failed to satisfy constraint: Member must not be null")
_WHERE = re.compile(r" at '([^'.]+)")
_DETECTED = "ValidationException"
# Public error messages: cloudformation https://github.com/humanmade/cf-to-tf/issues/5;
# ecr https://github.com/jenkins-x/jx/issues/1344; secretsmanager
# https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/1531; cloudwatch, events, kms, logs,
# scheduler, sns, sts: recorded from AWS in the snapshots of https://github.com/localstack/localstack.
# The rest: the services' lists of errors.
CODES = {
    **dict.fromkeys(
        ("autoscaling", "cloudformation", "cloudwatch", "elbv2", "iam", "sns", "sts"), "ValidationError"
    ),
    **dict.fromkeys(("budgets", "cognito-idp", "ecr", "logs"), "InvalidParameterException"),
    "athena": "InvalidRequestException",
    "codebuild": "InvalidInputException",
    "ec2": "InvalidParameterValue",
    "s3": "InvalidArgument",
    "sqs": "InvalidParameterValue",
}
# They say it in a sentence of their own:
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
_NAMES_THE_PARAMETER = ("ec2", "sqs")


def code_of(service: str) -> str:
    """The code of a request that the service cannot take as it is."""
    return CODES.get(service, _DETECTED)


def refusal(request: Request, broken: Sequence[str]) -> ApiError:
    """All that a request breaks, as its service tells it; `broken` is as `shapes.constraints` words it."""
    service, missing = request.service, _MISSING.fullmatch(broken[0])
    if service == "s3" and _is_in_the_body(request, broken[0]):
        return ApiError(*MALFORMED_XML)
    if missing and service in _NAMES_THE_PARAMETER:
        name = missing[1][:1].upper() + missing[1][1:]
        return ApiError("MissingParameter", f"The request must contain the parameter {name}.")
    if service == "ecr":
        return ApiError(code_of(service), _as_ecr_says_it(broken[0]))
    noun = "error" if len(broken) == 1 else "errors"
    return ApiError(code_of(service), f"{len(broken)} validation {noun} detected: {'; '.join(broken)}")


def _is_in_the_body(request: Request, broken: str) -> bool:
    found = _WHERE.search(broken)
    places = {name.lower(): shape.serialization for name, shape in request.shape.members.items()}
    return "location" not in places.get(found[1].lower() if found else "", {})


def _as_ecr_says_it(broken: str) -> str:
    where, _, constraint = broken.partition(" failed to satisfy constraint: Member ")
    if "regular expression" in constraint:
        constraint = f"{constraint.replace('pattern: ', chr(39), 1)}'"
    return f"Invalid parameter {where[where.rfind('at ') :]} failed to satisfy constraint: '{constraint}'"
