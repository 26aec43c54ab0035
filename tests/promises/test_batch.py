"""Rows that are predicted on a schedule: encrypted, in the network, with few rights, and none unheard of."""

import json
from typing import Any

import pytest

from config.settings import Environment
from stacks.parts.layout import Bucket, Zone
from stacks.serving.batch_machine import Batch, batch_machine
from tests.promises.serving import deployment_of
from tests.promises.test_monitoring import alarm_on_batches
from tests.stacks.cloud import Cloud, Resource
from tests.stacks.machines import (
    FILLED,
    action_of,
    check_calls_are_allowed,
    check_people_hear_of_failures,
    machines_called,
    states_of,
)
from tests.stacks.roles import roles_of
from tests.stacks.synthesis import Synthesis

SCHEDULE, MODEL, MONITOR = "AWS::Scheduler::Schedule", "AWS::SageMaker::Model", "-batch-monitor"


@pytest.fixture
def machines(cloud: Cloud) -> list[Resource]:
    return machines_called("-batch", cloud) or cloud.lacks("rows that are predicted on a schedule")


def _request(machine: Resource) -> Any:
    return states_of(machine)["StartTransform"]["Parameters"]


def _named(cloud: Cloud, machine: Resource, kind: str) -> list[Resource]:
    """What the machine's definition refers to, each once."""
    found = cloud.referenced(machine.template, machine.get("DefinitionString"))
    return list({str(each): each for each in found if each.type == kind}.values())


def test_the_deployed_machine_is_the_one_that_is_tested(
    machines: list[Resource], environments: dict[str, Environment]
) -> None:
    for machine in machines:
        wanted, request = deployment_of(machine, environments).batch, _request(machine)
        assert wanted, machine
        use_case = machine.template.short_name.removesuffix("-serving")
        rows, answers = (
            Zone(Bucket.named(FILLED), f"batch/{what}/{use_case}") for what in ("input", "output")
        )
        watched = deployment_of(machine, environments).watches_batches
        here, name = machine.template, f"{machine.template.prefix}-{use_case}"
        monitor = f"arn:aws:states:{here.region}:{here.account}:stateMachine:{name}-batch-monitor"
        version = deployment_of(machine, environments).model
        batch = Batch(
            *(name, rows, answers, request, wanted.max_hours),
            version=FILLED if version == "latest-approved" else str(version),
            monitor_arn=monitor if watched else None,
        )
        assert states_of(machine) == batch_machine(batch, FILLED)["States"], machine


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud, machines: list[Resource]) -> None:
    check_calls_are_allowed(machines, cloud)


def test_what_predicts_is_isolated_in_the_network_with_a_role_of_its_own(
    cloud: Cloud, machines: list[Resource]
) -> None:
    """A transform job has the network and the rights of its model."""
    for machine in machines:
        (model,) = _named(cloud, machine, MODEL)
        assert model.get("EnableNetworkIsolation") is True, model
        assert model.get("VpcConfig", "Subnets"), model
        assert cloud.the_one(model, "ExecutionRoleArn").logical_id.startswith("BatchTransform"), model
        served = [each for each in machine.template.of_type(MODEL) if each != model]
        (mine,), (others,) = model.get("Containers"), served[0].get("Containers")
        for what in ("Image", "ModelDataUrl"):
            assert mine[what] == others[what], "the version that serves is the one that predicts"


def test_a_version_predicts_a_night_when_its_endpoint_has_taken_it(machines: list[Resource]) -> None:
    """Not one that the alarms bring back: the machine changes when the update of the endpoint has ended."""
    for machine in machines:
        (endpoint,) = machine.template.of_type("AWS::SageMaker::Endpoint")
        assert endpoint.logical_id in (machine.body.get("DependsOn") or []), machine


def test_no_request_has_more_rows_than_the_model_takes(
    cloud: Cloud, machines: list[Resource], environments: dict[str, Environment]
) -> None:
    """A row has a byte at least: the end of its line."""
    for machine in machines:
        (model,), batch = _named(cloud, machine, MODEL), deployment_of(machine, environments).batch
        assert batch, machine
        most = int(model.get("Containers")[0]["Environment"]["INFERENCE_MAX_ROWS"])
        assert most >= batch.max_payload_mb * 1024 * 1024, machine


def test_disks_and_answers_are_encrypted_with_the_key_of_the_environment(
    cloud: Cloud, machines: list[Resource]
) -> None:
    for machine in machines:
        request = _request(machine)
        assert request["TransformResources"]["VolumeKmsKeyId"] == FILLED, machine
        assert request["TransformOutput"]["KmsKeyId"] == FILLED, machine
        assert len(_named(cloud, machine, "AWS::KMS::Key")) == 1, machine


def test_rows_and_answers_are_in_the_bucket_whose_objects_expire(
    cloud: Cloud, machines: list[Resource]
) -> None:
    for machine in machines:
        (bucket,) = _named(cloud, machine, "AWS::S3::Bucket")
        rules = bucket.get("LifecycleConfiguration", "Rules")
        assert any(rule.get("ExpirationInDays") and not rule.get("Prefix") for rule in rules), bucket


def test_rows_are_split_joined_and_put_together_as_configured(
    machines: list[Resource], environments: dict[str, Environment]
) -> None:
    for machine in machines:
        wanted, request = deployment_of(machine, environments).batch, _request(machine)
        assert wanted, machine
        assert request["TransformInput"]["ContentType"] == request["TransformOutput"]["Accept"] == "text/csv"
        assert request["TransformInput"]["SplitType"] == request["TransformOutput"]["AssembleWith"] == "Line"
        assert request["DataProcessing"] == {
            "InputFilter": wanted.input_filter,
            "JoinSource": wanted.join_source,
            "OutputFilter": wanted.output_filter,
        }, machine
        assert request["MaxPayloadInMB"] * request["MaxConcurrentTransforms"] <= 100, machine
        resources = request["TransformResources"]
        assert (resources["InstanceType"], resources["InstanceCount"]) == (
            wanted.instance_type,
            wanted.instances,
        )


def test_jobs_are_tagged_as_everything_else_is(
    machines: list[Resource], environments: dict[str, Environment]
) -> None:
    for machine in machines:
        tags = {tag["Key"]: tag["Value"] for tag in _request(machine)["Tags"]}
        environment = environments[machine.template.environment]
        expected = {
            "environment": environment.prefix,
            "use-case": machine.template.short_name.removesuffix("-serving"),
        }
        assert expected | environment.tags == tags, machine


def test_each_has_a_schedule_and_what_does_not_start_is_kept(
    cloud: Cloud, machines: list[Resource], environments: dict[str, Environment]
) -> None:
    for machine in machines:
        (schedule,) = [
            each
            for each in machine.template.of_type(SCHEDULE)
            if cloud.referenced(each.template, each.get("Target")["Arn"]) == [machine]
        ]
        wanted = deployment_of(machine, environments).batch
        assert wanted, machine
        assert schedule.get("ScheduleExpression") == wanted.schedule, schedule
        assert schedule.get("Target", "Input") == '{"time": "<aws.scheduler.scheduled-time>"}', schedule
        (queue,) = cloud.referenced(schedule.template, schedule.get("Target", "DeadLetterConfig"))
        assert queue.type == "AWS::SQS::Queue", schedule
        watched = [
            alarm
            for alarm in cloud.of_type("AWS::CloudWatch::Alarm")
            if alarm.get("AlarmActions")
            and queue in cloud.referenced(alarm.template, alarm.get("Dimensions"))
        ]
        assert len(watched) == 1, queue


@pytest.fixture
def monitors(cloud: Cloud) -> list[Resource]:
    return machines_called(MONITOR, cloud) or cloud.lacks("batches that are watched")


def test_batches_are_watched_wherever_our_own_monitors_watch(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    found = {str(each.get("StateMachineName")) for each in machines_called(MONITOR, cloud)}
    wanted = {
        f"{environment.prefix}-{use_case}{MONITOR}"
        for environment in environments.values()
        for use_case, deployment in environment.use_cases.items()
        if deployment.batch and deployment.model != "none" and deployment.monitoring.engine == "own"
    }
    assert found == wanted


def test_a_batch_starts_its_monitor_and_no_other_one(
    machines: list[Resource], environments: dict[str, Environment]
) -> None:
    for machine in machines:
        tasks = [each for each in states_of(machine).values() if each["Type"] == "Task"]
        starts = [each["Parameters"] for each in tasks if action_of(each) == "sfn:startExecution"]
        started = {each["StateMachineArn"] for each in starts}
        here = machine.template
        name = str(machine.get("StateMachineName")).removesuffix("-batch") + MONITOR
        arn = f"arn:aws:states:{here.region}:{here.account}:stateMachine:{name}"
        watched = deployment_of(machine, environments).watches_batches
        assert started == ({arn} if watched else set()), machine


def test_a_monitor_of_batches_reads_them_as_they_were_predicted(
    cloud: Cloud, monitors: list[Resource], environments: dict[str, Environment]
) -> None:
    for monitor in monitors:
        wanted = deployment_of(monitor, environments).batch
        assert wanted, monitor
        request = states_of(monitor)["Compare"]["Parameters"]
        arguments = request["AppSpecification"]["ContainerArguments"]
        told = dict(zip(arguments[::2], arguments[1::2], strict=True))
        name = str(monitor.get("StateMachineName")).removesuffix(MONITOR)
        assert told == {
            "--batch": name,
            "--namespace": f"{monitor.template.prefix}/data-quality",
            "--input-filter": wanted.input_filter,
            "--join-source": wanted.join_source,
            "--output-filter": wanted.output_filter,
        }, monitor
        read = {each["InputName"] for each in request["ProcessingInputs"]}
        assert read == {"code", "answers", "rows", "baseline"}, monitor
        assert request["NetworkConfig"]["EnableNetworkIsolation"] is True, monitor
        assert request["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == FILLED, monitor
        assert request["ProcessingOutputConfig"]["KmsKeyId"] == FILLED, monitor


def test_an_alarm_tells_of_rows_of_a_batch_that_have_moved_and_of_a_monitor_that_failed(
    cloud: Cloud, monitors: list[Resource], synthesis: Synthesis
) -> None:
    for monitor in monitors:
        here = monitor.template
        alarms = [each for each in here.of_type("AWS::CloudWatch::Alarm") if alarm_on_batches(each)]
        (drift,) = [each for each in alarms if each.get("Metrics")]
        expression, *metrics = drift.get("Metrics")
        use_case = synthesis.settings.use_cases[here.short_name.removesuffix("-monitoring")]
        assert (expression["Expression"], drift.get("Threshold")) == (
            "MAX(METRICS())",
            use_case.drift.threshold,
        )
        stats = [each["MetricStat"] for each in metrics]
        names = {f"feature_baseline_drift_{feature}" for feature in use_case.drift.features}
        assert {each["Metric"]["MetricName"] for each in stats} == names
        assert {each["Metric"]["Namespace"] for each in stats} == {f"{here.prefix}/data-quality"}
        # There is a batch a day.
        assert {each["Period"] for each in stats} == {86_400}
        others = {each.get("MetricName") for each in alarms if each != drift}
        assert others == {"attribution_agreement_at_best", *(["bias_drift"] if use_case.bias else [])}
        assert all(each.get("AlarmActions") for each in alarms), monitor
    check_people_hear_of_failures(monitors, cloud)


def test_monitors_read_batches_only_where_they_have_to(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """Rows of batches say whose they are."""
    checked = 0
    for role in roles_of(cloud):
        if role.name in ("Monitor", "Watch"):
            environment = environments[role.resource.template.environment]
            reads = "batch/" in json.dumps([str(each) for each in role.statements])
            assert reads == environment.watches_batches, role.resource
            checked += 1
    assert checked or cloud.lacks("monitors")
