"""What an endpoint is asked and answers is captured in S3."""

import base64
import json
import re
from typing import Any

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import capture_config, config, endpoint, invoke, model
from tests.tools.local_aws.sagemaker.helpers import Place


def start(place: Place, **changes: Any) -> tuple[str, str]:
    prefix = unique("capture")
    capture = capture_config(place, prefix, **changes)
    name = endpoint(place, config(place, model(place), DataCaptureConfig=capture))["EndpointName"]
    return prefix, name


def captured(place: Place, prefix: str) -> list[str]:
    listed = place.s3.list_objects_v2(Bucket=place.bucket, Prefix=prefix).get("Contents", [])
    return [item["Key"] for item in listed]


def test_requests_and_answers_are_written_in_the_format_of_model_monitor(place: Place) -> None:
    prefix, name = start(place)
    invoke(place, name, "1 2", InferenceId="first")
    invoke(place, name, "3")
    (key,) = eventually(lambda: captured(place, prefix))
    assert re.fullmatch(
        rf"{prefix}/{name}/AllTraffic/\d{{4}}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{{3}}-[0-9a-f-]+\.jsonl", key
    )
    first, second = (json.loads(line) for line in place.read(key).splitlines())
    assert first["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "1 2",
        "encoding": "CSV",
    }
    assert first["captureData"]["endpointOutput"]["data"] == "2.0\n4.0"
    assert first["eventMetadata"]["inferenceId"] == "first"
    assert second["eventVersion"] == "0"
    description = place.sagemaker.describe_endpoint(EndpointName=name)["DataCaptureConfig"]
    assert (description["CaptureStatus"], description["CurrentSamplingPercentage"]) == ("Started", 100)


def test_json_is_captured_as_json_and_only_the_sides_asked_for(place: Place) -> None:
    prefix, name = start(place, CaptureOptions=[{"CaptureMode": "Input"}])
    invoke(place, name, "7", ContentType="application/json")
    (key,) = eventually(lambda: captured(place, prefix))
    data = json.loads(place.read(key))["captureData"]
    assert (data["endpointInput"]["encoding"], data["endpointInput"]["data"]) == ("JSON", "7")
    assert "endpointOutput" not in data


def test_without_a_known_content_type_the_data_is_base64(place: Place) -> None:
    header = {"CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]}}
    prefix, name = start(place, **header)
    invoke(place, name, "7")
    (key,) = eventually(lambda: captured(place, prefix))
    side = json.loads(place.read(key))["captureData"]["endpointInput"]
    assert (side["encoding"], base64.b64decode(side["data"])) == ("BASE64", b"7")


def test_the_key_encrypts_what_is_captured(place: Place) -> None:
    key_id = place.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    prefix, name = start(place, KmsKeyId=key_id)
    invoke(place, name, "7")
    (key,) = eventually(lambda: captured(place, prefix))
    stored = place.s3.head_object(Bucket=place.bucket, Key=key)
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key_id)


def test_nothing_is_captured_at_zero_percent(place: Place) -> None:
    prefix, name = start(place, InitialSamplingPercentage=0)
    invoke(place, name, "7")
    place.sagemaker.delete_endpoint(EndpointName=name)
    assert captured(place, prefix) == []
