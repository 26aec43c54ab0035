"""The environment of the kept rehearsal, for somebody who is signed in to its account."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.kept_rehearsal import Kept
from tools.doctor.checks import Check, Look
from tools.synthesized import Json, Synthesized, read_environment


@pytest.fixture(scope="module", autouse=True)
def _signed_in(kept: Kept) -> Iterator[None]:
    with kept.signed_in(kept.operator):
        yield


@pytest.fixture(scope="session")
def deployed(kept: Kept) -> Synthesized:
    return read_environment(kept.folder / "cdk.out" / "assembly-dev")


def look(at: Look, environment: Synthesized) -> list[tuple[str, str]]:
    """States and what was found."""
    return [(str(each.state), each.what) for each in Check("", at).carry_out(environment)]


def having(environment: Synthesized, kind: str, properties: Json) -> Synthesized:
    """The environment with one stack more, of one resource."""
    return replace(environment, stacks=(*environment.stacks, *only(environment, kind, properties).stacks))


def only(environment: Synthesized, kind: str, properties: Json | None = None) -> Synthesized:
    """An environment of one resource."""
    stack = environment.stacks[0]
    template = {"Resources": {"More": {"Type": kind, "Properties": properties or {}}}}
    more = replace(stack, name="dev-more", path="dev/more", template=template)
    return replace(environment, stacks=(more,))
