"""What cannot be with a second version, and what then has no meaning."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

PROD, DEPLOYMENT = "environments/prod", "use_cases.rents"
UNWATCHED = {"capture_percentage": 0, "because": "answers are compared where they are read"}
CHALLENGER = {"version": 8, "traffic_percentage": 10}
SHADOW = {"version": 8}
SERVERLESS = {"serverless": {"because": "a public model"}}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"challenger": {"version": 8}}, [["challenger.traffic_percentage: (missing)"]]),
        (
            {"challenger": CHALLENGER | {"traffic_percentage": 100}},
            [["challenger.traffic_percentage: 100", "at least 0 and at most 99"]],
        ),
        (
            {"shadow": SHADOW | {"sampling_percentage": 101}},
            [["shadow.sampling_percentage: 101", "at most 100"]],
        ),
        ({"shadow": {"version": 0}}, [["shadow.version: 0", "at least 1"]]),
        (
            {"challenger": CHALLENGER, "shadow": {"version": 9}},
            [["shadow: ", "AWS has a shadow of a single version only", "remove one of them"]],
        ),
        (
            {"challenger": CHALLENGER | {"version": 7}},
            [["challenger.version: 7", "is the version that model serves already", "choose another one"]],
        ),
        (
            {"challenger": CHALLENGER, "model": "latest-approved"},
            [["challenger: ", "model is latest-approved", "write the number of the version that serves"]],
        ),
        ({"shadow": SHADOW, "model": "none"}, [["shadow: ", "model is none", "unless model is a number"]]),
        (
            {"shadow": SHADOW, "endpoint": {"asynchronous": {}}, "monitoring": UNWATCHED},
            [["shadow: ", "an endpoint that is asynchronous has one version", "endpoint.asynchronous"]],
        ),
        (
            {"challenger": CHALLENGER, "endpoint": SERVERLESS, "monitoring": UNWATCHED},
            [["challenger: ", "an endpoint that is serverless has one version", "endpoint.serverless"]],
        ),
        (
            {"shadow": SHADOW, "monitoring": {"engine": "model-monitor"}},
            [["monitoring.engine", "mixes what several versions answer", "write engine: own"]],
        ),
        (
            {"challenger": CHALLENGER, "endpoint": {"update": {"strategy": "canary"}}},
            [
                [
                    "update.strategy",
                    "AWS refuses where versions come and go: there is a challenger",
                    "all-at-once",
                ]
            ],
        ),
        (
            {"shadow": SHADOW, "endpoint": {"update": {"percent": 50}}},
            [["update.percent: 50", "all traffic moves at once: there is a shadow", "left out"]],
        ),
        (
            {
                "model": "latest-approved",
                "challenger": CHALLENGER,
                "shadow": SHADOW,
                "endpoint": {"update": {"strategy": "rolling"}},
                "monitoring": {"engine": "model-monitor"},
            },
            [
                ["single version only"],
                ["model is latest-approved"],
                ["write engine: own"],
                ["update.strategy"],
            ],
        ),
    ],
)
def test_what_cannot_be_with_a_second_version_is_told_all_at_once(
    workspace: "Workspace", changes: dict[str, object], told: list[list[str]]
) -> None:
    for key, value in changes.items():
        workspace.set(PROD, f"{DEPLOYMENT}.{key}", value)
    lines = workspace.mistakes()
    assert len(lines) == len(told), lines
    for line, words in zip(lines, told, strict=True):
        assert all(word in line for word in words), line


@pytest.mark.parametrize("key", ["challenger", "shadow"])
def test_a_second_version_may_be_sent_nothing_before_it_is_removed(workspace: "Workspace", key: str) -> None:
    share = {"challenger": "traffic_percentage", "shadow": "sampling_percentage"}[key]
    workspace.set(PROD, f"{DEPLOYMENT}.{key}", {"version": 8, share: 0})
    workspace.set(PROD, f"{DEPLOYMENT}.endpoint", {"update": {"strategy": "without-guardrails"}})
    beside = workspace.load().environments[1].use_cases["rents"].beside
    assert beside
    assert beside.version == 8
