import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import Queue, allow, eventually, make_role, unique
from tools.local_aws.process import LocalAws
from tools.local_aws.step_functions.machines import MOST_EVENTS, HistoryFullError, with_an_end

STATES = {"Service": "states.amazonaws.com"}
SDK = "arn:aws:states:::aws-sdk:"


def task(service_and_action: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": SDK + service_and_action,
        "Parameters": parameters,
        "End": True,
        **more,
    }


class Machines:
    """Makes state machines and runs them to their end."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.states = aws.client("stepfunctions")

    def make(self, definition: dict[str, Any], role: str) -> str:
        answer = self.states.create_state_machine(
            name=unique("machine"), definition=json.dumps(definition), roleArn=role
        )
        return str(answer["stateMachineArn"])

    def run(self, machine: str, **given: Any) -> dict[str, Any]:
        started = self.states.start_execution(stateMachineArn=machine, input=json.dumps(given))

        def ended() -> dict[str, Any] | None:
            execution = self.states.describe_execution(executionArn=started["executionArn"])
            return None if execution["status"] == "RUNNING" else dict(execution)

        return eventually(ended, timeout_seconds=30)

    def run_one(self, state: dict[str, Any], *statements: dict[str, Any], **given: Any) -> dict[str, Any]:
        role = make_role(self.aws, STATES, *statements)
        return self.run(self.make({"StartAt": "Only", "States": {"Only": state}}, role), **given)


@pytest.fixture
def machines(local_aws: LocalAws) -> Machines:
    return Machines(local_aws)


def test_the_logs_of_many_machines_fill_the_accounts_log_policy_unless_aws_sells_them(
    local_aws: LocalAws,
) -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""
    role, states = make_role(local_aws, STATES), local_aws.client("stepfunctions")
    definition = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}})

    def make(log_group: str) -> str:
        group = {"logGroupArn": f"arn:aws:logs:us-east-1:111111111111:log-group:{log_group}:*"}
        logged = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": group}]}
        machine = {"name": unique("machine"), "definition": definition, "roleArn": role}
        made = states.create_state_machine(**machine, loggingConfiguration=logged)
        return str(made["stateMachineArn"])

    made = [make("/own/" + "x" * 190 + str(number)) for number in range(10, 30)]
    with pytest.raises(ClientError) as caught:
        make("/own/" + "y" * 190)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "not authorized to access the Log Destination" in str(caught.value)
    for machine in [*made, make("/aws/vendedlogs/states/" + "y" * 170)]:
        states.delete_state_machine(stateMachineArn=machine)


def test_a_task_acts_with_the_role_of_its_machine(local_aws: LocalAws, machines: Machines) -> None:
    local_aws.client("ssm").put_parameter(Name="/release/version", Value="3", Type="String")
    state = task("ssm:getParameter", {"Name": "/release/version"}, OutputPath="$.Parameter.Value")
    execution = machines.run_one(state, allow("ssm:GetParameter"))
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", "3")


def test_a_task_without_permission_fails_and_says_why(machines: Machines) -> None:
    execution = machines.run_one(task("ssm:getParameter", {"Name": "/secret"}))
    assert execution["status"] == "FAILED"
    assert execution["error"] == "Ssm.AccessDeniedException"
    assert "is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:" in execution["cause"]
    assert "(Service: Ssm, Status Code: 400, Request ID: " in execution["cause"]


@pytest.mark.parametrize(
    ("call", "parameters", "error"),
    [
        ("cloudformation:describeStacks", {"StackName": "missing"}, "CloudFormation.CloudFormationException"),
        ("ssm:getParameter", {"Name": "missing"}, "Ssm.ParameterNotFoundException"),
        ("s3:getObject", {"Bucket": "missing-bucket", "Key": "k"}, "S3.NoSuchBucketException"),
    ],
)
def test_errors_have_the_names_that_catchers_wait_for(
    machines: Machines, call: str, parameters: dict[str, Any], error: str
) -> None:
    caught = {"ErrorEquals": [error], "Next": "Caught", "ResultPath": "$.error"}
    state = task(call, parameters, Catch=[caught])
    definition = {"StartAt": "Try", "States": {"Try": state, "Caught": {"Type": "Pass", "End": True}}}
    role = make_role(machines.aws, STATES, allow("cloudformation:*", "ssm:*", "s3:*"))
    execution = machines.run(machines.make(definition, role))
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["error"]["Error"] == error


def test_objects_are_copied_between_prefixes_made_from_the_input(machines: Machines) -> None:
    s3, bucket = machines.aws.client("s3"), unique("artifacts")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="executions/7/constraints.json", Body=b"{}")
    parameters = {
        "Bucket": bucket,
        "CopySource.$": f"States.Format('{bucket}/executions/{{}}/constraints.json', $.execution)",
        "Key.$": "States.Format('models/{}/constraints.json', $.version)",
    }
    allowed = allow("s3:GetObject", "s3:PutObject", "s3:ListBucket")
    execution = machines.run_one(task("s3:copyObject", parameters), allowed, execution="7", version=3)
    assert execution["status"] == "SUCCEEDED", execution
    assert s3.get_object(Bucket=bucket, Key="models/3/constraints.json")["Body"].read() == b"{}"


def test_waits_are_cut_short_and_loops_end(machines: Machines) -> None:
    definition = {
        "StartAt": "Count",
        "States": {
            "Count": {
                "Type": "Pass",
                "Parameters": {"n.$": "States.MathAdd($.n, 1)"},
                "Next": "Enough",
            },
            "Enough": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericGreaterThanEquals": 2, "Next": "Done"}],
                "Default": "Pause",
            },
            "Pause": {"Type": "Wait", "Seconds": 60, "Next": "Count"},
            "Done": {"Type": "Succeed"},
        },
    }
    started = time.monotonic()
    execution = machines.run(machines.make(definition, make_role(machines.aws, STATES)), n=0)
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", {"n": 2})
    assert time.monotonic() - started < 10


def test_a_machine_that_goes_in_circles_comes_to_an_end() -> None:
    events = SimpleNamespace(_history_event_list=[None] * (MOST_EVENTS - 1))
    add = with_an_end(lambda manager: manager._history_event_list.append(None) or 1)
    add(events)
    with pytest.raises(HistoryFullError, match=r"maximum number of history events \(25000\)"):
        add(events)


def test_the_context_tells_when_the_execution_has_started(machines: Machines) -> None:
    parts = {"Parts.$": "States.StringSplit($$.Execution.StartTime, '-T:.Z')"}
    execution = machines.run_one({"Type": "Pass", "Parameters": parts, "End": True})
    year, *rest = json.loads(execution["output"])["Parts"]
    assert (int(year), len(rest)) == (execution["startDate"].year, 6)


def test_a_retry_is_made_and_the_history_shows_it(machines: Machines) -> None:
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 30, "MaxAttempts": 1}
    execution = machines.run_one(task("ssm:getParameter", {"Name": "missing"}, Retry=[retry]), allow("ssm:*"))
    assert execution["status"] == "FAILED"
    history = machines.states.get_execution_history(executionArn=execution["executionArn"])["events"]
    assert [event["type"] for event in history].count("TaskFailed") == 2


def test_a_history_is_told_from_its_end_where_somebody_asks_for_that(machines: Machines) -> None:
    execution = machines.run_one({"Type": "Pass", "End": True})
    asked = {"executionArn": execution["executionArn"]}
    history = machines.states.get_execution_history(**asked)["events"]
    backwards = machines.states.get_execution_history(**asked, reverseOrder=True)["events"]
    assert (history[0]["type"], history[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert backwards == history[::-1]


def test_the_end_of_an_execution_is_an_event(machines: Machines) -> None:
    queue = Queue(machines.aws, "events.amazonaws.com")
    machine = machines.make(
        {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Mine", "Cause": "because"}}},
        make_role(machines.aws, STATES),
    )
    rule = unique("ended")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine], "status": ["FAILED"]}}
    machines.aws.client("events").put_rule(Name=rule, EventPattern=json.dumps(pattern))
    machines.aws.client("events").put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": queue.arn}])
    execution = machines.run(machine)
    event = queue.next_body()
    assert event["detail"]["executionArn"] == execution["executionArn"]
    assert event["detail"]["error"] == "Mine"


def test_a_role_that_does_not_trust_step_functions_is_refused(machines: Machines) -> None:
    role = make_role(machines.aws, {"Service": "lambda.amazonaws.com"})
    with pytest.raises(ClientError, match="AccessDeniedException") as caught:
        machines.make({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, role)
    assert role in str(caught.value)


def test_jsonata_is_refused(machines: Machines) -> None:
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    with pytest.raises(ClientError, match=r"InvalidDefinition.*JSONata"):
        machines.make(definition, make_role(machines.aws, STATES))


def test_a_definition_that_cannot_be_read_is_refused(machines: Machines) -> None:
    with pytest.raises(ClientError, match="InvalidDefinition"):
        machines.make(
            {"StartAt": "A", "States": {"A": {"Type": "Nonsense"}}}, make_role(machines.aws, STATES)
        )


def test_a_machine_stays_until_its_executions_go_to_their_next_state(machines: Machines) -> None:
    rests = {"Type": "Wait", "Seconds": 86_400, "Next": "Rest"}
    machine = machines.make({"StartAt": "Rest", "States": {"Rest": rests}}, make_role(machines.aws, STATES))
    machines.states.start_execution(stateMachineArn=machine)
    machines.states.delete_state_machine(stateMachineArn=machine)
    with pytest.raises(ClientError, match="StateMachineDeleting"):
        machines.states.start_execution(stateMachineArn=machine)
    assert machines.states.describe_state_machine(stateMachineArn=machine)["stateMachineArn"] == machine
    eventually(lambda: machine not in _machines(machines) or None)


def _machines(machines: Machines) -> list[str]:
    pages = machines.states.get_paginator("list_state_machines").paginate()
    return [found["stateMachineArn"] for page in pages for found in page["stateMachines"]]
