"""A bucket, a role and small programs that stand for container code."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.tools.local_aws.aws import eventually, unique
from tools.local_aws.process import LocalAws

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ALLOW_ALL: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
SETTLED = ("Completed", "CompletedWithViolations", "Failed", "Stopped", "Succeeded", "InService")


@dataclass(frozen=True)
class Place:
    """What a test works with: an embedded AWS, a bucket of its own and a role that may do everything."""

    aws: LocalAws
    bucket: str
    role_arn: str

    @property
    def sagemaker(self) -> Any:
        return self.aws.client("sagemaker")

    @property
    def s3(self) -> Any:
        return self.aws.client("s3")

    def put(self, key: str, text: str | bytes) -> str:
        body = text.encode() if isinstance(text, str) else text
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def read(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode())

    def role(self, name: str, policy: dict[str, Any], trust: dict[str, Any] | None = None) -> str:
        iam = self.aws.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or TRUST))["Role"][
            "Arn"
        ]
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy))
        return str(arn)

    def processing_request(self, script: str, **changes: Any) -> dict[str, Any]:
        """A processing job that runs a script with nothing but its code as input."""
        code = self.put(f"code/{uuid.uuid4().hex}/main.py", script)
        inputs = [s3_input("code", code, "/opt/ml/processing/input/code")]
        request = {
            "ProcessingJobName": unique("job"),
            "RoleArn": self.role_arn,
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/main.py"],
            },
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
            },
            "ProcessingInputs": inputs,
        }
        return request | changes

    def training_request(self, script: str, **changes: Any) -> dict[str, Any]:
        """A training job whose code comes as the channel `code`."""
        code = self.put(f"code/{uuid.uuid4().hex}/main.py", script)
        request = {
            "TrainingJobName": unique("train"),
            "RoleArn": self.role_arn,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/main.py"],
            },
            "InputDataConfig": [channel("code", code)],
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/training"},
            "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        }
        return request | changes

    def run_processing(self, request: dict[str, Any]) -> Any:
        self.sagemaker.create_processing_job(**request)
        name = request["ProcessingJobName"]
        return settled(
            lambda: self.sagemaker.describe_processing_job(ProcessingJobName=name), "ProcessingJobStatus"
        )

    def run_training(self, request: dict[str, Any]) -> Any:
        self.sagemaker.create_training_job(**request)
        name = request["TrainingJobName"]
        return settled(
            lambda: self.sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus"
        )


def s3_input(name: str, uri: str, local_path: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": local_path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def s3_output(name: str, uri: str, local_path: str) -> dict[str, Any]:
    target = {"S3Uri": uri, "LocalPath": local_path, "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": target}


def channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def settled(describe: Callable[[], Any], status: str) -> Any:
    """What `describe` answers once its status no longer changes by itself."""

    def ended() -> Any:
        answer = describe()
        return answer if answer[status] in SETTLED else None

    return eventually(ended, timeout_seconds=180)
