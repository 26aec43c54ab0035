"""Endpoints are real HTTP servers behind InvokeEndpoint."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import (
    archive,
    config,
    endpoint,
    invoke,
    model,
)
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, IMAGE, Place, settled


@pytest.fixture(scope="module")
def doubling(place: Place) -> Iterator[str]:
    described = endpoint(place, config(place, model(place)))
    assert described["EndpointStatus"] == "InService", described
    yield described["EndpointName"]
    place.sagemaker.delete_endpoint(EndpointName=described["EndpointName"])


def test_an_endpoint_answers_with_its_model(place: Place, doubling: str) -> None:
    assert invoke(place, doubling, "1 2.5") == "2.0\n5.0"
    variant = place.sagemaker.describe_endpoint(EndpointName=doubling)["ProductionVariants"][0]
    assert (variant["VariantName"], variant["CurrentInstanceCount"]) == ("AllTraffic", 1)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE


def test_bad_input_is_a_client_error_with_its_message(place: Place, doubling: str) -> None:
    with pytest.raises(ClientError, match=r"Received client error \(400\).*could not convert") as caught:
        invoke(place, doubling, "abc")
    response: Any = caught.value.response
    assert response["OriginalStatusCode"] == 400
    assert response["Error"]["Code"] == "ModelError"


def test_an_error_inside_tells_the_caller_nothing_and_the_log_everything(place: Place, doubling: str) -> None:
    with pytest.raises(ClientError, match=r"(?s)server error \(500\).*<h1>Internal Server Error") as caught:
        invoke(place, doubling, "break")
    assert "secret" not in str(caught.value)
    assert "a secret of the inside" in eventually(partial(_logged, place, doubling, "KeyError"))


def _logged(place: Place, name: str, pattern: str) -> str:
    group = f"/aws/sagemaker/Endpoints/{name}"
    try:
        found = place.aws.client("logs").filter_log_events(logGroupName=group, filterPattern=pattern)
    except ClientError:
        return ""  # the group comes with the first line
    return "\n".join(event["message"] for event in found["events"])


def test_an_endpoint_that_does_not_exist_is_named(place: Place) -> None:
    with pytest.raises(
        ClientError, match=r"ValidationError.*Endpoint nowhere of account 111111111111 not found"
    ):
        invoke(place, "nowhere", "1")


def test_a_variant_that_does_not_exist_is_named(place: Place, doubling: str) -> None:
    assert invoke(place, doubling, "1", TargetVariant="AllTraffic") == "2.0"
    with pytest.raises(ClientError, match="Variant Other of endpoint"):
        invoke(place, doubling, "1", TargetVariant="Other")


def test_invocations_are_measured(place: Place, doubling: str) -> None:
    invoke(place, doubling, "1")
    now = datetime.now(UTC)
    request = {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [
            {"Name": "EndpointName", "Value": doubling},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        "StartTime": now - timedelta(minutes=10),
        "EndTime": now + timedelta(minutes=10),
        "Period": 3600,
        "Statistics": ["Sum"],
    }
    cloudwatch = place.aws.client("cloudwatch")
    for metric in ("Invocations", "ModelLatency"):
        read = partial(cloudwatch.get_metric_statistics, **request, MetricName=metric)
        assert eventually(partial(_points, read))[0]["Sum"] >= 1


def _points(read: Callable[[], Any]) -> Any:
    return read()["Datapoints"]


def test_a_missing_artifact_fails_the_endpoint_and_is_named(place: Place) -> None:
    """It was there when the model was created."""
    name = model(place)
    place.s3.delete_object(Bucket=place.bucket, Key=f"{name}/model.tar.gz")
    failed = endpoint(place, config(place, name))
    assert failed["EndpointStatus"] == "Failed"
    assert f"s3://{place.bucket}/{name}/model.tar.gz" in failed["FailureReason"]


def test_a_program_that_does_not_load_fails_the_endpoint(place: Place) -> None:
    failed = endpoint(place, config(place, model(place, archive(factor="not a number"))))
    assert failed["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in failed["FailureReason"]
    assert "could not convert string to float" in failed["FailureReason"]


def test_a_server_that_dies_is_restarted_once_and_then_fails(place: Place) -> None:
    name = endpoint(place, config(place, model(place)))["EndpointName"]
    with pytest.raises(ClientError, match=r"server error \(500\)"):
        invoke(place, name, "die")
    assert eventually(lambda: _answers(place, name)) == "2.0"
    with pytest.raises(ClientError):
        invoke(place, name, "die")
    failed = eventually(lambda: _failed(place, name))
    assert "died again" in failed["FailureReason"]


def _answers(place: Place, name: str) -> str:
    try:
        return invoke(place, name, "1")
    except ClientError:
        return ""


def _failed(place: Place, name: str) -> Any:
    answer = place.sagemaker.describe_endpoint(EndpointName=name)
    return answer if answer["EndpointStatus"] == "Failed" else None


def test_only_an_approved_package_can_be_deployed(place: Place) -> None:
    group = unique("group")
    place.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    data_url = place.put("packaged/model.tar.gz", archive())
    arn = place.sagemaker.create_model_package(
        ModelPackageGroupName=group,
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": data_url, "Environment": environment}]
        },
    )["ModelPackageArn"]
    request = {
        "ModelName": unique("model"),
        "ExecutionRoleArn": place.role_arn,
        "PrimaryContainer": {"ModelPackageName": arn},
    }
    with pytest.raises(ClientError, match="is PendingManualApproval, not Approved"):
        place.sagemaker.create_model(**request)
    place.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    place.sagemaker.create_model(**request)
    name = endpoint(place, config(place, str(request["ModelName"])))["EndpointName"]
    assert invoke(place, name, "4") == "8.0"


def test_a_model_needs_its_data_when_it_is_created(place: Place) -> None:
    missing = f"s3://{place.bucket}/none/model.tar.gz"
    request = {"ModelName": unique("model"), "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": missing}}
    with pytest.raises(ClientError, match=f"Could not find model data at {missing}"):
        place.sagemaker.create_model(ExecutionRoleArn=place.role_arn, **request)
    logs_only = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    blind = place.role(unique("role"), ALLOW_ALL | {"Statement": [logs_only]})
    with pytest.raises(ClientError, match=f"Could not access model data at {missing}"):
        place.sagemaker.create_model(ExecutionRoleArn=blind, **request)


def test_what_is_missing_or_taken_is_refused(place: Place, doubling: str) -> None:
    sagemaker = place.sagemaker
    with pytest.raises(ClientError, match=r'Could not find model "arn:.*model/none"'):
        config(place, "none")
    with pytest.raises(
        ClientError, match=r'Could not find endpoint configuration "arn:.*endpoint-config/none"'
    ):
        sagemaker.create_endpoint(EndpointName=unique("endpoint"), EndpointConfigName="none")
    with pytest.raises(ClientError, match=r'Could not find endpoint "arn:.*endpoint/none"'):
        sagemaker.describe_endpoint(EndpointName="none")
    used = sagemaker.describe_endpoint(EndpointName=doubling)["EndpointConfigName"]
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        sagemaker.create_endpoint(EndpointName=doubling, EndpointConfigName=used)


def test_a_deleted_endpoint_is_gone(place: Place) -> None:
    name = endpoint(place, config(place, model(place)))["EndpointName"]
    place.sagemaker.delete_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match="not found"):
        invoke(place, name, "1")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        settled(lambda: place.sagemaker.describe_endpoint(EndpointName=name), "EndpointStatus")
