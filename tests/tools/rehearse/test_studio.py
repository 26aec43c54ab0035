"""People work in the deployed Studio: in spaces of their own, which bring a notebook, and nowhere else."""

import time
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.kept_rehearsal import Kept

PEOPLE = {"dana": "DataEngineer", "sam": "DataScientist", "mo": "MlopsEngineer"}
LIMIT_SECONDS = 60


@pytest.fixture(scope="module")
def domain(kept: Kept) -> str:
    return kept.outputs("dev-studio")["DomainId"]


def acting_as(kept: Kept, name: str) -> Any:
    """SageMaker for somebody who has signed in under their name."""
    role = kept.outputs("dev-foundation")[f"{PEOPLE[name]}RoleArn"]
    answer = kept.client("sts").assume_role(RoleArn=role, RoleSessionName=name, SourceIdentity=name)
    session = boto3.Session(
        answer["Credentials"]["AccessKeyId"],
        answer["Credentials"]["SecretAccessKey"],
        answer["Credentials"]["SessionToken"],
        region_name=kept.environment["AWS_REGION"],
    )
    return session.client("sagemaker", endpoint_url=kept.environment["AWS_ENDPOINT_URL"])


def open_space(sagemaker: Any, domain: str, owner: str) -> str:
    """A private space for JupyterLab, in service."""
    identity = {"DomainId": domain, "SpaceName": f"desk-{uuid.uuid4().hex[:8]}"}
    sagemaker.create_space(
        **identity,
        OwnershipSettings={"OwnerUserProfileName": owner},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    reached(lambda: sagemaker.describe_space(**identity), "InService")
    return identity["SpaceName"]


def reached(describe: Any, status: str) -> Any:
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        answer = describe()
        if answer["Status"] == status:
            return answer
        assert answer["Status"] != "Failed", answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_starts_with_the_notebook_in_a_space_of_their_own(
    kept: Kept, domain: str, name: str
) -> None:
    sagemaker = acting_as(kept, name)
    assert sagemaker.create_presigned_domain_url(DomainId=domain, UserProfileName=name)["AuthorizedUrl"]
    space = open_space(sagemaker, domain, name)
    app = {"DomainId": domain, "SpaceName": space, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_app(**app)
    reached(lambda: sagemaker.describe_app(**app), "InService")
    stream = f"{domain}/{space}/JupyterLab/default/LifecycleConfigOnStart"
    logs = kept.client("logs")
    said = logs.get_log_events(logGroupName="/aws/sagemaker/studio", logStreamName=stream)["events"]
    assert [event["message"] for event in said] == ["The notebook to start with is getting-started.ipynb."]
    sagemaker.delete_app(**app)
    reached(lambda: sagemaker.describe_app(**app), "Deleted")
    sagemaker.delete_space(DomainId=domain, SpaceName=space)


def test_nobody_enters_as_somebody_else_or_takes_a_bigger_instance(kept: Kept, domain: str) -> None:
    sam = acting_as(kept, "sam")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreatePresignedDomainUrl"):
        sam.create_presigned_domain_url(DomainId=domain, UserProfileName="mo")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateSpace"):
        open_space(sam, domain, "mo")
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    specification = {"InstanceType": "ml.p4d.24xlarge"}
    space = open_space(sam, domain, "sam")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateApp"):
        sam.create_app(**app, SpaceName=space, ResourceSpec=specification)
    sam.delete_space(DomainId=domain, SpaceName=space)
