"""Step Functions starts processing jobs, waits for their end, and needs the permissions that AWS asks for."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import allow, eventually, make_role, unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.process import LocalAws

STATES = {"Service": "states.amazonaws.com"}
RESOURCE = "arn:aws:states:::sagemaker:createProcessingJob.sync"
RULE = "arn:aws:events:*:*:rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule"
HEARS = allow("events:PutRule", "events:PutTargets", "events:DescribeRule", resource=RULE)


@pytest.fixture(scope="module")
def place(local_aws: LocalAws) -> Place:
    bucket = unique("bucket")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    empty = Place(local_aws, bucket, "")
    return Place(local_aws, bucket, empty.role(unique("role"), ALLOW_ALL))


def run(aws: LocalAws, place: Place, script: str, *statements: dict[str, Any]) -> dict[str, Any]:
    request = place.processing_request(script)
    request["ProcessingJobName"] = unique("job")
    state = {"Type": "Task", "Resource": RESOURCE, "Parameters": request, "End": True}
    role = make_role(aws, STATES, HEARS, *statements)
    client = aws.client("stepfunctions")
    machine = client.create_state_machine(
        name=unique("machine"),
        definition=json.dumps({"StartAt": "Only", "States": {"Only": state}}),
        roleArn=role,
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]

    def ended() -> dict[str, Any] | None:
        described = client.describe_execution(executionArn=execution)
        return None if described["status"] == "RUNNING" else dict(described)

    return eventually(ended, timeout_seconds=30)


RUNS = (
    allow("sagemaker:CreateProcessingJob"),
    allow("sagemaker:DescribeProcessingJob"),
    allow("iam:PassRole"),
)


def test_it_waits_for_the_end_and_answers_with_the_description(local_aws: LocalAws, place: Place) -> None:
    execution = run(local_aws, place, "print(1)", *RUNS)
    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"])["ProcessingJobStatus"] == "Completed"


def test_a_job_that_fails_fails_the_task_and_says_why(local_aws: LocalAws, place: Place) -> None:
    execution = run(local_aws, place, "raise SystemExit('no data')", *RUNS)
    assert (execution["status"], execution["error"]) == ("FAILED", "States.TaskFailed")
    assert "no data" in json.loads(execution["cause"])["FailureReason"]


def test_the_role_must_be_allowed_to_start_the_job(local_aws: LocalAws, place: Place) -> None:
    execution = run(local_aws, place, "print(1)", *RUNS[1:])
    assert execution["status"] == "FAILED"
    assert "sagemaker:CreateProcessingJob" in execution["cause"]


def test_a_role_that_may_not_make_the_managed_rule_is_refused(local_aws: LocalAws, place: Place) -> None:
    state = {"Type": "Task", "Resource": RESOURCE, "Parameters": {}, "End": True}
    definition = json.dumps({"StartAt": "Only", "States": {"Only": state}})
    with pytest.raises(ClientError, match="is not authorized to create managed-rule"):
        local_aws.client("stepfunctions").create_state_machine(
            name=unique("machine"), definition=definition, roleArn=make_role(local_aws, STATES, *RUNS)
        )
