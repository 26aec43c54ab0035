"""What a request refers to has to be there when the call is made, by the names of its members.

Words: https://github.com/aws/amazon-sagemaker-examples/issues/2489 (data),
https://github.com/aws/amazon-sagemaker-examples/issues/2534 (repositories),
https://github.com/aws/amazon-sagemaker-examples/issues/2450 (images of jobs),
https://github.com/aws-samples/easy-amazon-sagemaker-deployments/issues/4 (images of models),
https://github.com/aws-amplify/amplify-backend/pull/2325 (roles of stacks),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
(destinations), https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (code) and
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html (groups).
"""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import jmespath
from moto.awslambda.models import lambda_backends
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.scheduler.models import scheduler_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.key_states import key_named
from tools.local_aws.requests.wire import Request
from tools.local_aws.requests.words import code_of

Place = tuple[str, str]
Finder = Callable[[str, Place], str | None]
_PARTITION = "aws"
_NO_PARAMETER = "InvalidParameterValueException"
_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com/([^:@]+)(?::([^@]+))?(?:@(.+))?")


def _subnet(name: str, place: Place) -> str | None:
    zones = ec2_backends[place[0]][place[1]].subnets.values()
    return None if any(name in zone for zone in zones) else f"The subnet ID '{name}' does not exist"


def _security_group(name: str, place: Place) -> str | None:
    networks = ec2_backends[place[0]][place[1]].groups.values()
    known = any(name in groups for groups in networks)
    return None if known else f"The security group '{name}' does not exist"


def _data(uri: str, place: Place) -> str | None:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    found = s3_backends[place[0]][_PARTITION].buckets.get(bucket)
    if found and any(name.startswith(prefix) for name in found.keys):
        return None
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket '
        "exists in the selected region and that objects exist under that S3 prefix."
    )


def _missing(uri: str, place: Place) -> re.Match[str] | None:
    """The parts of the image's name, if it is in this account's registry and not there."""
    found = _IMAGE.fullmatch(uri)
    if found is None or found[1] != place[0]:
        return None
    repository = ecr_backends[place[0]][found[2]].repositories.get(found[3])
    images = repository.images if repository else ()
    known = {name for image in images for name in (*image.image_tags, image.image_digest)}
    return None if (found[5] or found[4] or "latest") in known else found


def _image_of_job(uri: str, place: Place) -> str | None:
    named = _missing(uri, place)
    if named is None:
        return None
    if named[3] not in ecr_backends[place[0]][named[2]].repositories:
        return f"Cannot find repository: {named[3]} in registry ID: {place[0]}"
    return (
        f"Cannot find the requested image: {uri} with tag: {named[4] or 'null'} and digest: "
        f"{named[5] or 'null'}. Please check if your ECR image exists and role has proper pull permissions "
        "for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
    )


def _image(uri: str, place: Place) -> str | None:
    found = _IMAGE.fullmatch(uri)
    if found and found[2] != place[1]:
        return f"The image {uri} is not of the region {place[1]}."
    return f"Requested image {uri} not found." if _missing(uri, place) else None


def _key(name: str, place: Place) -> str | None:
    # Whether a key of another account is there that account's calls tell; AWS's own come when needed.
    foreign = "alias/aws/" in name or (name.startswith("arn:") and f":{place[0]}:" not in name)
    known = foreign or key_named(kms_backends[place[0]][place[1]], name)
    return None if known else f"The KMS key {name} could not be found."


def _role(arn: str, place: Place) -> str | None:
    known = [role.arn for role in iam_backends[place[0]][_PARTITION].roles.values()]
    return None if arn in known else f"Role {arn} is invalid or cannot be assumed"


def _group(name: str, place: Place) -> str | None:
    groups = scheduler_backends[place[0]][place[1]].schedule_groups
    return None if name in groups else f"Schedule group {name} does not exist."


def _machine(arn: str, place: Place) -> str | None:
    machines = stepfunctions_parser_backends[place[0]][place[1]].state_machines
    known = any(machine.arn == arn for machine in machines)
    return None if known or ":stateMachine:" not in arn else f"Resource not found: '{arn}'"


def _code(key: str, place: Place) -> str | None:
    return _data(key, place) and (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: "
        "The specified key does not exist."
    )


def _destination(arn: str, place: Place) -> str | None:
    account, region = place
    known = {
        *(queue.queue_arn for queue in sqs_backends[account][region].queues.values()),
        *sns_backends[account][region].topics,
        *(found.function_arn for found in lambda_backends[account][region].list_functions()),
    }
    # A function may be named with its version or alias.
    unqualified = ":".join(arn.split(":")[:7])
    return None if unqualified in known else "Unable to validate the following destination configurations"


# The calls, where the name is, how it is found, and AWS's code where it is not the service's own.
_REFERENCES: tuple[tuple[str, str, Finder, str], ...] = (
    ("sagemaker:CreateTrainingJob", "VpcConfig.Subnets", _subnet, ""),
    ("sagemaker:CreateTrainingJob", "VpcConfig.SecurityGroupIds", _security_group, ""),
    ("sagemaker:CreateTrainingJob", "InputDataConfig[].DataSource.S3DataSource.S3Uri", _data, ""),
    ("sagemaker:CreateTrainingJob", "AlgorithmSpecification.TrainingImage", _image_of_job, ""),
    (
        "sagemaker:CreateHyperParameterTuningJob",
        "TrainingJobDefinition.AlgorithmSpecification.TrainingImage",
        _image_of_job,
        "",
    ),
    ("sagemaker:CreateProcessingJob", "AppSpecification.ImageUri", _image_of_job, ""),
    ("sagemaker:CreateProcessingJob", "NetworkConfig.VpcConfig.Subnets", _subnet, ""),
    ("sagemaker:CreateProcessingJob", "NetworkConfig.VpcConfig.SecurityGroupIds", _security_group, ""),
    ("sagemaker:CreateModel", "VpcConfig.Subnets", _subnet, ""),
    ("sagemaker:CreateModel", "VpcConfig.SecurityGroupIds", _security_group, ""),
    ("sagemaker:CreateModel", "[PrimaryContainer, Containers[0]][].Image", _image, ""),
    ("cloudformation:*", "RoleARN", _role, ""),
    ("ec2:CreateVpcEndpoint", "SecurityGroupIds", _security_group, "InvalidGroup.NotFound"),
    ("ecr:CreateRepository", "encryptionConfiguration.kmsKey", _key, "KmsException"),
    ("lambda:CreateFunction", "Code.S3Key && join('/', [Code.S3Bucket, Code.S3Key])", _code, _NO_PARAMETER),
    ("lambda:UpdateFunctionCode", "S3Key && join('/', [S3Bucket, S3Key])", _code, _NO_PARAMETER),
    ("logs:CreateLogGroup", "kmsKeyId", _key, ""),
    (
        "s3:PutBucketNotificationConfiguration",
        "NotificationConfiguration.[QueueConfigurations[].QueueArn, TopicConfigurations[].TopicArn, "
        "LambdaFunctionConfigurations[].LambdaFunctionArn][]",
        _destination,
        "",
    ),
    ("ssm:PutParameter", "KeyId", _key, "InvalidKeyId"),
    ("stepfunctions:TagResource", "resourceArn", _machine, "ResourceNotFound"),
    ("scheduler:*Schedule", "GroupName", _group, "ResourceNotFoundException"),
)


def dangling(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what a request names and is not there."""
    for call, path, find, code in _REFERENCES:
        if fnmatchcase(f"{request.service}:{request.operation}", call):
            found = jmespath.search(path, request.members)
            for name in found if isinstance(found, list) else [found] if found else []:
                if words := find(name, (account, region)):
                    yield ApiError(code or code_of(request.service), words)
