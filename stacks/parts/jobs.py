"""The scripts of jobs, and requests to run them, as data: for steps of pipelines and for state machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from config.values.columns import LONGEST_ARGUMENT, MOST_ARGUMENTS

Json = dict[str, Any]

PIPELINE_CODE = Path(__file__).parent.parent.parent / "pipeline_code"


class Code(NamedTuple):
    """`pipeline_code/` as one zip, which Python runs."""

    s3_uri: str
    file_name: str

    @classmethod
    def uploaded(cls, scope: Construct) -> "Code":
        code = s3_assets.Asset(scope, "PipelineCode", path=str(PIPELINE_CODE), exclude=["**/__pycache__"])
        return cls(code.s3_object_url, code.s3_object_key)

    def processing_command(self, script: str) -> list[str]:
        """Runs a script in a job whose input `code` is the zip."""
        return ["python3", f"/opt/ml/processing/input/code/{self.file_name}", script]


@dataclass(frozen=True)
class JobSettings:
    """What jobs have in common: where they run, how they are encrypted, how long they may take."""

    kms_key_arn: str
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]
    volume_size_gb: int
    max_runtime_seconds: int
    processing_instances: int = 1

    @property
    def vpc_config(self) -> Json:
        return {"Subnets": list(self.subnet_ids), "SecurityGroupIds": list(self.security_group_ids)}


@dataclass(frozen=True)
class Output:
    """A named result of a processing step: a folder in the container, uploaded when the job ends."""

    name: str
    path: str
    s3_uri: Any
    """Text, or what stands for it until the job starts."""


@dataclass(frozen=True)
class Container:
    """An image, and what runs in it. Without a command the image's own entrypoint runs."""

    image: str
    command: Sequence[str] = ()
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] | None = None

    @property
    def overrides(self) -> Json:
        if not self.command:
            return {}
        assert len(self.arguments) <= MOST_ARGUMENTS
        assert all(len(argument) <= LONGEST_ARGUMENT for argument in self.arguments)
        overrides: Json = {"ContainerEntrypoint": list(self.command)}
        if self.arguments:
            overrides["ContainerArguments"] = list(self.arguments)
        return overrides


def processing_request(
    container: Container,
    *,
    inputs: Mapping[str, Any],
    outputs: Sequence[Output],
    role_arn: str,
    instance_type: Any,
    settings: JobSettings,
) -> Json:
    """CreateProcessingJob without a name; `inputs` maps folders below /opt/ml/processing/input to S3 URIs."""
    request: Json = {
        "AppSpecification": {"ImageUri": container.image, **container.overrides},
        "ProcessingInputs": [_processing_input(folder, uri) for folder, uri in inputs.items()],
        "ProcessingOutputConfig": {
            "KmsKeyId": settings.kms_key_arn,
            "Outputs": [_processing_output(output) for output in outputs],
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": instance_type,
                "InstanceCount": settings.processing_instances,
                "VolumeSizeInGB": settings.volume_size_gb,
                "VolumeKmsKeyId": settings.kms_key_arn,
            }
        },
        "NetworkConfig": {
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": True,
            "VpcConfig": settings.vpc_config,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": settings.max_runtime_seconds},
        "RoleArn": role_arn,
    }
    if container.environment:
        request["Environment"] = dict(container.environment)
    return request


def _processing_input(folder: str, uri: Any) -> Json:
    return {
        "InputName": folder,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"/opt/ml/processing/input/{folder}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        },
    }


def _processing_output(output: Output) -> Json:
    return {
        "OutputName": output.name,
        "S3Output": {"S3Uri": output.s3_uri, "LocalPath": output.path, "S3UploadMode": "EndOfJob"},
    }
