"""What a request refers to has to be there when the call is made, by the names of its members.

Words: https://github.com/aws/amazon-sagemaker-examples/issues/2489 (data),
https://github.com/aws/amazon-sagemaker-examples/issues/2534 (repositories) and
https://github.com/aws-samples/easy-amazon-sagemaker-deployments/issues/4 (images of models).
"""

import re
from collections.abc import Callable, Iterator

import jmespath
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.s3.models import s3_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import Request
from tools.local_aws.requests.words import code_of

Place = tuple[str, str]
Finder = Callable[[str, Place], str | None]
_PARTITION = "aws"
_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com/([^:@]+).*")


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


def _missing(uri: str, place: Place) -> str | None:
    """The name of the image's repository, if it is this account's and not there."""
    found = _IMAGE.fullmatch(uri)
    if found is None or found[1] != place[0] or found[3] in ecr_backends[place[0]][found[2]].repositories:
        return None
    return found[3]


def _training_image(uri: str, place: Place) -> str | None:
    name = _missing(uri, place)
    return f"Cannot find repository: {name} in registry ID: {place[0]}" if name else None


def _image(uri: str, place: Place) -> str | None:
    found = _IMAGE.fullmatch(uri)
    if found and found[2] != place[1]:
        return f"The image {uri} is not of the region {place[1]}."
    return f"Requested image {uri} not found." if _missing(uri, place) else None


_REFERENCES: tuple[tuple[str, str, Finder], ...] = (
    ("CreateTrainingJob", "VpcConfig.Subnets", _subnet),
    ("CreateTrainingJob", "VpcConfig.SecurityGroupIds", _security_group),
    ("CreateTrainingJob", "InputDataConfig[].DataSource.S3DataSource.S3Uri", _data),
    ("CreateTrainingJob", "AlgorithmSpecification.TrainingImage", _training_image),
    ("CreateProcessingJob", "NetworkConfig.VpcConfig.Subnets", _subnet),
    ("CreateProcessingJob", "NetworkConfig.VpcConfig.SecurityGroupIds", _security_group),
    ("CreateModel", "VpcConfig.Subnets", _subnet),
    ("CreateModel", "VpcConfig.SecurityGroupIds", _security_group),
    ("CreateModel", "PrimaryContainer.Image", _image),
)


def dangling(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what a request to SageMaker names and is not there."""
    if request.service != "sagemaker":
        return
    for call, path, find in _REFERENCES:
        if call == request.operation:
            found = jmespath.search(path, request.members)
            for name in found if isinstance(found, list) else [found] if found else []:
                if words := find(name, (account, region)):
                    yield ApiError(code_of(request.service), words)
