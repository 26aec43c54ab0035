"""Rulesets are read before they are kept."""

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws


def test_a_ruleset_can_be_created_changed_listed_and_deleted(local_aws: LocalAws) -> None:
    glue, name = local_aws.client("glue"), unique("rules")
    glue.create_data_quality_ruleset(Name=name, Ruleset='Rules = [ IsComplete "a", RowCount > 0 ]')
    glue.update_data_quality_ruleset(
        Name=name,
        Ruleset='Rules = [ ColumnValues "a" in ["x", "y"], Completeness "b" > 0.5 ]',
    )
    assert glue.get_data_quality_ruleset(Name=name)["Ruleset"].startswith('Rules = [ ColumnValues "a"')
    listed = {item["Name"]: item["RuleCount"] for item in glue.list_data_quality_rulesets()["Rulesets"]}
    assert listed[name] == 2
    glue.delete_data_quality_ruleset(Name=name)
    with pytest.raises(ClientError, match="not found"):
        glue.get_data_quality_ruleset(Name=name)


@pytest.mark.parametrize(
    ("ruleset", "reason"),
    [
        ('IsComplete "a"', "A ruleset is written as"),
        ('Rules = [ IsComplte "a" ]', "Rule type IsComplte does not exist"),
        ('Rules = [ IsComplete "a", ]', "A rule is expected"),
    ],
)
def test_what_is_no_ruleset_is_refused(local_aws: LocalAws, ruleset: str, reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        local_aws.client("glue").create_data_quality_ruleset(Name=unique("rules"), Ruleset=ruleset)


def test_two_rulesets_of_one_name_are_refused(local_aws: LocalAws) -> None:
    glue, name = local_aws.client("glue"), unique("rules")
    glue.create_data_quality_ruleset(Name=name, Ruleset="Rules = [ RowCount > 0 ]")
    with pytest.raises(ClientError, match="already exists"):
        glue.create_data_quality_ruleset(Name=name, Ruleset="Rules = [ RowCount > 0 ]")
