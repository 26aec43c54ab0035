"""Ways to hide a change: in another place, under many others, behind characters, or where nobody looks."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.review.small import BUCKET, TODAY, Json, compared, pipeline, step, template
from tests.tools.review.test_command import committed, snapshots
from tools.review import __main__ as command
from tools.review.findings import Kind, Verdict
from tools.review.markdown import comment
from tools.review.outcome import Review, review
from tools.review.page import page
from tools.review.stacks import (
    ENVIRONMENTS,
    SNAPSHOTS,
    ReviewError,
    Stack,
    of_commit,
    of_folder,
    of_templates,
    of_working_tree,
)

ROOT = Path(__file__).parents[3]
ALARM: Json = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60}}
ENDPOINT: Json = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": "prices"}}


@pytest.fixture(scope="module")
def deployed() -> dict[str, Stack]:
    return of_folder(ROOT / SNAPSHOTS)


def role(account: str) -> Json:
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Statement": [trust]}, "RoleName": "reader"},
    }


@pytest.mark.parametrize(
    ("held", "kind"), [({"Data": BUCKET}, Kind.DATA), ({"Live": ENDPOINT}, Kind.ENDPOINT)]
)
def test_a_stack_under_another_name_starts_empty(held: Json, kind: Kind) -> None:
    found = compared({"data": template(**held)}, {"store": template(**held)})
    assert found.rows[0].kind is kind
    assert "becomes dev/store" in found.rows[0].text
    assert found.verdict is Verdict.DESTRUCTIVE


def test_an_environment_under_another_name_starts_empty() -> None:
    before, after = (of_templates(name, {"data": template(Data=BUCKET)}) for name in ("dev", "development"))
    assert review(before, after, today=TODAY).verdict is Verdict.DESTRUCTIVE


def test_a_stack_that_goes_while_another_one_comes_is_not_renamed() -> None:
    found = compared({"data": template(Data=BUCKET)}, {"alarms": template(Late=ALARM)})
    assert found.verdict is Verdict.NOTABLE


@pytest.mark.parametrize(("old", "new"), [("222222222222", "333333333333"), ("us-east-1", "eu-west-1")])
def test_an_environment_elsewhere_is_one_row_that_destroys(
    of_the_sample: dict[str, Stack], old: str, new: str
) -> None:
    moved = {
        place: stack.of_text(stack.text.replace(old, new)) if stack.environment == "prod" else stack
        for place, stack in of_the_sample.items()
    }
    found = review(of_the_sample, moved, today=TODAY)
    assert [(row.kind, row.places) for row in found.rows] == [(Kind.DATA, "prod")]
    assert [finding.what for finding in found.approved.missing] == ["prod moved"]


def test_an_account_of_strangers_is_not_taken_for_the_own_one() -> None:
    """Rows of environments are one only where what differs is the environment's own."""

    def stacks(trusted: dict[str, str]) -> dict[str, Stack]:
        of_all = {
            name: of_templates(
                name,
                {"roles": template(Reader=role(trusted[name])) | {"Description": f"{own} {own} {own}"}},
            )
            for name, own in (("dev", "111111111111"), ("prod", "222222222222"))
        }
        return of_all["dev"] | of_all["prod"]

    own = {"dev": "111111111111", "prod": "222222222222"}
    found = review(stacks(own), stacks({"dev": "222222222222", "prod": "999999999999"}), today=TODAY)
    told = [(row.text.partition(":")[0], row.places) for row in found.rows if row.kind is Kind.PERMISSIONS]
    assert told == [("new principal 222222222222", "dev/roles"), ("new principal 999999999999", "prod/roles")]


def test_a_new_role_is_told_with_how_much_it_may() -> None:
    def reader(*actions: str) -> dict[str, Stack]:
        statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
        reads = {"PolicyName": "reads", "PolicyDocument": {"Statement": [statement]}}
        new = role("111111111111")
        return of_templates(
            "dev",
            {"roles": template(Reader={**new, "Properties": {**new["Properties"], "Policies": [reads]}})},
        )

    before = of_templates("dev", {"roles": template()})
    for actions, told in (
        (["s3:GetObject"], "1 action of s3"),
        (["s3:GetObject", "s3:ListBucket"], "2 actions of s3"),
    ):
        found = review(before, reader(*actions), today=TODAY)
        assert told in next(row.text for row in found.rows if row.kind is Kind.PERMISSIONS)


def many(environments: dict[str, int], gone: bool) -> dict[str, Stack]:
    stacks: dict[str, Stack] = {}
    for name, number in environments.items():
        held = {} if gone else {"Late": ALARM}
        stacks |= of_templates(
            name, {f"use-case-{each}-monitoring": template(**held) for each in range(number)}
        )
    return stacks


def test_a_row_of_many_stacks_says_all_environments() -> None:
    environments = {"dev": 40, "prod": 1, "test": 40}
    found = review(many(environments, gone=False), many(environments, gone=True), today=TODAY)
    (row,) = found.rows
    assert row.places_in_short == "40 stacks of dev, prod/use-case-0-monitoring, 40 stacks of test"
    assert "prod/use-case-0-monitoring" in comment(found)


def test_costs_that_do_not_fit_are_told_to_be_more() -> None:
    alarms = {f"A{n}": {**ALARM, "Properties": {"Metrics": [{"MetricStat": {}}] * n}} for n in range(1, 61)}
    found = review({}, of_templates("dev", {"alarms": template(**alarms)}), today=TODAY)
    assert len(found.costs) == 60
    assert "| and 20 more, which the page of this review holds | | | |" in comment(found)


def test_rows_that_do_not_fit_say_of_which_environments_they_are() -> None:
    def alarms(period: int) -> dict[str, Stack]:
        dev = {f"A{n}": {**ALARM, "Properties": {"Period": period + n}} for n in range(60)}
        prod = {"Last": {**ALARM, "Properties": {"Period": period + 1000}}}
        return of_templates("dev", {"alarms": template(**dev)}) | of_templates(
            "prod", {"alarms": template(**prod)}
        )

    text = comment(review(alarms(60), alarms(3600), today=TODAY))
    (line,) = (line for line in text.splitlines() if "more, which the page" in line)
    assert "`dev, prod`" in line


def test_a_long_list_of_changes_is_whole_on_the_page() -> None:
    before, after = ({f"P{n}": f"{word} {n}" for n in range(60)} for word in ("old", "new"))
    topic = {"Type": "AWS::SNS::Topic"}
    found = compared(
        {"a": template(T={**topic, "Properties": before})}, {"a": template(T={**topic, "Properties": after})}
    )
    assert "P59: old 59 → new 59" in page(found)


def test_characters_that_show_nothing_are_shown() -> None:
    names = ("safe", "sa\u202efe\u200b\x07")
    before, after = (
        {"a": template(T={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}})} for name in names
    )
    found = compared(before, after)
    for text in (comment(found), page(found)):
        assert "sa\\u202efe\\u200b\\u0007" in text
        assert not re.search("[\u202e\u200b\x07]", text)


def test_another_image_under_its_digest_is_told() -> None:
    before, after = (
        {
            "prices-serving": template(
                M={"Type": "AWS::SageMaker::Model", "Properties": {"Image": f"own@sha256:{digit * 64}"}}
            )
        }
        for digit in "ab"
    )
    assert Kind.IMAGES in {row.kind for row in compared(before, after).rows}


def test_a_logical_id_ends_no_block_of_the_comment() -> None:
    name = "Data\n```\n# Nothing notable changes. @everyone"
    text = comment(compared({"a": template(**{name: BUCKET})}, {"a": template()}))
    assert "\n# Nothing" not in text
    assert text.count("```") == 2


@pytest.mark.parametrize("name", ['A"]\n```\n# big', "click A href", "A--B", "", "<script>"])
def test_a_step_ends_no_drawing(name: str) -> None:
    found = compared(
        {"p-training": template(P=pipeline(step("A")))}, {"p-training": template(P=pipeline(step(name)))}
    )
    assert found.graphs == []
    assert [row.kind for row in found.rows] == [Kind.STEPS]
    assert "```" not in comment(found)
    assert "<script" not in page(found)


def test_a_repository_without_snapshots_yet_has_everything_added(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("first", "utf-8")
    committed(tmp_path)
    snapshots(tmp_path / SNAPSHOTS, Data=BUCKET)
    found = review(of_commit(tmp_path, "HEAD"), of_working_tree(tmp_path), today=TODAY)
    assert [row.kind for row in found.rows] == [Kind.ADDED]


def test_snapshots_that_are_all_gone_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="neither snapshots"):
        of_working_tree(tmp_path)


@pytest.mark.parametrize("text", ["<<<<<<< ours\n{}", "[]", '{"Resources": {"A": {}}}', "{}"])
def test_a_page_that_is_none_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "data.json").write_text(text, "utf-8")
    with pytest.raises(ReviewError, match="is no page of a template"):
        of_folder(tmp_path)


def test_protection_of_stacks_is_read_from_the_environment(tmp_path: Path) -> None:
    snapshots(tmp_path / SNAPSHOTS, Data=BUCKET)
    environment = tmp_path / ENVIRONMENTS / "dev.yaml"
    environment.parent.mkdir(parents=True)
    environment.write_text("project: shop\n", "utf-8")
    committed(tmp_path)
    environment.write_text("project: shop\ntermination_protection: false\n", "utf-8")
    (row,) = review(of_commit(tmp_path, "HEAD"), of_working_tree(tmp_path), today=TODAY).rows
    assert (row.kind, row.text) == (Kind.PROTECTION, "termination protection: on → off")


def test_a_review_that_breaks_is_no_notable_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(base: str) -> Review:
        raise ZeroDivisionError(base)

    monkeypatch.setattr(command, "_of_branch", broken)
    assert command.main(["--output", str(tmp_path)]) == Verdict.DESTRUCTIVE.value
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_nothing_that_a_template_may_say_breaks_a_review(deployed: dict[str, Stack]) -> None:
    """Of every kind of resource, each property once as a text, and once gone."""
    seen: set[str] = set()
    for place, stack in deployed.items():
        for name, body in stack.resources.items():
            if body["Type"] in seen:
                continue
            seen.add(body["Type"])
            for key in body["Properties"]:
                for becomes in ({key: "text"}, {key: {"Fn::If": ["A", "b", "c"]}}, {}):
                    kept = {each: value for each, value in body["Properties"].items() if each != key}
                    changed = {**body, "Properties": {**kept, **becomes}}
                    resources = {**stack.resources, name: changed}
                    after = replace(stack, template={**stack.template, "Resources": resources})
                    assert review({place: stack}, {place: after}, today=TODAY).rows, (body["Type"], becomes)
    assert len(seen) > 30
