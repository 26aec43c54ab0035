"""Whether statements allow more than others did."""

from typing import Any

import pytest

from tests.tools.review.small import compared, template
from tools.review.findings import Kind
from tools.review.grants import grants, widened
from tools.review.readable import export_name

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/raw/*"}


def more(before: list[Any], after: list[Any]) -> list[str]:
    return widened(grants({"Statement": before}), grants({"Statement": after}))


def read(**elements: Any) -> dict[str, Any]:
    return {**READ, **elements}


def only(operator: str, *values: str) -> dict[str, Any]:
    return read(Condition={operator: {"aws:PrincipalTag/team": list(values)}})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([READ], [READ]),
        ([READ], []),
        ([READ, read(Action="s3:PutObject")], [read(Action=["s3:PutObject", "s3:GetObject"])]),
        ([read(Action="s3:*")], [READ]),
        ([read(Action="S3:getobject")], [READ]),
        ([read(Resource="*")], [READ]),
        ([read(Resource="arn:aws:s3:::data/*")], [READ]),
        ([READ], [only("StringEquals", "a")]),
        ([only("StringEquals", "a", "b")], [only("StringEquals", "a")]),
        ([only("StringLike", "team-*")], [only("StringLike", "team-a")]),
        ([only("StringNotEquals", "a")], [only("StringNotEquals", "a", "b")]),
        ([read(Resource="${base:Data.Arn}/*")], [read(Resource="${base:Data.Arn}/raw/*")]),
        ([], [read(Effect="Deny")]),
        ([read(Effect="Deny")], [read(Effect="Deny", Action="s3:*")]),
        ([read(Principal="*")], [read(Principal={"AWS": "arn:aws:iam::111111111111:root"})]),
    ],
)
def test_as_much_or_less_is_nothing_to_tell(before: list[Any], after: list[Any]) -> None:
    assert more(before, after) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            [READ],
            [read(Action=["s3:GetObject", "s3:PutObject"])],
            "new action on arn:aws:s3:::data/raw/*: s3:PutObject",
        ),
        ([READ], [read(Action="s3:*")], "new action on arn:aws:s3:::data/raw/*: s3:*"),
        ([READ], [read(Resource="arn:aws:s3:::data/*")], "new resource arn:aws:s3:::data/*: s3:GetObject"),
        ([READ], [read(Resource="${base:Data.Arn}/*")], "new resource ${base:Data.Arn}/*: s3:GetObject"),
        (
            [only("StringEquals", "a")],
            [READ],
            "condition dropped or loosened (StringEquals aws:PrincipalTag/team a): "
            "s3:GetObject on arn:aws:s3:::data/raw/*",
        ),
        ([only("StringEquals", "a")], [only("StringEquals", "a", "b")], "condition dropped or loosened "),
        ([only("StringEquals", "a")], [only("StringLike", "*")], "condition dropped or loosened "),
        (
            [only("StringNotEquals", "a", "b")],
            [only("StringNotEquals", "a")],
            "condition dropped or loosened ",
        ),
        ([only("NumericLessThan", "5")], [only("NumericLessThan", "9")], "condition dropped or loosened "),
        ([READ], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "new action on *: !iam:*"),
        (
            [{"Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "Resource": "*"}],
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            "new action on *: !iam:*",
        ),
        ([read(Effect="Deny")], [], "no longer denied: s3:GetObject on arn:aws:s3:::data/raw/*"),
        ([read(Effect="Deny", Action="s3:*")], [read(Effect="Deny")], "no longer denied: s3:* on "),
        (
            [read(Principal={"AWS": "111111111111"})],
            [read(Principal={"AWS": ["111111111111", "222222222222"]})],
            "new principal 222222222222: s3:GetObject on ",
        ),
    ],
)
def test_more_is_told_by_what_is_new(before: list[Any], after: list[Any], told: str) -> None:
    (text,) = more(before, after)
    assert text.startswith(told)


def test_a_policy_of_another_stack_counts_for_the_role_that_it_is_attached_to() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    policy = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Statement": [READ]}, "Roles": [{"Ref": "Reader"}]},
    }
    (row,) = compared(
        {"base": template(Reader=role)}, {"base": template(Reader=role, ReaderPolicy=policy)}
    ).rows[:1]
    assert (row.kind, row.subject) == (Kind.PERMISSIONS, "Reader may")


def test_a_policy_that_names_a_role_of_another_stack_is_its_too() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    imported = {"Fn::ImportValue": export_name("shop-dev-base", {"Ref": "Reader"})}
    policy = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Statement": [READ]}, "Roles": [imported]},
    }
    base = template(Reader=role)
    (row,) = compared(
        {"base": base, "more": template()}, {"base": base, "more": template(Policy=policy)}
    ).rows[:1]
    assert (row.subject, row.places) == ("Reader may", "dev/base")
