"""Creating endpoints in tests."""

import io
import tarfile
from pathlib import Path
from typing import Any

import served_code

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import IMAGE, Place, settled

INFERENCE = """
import os
from flask import Response
def model_fn(model_dir):
    return float(open(os.path.join(model_dir, "factor.txt")).read())
def transform_fn(model, body, content_type, accept):
    if body == "die":
        os._exit(9)
    if body == "break":
        raise KeyError("a secret of the inside")
    try:
        numbers = [float(x) for x in body.split()]
    except ValueError as error:
        return Response(str(error), status=400, mimetype="text/plain")
    return Response("\\n".join(str(x * model) for x in numbers), mimetype="text/csv")
"""


def archive(factor: str = "2", program: str = INFERENCE, *, with_build_settings: bool = True) -> bytes:
    """A model.tar.gz whose predictions are the input times the factor, and which needs no index to start."""
    files = {"factor.txt": factor, "code/inference.py": program}
    if with_build_settings:
        files["code/served_code.py"] = Path(served_code.__file__).read_text("utf-8")
        files["code/pyproject.toml"] = served_code.BUILD_SETTINGS
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def model(place: Place, data: bytes | None = None, **changes: Any) -> str:
    name = unique("model")
    data_url = place.put(f"{name}/model.tar.gz", data if data is not None else archive())
    environment = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }
    container = {"Image": IMAGE, "ModelDataUrl": data_url, "Environment": environment} | changes
    place.sagemaker.create_model(ModelName=name, ExecutionRoleArn=place.role_arn, PrimaryContainer=container)
    return name


def config(place: Place, model_name: str, instances: int = 1, **more: Any) -> str:
    name = unique("config")
    variant = {"VariantName": "AllTraffic", "ModelName": model_name, "InitialInstanceCount": instances}
    place.sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[variant | {"InstanceType": "ml.m5.large", "InitialVariantWeight": 1.0}],
        **more,
    )
    return name


def endpoint(place: Place, config_name: str, **more: Any) -> Any:
    name = unique("endpoint")
    place.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config_name, **more)
    return described(place, name)


def described(place: Place, name: str) -> Any:
    return settled(lambda: place.sagemaker.describe_endpoint(EndpointName=name), "EndpointStatus")


def invoke(place: Place, name: str, body: str, **more: str) -> str:
    runtime = place.aws.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=name, Body=body, **{"ContentType": "text/csv", **more})
    return str(answer["Body"].read().decode())


def capture_config(place: Place, prefix: str, **changes: Any) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{place.bucket}/{prefix}",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json"],
        },
    } | changes
