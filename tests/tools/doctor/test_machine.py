"""A machine that is too old, too full or too late is told."""

from datetime import timedelta
from typing import Any

import boto3
import pytest

from tests.kept_rehearsal import Kept
from tests.tools.doctor.conftest import look
from tools.doctor import account, machine
from tools.local_aws.clients import Credentials
from tools.synthesized import Synthesized


@pytest.mark.parametrize(
    ("at", "name", "value", "expected"),
    [
        (machine.python, "PYTHONS", ((3, 1), (3, 2)), "problem"),
        (machine.node, "NODE_MINIMUM", 99, "problem"),
        (machine.node, "_version", lambda _: None, "problem"),
        (machine.cdk_cli, "_version", lambda _: None, "problem"),
        (machine.cdk_cli, "_version", lambda _: "2.1.0", "warning"),
        (machine.disk, "DISK_GB", 1_000_000, "warning"),
        (machine.clock, "SKEW_WORTH_A_WORD_SECONDS", -1, "warning"),
        (machine.clock, "SKEW_SECONDS", -1, "problem"),
    ],
)
def test_what_the_machine_lacks_is_told(
    deployed: Synthesized, monkeypatch: pytest.MonkeyPatch, at: Any, name: str, value: Any, expected: str
) -> None:
    monkeypatch.setattr(machine, name, value)
    assert [state for state, _ in look(at, deployed)] == [expected]


def test_a_clock_that_aws_refuses_is_known_by_the_refusal(
    kept: Kept, deployed: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = machine._now() + timedelta(minutes=9)
    monkeypatch.setattr(machine, "_now", lambda: later)
    with kept.signed_in(Credentials(kept.environment["AWS_ACCESS_KEY_ID"], "wrong", "")):
        ((state, told),) = look(machine.clock, deployed)
    assert (state, told.startswith("54")) == ("problem", True)


def test_without_credentials_nobody_is_signed_in(
    deployed: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert look(account.credentials, deployed) == [
        ("problem", "nobody is signed in: Unable to locate credentials")
    ]
