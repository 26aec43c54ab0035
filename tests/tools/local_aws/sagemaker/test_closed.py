"""An account that is new cannot create what AWS has closed to new customers."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT
from tests.tools.local_aws.sagemaker.helpers import IMAGE
from tools.local_aws.process import LocalAws
from tools.local_aws.sagemaker.closed import CLOSED_SINCE

CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}}
SCHEDULE = {
    "MonitoringScheduleName": "hourly",
    "MonitoringScheduleConfig": {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName": "definition",
        "MonitoringType": "DataQuality",
    },
}
DEFINITION = {
    "JobDefinitionName": "definition",
    "DataQualityAppSpecification": {"ImageUri": IMAGE},
    "DataQualityJobInput": {
        "EndpointInput": {"EndpointName": "endpoint", "LocalPath": "/opt/ml/processing/input"}
    },
    "DataQualityJobOutputConfig": {
        "MonitoringOutputs": [
            {"S3Output": {"S3Uri": "s3://bucket/reports", "LocalPath": "/opt/ml/processing/output"}}
        ]
    },
    "JobResources": CLUSTER,
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitor",
}
MEMBERS = {"UserPool": "us-east-1_pool", "UserGroup": "people", "ClientId": "client"}
WORKTEAM = {
    "WorkteamName": "team",
    "MemberDefinitions": [{"CognitoMemberDefinition": MEMBERS}],
    "Description": "people",
}


@pytest.fixture(scope="module")
def new_customer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    log_path = tmp_path_factory.mktemp("new-account") / "server.log"
    with LocalAws(account=ACCOUNT, region="us-east-1", new_customer=True, log_path=log_path) as aws:
        yield aws


@pytest.fixture
def new_account(new_customer: LocalAws) -> Any:
    return new_customer.client("sagemaker")


def test_its_age_says_that_it_is_new(new_customer: LocalAws) -> None:
    told = new_customer.client("account").get_account_information()
    assert told["AccountCreatedDate"] > CLOSED_SINCE


@pytest.mark.parametrize(
    ("operation", "request_", "feature"),
    [
        ("create_monitoring_schedule", SCHEDULE, "Model Monitor"),
        ("create_data_quality_job_definition", DEFINITION, "Model Monitor"),
        ("create_workteam", WORKTEAM, "Ground Truth"),
    ],
)
def test_what_is_closed_is_refused(
    new_account: Any, operation: str, request_: dict[str, Any], feature: str
) -> None:
    with pytest.raises(ClientError, match="no longer open to new customers") as caught:
        getattr(new_account, operation)(**request_)
    assert caught.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": f"Amazon SageMaker {feature} is no longer open to new customers. "
        "Existing customers can continue to use the service as normal.",
    }


def test_everything_else_is_open(new_account: Any) -> None:
    new_account.create_model_package_group(ModelPackageGroupName="group")
    assert new_account.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []


def test_an_old_customer_goes_on(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        local_aws.client("sagemaker").create_monitoring_schedule(**SCHEDULE)
