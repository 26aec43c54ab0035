"""The environment of the kept rehearsal, for somebody who is signed in to its account."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.doctor.checks import Check, Finding, Look
from tools.synthesized import Stack, Synthesized, read_environment

Find = Callable[[Look, Synthesized], list[Finding]]


@pytest.fixture(autouse=True)
def _signed_in(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in kept.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def deployed(kept: Kept) -> Synthesized:
    return read_environment(kept.folder / "cdk.out" / "assembly-dev")


def look(at: Look, environment: Synthesized) -> list[tuple[str, str]]:
    """States and what was found."""
    return [(str(each.state), each.what) for each in Check("", at).carry_out(environment)]


def having(environment: Synthesized, kind: str, **properties: Any) -> Synthesized:
    """The environment with one stack more, of one resource."""
    return only(environment, kind, **properties, besides=environment.stacks)


def only(
    environment: Synthesized, kind: str, besides: tuple[Stack, ...] = (), **properties: Any
) -> Synthesized:
    """An environment of one resource."""
    stack = environment.stacks[0]
    template = {"Resources": {"More": {"Type": kind, "Properties": properties}}}
    more = replace(stack, name="dev-more", path="dev/more", template=template)
    return replace(environment, stacks=(*besides, more))
