"""After a life all is as the assembly says; what is not is told by a role that only reads, and fails."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.doctor.checks import not_known, ok
from tools.local_aws.clients import Credentials
from tools.rehearse.waiting import wait_for
from tools.synthesized import Json, Synthesized, read_environment
from tools.verify import __main__ as verify
from tools.verify import looks
from tools.verify.__main__ import _clients, main, settled
from tools.verify.looks import becoming

NAME = "dev-house-prices"
pytestmark = pytest.mark.puts_the_rehearsal_back


@pytest.fixture(scope="module", autouse=True)
def _signed_in(kept: Kept) -> Iterator[None]:
    with kept.signed_in(kept.operator):
        yield


@pytest.fixture(scope="module")
def environment(kept: Kept) -> Synthesized:
    return read_environment(kept.folder / "cdk.out" / "assembly-dev")


def _problems(environment: Synthesized, *, minutes: float = 0) -> list[tuple[str, str]]:
    found = settled(environment, _clients(environment), minutes)
    return [(name, each.what) for name, each in found if each.state in ("problem", "not known")]


def test_after_a_life_nothing_is_wrong_and_drift_of_the_data_is_told(kept: Kept) -> None:
    verified = kept.run(sys.executable, "-m", "tools.verify", str(kept.folder / "cdk.out" / "assembly-dev"))
    assert verified.returncode == 0, verified.stdout
    assert "dev-house-prices is InService" in verified.stdout
    assert "no server error" in verified.stdout
    assert "ALARM since" in verified.stdout


def test_whoever_has_the_rights_of_delivery_may_say_it(
    kept: Kept, environment: Synthesized, capsys: pytest.CaptureFixture[str]
) -> None:
    iam, name = kept.client("iam"), "like-delivery"
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": environment.account}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    policy = {"RoleName": name, "PolicyArn": _made(kept, "dev-delivery", "Policy")}
    iam.attach_role_policy(**policy)
    given = kept.client("sts").assume_role(RoleArn=role, RoleSessionName="delivery")["Credentials"]
    try:
        with kept.signed_in(Credentials.from_sts(given)):
            assert main([str(kept.folder / "cdk.out" / "assembly-dev")]) == 0
    finally:
        iam.detach_role_policy(**policy)
        iam.delete_role(RoleName=name)
    assert "dev-house-prices is InService" in capsys.readouterr().out


def test_a_stack_that_is_not_there_or_is_of_another_template_is_told(environment: Synthesized) -> None:
    first, *others = environment.stacks
    missing = replace(environment, stacks=(first, replace(others[0], name="dev-later", path="dev/later")))
    assert _problems(missing) == [("later", "the stack is not there")]
    resources = {**first.template["Resources"], "More": {"Type": "AWS::SNS::Topic"}}
    changed = replace(first, template={**first.template, "Resources": resources})
    ((_, told),) = _problems(replace(environment, stacks=(changed,)))
    assert told == "the stack is deployed from another template than this assembly's"


def test_letters_that_cloudformation_does_not_show_are_no_difference(
    kept: Kept, environment: Synthesized
) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Maßband"}}}}
    cloudformation = kept.client("cloudformation")
    body = json.dumps(template, ensure_ascii=False)
    cloudformation.create_stack(StackName="dev-letters", TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="dev-letters")
    try:
        declared = replace(environment.stacks[0], name="dev-letters", path="dev/letters", template=template)
        assert _problems(replace(environment, stacks=(declared,))) == []
    finally:
        cloudformation.delete_stack(StackName="dev-letters")


def _only(environment: Synthesized, kind: str) -> Synthesized:
    stacks = tuple(each for each in environment.stacks if each.path == f"dev/house-prices-{kind}")
    return replace(environment, stacks=stacks)


@contextmanager
def _changed_alarm(kept: Kept, name: str, **changes: Any) -> Iterator[None]:
    cloudwatch = kept.client("cloudwatch")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    members = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    declared = {key: value for key, value in alarm.items() if key in members}
    cloudwatch.delete_alarms(AlarmNames=[name])
    if changes:
        cloudwatch.put_metric_alarm(**{**declared, **changes})
    yield
    cloudwatch.put_metric_alarm(**declared)


def _made(kept: Kept, stack: str, beginning: str) -> str:
    pages = kept.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return next(
        str(each["PhysicalResourceId"])
        for page in pages
        for each in page["StackResourceSummaries"]
        if each["LogicalResourceId"].startswith(beginning)
    )


def test_an_alarm_that_rings_is_told(kept: Kept, environment: Synthesized) -> None:
    alarm = _made(kept, f"{NAME}-serving", "Latency")
    with _changed_alarm(kept, alarm, TreatMissingData="breaching", Threshold=0):
        wait_for("the alarm", lambda: _problems(_only(environment, "serving")) or None, 60)
        ((_, told),) = _problems(_only(environment, "serving"))
    assert told.startswith("ALARM since ")
    assert told.endswith(alarm)


def test_an_alarm_that_somebody_has_deleted_is_told(kept: Kept, environment: Synthesized) -> None:
    name = _made(kept, f"{NAME}-serving", "Latency")
    with _changed_alarm(kept, name):
        assert _problems(_only(environment, "serving")) == [("house-prices-serving", f"no alarm {name}")]
    assert _problems(_only(environment, "serving")) == []


def test_an_endpoint_that_somebody_has_updated_is_waited_for_and_told(
    kept: Kept, environment: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "_POLL_SECONDS", 0.5)
    sagemaker = kept.client("sagemaker")
    in_service = sagemaker.get_waiter("endpoint_in_service")
    before = sagemaker.describe_endpoint(EndpointName=NAME)["EndpointConfigName"]
    members = sagemaker.meta.service_model.operation_model("CreateEndpointConfig").input_shape.members
    found = sagemaker.describe_endpoint_config(EndpointConfigName=before)
    declared = {key: value for key, value in found.items() if key in members}
    sagemaker.create_endpoint_config(**{**declared, "EndpointConfigName": "by-hand"})
    sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName="by-hand")
    serving = _only(environment, "serving")
    try:
        assert ("house-prices-serving", f"{NAME} is Updating") in _problems(serving)
        told = f"{NAME} serves version 1 by by-hand, which the stack has not made; it has version 1"
        assert _problems(serving, minutes=3) == [("house-prices-serving", told)]
    finally:
        in_service.wait(EndpointName=NAME, WaiterConfig={"Delay": 1})
        sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=before)
        in_service.wait(EndpointName=NAME, WaiterConfig={"Delay": 1})
        sagemaker.delete_endpoint_config(EndpointConfigName="by-hand")
    assert _problems(serving) == []


def test_a_schedule_of_a_monitor_that_somebody_has_stopped_or_deleted_is_told(
    kept: Kept, environment: Synthesized
) -> None:
    scheduler, name = kept.client("scheduler"), f"{NAME}-monitor"
    members = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
    declared = {key: value for key, value in scheduler.get_schedule(Name=name).items() if key in members}
    scheduler.update_schedule(**{**declared, "State": "DISABLED"})
    ((_, told),) = _problems(_only(environment, "monitoring"))
    assert told == f"the schedule {name} is DISABLED"
    scheduler.delete_schedule(Name=name)
    ((_, told),) = _problems(_only(environment, "monitoring"))
    scheduler.create_schedule(**declared)
    assert name in told
    assert _problems(_only(environment, "monitoring")) == []


def test_a_pipeline_that_somebody_has_changed_is_told(kept: Kept, environment: Synthesized) -> None:
    sagemaker = kept.client("sagemaker")
    definition = sagemaker.describe_pipeline(PipelineName=NAME)["PipelineDefinition"]
    changed = json.loads(definition)
    changed["Parameters"][1]["DefaultValue"] = "ml.m5.24xlarge"
    sagemaker.update_pipeline(PipelineName=NAME, PipelineDefinition=json.dumps(changed))
    ((_, told),) = _problems(_only(environment, "training"))
    sagemaker.update_pipeline(PipelineName=NAME, PipelineDefinition=definition)
    assert told == f"the definition of the pipeline {NAME} is not the template's"
    # Whoever stores a definition may write it in another way.
    spaced = json.dumps(json.loads(definition), indent=2)
    sagemaker.update_pipeline(PipelineName=NAME, PipelineDefinition=spaced)
    assert _problems(_only(environment, "training")) == []
    sagemaker.update_pipeline(PipelineName=NAME, PipelineDefinition=definition)


class Told:
    """Clients of one stack whose services answer as they are told."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __call__(self, *_: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        self.paginate = lambda **_: [self._answers[operation]]
        return self

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self._answers[operation]


SERVING = {
    "Resources": {
        "E": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": "e"}},
        "M": {
            "Type": "AWS::SageMaker::MonitoringSchedule",
            "Properties": {"MonitoringScheduleName": "m"},
        },
    }
}
WAKING = {"Resources": {"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "a"}}}}
COMPONENT = {
    "Resources": {
        "C": {"Type": "AWS::SageMaker::InferenceComponent", "Properties": {"InferenceComponentName": "c"}}
    }
}


def _told(environment: Synthesized, template: Json, **changed: Any) -> list[tuple[str, str]]:
    """States and what was found of a stack that is as it should be but for changes."""
    outputs = {"EndpointConfigName": "config-2", "ComponentModelName": "model-2", "DeployedModelVersion": "2"}
    described = {
        "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": datetime.now(UTC),
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
        **changed.pop("stack", {}),
    }
    made = [
        {"LogicalResourceId": each, "PhysicalResourceId": each, "ResourceStatus": "UPDATE_COMPLETE"}
        for each in template["Resources"]
    ]
    answers: Json = {
        "describe_stacks": {"Stacks": [described]},
        "get_template": {"TemplateBody": template},
        "list_stack_resources": {"StackResourceSummaries": made},
        "describe_endpoint": {
            "EndpointStatus": "InService",
            "EndpointConfigName": "config-2",
            "ProductionVariants": [{"VariantName": "AllTraffic"}],
            **changed.pop("endpoint", {}),
        },
        "describe_inference_component": {
            "InferenceComponentStatus": "InService",
            "Specification": {"ModelName": "model-2"},
            **changed.pop("component", {}),
        },
        "describe_endpoint_config": {"ProductionVariants": [{"ModelName": "model-1"}]},
        "describe_model": {
            "PrimaryContainer": {
                "ModelDataUrl": "s3://b/models/churn/1/model.tar.gz",
                **changed.pop("model", {}),
            }
        },
        "get_metric_data": {"MetricDataResults": [{"Values": changed.pop("requests", [])}]},
        "describe_monitoring_schedule": {
            "MonitoringScheduleStatus": "Scheduled",
            **changed.pop("schedule", {}),
        },
        "describe_pipeline": {"PipelineDefinition": changed.pop("pipeline", "{}")},
        "describe_alarms": {
            "MetricAlarms": [
                {
                    "AlarmName": "a",
                    "StateValue": "ALARM",
                    "StateUpdatedTimestamp": datetime.now(UTC),
                    "ActionsEnabled": True,
                    "AlarmActions": changed.pop("actions", []),
                    "Namespace": "AWS/SageMaker",
                }
            ]
        },
    }
    assert not changed
    stack = replace(environment.stacks[0], name="dev-churn", path="dev/churn", template=template)
    found = settled(replace(environment, stacks=(stack,)), Told(**answers), 0)
    return [(str(each.state), each.what) for _, each in found if each.state != "ok"]


NOT_ASKED = "whether it answers, nobody knows yet"


@pytest.mark.parametrize(
    ("template", "changed", "expected"),
    [
        (SERVING, {}, ("warning", NOT_ASKED)),
        (COMPONENT, {}, ("warning", NOT_ASKED)),
        (SERVING, {"endpoint": {"EndpointStatus": "Updating"}}, ("problem", "e is Updating")),
        (
            SERVING,
            {"endpoint": {"EndpointStatus": "Failed", "FailureReason": "no capacity"}},
            ("problem", "e is Failed: no capacity"),
        ),
        (
            SERVING,
            {"endpoint": {"EndpointConfigName": "config-1"}},
            ("problem", "e serves version 1 by config-1, which the stack has not made; it has version 2"),
        ),
        (
            COMPONENT,
            {"component": {"Specification": {"ModelName": "model-1"}}},
            ("problem", "c serves version 1 by model-1, which the stack has not made; it has version 2"),
        ),
        (
            SERVING,
            {"endpoint": {"EndpointConfigName": "by-hand"}, "model": {"ModelDataUrl": "s3://b/m.tar.gz"}},
            (
                "problem",
                "e serves version unknown by by-hand, which the stack has not made; it has version 2",
            ),
        ),
        (WAKING, {"actions": ["arn:aws:sns:us-east-1:111111111111:alerts"]}, ("problem", "UTC: a")),
        (COMPONENT, {"component": {"InferenceComponentStatus": "Failed"}}, ("problem", "c is Failed")),
        (
            SERVING,
            {"requests": [3.0, 1.0]},
            ("problem", "4 of them answered with a server error"),
        ),
        (
            SERVING,
            {"requests": [2.0], "endpoint": {"AsyncInferenceConfig": {}}},
            ("problem", "2 requests since"),
        ),
        (
            SERVING,
            {"schedule": {"MonitoringScheduleStatus": "Failed", "FailureReason": "no role"}},
            ("problem", "the monitoring schedule m is Failed: no role"),
        ),
        (
            SERVING,
            {"schedule": {"MonitoringScheduleStatus": "Pending"}},
            ("problem", "the monitoring schedule m is Pending"),
        ),
        (
            SERVING,
            {"stack": {"StackStatus": "UPDATE_IN_PROGRESS"}},
            ("problem", "the stack is UPDATE_IN_PROGRESS"),
        ),
        (
            SERVING,
            {"stack": {"StackStatus": "ROLLBACK_COMPLETE"}},
            ("problem", "the stack is ROLLBACK_COMPLETE"),
        ),
        (SERVING, {"stack": {"StackStatus": "UPDATE_FAILED"}}, ("problem", "the stack is UPDATE_FAILED")),
        (SERVING, {"stack": {"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}}, ("warning", "was taken back")),
    ],
)
def test_what_a_stack_has_made_and_does_not_run_is_told(
    environment: Synthesized, template: Json, changed: Json, expected: tuple[str, str]
) -> None:
    state, told = expected
    found = _told(environment, template, **changed)
    assert any(each == state and told in what for each, what in found), found


PIPELINE = {
    "Resources": {
        "P": {
            "Type": "AWS::SageMaker::Pipeline",
            "Properties": {
                "PipelineDefinition": {
                    "PipelineDefinitionBody": {
                        "Fn::Join": ["", ['{"Role":"', {"Fn::GetAtt": ["R", "Arn"]}, '","Steps":[]}']]
                    }
                }
            },
        }
    }
}


@pytest.mark.parametrize(
    ("added", "expected"),
    [("", []), (',"More":"1"', ["the definition of the pipeline P is not the template's"])],
)
def test_what_somebody_has_put_behind_what_is_filled_in_is_told(
    environment: Synthesized, added: str, expected: list[str]
) -> None:
    definition = f'{{"Role":"arn:aws:iam::111111111111:role/r"{added},"Steps":[]}}'
    found = _told(environment, PIPELINE, pipeline=definition)
    assert [told for _, told in found] == expected


def test_a_stack_whose_first_change_nobody_has_confirmed_is_not_waited_for(environment: Synthesized) -> None:
    clients = Told(describe_stacks={"Stacks": [{"StackStatus": "REVIEW_IN_PROGRESS"}]})
    (found,) = looks.stack(environment.stacks[0], clients)
    assert not isinstance(found, looks.Becoming)


def test_an_alarm_that_wakes_an_endpoint_is_no_problem(environment: Synthesized) -> None:
    policy = "arn:aws:autoscaling:us-east-1:111111111111:scalingPolicy:id:resource/sagemaker/e:policyName/w"
    assert _told(environment, WAKING, actions=[policy]) == []


def test_who_may_not_look_is_told_the_role_and_why(environment: Synthesized, kept: Kept) -> None:
    nobody = Credentials("AKIAIOSFODNN7EXAMPLE", "no-secret", "")
    with kept.signed_in(nobody), pytest.raises(SystemExit, match=r"-lookup-role-.* cannot be assumed: "):
        _clients(environment)


def test_what_is_being_updated_is_waited_for_as_long_as_one_says(
    environment: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[("serving", becoming("e is Updating"))], [("serving", ok("e is InService"))]])
    monkeypatch.setattr(verify, "_found", lambda *_: next(answers))
    monkeypatch.setattr(verify, "_POLL_SECONDS", 0)
    assert settled(environment, Told(), 1) == [("serving", ok("e is InService"))]


def test_what_could_not_be_looked_at_fails(
    environment: Synthesized, monkeypatch: pytest.MonkeyPatch, kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        verify, "_found", lambda *_: [("serving", not_known("needs sagemaker:DescribeEndpoint"))]
    )
    assert main([str(kept.folder / "cdk.out" / "assembly-dev")]) == 1
    assert "not known" in capsys.readouterr().out
