"""What a request refers to has to be there when the call is made, by the names of its members.

Words: https://github.com/aws/sagemaker-python-sdk/issues/1302 (objects),
https://repost.aws/knowledge-center/sagemaker-pipeline-model-data-error (model data),
https://github.com/aws/sagemaker-python-sdk/issues/912 (repositories).
"""

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import jmespath
from moto.ec2.exceptions import InvalidSecurityGroupNotFoundError, InvalidSubnetIdError
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import Request
from tools.local_aws.requests.words import code_of

Place = tuple[str, str]
Finder = Callable[[str, Place], str | None]
_PARTITION = "aws"
_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com/([^:@]+).*")
_ARN_OF_KEY = re.compile(r"(?:arn:aws[\w-]*:kms:([\w-]+):(\d{12}):)?(.+)")


def _subnet(name: str, place: Place) -> str | None:
    try:
        ec2_backends[place[0]][place[1]].get_subnet(name)
    except InvalidSubnetIdError:
        return f"The subnet ID '{name}' does not exist"
    return None


def _security_group(name: str, place: Place) -> str | None:
    try:
        found = ec2_backends[place[0]][place[1]].get_security_group_from_id(name)
    except InvalidSecurityGroupNotFoundError:
        found = None
    return None if found else f"The security group '{name}' does not exist"


def _key(name: str, place: Place) -> str | None:
    found = _ARN_OF_KEY.fullmatch(name)
    if found is None or (found[2] and found[2] != place[0]):
        return None
    backend = kms_backends[place[0]][found[1] or place[1]]
    known = found[3].startswith("alias/aws/") or backend.any_id_to_key_id(name) in backend.keys
    return None if known else f"Invalid KMS key: key '{name}' does not exist"


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _data(uri: str, place: Place) -> str | None:
    bucket, prefix = _bucket_and_key(uri)
    found = s3_backends[place[0]][_PARTITION].buckets.get(bucket)
    if found and any(name.startswith(prefix) for name in found.keys):
        return None
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket '
        "exists in the selected region and that objects exist under that S3 prefix."
    )


def _archive(uri: str, place: Place) -> str | None:
    bucket, key = _bucket_and_key(uri)
    found = s3_backends[place[0]][_PARTITION].buckets.get(bucket)
    return None if found and key in found.keys else f"Could not find model data at {uri}."


def _bucket(uri: str, place: Place) -> str | None:
    known = _bucket_and_key(uri)[0] in s3_backends[place[0]][_PARTITION].buckets
    return None if known else f"Could not access bucket {_bucket_and_key(uri)[0]}: it does not exist."


def _image(uri: str, place: Place) -> str | None:
    found = _IMAGE.fullmatch(uri)
    if found is None or found[1] != place[0]:
        return f"The image {uri} is not of the region {place[1]}." if found and found[2] != place[1] else None
    if found[3] in ecr_backends[place[0]][found[2]].repositories:
        return None
    return f"Cannot find repository: {found[3]} in registry ID: {found[1]}"


_REFERENCES: tuple[tuple[str, str, Finder], ...] = (
    ("CreateTrainingJob", "VpcConfig.Subnets", _subnet),
    ("CreateTrainingJob", "VpcConfig.SecurityGroupIds", _security_group),
    ("CreateTrainingJob", "InputDataConfig[].DataSource.S3DataSource.S3Uri", _data),
    ("CreateTrainingJob", "OutputDataConfig.S3OutputPath", _bucket),
    ("CreateTrainingJob", "OutputDataConfig.KmsKeyId", _key),
    ("CreateTrainingJob", "AlgorithmSpecification.TrainingImage", _image),
    ("CreateProcessingJob", "NetworkConfig.VpcConfig.Subnets", _subnet),
    ("CreateProcessingJob", "NetworkConfig.VpcConfig.SecurityGroupIds", _security_group),
    ("CreateProcessingJob", "ProcessingOutputConfig.KmsKeyId", _key),
    ("CreateModel", "VpcConfig.Subnets", _subnet),
    ("CreateModel", "VpcConfig.SecurityGroupIds", _security_group),
    ("CreateModel", "PrimaryContainer.ModelDataUrl", _archive),
    ("CreateModel", "PrimaryContainer.Image", _image),
    ("CreateEndpointConfig", "KmsKeyId", _key),
    ("CreateEndpointConfig", "DataCaptureConfig.KmsKeyId", _key),
    ("CreateMlflowTrackingServer", "ArtifactStoreUri", _bucket),
)


def dangling(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what a request to SageMaker names and is not there."""
    if request.service != "sagemaker":
        return
    for call, path, find in _REFERENCES:
        if fnmatchcase(request.operation, call):
            found = jmespath.search(path, request.members)
            for name in found if isinstance(found, list) else [found] if found else []:
                if words := find(name, (account, region)):
                    yield ApiError(code_of(request.service), words)
