"""The model server does with a program what AWS's serving toolkit does.

tests/pipeline_code/test_hosting_toolkit.py compares it with the toolkit itself.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import (
    archive,
    capture_config,
    config,
    endpoint,
    invoke,
    model,
)
from tests.tools.local_aws.sagemaker.helpers import Place

MODEL = "def model_fn(model_dir): return None\n"
BARE = f"""
{MODEL}
def transform_fn(model, body, content_type, accept): return accept
"""
THREE = f"""
{MODEL}
def input_fn(body, content_type): return float(body)
def predict_fn(data, model): return data
def output_fn(prediction, accept): return str(prediction), accept
"""
BOTH = f"""
{THREE}
def transform_fn(model, body, content_type, accept): return body
"""


def serving(place: Place, program: str, **more: Any) -> str:
    described = endpoint(place, config(place, model(place, archive(program=program)), **more))
    assert described["EndpointStatus"] == "InService", described
    return str(described["EndpointName"])


def test_a_program_that_must_be_built_from_an_index_does_not_start(place: Place) -> None:
    failed = endpoint(place, config(place, model(place, archive(with_build_settings=False))))
    assert failed["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in failed["FailureReason"]
    assert "InstallModuleError" in failed["FailureReason"]


def test_a_bare_text_is_html_and_captured_as_base64(place: Place) -> None:
    prefix = unique("capture")
    name = serving(place, BARE, DataCaptureConfig=capture_config(place, prefix))
    answer = place.aws.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body="1", ContentType="text/csv"
    )
    assert answer["ContentType"].startswith("text/html")
    listed = eventually(lambda: place.s3.list_objects_v2(Bucket=place.bucket, Prefix=prefix).get("Contents"))
    captured = json.loads(place.read(listed[0]["Key"]))["captureData"]
    assert (captured["endpointInput"]["encoding"], captured["endpointOutput"]["encoding"]) == (
        "CSV",
        "BASE64",
    )


def test_json_is_asked_for_where_nobody_says_what(place: Place) -> None:
    name = serving(place, BARE)
    assert invoke(place, name, "1") == "application/json"
    assert invoke(place, name, "1", Accept="text/csv") == "text/csv"


def test_what_a_handler_raises_is_an_error_of_the_server(place: Place) -> None:
    name = serving(place, THREE)
    assert invoke(place, name, "1.5", Accept="text/csv") == "1.5"
    with pytest.raises(ClientError, match=r"Received server error \(500\)"):
        invoke(place, name, "not a number")


def test_one_function_or_three(place: Place) -> None:
    failed = endpoint(place, config(place, model(place, archive(program=BOTH))))
    assert "Cannot use transform_fn implementation with input_fn" in failed["FailureReason"]
