"""A configuration that is accepted is one that synthesizes: no traceback of ours, none of the CDK's."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import ConfigurationError, OffHours, TrainingResources, UseCase
from config.values.fields import Weekday
from stacks.catalog.feature_groups import feature_definitions
from stacks.parts.data_quality_rules import data_quality_rules
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import Bucket, Layout
from stacks.parts.place import Place
from stacks.serving.scaling import WEEK, schedule_expression
from stacks.stage import build_app
from stacks.training.pipeline_definition import pipeline_definition
from stacks.training.pipeline_steps import Live, PipelineResources
from tests.config.conftest import Workspace
from tests.config.test_platform import EVERYTHING
from tools.local_aws.glue.dqdl import rules_of

DEV, RENTS = "environments/dev", "use_cases/rents"
RESOURCES = PipelineResources(
    code=Code("s3://code/pipeline.zip", "pipeline.zip"),
    layout=Layout(**{name: Bucket.named(name) for name in ("data", "artifacts", "capture")}),
    live=Live("none", "s3://code/pipeline.zip"),
    place=Place("dev", "111111111111", "us-east-1"),
    model_package_group="dev-rents",
    xgboost_image="xgboost",
    model_monitor_image="monitor",
    spark_image="spark",
    processing_role_arn="processing",
    training_role_arn="training",
    monitoring_engine="own",
    jobs=JobSettings("key", ["subnet"], ["group"], 30, 3600),
)
USUAL = st.from_regex("[a-zA-Z0-9]([a-zA-Z0-9_-]{0,20}[a-zA-Z0-9])?", fullmatch=True)
RESERVED = st.sampled_from(
    ["record_id", "Event_Time", "execution", "is_deleted", "MS_SubClass", "ms_subclass"]
)
UNUSUAL = st.text(max_size=70) | st.text("abAB09_- $\"'\\{}.,é", max_size=66)
DAY = "(?:SUN|MON|TUE|WED|THU|FRI|SAT)"
# Days of the week as AWS documents them, with ? for the day of the month:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
SCHEDULE = re.compile(rf"cron\((\d+) (\d+) \? \* ({DAY}(?:-{DAY}|(?:,{DAY})*)) \*\)")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("columns"))


def accepted(workspace: Workspace) -> UseCase | None:
    try:
        return workspace.load().use_cases["rents"]
    except ConfigurationError as error:
        lines = str(error).splitlines()
    assert all("; change: " in line for line in lines)
    return None


@settings(max_examples=80, deadline=None)
@given(
    columns=st.lists(USUAL, min_size=4, max_size=6, unique=True),
    other=st.none() | RESERVED | UNUSUAL,
    fills=st.sampled_from([0, 0, 117, 130]),
    feature_store=st.sampled_from(["none", "offline"]),
)
def test_columns_that_are_accepted_are_taken_by_every_part(
    workspace: Workspace, columns: list[str], other: str | None, fills: int, feature_store: str
) -> None:
    target, dropped, *features = columns
    filling = [f"column_{number:03}_{'x' * 53}" for number in range(fills)]
    workspace.set(RENTS, "target", target)
    workspace.set(RENTS, "drop", {dropped: "a reason"})
    numeric = ["Area", *features, *([] if other is None else [other])]
    workspace.set(RENTS, "features", {"numeric": numeric, "categorical": filling})
    workspace.set(DEV, "catalog", {"feature_store": feature_store})
    use_case = accepted(workspace)
    if use_case is None:
        return
    pipeline_definition(use_case, TrainingResources(), RESOURCES)
    for column in use_case.columns:
        assert f'ColumnExists "{column.lower()}"' in rules_of(data_quality_rules(use_case))
    if feature_store != "none":
        names = [feature["FeatureName"].lower() for feature in feature_definitions(use_case)]
        assert len(set(names)) == len(use_case.columns) + 2


@given(st.sets(st.sampled_from(WEEK), min_size=1), st.integers(0, 23), st.integers(0, 59))
def test_hours_of_rest_become_expressions_of_aws(days: set[Weekday], hour: int, minute: int) -> None:
    off_hours = OffHours(days=tuple(days), stop=f"{hour:02}:{minute:02}", start="12:00")
    expression = schedule_expression(off_hours.days, off_hours.stop)
    matched = SCHEDULE.fullmatch(expression)
    assert matched
    assert (int(matched[1]), int(matched[2])) == (minute, hour)
    first, _, last = matched[3].partition("-")
    named = WEEK[WEEK.index(first) : WEEK.index(last) + 1] if last else matched[3].split(",")
    assert set(named) == days


def test_the_longest_names_and_every_option_synthesize(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    environment, use_case = "e" * 27, "a-1" + "u" * 19
    everything = {**EVERYTHING, "use_cases": {use_case: {"model": 7, "monthly_budget_usd": 5}}}
    columns = [f"column_{number:03}_{'x' * 53}" for number in range(107)]
    source = {"name": "my.bucket-1", "prefix": "a b/c(d)'e@f=g/", "account": "333333333333"}
    workspace.copy(RENTS, f"use_cases/{use_case}")
    for path, value in {
        "features.numeric": ["Area", *columns],
        "personal_data": {"Contract": "drop", columns[0]: "bucket 5"},
        "source": {"bucket": source},
    }.items():
        workspace.set(f"use_cases/{use_case}", path, value)
    workspace.copy(DEV, f"environments/{environment}")
    for path, value in everything.items():
        workspace.set(f"environments/{environment}", path, value)
    workspace.set(f"environments/{environment}", "network.cidr", "100.64.0.0/22")
    loaded = workspace.load()
    only = [each for each in loaded.environments if each.name == environment]
    build_app(loaded.model_copy(update={"environments": tuple(only)}), outdir=str(tmp_path / "out")).synth()


def test_names_one_longer_are_told(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for name, option in (("e" * 36, {"studio": {}}), ("f" * 36, {"replication_region": "us-east-2"})):
        workspace.copy(DEV, f"environments/{name}")
        workspace.set(f"environments/{name}", "use_cases", {})
        workspace.set(
            f"environments/{name}",
            "network.cidr",
            "10.9.0.0/16" if option == {"studio": {}} else "10.8.0.0/16",
        )
        for key, value in option.items():
            workspace.set(f"environments/{name}", key, value)
    first, second = workspace.mistakes()
    assert "its lifecycle configuration" in first
    assert "its copy of the artifacts bucket" in second
    assert all(
        "64 characters, 63 are allowed; allowed: at most 35 characters" in line for line in (first, second)
    )


def test_use_cases_whose_ids_in_a_template_would_be_the_same_are_told(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for name in ("a-1", "a1"):
        workspace.copy(RENTS, f"use_cases/{name}")
        workspace.set("environments/dev", f"use_cases.{name}", {"model": "none"})
    (line,) = workspace.mistakes()
    assert "becomes the same name as config/use_cases/a-1.yaml: a1" in line


def test_a_placeholder_of_the_cdk_is_told_wherever_it_stands(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.set(
        RENTS, "source", {"emr": {"cluster_id": "j-2AXXXXXXGAPLF", "script": "s3://code/${Token[TOKEN.3]}"}}
    )
    (line,) = workspace.mistakes()
    assert line.startswith(
        'config/use_cases/rents.yaml: source.emr.script: "s3://code/${Token[TOKEN.3]}": holds'
    )
