"""Whatever runs, runs with the permissions of its role and says what is missing."""

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import config, endpoint, invoke, model
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place, settled
from tests.tools.local_aws.sagemaker.pipelines.helpers import TRAIN, create, execute, finished, job_arguments
from tests.tools.local_aws.sagemaker.studio.helpers import trust
from tools.local_aws.clients import Credentials

NO_GET = {
    "Version": "2012-10-17",
    "Statement": [
        *ALLOW_ALL["Statement"],
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"},
    ],
}
NO_LIST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "logs:*"], "Resource": "*"}],
}


def denial(role: str, action: str) -> str:
    """The words of an access-denied message that name role and action."""
    name = role.split("/")[-1]
    caller = f"arn:aws:sts::111111111111:assumed-role/{name}/SageMaker"
    return f"User: {caller} is not authorized to perform: {action}"


def test_a_training_role_without_get_object_fails_job_step_and_execution(place: Place) -> None:
    role = place.role(unique("no-get"), NO_GET)
    name = unique("pipeline")
    arguments = job_arguments(place.training_request(TRAIN, RoleArn=role))
    step = {"Name": "Train", "Type": "Training", "Arguments": arguments}
    create(place, name, {"Version": "2020-12-01", "Steps": [step]})
    execution, ran = execute(place, name)
    job_name = ran["Train"]["Metadata"]["TrainingJob"]["Arn"].split("/")[-1]
    job = place.sagemaker.describe_training_job(TrainingJobName=job_name)
    assert job["TrainingJobStatus"] == "Failed"
    for reason in (job["FailureReason"], ran["Train"]["FailureReason"], execution["FailureReason"]):
        assert re.search(denial(role, "s3:GetObject"), reason), reason
        assert f"arn:aws:s3:::{place.bucket}/" in reason


def test_a_role_without_list_bucket_is_named(place: Place) -> None:
    role = place.role(unique("no-list"), NO_LIST)
    job = place.run_processing(place.processing_request("", RoleArn=role))
    assert re.search(denial(role, "s3:ListBucket"), job["FailureReason"]), job["FailureReason"]


def somebody(place: Place) -> Any:
    """A SageMaker client of a person whose session says who they are."""
    role = place.role(unique("person"), ALLOW_ALL, trust("sts:SetSourceIdentity"))
    sts = place.aws.client("sts")
    answer = sts.assume_role(RoleArn=role, RoleSessionName="ada", SourceIdentity="ada")
    return place.aws.client("sagemaker", Credentials.from_sts(answer["Credentials"]))


@pytest.mark.parametrize("kind", ["processing", "training"])
def test_a_job_of_a_named_person_needs_a_role_that_may_be_assumed_in_a_name(place: Place, kind: str) -> None:
    request = getattr(place, f"{kind}_request")("")
    with pytest.raises(ClientError, match="Could not assume role") as caught:
        getattr(somebody(place), f"create_{kind}_job")(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    message = caught.value.response["Error"]["Message"]
    assert "Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com'" in message
    assert f"not authorized to perform: sts:SetSourceIdentity on resource: {place.role_arn}" in message


def test_a_pipeline_of_a_named_person_needs_such_roles_for_itself_and_its_steps(place: Place) -> None:
    named = place.role(unique("named"), ALLOW_ALL, trust("sts:SetSourceIdentity"))
    plain, both, ada = unique("pipeline"), unique("pipeline"), somebody(place)
    arguments = job_arguments(place.processing_request(""))
    step = {"Name": "Step", "Type": "Processing", "Arguments": arguments}
    create(place, plain, {"Version": "2020-12-01", "Steps": [step]})
    with pytest.raises(ClientError, match=f"sts:SetSourceIdentity on resource: {place.role_arn}"):
        ada.start_pipeline_execution(PipelineName=plain)
    create(place, both, {"Version": "2020-12-01", "Steps": [step]}, named)
    started = ada.start_pipeline_execution(PipelineName=both)["PipelineExecutionArn"]
    _, ran = finished(place, started)
    assert f"sts:SetSourceIdentity on resource: {place.role_arn}" in ran["Step"]["FailureReason"]


def test_a_job_runs_in_the_name_of_the_person_who_created_it(place: Place) -> None:
    only_ada = {
        "Version": "2012-10-17",
        "Statement": [
            {
                **ALLOW_ALL["Statement"][0],
                "Condition": {"StringEquals": {"aws:SourceIdentity": "ada"}},
            }
        ],
    }
    role = place.role(unique("named"), only_ada, trust("sts:SetSourceIdentity"))
    request = place.processing_request("", RoleArn=role)
    somebody(place).create_processing_job(**request)
    name = request["ProcessingJobName"]
    job = settled(
        lambda: place.sagemaker.describe_processing_job(ProcessingJobName=name), "ProcessingJobStatus"
    )
    assert job["ProcessingJobStatus"] == "Completed", job
    nameless = place.run_processing(place.processing_request("", RoleArn=role))
    assert nameless["ProcessingJobStatus"] == "Failed"


def test_the_program_has_the_permissions_of_its_role_only(place: Place) -> None:
    script = """
import boto3
boto3.client("iam", region_name="us-east-1").list_roles()
"""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    role = place.role(unique("s3-only"), policy)
    job = place.run_processing(place.processing_request(script, RoleArn=role))
    assert re.search(denial(role, "iam:ListRoles"), job["FailureReason"]), job["FailureReason"]


def test_a_pipeline_role_that_may_not_create_jobs_is_named(place: Place) -> None:
    role = place.role(unique("no-jobs"), NO_LIST)
    name = unique("pipeline")
    arguments = job_arguments(place.training_request(TRAIN))
    step = {"Name": "Train", "Type": "Training", "Arguments": arguments}
    create(place, name, {"Version": "2020-12-01", "Steps": [step]}, role)
    execution, _ = execute(place, name)
    assert re.search(denial(role, "sagemaker:CreateTrainingJob"), execution["FailureReason"])


def test_a_model_whose_role_may_not_read_it_is_refused(place: Place) -> None:
    blind = Place(place.aws, place.bucket, place.role(unique("no-get"), NO_GET))
    with pytest.raises(ClientError, match="Could not access model data at s3://"):
        model(blind)


def test_a_model_whose_role_may_not_read_it_any_more_fails_the_endpoint(place: Place) -> None:
    name = unique("soon-no-get")
    role = place.role(name, ALLOW_ALL)
    blind = Place(place.aws, place.bucket, role)
    configured = config(blind, model(blind))
    place.aws.client("iam").put_role_policy(
        RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(NO_GET)
    )
    failed = endpoint(blind, configured)
    assert failed["EndpointStatus"] == "Failed"
    assert re.search(denial(role, "s3:GetObject"), failed["FailureReason"])


def test_an_endpoint_needs_no_permission_but_to_read_its_model(place: Place) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{place.bucket}/*"}
    role = place.role(unique("get-only"), {"Version": "2012-10-17", "Statement": [statement]})
    narrow = Place(place.aws, place.bucket, role)
    assert endpoint(narrow, config(narrow, model(narrow)))["EndpointStatus"] == "InService"


def test_a_role_that_may_not_write_logs_still_works(place: Place) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    mute = Place(place.aws, place.bucket, place.role(unique("mute"), policy))
    served = endpoint(mute, config(mute, model(mute)))
    assert invoke(place, served["EndpointName"], "1") == "2.0"


def test_a_role_that_trusts_another_service_is_refused(place: Place) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    role = place.role(unique("lambda"), ALLOW_ALL, {"Version": "2012-10-17", "Statement": [statement]})
    with pytest.raises(ClientError, match="Could not assume role"):
        place.sagemaker.create_processing_job(**place.processing_request("", RoleArn=role))
