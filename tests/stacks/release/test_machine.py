"""The release as a state machine: complete, reachable, and within its role's permissions."""

import graphlib

import pytest

from stacks.parts.layout import Bucket, Layout
from stacks.release.machine import release_machine
from stacks.release.version import Origin
from tests.stacks.machines import ENDS, Json, check_call, check_paths_of_result, reached, successors
from tests.stacks.release.images import check_an_image_is_asked_for

BUCKET = Bucket.named("filled")
ORIGIN = Origin(
    "dev-{}",
    "arn:aws:sagemaker:us-east-1:111111111111:pipeline/dev-{}/execution/{}",
    "registry/xgboost",
    Layout(data=BUCKET, artifacts=BUCKET, capture=BUCKET),
)


@pytest.fixture(scope="module", params=[False, True], ids=["endpoints", "shared endpoint"])
def states(request: pytest.FixtureRequest) -> dict[str, Json]:
    topic = "arn:aws:sns:us-east-1:111111111111:alerts"
    machine = release_machine(ORIGIN, topic, shares_endpoint=request.param)
    found: dict[str, Json] = machine["States"]
    return found


@pytest.fixture(scope="module")
def of_a_file(states: dict[str, Json]) -> dict[str, Json]:
    """What is done for each file of a version."""
    found: dict[str, Json] = states["TakeFiles"]["ItemProcessor"]["States"]
    return found


@pytest.fixture(scope="module")
def tasks(states: dict[str, Json], of_a_file: dict[str, Json]) -> dict[str, Json]:
    everything = {**states, **of_a_file}
    assert len(everything) == len(states) + len(of_a_file)
    return {name: state for name, state in everything.items() if state["Type"] == "Task"}


def test_every_state_leads_to_a_state_that_exists(
    states: dict[str, Json], of_a_file: dict[str, Json]
) -> None:
    for machine in (states, of_a_file):
        for name, state in machine.items():
            assert set(successors(state)) <= machine.keys(), name
            assert bool(list(successors(state))) is (state["Type"] not in ENDS), name


def test_every_choice_has_a_default(states: dict[str, Json]) -> None:
    for name, state in states.items():
        assert state["Type"] != "Choice" or "Default" in state, name


def _reached(states: dict[str, Json], without: str = "") -> set[str]:
    return reached(states, "DescribeVersion", without)


def _updates(states: dict[str, Json], without: str = "") -> set[str]:
    return {name for name in _reached(states, without) if name.startswith("Update")}


def test_every_state_is_reachable(states: dict[str, Json], of_a_file: dict[str, Json]) -> None:
    assert _reached(states) == states.keys()
    assert reached(of_a_file, "CopyCandidate") == of_a_file.keys()


@pytest.mark.parametrize("check", ["IsFromThePipeline", "HasRegisteredIt", "TakeFiles"])
def test_what_no_pipeline_has_made_is_not_deployed(states: dict[str, Json], check: str) -> None:
    assert not _updates(states, without=check)


def test_a_version_without_an_image_is_refused_and_told(states: dict[str, Json]) -> None:
    check_an_image_is_asked_for(states["IsFromThePipeline"])


@pytest.mark.parametrize("check", ["IsAsRegistered", "IsKeptAsRegistered"])
def test_no_file_is_taken_whose_digest_is_another_one(of_a_file: dict[str, Json], check: str) -> None:
    (only,) = of_a_file[check]["Choices"]
    compared = only["And"][-1] if "And" in only else only
    assert compared["StringEqualsPath"] == "$.Digest"
    assert of_a_file[check]["Default"] == "NotAsRegistered"
    assert "Taken" not in reached(of_a_file, "CopyCandidate", without=check)


def test_the_copy_that_was_compared_is_the_one_that_is_kept(of_a_file: dict[str, Json]) -> None:
    kept = of_a_file["KeepCopy"]["Parameters"]
    assert kept["CopySource.$"].endswith("?versionId={}', $.Candidate, $.Copy.VersionId)")
    assert kept["IfNoneMatch"] == "*"


def test_the_artifact_is_taken_last_so_that_where_it_is_everything_is(states: dict[str, Json]) -> None:
    for choice in ("NameFiles", "NameFilesWithQuality", "NameFilesWithBias", "NameFilesWithGroups"):
        names = [file["Name"] for file in states[choice]["Parameters"]["Files"]]
        assert names[-1] == "model.tar.gz", choice
        assert {"data-quality/statistics.json", "evaluation/evaluation.json"} < set(names), choice
    assert states["TakeFiles"]["MaxConcurrency"] == 1


def test_the_reports_that_a_version_has_are_taken_too(states: dict[str, Json]) -> None:
    """Later executions compare with them; what is not recorded, as of an older version, is not looked for."""
    rules = {
        rule["Variable"].rsplit(".", 1)[-1]: rule["Next"] for rule in states["WhatWasRecorded"]["Choices"]
    }
    assert rules == {
        "intervals": "NameFilesWithGroups",
        "bias": "NameFilesWithBias",
        "quality": "NameFilesWithQuality",
    }
    digests = {
        choice: [
            file["Digest.$"].removeprefix("$.Recorded.Digests.")
            for file in states[choice]["Parameters"]["Files"]
        ]
        for choice in ("NameFiles", *rules.values())
    }
    served = ["statistics", "constraints", "evaluation"]
    assert digests == {
        "NameFiles": [*served, "model"],
        "NameFilesWithQuality": [*served, "quality", "explanations", "model"],
        "NameFilesWithBias": [*served, "quality", "explanations", "bias", "model"],
        "NameFilesWithGroups": [*served, "quality", "explanations", "bias", "facets", "intervals", "model"],
    }


def test_only_an_approved_version_is_taken(states: dict[str, Json]) -> None:
    """A rejection leads to another version, which is read and looked at from the beginning."""
    approved, rejected = states["WhatWasDecided"]["Choices"]
    assert (approved["Variable"], approved["StringEquals"]) == ("$.Package.Status", "Approved")
    only_rejections = {**states["WhatWasDecided"], "Choices": [rejected]}
    assert not _updates({**states, "WhatWasDecided": only_rejections})


def test_a_version_that_was_rejected_while_its_release_waited_stays_out(
    states: dict[str, Json],
) -> None:
    """Its rejection finds another version live, and does nothing; so the release asks again after waiting."""
    (approved,) = states["IsStillApproved"]["Choices"]
    assert (approved["StringEquals"], approved["Next"]) == ("Approved", "UpdateServing")
    assert states["IsStillApproved"]["Default"] == "NothingToDo"
    waits = [name for name, state in states.items() if state["Type"] == "Wait"]
    assert "WaitForServing" in waits
    for wait in waits:
        assert "UpdateServing" not in reached(states, wait, without="ReadDecisionAgain"), wait


def test_every_loop_waits(states: dict[str, Json]) -> None:
    """Polling without waiting would use up the execution's 25 000 events."""
    without_waiting = {
        name: set(successors(state)) for name, state in states.items() if state["Type"] != "Wait"
    }
    graphlib.TopologicalSorter(without_waiting).prepare()


def test_no_call_replaces_what_later_states_read(tasks: dict[str, Json]) -> None:
    for name, task in tasks.items():
        assert task.get("ResultPath", "$").startswith("$.") or task["Next"] == "ReleaseFailed", name


def test_every_call_is_tried_again_and_its_failure_told(
    states: dict[str, Json], tasks: dict[str, Json]
) -> None:
    for name, task in tasks.items():
        # What is kept already cannot be copied again, and is looked at in either case.
        assert task.get("Retry") or name in ("TellPeople", "KeepCopy"), name
        if name in states and name != "TellPeople":
            kind = name.removeprefix("Update")
            told = "TellPeople" if kind == name else f"LookAgainAt{kind}"
            assert [catch["Next"] for catch in task["Catch"]] == [told], name
    assert [catch["Next"] for catch in states["TakeFiles"]["Catch"]] == ["TellPeople"]
    assert states["TellPeople"]["Next"] == "ReleaseFailed"
    assert states["ReleaseFailed"]["Type"] == "Fail"


@pytest.mark.parametrize("kind", ["Serving", "Monitoring", "Training"])
def test_a_stack_that_refuses_an_update_is_looked_at_before_anybody_is_told(
    states: dict[str, Json], kind: str
) -> None:
    """Another release may have it in hand, or have brought it the version."""
    assert states[f"LookAgainAt{kind}"]["Next"] == f"IsAnotherAt{kind}"
    busy, has_version = states[f"IsAnotherAt{kind}"]["Choices"]
    assert (busy["StringMatches"], busy["Next"]) == ("*_IN_PROGRESS", f"WaitFor{kind}")
    assert has_version["StringEqualsPath"] == "$.Target.Version"
    assert states[f"IsAnotherAt{kind}"]["Default"] == "TellPeople"


def test_every_call_exists_and_has_parameters_that_the_api_knows(tasks: dict[str, Json]) -> None:
    for name, task in tasks.items():
        check_call(name, task)


def test_paths_of_results_exist_in_the_answers(tasks: dict[str, Json]) -> None:
    for name, task in tasks.items():
        check_paths_of_result(name, task)


def test_a_release_ends_well_only_when_the_endpoint_runs_what_its_stack_says(states: dict[str, Json]) -> None:
    """SageMaker may have taken the update back: then the reason is in what people are told."""
    (as_intended,) = states["IsEndpointAsIntended"]["Choices"]
    intended = "$.Stack.EndpointConfigName[0]"
    assert {"Variable": "$.Endpoint.EndpointConfigName", "StringEqualsPath": intended} in as_intended["And"]
    assert states["IsEndpointAsIntended"]["Default"] == "TellPeople"
    assert set(successors(states["IsServingUpdated"])) == {"AwaitServing", "HasEndpoint"}
    ways = {"DescribeEndpoint", "DescribeMonitoring", "TellPeople", *({"DescribeComponent"} & states.keys())}
    assert set(successors(states["HasEndpoint"])) == ways
    assert states["DescribeEndpoint"]["ResultPath"] == "$.Endpoint"
    assert states["TellPeople"]["Parameters"]["Message.$"] == "States.JsonToString($)"


def test_a_component_that_kept_its_old_model_is_told_to_people(states: dict[str, Json]) -> None:
    if "DescribeComponent" not in states:
        assert "$.Stack.ComponentModelName[0]" not in str(states)
        return
    (as_intended,) = states["IsComponentAsIntended"]["Choices"]
    variables = {each["Variable"] for each in as_intended["And"] if "Variable" in each}
    assert variables == {"$.Stack.Version[0]", "$.Component.Specification.ModelName"}
    assert as_intended["Next"] == "DescribeMonitoring"
    assert states["IsComponentAsIntended"]["Default"] == "TellPeople"
    looking = [
        state for state in states.values() if "EndpointConfigName.$" in state.get("ResultSelector", {})
    ]
    assert looking
    assert all("ComponentModelName.$" in state["ResultSelector"] for state in looking)
