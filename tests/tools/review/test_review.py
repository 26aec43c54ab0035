"""What a review says beside the kind of a change: rows, graphs, costs, approvals, and what it cannot see."""

import datetime
import json
from pathlib import Path

import pytest

from tests.tools.review.small import (
    BUCKET,
    ENDPOINT_CONFIGURATION,
    TODAY,
    Json,
    changed,
    compared,
    pipeline,
    step,
    template,
)
from tools.review import acknowledgements
from tools.review.approvals import FILE, Approval, read_approvals
from tools.review.costs import prices
from tools.review.findings import Kind, Verdict
from tools.review.markdown import comment
from tools.review.outcome import Review, review
from tools.review.page import page
from tools.review.stacks import ReviewError, Stack, of_templates

Stacks = dict[str, Stack]

ROOT = Path(__file__).parents[3]
REMOVED = "dev/data/Data removed"
TOMORROW, YESTERDAY = TODAY + datetime.timedelta(days=1), TODAY - datetime.timedelta(days=1)


def removal(*approvals: Approval) -> Review:
    return compared({"data": template(Data=BUCKET)}, {"data": template()}, *approvals)


def test_what_is_destroyed_needs_an_entry_that_names_it() -> None:
    assert removal().verdict is Verdict.DESTRUCTIVE
    assert f"- what: {REMOVED}" in comment(removal())
    assert removal(Approval(REMOVED, "moved", TODAY)).verdict is Verdict.NOTABLE


def test_an_expired_entry_approves_nothing_and_is_told() -> None:
    found = removal(Approval(REMOVED, "moved", YESTERDAY))
    assert found.verdict is Verdict.DESTRUCTIVE
    assert f"the approval of `{REMOVED}` has expired on {YESTERDAY}" in comment(found)


def test_an_entry_that_matches_nothing_any_more_is_told() -> None:
    found = compared({}, {}, Approval(REMOVED, "moved", TOMORROW))
    assert found.verdict is Verdict.NONE
    assert f"the approval of `{REMOVED}` matches nothing any more: remove it" in comment(found)


def test_the_reason_of_an_approval_is_in_the_comment() -> None:
    assert "the bucket was empty" in comment(removal(Approval(REMOVED, "the bucket was empty", TOMORROW)))


def test_the_committed_approvals_can_be_read() -> None:
    read_approvals(ROOT / FILE, TODAY)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("what: a", "is a list of entries"),
        ("- what: a\n  why: b", "entry 1: it has until, what, why, and nothing else"),
        ("- {what: a, why: '', until: 2026-01-01}", "entry 1: what and why are sentences"),
        ("- {what: a, why: b, until: soon}", "entry 1: until is a day"),
        ("- {what: a, why: b, until: 2026-12-01 10:00:00}", "entry 1: until is a day"),
        ("- {what: a, why: b, until: 2099-12-31}", "entry 1: until is 2099-12-31, and may be 2027-02-19"),
        ("- {what: a", "is no YAML"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_by_its_number(tmp_path: Path, text: str, mistake: str) -> None:
    (tmp_path / "approvals.yaml").write_text(text, "utf-8")
    with pytest.raises(ReviewError, match=mistake):
        read_approvals(tmp_path / "approvals.yaml", TODAY)


def test_equal_changes_of_environments_and_use_cases_are_one_row() -> None:
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60}}
    before, after = Stacks(), Stacks()
    for environment, name in (("dev", "churn"), ("dev", "houses"), ("prod", "houses")):
        before |= of_templates(environment, {f"{name}-monitoring": template(Alarm=alarm)})
        after |= of_templates(environment, {f"{name}-monitoring": template()})
    (row,) = review(before, after, today=TODAY).rows
    assert row.kind is Kind.PROTECTION
    assert row.places == "dev/churn-monitoring, dev/houses-monitoring, prod/houses-monitoring"


def test_names_of_environments_do_not_keep_equal_changes_apart() -> None:
    def bucket(environment: str, name: str) -> Stacks:
        topic = {
            "Type": "AWS::SNS::Topic",
            "Properties": {"DisplayName": f"shop-{environment} {name} {{Ref}}", "TopicName": "t"},
        }
        used = {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Fn::ImportValue": "x"}}}
        body = template(Topic=topic, Used=used)
        body["Outputs"] = {
            "A": {"Value": "a", "Export": {"Name": f"shop-{environment}-alerts:ExportsOutputA"}}
        }
        return of_templates(environment, {"alerts": body})

    before = bucket("dev", "old") | bucket("prod", "old")
    after = bucket("dev", "new") | bucket("prod", "new")
    (row,) = review(before, after, today=TODAY).rows
    assert row.text == "DisplayName: <prefix> old {Ref} → <prefix> new {Ref}"
    assert row.places == "dev/alerts, prod/alerts"


def test_a_stack_that_leaves_the_app_destroys_nothing_by_itself() -> None:
    found = compared({"data": template(Data=BUCKET), "more": template()}, {"more": template()})
    (row,) = found.rows
    assert (row.kind, row.subject, row.places) == (Kind.REMOVED, "the stack", "dev/data")
    assert row.text.endswith("it holds data: AWS::S3::Bucket")


def test_a_tag_says_what_it_replaces() -> None:
    features = {
        "Type": "AWS::SageMaker::FeatureGroup",
        "Properties": {"FeatureGroupName": "f", "Tags": [{"Key": "team", "Value": "a"}]},
    }

    def another_team(resource: Json) -> None:
        resource["Properties"]["Tags"][0]["Value"] = "b"

    found = compared(
        {"data": template(Data=BUCKET, Features=features)},
        {"data": template(Data=changed(BUCKET, another_team), Features=changed(features, another_team))},
    )
    texts = [row.text for row in found.rows if row.kind is Kind.TEXTS]
    assert texts == ["a → b on 2 resources; replaces SageMaker FeatureGroup Features"]


def test_a_pipeline_is_drawn_before_and_after_when_its_steps_are_others() -> None:
    found = compared(
        {"prices-training": template(Pipeline=pipeline(step("Clean"), step("Train", "Clean")))},
        {
            "prices-training": template(
                Pipeline=pipeline(step("Clean"), step("Balance", "Clean"), step("Train", "Balance"))
            )
        },
    )
    (graph,) = found.graphs
    assert "Clean --> Train" in graph.before
    assert "Balance --> Train" in graph.after
    assert "style Balance" in graph.after
    assert comment(found).count("```mermaid") == 2
    assert page(found).count("<svg") == 2


def test_a_pipeline_whose_steps_stay_is_not_drawn() -> None:
    argued = changed(step("Clean"), lambda each: each["Arguments"].update(ContainerArguments=["--fast"]))
    found = compared(
        {"prices-training": template(Pipeline=pipeline(step("Clean")))},
        {"prices-training": template(Pipeline=pipeline(argued))},
    )
    assert found.graphs == []
    assert [row.kind for row in found.rows] == [Kind.ARGUMENTS]
    assert [name for name, _ in found.by_use_case()] == ["prices"]


def test_what_belongs_to_no_use_case_has_a_heading_of_its_own() -> None:
    def definition(state: str) -> Json:
        states = {state: {"Type": "Succeed"}}
        properties = {"DefinitionString": json.dumps({"StartAt": state, "States": states})}
        return {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}

    found = compared(
        {"release": template(Release=definition("A"))}, {"release": template(Release=definition("B"))}
    )
    assert [name for name, _ in found.by_use_case()] == [""]
    assert "### Of no use case\n" in comment(found)
    assert "<h2>Of no use case</h2>" in page(found)


def test_a_second_instance_costs_730_hours_more() -> None:
    def double(resource: Json) -> None:
        resource["Properties"]["ProductionVariants"][0]["InitialInstanceCount"] = 2

    found = compared(
        {"prices-serving": template(Configuration=ENDPOINT_CONFIGURATION)},
        {"prices-serving": template(Configuration=changed(ENDPOINT_CONFIGURATION, double))},
    )
    (cost,) = found.costs
    assert cost.monthly == pytest.approx(730 * prices()["instances"]["hourly"]["m5"]["large"])
    assert f"as of {prices()['instances']['date']}" in comment(found)


def test_a_shadow_costs_as_much_as_what_answers() -> None:
    def shadowed(resource: Json) -> None:
        (variant,) = resource["Properties"]["ProductionVariants"]
        resource["Properties"]["ShadowProductionVariants"] = [{**variant, "VariantName": "Shadow"}]

    found = compared(
        {"prices-serving": template(Configuration=ENDPOINT_CONFIGURATION)},
        {"prices-serving": template(Configuration=changed(ENDPOINT_CONFIGURATION, shadowed))},
    )
    (cost,) = found.costs
    assert cost.monthly == pytest.approx(730 * prices()["instances"]["hourly"]["m5"]["large"])


def test_an_endpoint_of_components_costs_the_instances_that_always_run() -> None:
    def managed(least: int) -> Json:
        def scale(resource: Json) -> None:
            (variant,) = resource["Properties"]["ProductionVariants"]
            variant["ManagedInstanceScaling"] = {"MinInstanceCount": least, "MaxInstanceCount": 4}

        return changed(ENDPOINT_CONFIGURATION, scale)

    found = compared({"shared": template(One=managed(0))}, {"shared": template(One=managed(2))})
    (cost,) = found.costs
    assert (cost.before, cost.after) == ("endpoint, 0 × ml.m5.large", "endpoint, 2 × ml.m5.large")
    assert cost.monthly == pytest.approx(2 * 730 * prices()["instances"]["hourly"]["m5"]["large"])


def test_another_type_of_what_scales_is_said_to_be_refused() -> None:
    def told(before: Json, after: Json) -> bool:
        found = compared({"prices-serving": before}, {"prices-serving": after})
        return "AWS refuses another type while it scales" in comment(found)

    def another(resource: Json) -> None:
        resource["Properties"]["ProductionVariants"][0]["InstanceType"] = "ml.m5.xlarge"

    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {"ResourceId": "endpoint/prices/variant/A", "MinCapacity": 1, "MaxCapacity": 2},
    }
    larger = changed(ENDPOINT_CONFIGURATION, another)
    scaling = template(Configuration=ENDPOINT_CONFIGURATION, Target=target)
    assert told(scaling, template(Configuration=larger, Target=target))
    assert told(scaling, template(Configuration=larger))
    assert not told(template(Configuration=ENDPOINT_CONFIGURATION), template(Configuration=larger))
    assert not told(scaling, template(Configuration=ENDPOINT_CONFIGURATION))


def test_batches_cost_so_many_hours_a_month_as_is_said_beside_the_figures() -> None:
    resources = {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}
    states = {"StartTransform": {"Type": "Task", "Parameters": resources}}
    definition = json.dumps({"States": states}, separators=(",", ":"))
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": definition}}
    found = compared({"prices-serving": template()}, {"prices-serving": template(Batch=machine)})
    (cost,) = found.costs
    assert cost.after == "batch, 2 × ml.m5.large"
    assert cost.monthly == pytest.approx(60 * prices()["instances"]["hourly"]["m5"]["large"])
    assert "A batch runs 30 times a month, for 1 hour each" in comment(found)


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("cron(59 * * * ? *)", 730),
        ("cron(59 23 * * ? *)", 730 / 24),
        ("cron(0 1,13 * * ? *)", 730 / 12),
        ("cron(0 6 ? * MON *)", 365 / 12 / 7),
        ("cron(0 6 ? * MON-FRI *)", 365 / 12 * 5 / 7),
        ("cron(0 22-5 * * ? *)", 365 / 12 * 8),
        ("rate(2 hours)", 365),
    ],
)
def test_a_monitor_costs_as_many_jobs_as_its_schedule_starts(expression: str, runs: float) -> None:
    found = compared(
        {"prices-monitoring": template()}, {"prices-monitoring": template(**_monitor(expression))}
    )
    (cost,) = found.costs
    assert cost.after == "monitor, 2 × ml.m5.large"
    assert cost.monthly == pytest.approx(runs * 0.1 * 2 * prices()["instances"]["hourly"]["m5"]["large"])
    assert "A run of a monitor takes 0.1 hours" in comment(found)


def test_a_schedule_that_does_not_say_how_often_it_starts_has_no_price() -> None:
    last_friday = _monitor("cron(0 6 ? * 6L *)")
    found = compared({"prices-monitoring": template()}, {"prices-monitoring": template(**last_friday)})
    (cost,) = found.costs
    assert cost.monthly is None


def _monitor(expression: str) -> dict[str, Json]:
    resources = {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}
    job = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {"ProcessingResources": resources},
    }
    definition = json.dumps({"States": {"Compare": job}}, separators=(",", ":"))
    arn = {"Fn::GetAtt": ["Monitor", "Arn"]}
    return {
        "Monitor": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"DefinitionString": definition},
        },
        "Schedule": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {"ScheduleExpression": expression, "Target": {"Arn": arn}},
        },
    }


def test_an_instance_type_that_the_table_lacks_is_told() -> None:
    def exotic(resource: Json) -> None:
        resource["Properties"]["ProductionVariants"][0]["InstanceType"] = "ml.p2.xlarge"

    found = compared(
        {"prices-serving": template(Configuration=ENDPOINT_CONFIGURATION)},
        {"prices-serving": template(Configuration=changed(ENDPOINT_CONFIGURATION, exotic))},
    )
    assert "no price in the table" in comment(found)


def test_every_price_has_its_source_and_its_day() -> None:
    table = prices()
    assert isinstance(table["instances"]["date"], datetime.date)
    for each in (table["instances"], *table["resources"].values()):
        assert each["source"].startswith("https://")
        assert each["date"]
        assert each["offer"]


def test_an_acknowledgement_more_is_told_with_its_reason() -> None:
    old = "## RULE1\n\n| Resource | What | Where | Why |\n|---|---|---|---|\n| `a/B` |  | dev | Because. |\n"
    new = old + "| `a/C` | action `s3:*` | dev | It is so. |\n"
    (finding,) = acknowledgements.added(old, new)
    assert finding.subject == "RULE1 a/C"
    assert finding.text == "acknowledged: action `s3:*`, dev: It is so."
    assert [*acknowledgements.added(new, old)] == []


def test_what_templates_say_is_text_in_the_comment_and_on_the_page() -> None:
    nasty = "</code>`|@everyone ![x](http://x) <script>alert(1)</script>\n# big"
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "plain"}}
    shouting = changed(topic, lambda each: each["Properties"].update(DisplayName=nasty))
    found = compared({"data": template(Topic=topic)}, {"data": template(Topic=shouting)})
    (line,) = (line for line in comment(found).splitlines() if "everyone" in line)
    assert line.count("`") == 6
    assert "\\|@everyone" in line
    assert "<script" not in page(found)


def test_the_page_needs_nothing_else() -> None:
    text = page(removal())
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_a_long_review_fits_into_a_comment() -> None:
    before, after = {}, {}
    for number in range(800):
        properties = {
            "AlarmName": "a",
            "Dimensions": [{"Name": "x", "Value": f"{number} " * 80}],
            "Period": 60,
        }
        before[f"A{number}"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
        slower = {
            **properties,
            "Dimensions": [{"Name": "x", "Value": f"{number + 1000} " * 80}],
            "Period": number,
        }
        after[f"A{number}"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": slower}
    found = compared({"data": template(**before)}, {"data": template(**after)})
    assert "more, which the page of this review holds" in comment(found)
    assert len(comment(found)) < 65_536
    assert page(found).count("<tr>") > 800
