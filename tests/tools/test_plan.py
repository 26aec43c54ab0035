"""In which order stacks are deployed, and how full their templates are."""

from pathlib import Path

import pytest

from tests.stacks.synthesis import Synthesis
from tools import plan
from tools.plan import critical_path, in_steps, used
from tools.synthesized import Stack, Synthesized, read_environment


def stack(name: str, *waits_for: str, resources: int = 1) -> Stack:
    template = {"Resources": {f"R{number}": {"Type": "T"} for number in range(resources)}}
    return Stack(
        f"mlops-dev-{name}",
        f"dev/{name}",
        "us-east-1",
        template,
        is_protected=False,
        deploy_role_arn="",
        execution_role_arn="",
        lookup_role_arn="",
        waits_for=tuple(f"dev/{other}" for other in waits_for),
    )


STACKS = (
    stack("network"),
    stack("delivery", resources=3),
    stack("foundation", "network", resources=2),
    stack("serving", "foundation", resources=4),
    stack("monitoring", "foundation", "serving"),
    stack("studio", "foundation", resources=9),
)


def test_stacks_of_a_step_wait_for_none_of_each_other() -> None:
    names = [[each.path.removeprefix("dev/") for each in step] for step in in_steps(STACKS)]
    assert names == [["network", "delivery"], ["foundation"], ["serving", "studio"], ["monitoring"]]


def test_the_critical_path_is_the_chain_with_most_resources() -> None:
    assert [each.path for each in critical_path(STACKS)] == ["dev/network", "dev/foundation", "dev/studio"]


def test_a_template_over_a_limit_is_named_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = Synthesized("dev", "111111111111", "us-east-1", (*STACKS, stack("full", resources=501)))
    monkeypatch.setattr(plan, "read_environment", lambda _: environment)
    assert plan.main(["cdk.out/assembly-dev"]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "refuses" in line]
    assert line.split() == [
        *("501", "of", "500", "resources", "mlops-dev-full:"),
        *("CloudFormation", "refuses", "it"),
    ]


def test_every_stack_that_ships_is_planned_after_those_that_it_waits_for(
    shipped_synthesis: Synthesis,
) -> None:
    for assembly in shipped_synthesis.folder.glob("assembly-*"):
        environment = read_environment(Path(assembly))
        planned = [each for step in in_steps(environment.stacks) for each in step]
        assert {each.path for each in planned} == {each.path for each in environment.stacks}
        before: set[str] = set()
        for step in in_steps(environment.stacks):
            assert all(set(each.waits_for) <= before for each in step)
            before |= {each.path for each in step}
        assert all(0 < used(each, "resources") <= 500 for each in planned)


def test_the_page_names_stacks_in_the_order_of_their_deployment(
    shipped_synthesis: Synthesis, capsys: pytest.CaptureFixture[str]
) -> None:
    (first, *_) = sorted(shipped_synthesis.folder.glob("assembly-*"))
    assert plan.main([str(first)]) == 0
    told = capsys.readouterr().out
    assert told.index("-network ") < told.index("-foundation ") < told.index("-release ")
