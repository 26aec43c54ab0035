"""Rows that are predicted on a schedule: what AWS would refuse, or what nobody can mean, is told."""

from typing import TYPE_CHECKING, Any

import pytest

from config.settings import BatchTransform
from tests.config.catalogue import Copy

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

BATCH = "use_cases.rents.batch"
NIGHTLY: dict[str, object] = {"schedule": "cron(0 3 * * ? *)"}


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ({}, ["batch.schedule: (missing)"]),
        ({"schedule": "at three"}, ["batch.schedule: \"at three\"", "is no schedule"]),
        ({"schedule": "rate(6 hours)"}, ["schedule: ", "a folder is that of a day", "rate(1 day)"]),
        ({"schedule": "cron(0 3,15 * * ? *)"}, ["schedule: ", "several times a day", "one hour"]),
        ({"schedule": "cron(0 * * * ? *)"}, ["schedule: ", "several times a day", "one hour"]),
        (
            NIGHTLY | {"max_payload_mb": 40, "max_concurrent_transforms": 3},
            ["max_concurrent_transforms: 3", "is 120 MB", "1 to 2"],
        ),
        (NIGHTLY | {"max_payload_mb": 101}, ["max_payload_mb: 101", "at most 100"]),
        (NIGHTLY | {"input_filter": "$.features"}, ["$.features", "no JSONPath of columns", "$[1:]"]),
        (NIGHTLY | {"output_filter": f"$[{'1,' * 40}1]"}, ["output_filter", "at most 63 characters"]),
        (
            NIGHTLY | {"join_source": "None", "output_filter": "$[0]"},
            ["$[0]", "where an answer stands alone", "join_source: Input"],
        ),
        (NIGHTLY | {"join_source": "Output"}, ["Output", "Input, None"]),
        (
            NIGHTLY | {"output_filter": "$[0,7]"},
            ["batch.output_filter: \"$[0,7]\"", "does not keep the answer for sure", "-1", "engine: none"],
        ),
        (NIGHTLY | {"instance_type": "ml.t3.large"}, ["ml.t3.large", "not offered for transform"]),
        (NIGHTLY | {"instance_type": "ml.m5.12xlarge"}, ["ml.m5.12xlarge", "not among allowed"]),
        (NIGHTLY | {"max_hours": 0}, ["max_hours: 0", "at least 1"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_what_to_write(
    workspace: "Workspace", batch: dict[str, object], words: list[str]
) -> None:
    workspace.set("environments/dev", BATCH, batch)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


def test_machines_with_disks_of_their_own_are_refused_because_nobody_can_choose_their_key(
    workspace: "Workspace",
) -> None:
    workspace.set(
        "environments/dev", "allowed_instance_types", ["ml.m5.large", "ml.t3.medium", "ml.g5.xlarge"]
    )
    test_what_cannot_be_is_told_with_what_to_write(
        workspace, NIGHTLY | {"instance_type": "ml.g5.xlarge"}, ["ml.g5.xlarge", "disks of its own"]
    )


def test_answers_stand_behind_their_rows_unless_something_else_is_said() -> None:
    batch: Any = BatchTransform(schedule="rate(1 day)")
    assert (batch.input_filter, batch.join_source, batch.output_filter) == ("$", "Input", "$")
    assert batch.max_payload_mb * batch.max_concurrent_transforms == 6


@pytest.mark.parametrize("output_filter", ["$", "$[-1]", "$[0,-1]", "$[2:]", "$[0,3:]"])
def test_an_answer_that_is_kept_for_sure_can_be_compared(workspace: "Workspace", output_filter: str) -> None:
    workspace.set("environments/dev", BATCH, NIGHTLY | {"output_filter": output_filter})
    assert workspace.load()


def test_whoever_compares_nothing_may_leave_the_answer_out(workspace: "Workspace") -> None:
    workspace.set("environments/dev", BATCH, NIGHTLY | {"output_filter": "$[0,7]"})
    workspace.set("environments/dev", "use_cases.rents.monitoring", {"engine": "none"})
    assert workspace.load()


def test_no_monitor_of_a_use_case_is_called_like_that_of_anothers_batches(workspace: "Workspace") -> None:
    Copy("use_cases/rents", "use_cases/rents-batch").make(workspace)
    workspace.set("environments/dev", BATCH, NIGHTLY)
    workspace.set("environments/dev", "use_cases.rents-batch", {"model": "latest-approved"})
    (line,) = workspace.mistakes()
    for words in ("use_cases.rents-batch", "the batches of rents", "rename the file"):
        assert words in line, line
