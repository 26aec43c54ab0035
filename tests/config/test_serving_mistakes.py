"""How an endpoint serves, and what then has no meaning or has to be said."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

DEV, PROD = "environments/dev", "environments/prod"
ENDPOINT, MONITORING = "use_cases.rents.endpoint", "use_cases.rents.monitoring"
UNWATCHED = {"capture_percentage": 0, "because": "answers are compared where they are read"}
QUEUES: dict[str, object] = {"instances": {"min": 0, "max": 2}, "asynchronous": {}}


@pytest.mark.parametrize(
    ("endpoint", "monitoring", "words"),
    [
        (
            QUEUES,
            {},
            ["monitoring.capture_percentage: 100", "that is asynchronous", "because: ..."],
        ),
        (
            QUEUES | {"invocations_per_instance_per_minute": 60},
            UNWATCHED,
            ["invocations_per_instance_per_minute: 60", "asynchronous.backlog_per_instance", "remove it"],
        ),
        (
            {"instances": {"min": 0, "max": 2}},
            {},
            ["instances.min: 0", "nobody to answer at once", "asynchronous: {}"],
        ),
        (
            QUEUES | {"update": {"latency_p99_ms": 3_600_001}},
            UNWATCHED,
            ["latency_p99_ms: 3600001", "at most 3600000"],
        ),
        (
            QUEUES | {"asynchronous": {"concurrent_invocations": 0}},
            UNWATCHED,
            ["concurrent_invocations: 0", "at least 1 and at most 1000"],
        ),
    ],
)
def test_what_cannot_be_is_told_with_what_to_write(
    workspace: "Workspace", endpoint: dict[str, object], monitoring: dict[str, object], words: list[str]
) -> None:
    workspace.set(DEV, ENDPOINT, endpoint)
    workspace.set(DEV, MONITORING, monitoring)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


BECAUSE = {"because": "the model is public, and so is what it is asked"}


@pytest.mark.parametrize(
    ("endpoint", "monitoring", "words"),
    [
        ({"serverless": {}}, UNWATCHED, ["serverless.because: (missing)", "because"]),
        ({"serverless": BECAUSE}, {}, ["capture_percentage: 100", "that is serverless", "because: ..."]),
        (
            {"serverless": BECAUSE, "instance_type": "ml.m5.large"},
            UNWATCHED,
            ["endpoint.instance_type", "has no meaning without instances", "remove serverless"],
        ),
        (
            {"serverless": BECAUSE, "instances": {"min": 1, "max": 2}},
            UNWATCHED,
            ["endpoint.instances", "has no meaning without instances"],
        ),
        (
            {"serverless": BECAUSE, "asynchronous": {}},
            UNWATCHED,
            ["endpoint.asynchronous", "has no meaning without instances"],
        ),
        (
            {"serverless": BECAUSE | {"memory_mb": 2000}},
            UNWATCHED,
            ["serverless.memory_mb: 2000", "1024, 2048, 3072, 4096, 5120, 6144"],
        ),
        (
            {"serverless": BECAUSE | {"max_concurrency": 2, "provisioned_concurrency": 3}},
            UNWATCHED,
            ["provisioned_concurrency: 3", "is above max_concurrency, 2"],
        ),
    ],
)
def test_what_nobody_can_have_without_instances_is_told(
    workspace: "Workspace", endpoint: dict[str, object], monitoring: dict[str, object], words: list[str]
) -> None:
    test_what_cannot_be_is_told_with_what_to_write(workspace, endpoint, monitoring, words)


@pytest.mark.parametrize("least", [0, 1])
def test_requests_that_wait_need_no_second_instance_in_production(workspace: "Workspace", least: int) -> None:
    workspace.set(PROD, ENDPOINT, QUEUES | {"instances": {"min": least, "max": 2}})
    workspace.set(PROD, MONITORING, UNWATCHED)
    assert workspace.load().environments[1].use_cases["rents"].endpoint.instances.min == least
