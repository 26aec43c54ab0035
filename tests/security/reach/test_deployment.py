"""By no sequence of calls does a deployment reach anybody without the boundary, or the boundary itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.security.conftest import Row
from tests.security.iam.estate import Document
from tests.security.reach.rules import RULES
from tests.security.reach.search import ACTS, WITHOUT, Search
from tests.security.reach.world import BOOTSTRAP, EXECUTE, World

Statement = dict[str, Any]


def allow(*actions: str, **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


# What somebody could add to the execution policies with a good intention, by what it opens.
WEAKNESSES = {
    "all of IAM": allow("iam:*"),
    "roles with any boundary or none": allow("iam:CreateRole"),
    "trust of any role": allow("iam:UpdateAssumeRolePolicy"),
    "removing boundaries": allow("iam:DeleteRolePermissionsBoundary"),
    "other boundaries": allow("iam:PutRolePermissionsBoundary"),
    "versions of any policy": allow("iam:CreatePolicyVersion"),
    "older versions of any policy": allow("iam:SetDefaultPolicyVersion"),
    "passing any role": allow("iam:PassRole"),
    "people": allow("iam:CreateUser"),
    "keys of people": allow("iam:CreateAccessKey"),
    "passwords of people": allow("iam:UpdateLoginProfile"),
    "groups of people": allow("iam:AddUserToGroup"),
    "any role's credentials": allow("sts:AssumeRole"),
    "shells on machines": allow("ssm:SendCommand"),
    "runbooks on machines": allow("ssm:CreateAssociation"),
    "state machines of others": allow("states:UpdateStateMachine"),
    "pipelines of others": allow("sagemaker:UpdatePipeline"),
    "functions of others": allow("lambda:UpdateFunctionCode"),
}
# What a wider boundary opens to roles that a deployment makes.
WIDE_BOUNDARIES = {
    "passing any role": allow("iam:PassRole"),
    "any role's credentials": allow("sts:AssumeRole"),
    "all of IAM": allow("iam:*"),
}


def escapes(world: World) -> Iterator[str]:
    """Whom the deployment reaches without the boundary, each with the calls that lead there."""
    bootstrap = {world.bootstrap(name) for name in BOOTSTRAP}
    search = Search(world, RULES)
    for word, about in search.spread_from(*bootstrap):
        is_outside = word == ACTS and about not in bootstrap and not search.is_within(about)
        if is_outside or (word == WITHOUT and about not in bootstrap):
            yield f"{word} {about}: {'; then '.join(search.found[word, about])}"


def test_no_sequence_of_calls_reaches_anybody_without_the_boundary(world: World, row: Row) -> None:
    found = list(escapes(world))
    row("escapes of a deployment", f"{len(found)} found")
    assert found == []


def test_the_search_goes_through_roles_that_the_deployment_makes_itself(world: World) -> None:
    search = Search(world, RULES).start_as(world.bootstrap(EXECUTE))
    assert (ACTS, world.arn("role", "{prefix}/new")) in search.found


@pytest.mark.parametrize("weakness", WEAKNESSES)
def test_a_weak_execution_policy_is_noticed(world: World, weakness: str) -> None:
    """Denials aside: here the search shows that nothing but the policies' limits stops it."""
    execution = world.roles[world.bootstrap(EXECUTE)]
    identity = tuple(_with(each, WEAKNESSES[weakness]) for each in execution.identity)
    roles = {**world.roles, execution.arn: replace(execution, identity=identity)}
    assert next(escapes(replace(world, roles=roles)), None), weakness


@pytest.mark.parametrize("weakness", WIDE_BOUNDARIES)
def test_a_wide_boundary_is_noticed(world: World, weakness: str) -> None:
    wide = replace(world, boundary=_with(world.boundary, WIDE_BOUNDARIES[weakness]))
    assert next(escapes(wide), None), weakness


def _with(document: Document, statement: Statement) -> Document:
    allowed = [each for each in document.body["Statement"] if each["Effect"] == "Allow"]
    return replace(document, body={**document.body, "Statement": [*allowed, statement]})
