"""Roles of people. People of this account assume them, and Studio does on behalf of their user profiles."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.foundation.job_roles import JobRoles
from stacks.foundation.persona_statements import PersonaStatements
from stacks.foundation.studio_access import studio_statements
from stacks.parts.layout import Layout
from stacks.parts.place import Place
from stacks.parts.tags import USE_CASE
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import service_trust, trust
from stacks.permissions.statements import Statement


def create_personas(
    scope: Construct, *, layout: Layout, key_arn: str, job_roles: JobRoles
) -> dict[str, iam.Role]:
    """The persona roles of one environment by name: a policy each, and one that they share."""
    place = Place.of(scope)
    statements = PersonaStatements(place, layout, job_roles)
    personas = {
        "DataEngineer": statements.data_engineer(),
        "DataScientist": statements.data_scientist(),
        "MlopsEngineer": statements.mlops_engineer(),
    }
    roles = {name: _role(scope, place.account, name, own) for name, own in personas.items()}
    managed_policy(
        scope,
        "StudioPolicy",
        description="What everybody who works in Studio may do",
        roles=list(roles.values()),
        statements=studio_statements(place, key_arn),
    )
    return roles


def _role(scope: Construct, account: str, name: str, statements: list[Statement]) -> iam.Role:
    people = iam.AccountPrincipal(account)
    role = iam.Role(scope, f"{name}Role", assumed_by=people, description=name)
    trust(
        role,
        [
            iam.PolicyStatement(
                sid="PeopleOfThisAccount",
                principals=[people],
                actions=["sts:AssumeRole", "sts:SetSourceIdentity"],
            ),
            # A session tag overrides a tag of the role, so no other than this one may be set.
            iam.PolicyStatement(
                sid="PeopleOfOneUseCase",
                principals=[people],
                actions=["sts:TagSession"],
                conditions={
                    "ForAllValues:StringEquals": {"aws:TagKeys": [USE_CASE]},
                    "Null": {"aws:TagKeys": "false"},
                },
            ),
            service_trust("StudioOfThisAccount", "sagemaker", account, ["sts:SetSourceIdentity"]),
        ],
    )
    managed_policy(scope, f"{name}Policy", roles=[role], description=name, statements=statements)
    return role
