"""What the words of the case table mean."""

import pytest

from tests.security.iam.rows import elsewhere, may, never, other


def test_what_may_be_done_is_denied_on_a_neighbour_and_without_its_conditions() -> None:
    rows = may("role", "kms:CreateGrant", "{key}", "for a disk", only={"kms:GrantIsForAWSResource": "true"})
    found = [(row.resource, dict(row.context), row.allowed) for row in rows]
    assert found == [
        ("{key}", {"kms:GrantIsForAWSResource": "true"}, True),
        ("{key}", {}, False),
        ("{key}", {"kms:GrantIsForAWSResource": "false"}, False),
        ("{kms}:key/elsewhere", {"kms:GrantIsForAWSResource": "true"}, False),
    ]
    assert [row.derived for row in rows] == [False, True, True, True]


def test_what_may_be_done_anywhere_has_no_neighbour() -> None:
    assert [row.allowed for row in may("role", "s3:GetObject", "{data}/a/b", "to read", anywhere=True)] == [
        True
    ]


def test_several_actions_and_resources_are_a_row_each() -> None:
    rows = never("role", "s3:GetObject s3:PutObject", ["{data}/a", "{data}/b"], "not at all")
    assert len(rows) == 4
    assert not any(row.allowed for row in rows)


@pytest.mark.parametrize(
    ("resource", "neighbour"),
    [
        ("{key}", "{kms}:key/elsewhere"),
        ("{role:training}", "arn:aws:iam::{account}:role/elsewhere"),
        ("{data}", "arn:aws:s3:::elsewhere"),
        ("{data}/raw/x", "{data}/elsewhere/file"),
        ("{sagemaker}:pipeline/{env}-x", "{sagemaker}:pipeline/elsewhere-{env}-x"),
        ("{sagemaker}:model-package/{env}-x/1", "{sagemaker}:model-package/elsewhere-{env}-x/1"),
        ("{logs}:log-group:/aws/x:log-stream:y", "{logs}:log-group:/elsewhere/aws/x:log-stream:y"),
        ("{Alerts}", "{Alerts}-elsewhere"),
    ],
)
def test_a_neighbour_is_of_the_same_kind(resource: str, neighbour: str) -> None:
    assert elsewhere(resource) == neighbour


def test_another_value_is_an_opposite_a_neighbour_or_one_more() -> None:
    assert other("true") == "false"
    assert other("Approved") == "elsewhere"
    assert other(("a",)) == ("a", "elsewhere")
