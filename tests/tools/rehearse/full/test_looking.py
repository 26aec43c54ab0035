"""What the full story reads of an endpoint that changes, of a pipeline's order, and of its clients."""

import json
import time
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tools.rehearse import __main__ as program
from tools.rehearse import acts
from tools.rehearse.case import Case
from tools.rehearse.choice import Wanted
from tools.rehearse.errors import RehearsalError
from tools.rehearse.full.clients import Clients
from tools.rehearse.full.looking import Watched, execution_steps
from tools.rehearse.full.record import Recorder
from tools.rehearse.full.story import FullRehearsal
from tools.rehearse.people import Person
from tools.rehearse.served import Served

BAKING = {"Status": "Baking", "StatusMessage": "for 300 seconds"}
ROW = {"Year_Sold": "2008", "Mo_Sold": "4", "Price": "100"}


def test_what_is_said_twice_is_told_once_with_the_configuration_that_comes() -> None:
    watched, serving = Watched(), {"EndpointStatus": "InService", "EndpointConfigName": "old"}
    pending = {"EndpointConfigName": "new", "ProductionVariants": [{"VariantStatus": [BAKING]}]}
    updating = serving | {"EndpointStatus": "Updating", "PendingDeploymentSummary": pending}
    for described in (serving, serving, updating, updating, serving):
        watched.look(described)
    assert watched.statuses == ["InService", "Updating, Baking: for 300 seconds", "InService"]
    assert [*watched.configurations] == ["old", "new"]


def test_a_step_follows_those_it_names_and_the_condition_it_is_behind() -> None:
    condition = {"Conditions": [], "IfSteps": [{"Name": "Register", "Arguments": {}}]}
    definition = [
        {"Name": "Train", "Arguments": {}},
        {"Name": "Evaluate", "Arguments": {"Model": {"Get": "Steps.Train.ModelArtifacts"}}},
        {"Name": "Check", "Arguments": condition, "DependsOn": ["Evaluate"]},
    ]
    listed = [
        {"StepName": name, "StepStatus": "Succeeded", "StartTime": _at(0), "EndTime": _at(2)}
        for name in ("Train", "Evaluate", "Check", "Register")
    ]
    client = SimpleNamespace(
        describe_pipeline=lambda **_: {"PipelineDefinition": json.dumps({"Steps": definition})},
        list_pipeline_execution_steps=lambda **_: {"PipelineExecutionSteps": listed},
    )
    person = cast(Person, SimpleNamespace(client=lambda _: client))
    steps = execution_steps(person, "p", "e")
    assert {step.seconds for step in steps} == {2.0}
    assert [(step.name, *step.after) for step in steps] == [
        ("Train",),
        ("Evaluate", "Train"),
        ("Check", "Evaluate"),
        ("Register", "Check"),
    ]


def _at(second: int) -> Any:
    return datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)


@pytest.fixture
def clients() -> Clients:
    case = SimpleNamespace(
        name="e",
        served=Served("e"),
        held_out=SimpleNamespace(features=[]),
        sample=SimpleNamespace(target="Price"),
    )
    return Clients(cast(Person, None), cast(Case, case), Recorder())


def test_a_request_that_fails_is_kept_with_why(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = count()

    def predict(*_: object) -> str:
        if next(answers):
            raise RehearsalError("no")
        return "110"

    monkeypatch.setattr(acts, "predict", predict)
    asked = sorted(clients.ask_all([ROW, ROW]), key=lambda each: each.error)
    assert [(each.answer, each.error) for each in asked] == [(110.0, ""), (None, "no")]


def test_clients_go_on_asking_while_others_wait(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    def predict(*_: object) -> str:
        time.sleep(0.2)
        return "110"

    monkeypatch.setattr(acts, "predict", predict)
    with clients.asking([ROW], 100) as asked:
        time.sleep(0.1)
    assert len(asked) > 5
    assert len({each.id for each in asked}) == len(asked)


def test_the_full_story_is_of_house_prices_only(tmp_path: Any) -> None:
    with pytest.raises(RehearsalError, match="is that of house-prices; leave USE_CASE and ALL out"):
        FullRehearsal(Wanted(use_case="churn"), folder=tmp_path, narrator=Recorder())


def test_a_story_that_nobody_knows_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--story", "long"])
    assert "invalid choice: 'long' (choose from" in capsys.readouterr().err
