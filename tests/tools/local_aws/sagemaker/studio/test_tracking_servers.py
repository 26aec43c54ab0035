"""MLflow tracking servers come, change, rest and go."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place
from tests.tools.local_aws.sagemaker.studio.helpers import gone, settled


def reached(place: Place, name: str, status: str) -> Any:
    describe = partial(place.sagemaker.describe_mlflow_tracking_server, TrackingServerName=name)
    return settled(describe, status, "TrackingServerStatus")


def create(place: Place, **changes: Any) -> str:
    name = unique("mlflow")
    request = {
        "TrackingServerName": name,
        "ArtifactStoreUri": f"s3://{place.bucket}/mlflow",
        "RoleArn": place.role_arn,
    }
    place.sagemaker.create_mlflow_tracking_server(**request | changes)
    return name


def test_a_tracking_server_lives_its_life(place: Place) -> None:
    sagemaker, name = place.sagemaker, create(place)
    with pytest.raises(ClientError, match=r"\(ConflictException\).*is Creating"):
        sagemaker.stop_mlflow_tracking_server(TrackingServerName=name)
    created = reached(place, name, "Created")
    assert (created["IsActive"], created["TrackingServerSize"]) == ("Active", "Small")
    url = sagemaker.create_presigned_mlflow_tracking_server_url(TrackingServerName=name)["AuthorizedUrl"]
    assert url.startswith(created["TrackingServerUrl"])
    sagemaker.update_mlflow_tracking_server(TrackingServerName=name, TrackingServerSize="Medium")
    assert reached(place, name, "Updated")["TrackingServerSize"] == "Medium"
    sagemaker.stop_mlflow_tracking_server(TrackingServerName=name)
    assert reached(place, name, "Stopped")["IsActive"] == "Inactive"
    with pytest.raises(ClientError, match="is not active"):
        sagemaker.create_presigned_mlflow_tracking_server_url(TrackingServerName=name)
    sagemaker.start_mlflow_tracking_server(TrackingServerName=name)
    reached(place, name, "Started")
    summaries = sagemaker.list_mlflow_tracking_servers(TrackingServerStatus="Started")
    assert name in [item["TrackingServerName"] for item in summaries["TrackingServerSummaries"]]
    sagemaker.delete_mlflow_tracking_server(TrackingServerName=name)
    assert gone(lambda: sagemaker.describe_mlflow_tracking_server(TrackingServerName=name))


def test_a_name_is_taken_once_and_a_role_has_to_exist(place: Place) -> None:
    name = create(place)
    with pytest.raises(ClientError, match="already exists"):
        create(place, TrackingServerName=name)
    with pytest.raises(ClientError, match="Could not assume role"):
        create(place, RoleArn=f"{place.role_arn}-not")
