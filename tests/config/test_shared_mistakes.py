"""Several models on one endpoint: what they lose, what has to be said, and what has no room."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

DEV, PROD = "environments/dev", "environments/prod"
ENDPOINT, MONITORING = "use_cases.rents.endpoint", "use_cases.rents.monitoring"
UNWATCHED = {"capture_percentage": 0, "because": "answers are compared where they are read"}
WHY = "it is asked by a report at night"


def share(
    workspace: "Workspace", file: str, *, shared: Any = None, together: Any = None, **endpoint: Any
) -> None:
    workspace.set(file, ENDPOINT, {"shared": shared or {}, **endpoint})
    workspace.set(file, MONITORING, UNWATCHED)
    workspace.set(file, "shared_endpoint", {} if together is None else together)


def only_mistake(workspace: "Workspace", *words: str) -> None:
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


def test_several_models_may_share_an_endpoint(workspace: "Workspace") -> None:
    share(
        workspace, DEV, shared={"copies": {"min": 0, "max": 2}}, together={"instances": {"min": 0, "max": 1}}
    )
    share(workspace, PROD)
    dev, prod = workspace.load().environments
    assert dev.shared_endpoint
    assert prod.shared_endpoint
    assert not dev.use_cases["rents"].endpoint.is_real_time
    assert prod.use_cases["rents"].endpoint.way == "shared"


def test_a_model_on_no_endpoint_is_told(workspace: "Workspace") -> None:
    workspace.set(DEV, ENDPOINT, {"shared": {}})
    workspace.set(DEV, MONITORING, UNWATCHED)
    only_mistake(workspace, "rents.endpoint.shared", "does not have", "shared_endpoint: {}")


def test_an_endpoint_of_no_model_is_told(workspace: "Workspace") -> None:
    workspace.set(DEV, "shared_endpoint", {"instance_type": "ml.m5.large"})
    only_mistake(workspace, "dev.yaml: shared_endpoint: ", "for no use case", "shared: {}")


def test_that_nobody_records_what_it_is_asked_has_to_be_said(workspace: "Workspace") -> None:
    share(workspace, DEV)
    workspace.set(DEV, MONITORING, {})
    only_mistake(workspace, "monitoring.capture_percentage: 100", "that is shared", "because: ...")


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ({"instance_type": "ml.m5.large"}, ["endpoint.instance_type", "of its own", "remove shared"]),
        ({"instances": {"min": 1, "max": 2}}, ["endpoint.instances", "of its own", "remove shared"]),
        ({"asynchronous": {}}, ["endpoint.asynchronous", "of its own", "left out with shared"]),
        ({"serverless": {"because": WHY}}, ["endpoint.serverless", "of its own", "left out with shared"]),
        (
            {"invocations_per_instance_per_minute": 60},
            ["invocations_per_instance_per_minute: 60", "shared.invocations_per_copy_per_minute"],
        ),
        (
            {"update": {"strategy": "canary"}},
            ["update.strategy", "not for a component", "rolling, without-g"],
        ),
        ({"update": {"percent": 4}}, ["update.percent: 4", "too little for rolling", "5 to 50"]),
        (
            {"update": {"strategy": "without-guardrails", "percent": 20}},
            ["update.percent: 20", "no meaning without guardrails"],
        ),
    ],
)
def test_what_has_no_meaning_on_a_shared_endpoint_is_told(
    workspace: "Workspace", endpoint: dict[str, Any], words: list[str]
) -> None:
    share(workspace, DEV, **endpoint)
    only_mistake(workspace, *words)


@pytest.mark.parametrize(
    ("shared", "together", "words"),
    [
        ({"copies": {"min": 3, "max": 2}}, {}, ["copies.min: 3", "is above max, 2"]),
        ({"cpus": 0.1}, {}, ["shared.cpus: 0.1", "0.25"]),
        ({"memory_mb": 64}, {}, ["shared.memory_mb: 64", "128"]),
        ({"memory_mb": 9000}, {}, ["memory_mb: 9000", "more than an instance has", "at most 8192"]),
        ({"cpus": 2.5}, {}, ["cpus: 2.5", "more than an instance has", "at most 2"]),
        (
            {"memory_mb": 5000, "copies": {"min": 3, "max": 4}},
            {"instances": {"min": 1, "max": 2}},
            ["shared_endpoint.instances.max: 2", "they need 3", "3 or more"],
        ),
        (
            {"cpus": 1.5, "copies": {"min": 2, "max": 4}},
            {"instances": {"min": 0, "max": 1}},
            ["shared_endpoint.instances.max: 1", "they need 2"],
        ),
        ({}, {"instances": {"min": 3, "max": 2}}, ["shared_endpoint.instances.min: 3", "is above max, 2"]),
        ({}, {"instance_type": "ml.m5.xlarge"}, ["shared_endpoint.instance_type", "allowed_instance_types"]),
        (
            {},
            {"instance_type": "ml.t2.medium"},
            ["shared_endpoint.instance_type", "burstable", "from 2 to 4"],
        ),
        ({}, {"instance_type": "ml.m5.larg"}, ["shared_endpoint.instance_type", "did you mean ml.m5.large?"]),
    ],
)
def test_what_has_no_room_is_told(
    workspace: "Workspace", shared: dict[str, Any], together: dict[str, Any], words: list[str]
) -> None:
    share(workspace, DEV, shared=shared, together=together)
    only_mistake(workspace, *words)


@pytest.mark.parametrize(
    ("copies", "words"),
    [
        ({"min": 1, "max": 2}, ["copies.min: 1", "an outage waiting to happen", "because: ..."]),
        ({"min": 0, "max": 2}, ["copies.min: 0", "refuses the first requests after a rest"]),
    ],
)
def test_few_copies_in_production_need_a_reason(
    workspace: "Workspace", copies: dict[str, Any], words: list[str]
) -> None:
    share(workspace, PROD, shared={"copies": copies})
    only_mistake(workspace, *words)
    share(workspace, PROD, shared={"copies": copies | {"because": WHY}})
    assert workspace.load()


@pytest.mark.parametrize("least", [0, 1])
def test_few_instances_in_production_need_a_reason(workspace: "Workspace", least: int) -> None:
    share(workspace, PROD, together={"instances": {"min": least, "max": 2}})
    only_mistake(
        workspace, f"shared_endpoint.instances.min: {least}", "termination_protection", "because: ..."
    )
    share(workspace, PROD, together={"instances": {"min": least, "max": 2, "because": WHY}})
    assert workspace.load()


def test_a_use_case_does_not_have_the_name_of_the_endpoint(workspace: "Workspace") -> None:
    share(workspace, DEV)
    workspace.copy("use_cases/rents", "use_cases/shared")
    workspace.set(DEV, "use_cases.shared", {"model": "none"})
    only_mistake(workspace, "use_cases.shared", "an endpoint of the same name: dev-shared", "rename")


def test_it_has_one_version(workspace: "Workspace") -> None:
    share(workspace, DEV)
    workspace.set(DEV, "use_cases.rents.model", 7)
    workspace.set(DEV, "use_cases.rents.challenger", {"version": 8, "traffic_percentage": 10})
    only_mistake(workspace, "challenger: ", "an endpoint that is shared has one version")


def test_it_is_retrained_by_no_alarm(workspace: "Workspace") -> None:
    share(workspace, DEV)
    workspace.set(DEV, "use_cases.rents.retraining", {})
    only_mistake(workspace, "retraining.alarms", "nothing watches the traffic")
