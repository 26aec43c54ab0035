"""The page of a full story, from a small one: it says what was seen, and needs nothing else."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from tools.rehearse.full.clients import Asked
from tools.rehearse.full.page import write_page
from tools.rehearse.full.record import Fleet, Mail, Moment, Record, Rollout, Step, Version, Window
from tools.rehearse.pipeline import Criterion

MONTH = datetime(2008, 4, 1, tzinfo=UTC)
ALARM = Mail(61, 'ALARM: "slow" in us-east-1', json.dumps({"NewStateReason": "Threshold Crossed: 2 of 2"}))
RELEASE = Mail(63, "A model release failed", json.dumps({"Endpoint": {"FailureReason": "alarm <slow> rang"}}))
STEPS = [
    Step("Preprocess", "Succeeded", 1.0, []),
    Step("Train", "Succeeded", 2.0, ["Preprocess"]),
    Step("Evaluate", "Failed", 3.5, ["Preprocess", "Train"]),
]


def window(told: str, month: datetime, live: float, at_best: float, **distances: float) -> Window:
    named = [name for name, distance in distances.items() if distance > 0.1]
    return Window(told, month, "1", 100, distances, named, live, at_best)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    asked = [
        Asked("a", MONTH, 50.0, 0.02, 100.0, 110.0),
        Asked("b", MONTH, 51.0, 1.5, 100.0, 90.0),
        Asked("c", MONTH, 52.0, 0.03, 100.0, None, "a bad answer"),
    ]
    record = Record(
        "m-dev-houses",
        MONTH,
        Criterion("regression_metrics", "within", "at least", 0.7),
        {"MLOps engineer": "mo"},
        [
            Moment(0, "Deploy 2 stacks: monitoring", 10),
            Moment(20, "The MLOps engineer approves version <2>", 5),
            Moment(40, "The monitor looks at spring", 4),
        ],
        drift_limit=0.1,
        latency_limit_ms=1000,
        windows=[
            window("winter", MONTH, 0.65, 0.8, Area=0.0, Year=0.3),
            window("spring", MONTH.replace(month=9), 0.4, 0.5, Area=0.31, Year=0.3),
        ],
        versions=[Version("2", "second.csv", {"within": 0.725, "rmse": 900.0}, STEPS, "nothing is live")],
        rollouts=[
            Rollout(
                "2",
                asked,
                [Fleet("1", 20, 15.0), Fleet("2", 3, 1500.0)],
                ["InService", "RollingBack"],
                "alarm <slow> rang",
                [ALARM, RELEASE],
            )
        ],
        asked=asked,
        mails=[ALARM, RELEASE],
        seconds=70,
    )
    file = tmp_path_factory.mktemp("story") / "story.html"
    write_page(record, file)
    return file.read_text("utf-8")


def test_it_loads_nothing_and_runs_nothing(page: str) -> None:
    assert not re.findall(r"<script|<link|<img|src=|@import|url\(|https?://", page)
    assert "default-src 'none'" in page


def test_every_figure_is_sound(page: str) -> None:
    figures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(figures) == 6
    for figure in figures:
        ElementTree.fromstring(figure)


def test_a_version_that_was_taken_back_is_told_with_alarm_reason_and_mail(page: str) -> None:
    assert "FailureReason: alarm &lt;slow&gt; rang" in page
    assert "ALARM: &#34;slow&#34; in us-east-1" in page
    assert "Threshold Crossed: 2 of 2" in page
    assert "<b>1 of 3</b> requests failed" in page
    assert "limit 1,000 ms" in page


def test_a_column_is_new_in_the_run_that_names_it_first(page: str) -> None:
    assert re.search(r"<b>winter</b>: Year\.\s+<b>spring</b>: Area\.", page)
    assert re.search(r'<td>Area</td><td class="shade0">0.00</td><td class="shade9 named">0.31</td>', page)


def test_only_what_misses_the_criterion_at_best_is_missed(page: str) -> None:
    assert "missed by more than chance in: <b>spring</b>" in page


def test_people_are_named_with_what_they_decided(page: str) -> None:
    assert "<b>mo</b>, MLOps engineer</td><td>approves version &lt;2&gt;" in page


def test_a_graph_leaves_out_what_is_waited_for_anyway(page: str) -> None:
    assert page.count('class="edge"') == 2
    assert 'class="node Failed"' in page


def test_slow_answers_stand_out(page: str) -> None:
    assert page.count('class="slow"') == 1
    assert page.count('class="quick"') == 2


def test_a_lane_is_that_of_who_acts() -> None:
    told = (
        "Deploy 2 stacks: monitoring",
        "The monitor looks",
        "3 requests of 2008",
        "The data scientist asks",
    )
    assert [Moment(0, each).who for each in told] == ["platform", "monitor", "clients", "data scientist"]
