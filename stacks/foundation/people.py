"""Which people may assume a persona's role, and under which name; docs/decisions/0021-people.md."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam

from stacks.parts.place import USE_CASE
from stacks.permissions.statements import Conditions, Statement, allow

PERSON_TAG = "person"
"""The tag of an IAM Identity Center session that says whose it is, from its attributes for access control."""


def trust_people(account: str, people: Sequence[str]) -> list[iam.PolicyStatement]:
    """Without names, anybody whom the account lets assume it, under any name."""
    whole_account = iam.AccountPrincipal(account)
    statements = _under_their_names(people) if people else [_NAMELESS]
    return [each.about(whole_account) for each in (*statements, _OF_ONE_USE_CASE)]


_NAMELESS = allow("PeopleOfThisAccount", "sts:AssumeRole sts:SetSourceIdentity")
# A session tag overrides a tag of the role, so no other than this one may be set.
_OF_ONE_USE_CASE = allow(
    "PeopleOfOneUseCase",
    "sts:TagSession",
    conditions={
        "ForAllValues:StringEquals": {"aws:TagKeys": [USE_CASE]},
        "Null": {"aws:TagKeys": "false"},
    },
)


def _under_their_names(people: Sequence[str]) -> list[Statement]:
    """Profiles of the AWS CLI can state the session's name only; the source identity is what cannot change.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    """
    return [
        allow(
            "PeopleUnderTheirName",
            "sts:AssumeRole",
            conditions=_is_their_name("sts:RoleSessionName", people, "sts:SourceIdentity"),
        ),
        allow(
            "TheirNameAsSourceIdentity",
            "sts:SetSourceIdentity",
            conditions=_is_their_name("sts:SourceIdentity", people),
        ),
    ]


def _is_their_name(key: str, people: Sequence[str], *others: str) -> Conditions:
    """Somebody who has a name already, as IAM user or by the tag of their session, has no other one here."""
    known = ("aws:username", f"aws:PrincipalTag/{PERSON_TAG}", *others)
    return {
        "StringEquals": {key: list(people)},
        "StringEqualsIfExists": dict.fromkeys(known, f"${{{key}}}"),
    }
