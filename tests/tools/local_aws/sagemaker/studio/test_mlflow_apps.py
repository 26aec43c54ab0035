"""MLflow apps come, change and go."""

import re
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place
from tests.tools.local_aws.sagemaker.studio.helpers import refusal, settled

ENABLED, DISABLED = "AutoModelRegistrationEnabled", "AutoModelRegistrationDisabled"


def reached(place: Place, arn: str, status: str) -> Any:
    return settled(partial(place.sagemaker.describe_mlflow_app, Arn=arn), status)


def create(place: Place, **changes: Any) -> str:
    request = {
        "Name": unique("mlflow"),
        "ArtifactStoreUri": f"s3://{place.bucket}/mlflow",
        "RoleArn": place.role_arn,
    }
    return str(place.sagemaker.create_mlflow_app(**request | changes)["Arn"])


def listed(place: Place, **filters: str) -> list[str]:
    return [app["Arn"] for app in place.sagemaker.list_mlflow_apps(**filters)["Summaries"]]


def test_an_app_lives_its_life(place: Place) -> None:
    sagemaker, arn = place.sagemaker, create(place)
    assert re.fullmatch(r"arn:aws:sagemaker:us-east-1:\d{12}:mlflow-app/app-\w{12}", arn)
    with refusal("ConflictException", "is Creating"):
        sagemaker.delete_mlflow_app(Arn=arn)
    assert reached(place, arn, "Created")["ModelRegistrationMode"] == DISABLED
    url = sagemaker.create_presigned_mlflow_app_url(Arn=arn)["AuthorizedUrl"]
    assert url.startswith(f"https://{arn.rsplit('/', 1)[-1]}.mlflow.sagemaker.us-east-1.app.aws/auth?")
    sagemaker.update_mlflow_app(Arn=arn, WeeklyMaintenanceWindowStart="Tue:03:30")
    assert reached(place, arn, "Updated")["WeeklyMaintenanceWindowStart"] == "Tue:03:30"
    assert arn in listed(place, Status="Updated")
    assert arn not in listed(place, Status="Created")
    sagemaker.delete_mlflow_app(Arn=arn)
    reached(place, arn, "Deleted")
    for use in (sagemaker.delete_mlflow_app, sagemaker.create_presigned_mlflow_app_url):
        with refusal("ResourceNotFound", arn):
            use(Arn=arn)


def test_an_update_that_does_not_speak_of_registration_switches_it_on(place: Place) -> None:
    arn = create(place, ModelRegistrationMode=DISABLED)
    reached(place, arn, "Created")
    place.sagemaker.update_mlflow_app(Arn=arn, Name="another")
    assert reached(place, arn, "Updated")["ModelRegistrationMode"] == ENABLED


def test_the_app_of_a_domain_is_found(place: Place) -> None:
    arn = create(place, DefaultDomainIdList=["d-0123456789ab"])
    assert listed(place, DefaultForDomainId="d-0123456789ab") == [arn]
    assert listed(place, DefaultForDomainId="d-0123456789ac") == []


def test_a_role_has_to_exist_and_so_does_an_app(place: Place) -> None:
    with pytest.raises(ClientError, match="Could not assume role"):
        create(place, RoleArn=f"{place.role_arn}-not")
    arn = create(place)[:-4] + "none"
    with refusal("ResourceNotFound", arn):
        place.sagemaker.describe_mlflow_app(Arn=arn)
