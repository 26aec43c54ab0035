"""The screen tells what runs, in every use case, to an MLOps engineer, who needs no further right for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.kept_rehearsal import Kept
from tools.rehearse.people import sign_in
from tools.status import place as places
from tools.status.__main__ import main
from tools.status.place import Place
from tools.status.rows import Line, Mood, alarms, lines, live, waiting
from tools.status.screen import OF_USE_CASES, look
from tools.synthesized import Stack, Synthesized, read_environment


@pytest.fixture(scope="module", autouse=True)
def _an_mlops_engineer(kept: Kept) -> Iterator[None]:
    role = kept.outputs("dev-foundation")["MlopsEngineerRoleArn"]
    with kept.signed_in(sign_in(kept, "MLOps engineer", role).credentials):
        places._client.cache_clear()
        yield
    places._client.cache_clear()


@pytest.fixture(scope="module")
def deployed(kept: Kept) -> Synthesized:
    return read_environment(kept.folder / "cdk.out" / "assembly-dev")


def test_one_screen_and_one_page_tell_all_of_it(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "status.html"
    assert main([str(kept.folder / "cdk.out" / "assembly-dev"), "--page", str(page)]) == 0
    told = capsys.readouterr().out
    for expected in (
        "as AllTraffic, InService, 1 × ml.m5.large",
        "within_10_percent = 0.7",
        "(at least 0.7)",
        "Succeeded",
        "since ",
        "docs/operations.md#drift",
        "columns and answers: ",
        "quality: ",
        "dev-house-prices-monitor: cron(59 * * * ? *) UTC",
        "by the tag use-case: house-prices in https://",
    ):
        assert expected in told, told
    html = page.read_text("utf-8")
    assert "InService, 1 × ml.m5.large" in html
    assert 'class="badly"' in html
    assert '#drift" rel="noopener">' in html
    assert "<script" not in html


def test_an_mlops_engineer_may_ask_all_but_for_retrainings_and_stacks(deployed: Synthesized) -> None:
    unknown = [
        (section.title, name, line.text)
        for section in look(deployed).sections
        for name, told in section.rows.items()
        for line in told
        if line.text.startswith("not known")
    ]
    assert unknown == [
        ("all use cases", "orphaned", "not known: needs cloudformation:DescribeStacks"),
        ("house-prices", "retraining", "not known: needs states:ListExecutions"),
    ]


def test_what_is_not_deployed_is_said(deployed: Synthesized) -> None:
    later = replace(deployed.stacks[0], path="dev/house-loans-training", template={"Resources": {}})
    place = Place(replace(deployed, stacks=(*deployed.stacks, later)), "house-loans")
    assert lines(place, live) == lines(place, OF_USE_CASES["pipeline"]) == [Line("not deployed")]
    assert lines(place, alarms) == [Line("none")]


def test_alarms_of_a_use_case_whose_name_begins_alike_are_its_own(deployed: Synthesized) -> None:
    named = replace(deployed.stacks[0], path="dev/house-training", template={"Resources": {}})
    environment = replace(deployed, stacks=(*deployed.stacks, named))
    assert lines(Place(environment, "house"), alarms) == [Line("none")]
    assert len(lines(Place(environment, "house-prices"), alarms)) >= 1


class Refusing:
    """A client of a service that nobody can reach."""

    def __getattr__(self, _: str) -> Any:
        raise EndpointConnectionError(endpoint_url="https://elsewhere")


def test_what_nobody_could_ask_is_not_known(deployed: Synthesized, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_client", lambda *_: Refusing())
    (line,) = lines(Place(deployed, "house-prices"), waiting)
    assert (line.mood, line.text.startswith("not known: Could not connect")) == (Mood.WAITING, True)


class Sagemaker:
    """An endpoint that has no instances, and one that failed to be updated."""

    def describe_endpoint(self, **_: Any) -> Any:
        return {"EndpointConfigName": "c", "EndpointStatus": "Failed", "FailureReason": "An alarm rang"}

    def describe_endpoint_config(self, **_: Any) -> Any:
        machines = {"ServerlessConfig": {"MaxConcurrency": 5}}
        return {"ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "m", **machines}]}

    def describe_model(self, **_: Any) -> Any:
        return {"PrimaryContainer": {"ModelDataUrl": "s3://b/models/house-prices/7/model.tar.gz"}}


def test_why_an_endpoint_failed_is_told(deployed: Synthesized, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_client", lambda *_: Sagemaker())
    assert lines(Place(deployed, "house-prices"), live) == [
        Line("version 7 as AllTraffic, Failed, serverless, up to 5 at once", Mood.BADLY),
        Line("An alarm rang", Mood.BADLY),
    ]


class Shared:
    """A model on a shared endpoint, of which a copy is coming."""

    def describe_inference_component(self, **_: Any) -> Any:
        return {
            "EndpointName": "m-dev-shared",
            "InferenceComponentStatus": "Updating",
            "Specification": {"ModelName": "m"},
            "RuntimeConfig": {"CurrentCopyCount": 0, "DesiredCopyCount": 1},
        }

    def describe_model(self, **_: Any) -> Any:
        return Sagemaker().describe_model()


def test_a_model_on_a_shared_endpoint_is_told_with_its_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    component = {"Type": "AWS::SageMaker::InferenceComponent", "Properties": {}}
    serving = replace(stack("churn-serving"), template={"Resources": {"C": component}})
    environment = Synthesized("dev", "1", "us-east-1", (stack("churn-training"), serving))
    monkeypatch.setattr(places, "_client", lambda *_: Shared())
    assert lines(Place(environment, "churn"), live) == [
        Line("version 7 on m-dev-shared, Updating, 0 copies, becoming 1", Mood.WAITING)
    ]


def stack(path: str) -> Stack:
    return Stack(f"m-{path}", f"dev/{path}", "us-east-1", {"Resources": {}}, False, *("arn",) * 3)


def test_a_stack_belongs_to_the_use_case_with_the_longest_name() -> None:
    template = {"Resources": {"S": {"Type": "T", "Properties": {"Name": "abroad"}}}}
    paths = ("churn-training", "churn-abroad-training", "release")
    stacks = [*map(stack, paths), replace(stack("churn-abroad-serving"), template=template)]
    environment = Synthesized("dev", "1", "us-east-1", tuple(stacks))
    use_cases = ("", *places.use_cases(environment))
    assert [each for each in use_cases if [*Place(environment, each).declared("T")]] == ["churn-abroad"]
