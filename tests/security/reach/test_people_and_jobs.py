"""From every person and every job: whom they come to act as, and what they change in the end."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.security.conftest import Row
from tests.security.iam.cases import EVERYTHING
from tests.security.iam.estate import Document, Role
from tests.security.iam.table.people import PEOPLE
from tests.security.reach.expected import ACTS_AS, CHANGES
from tests.security.reach.rules import RULES, object_in
from tests.security.reach.search import Search
from tests.security.reach.world import BOOTSTRAP, World
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, PolicyKind, Principal, Request

ZONES = {
    "raw": "data/raw",
    "processed": "data/processed",
    "features": "data/features",
    "ground-truth": "data/ground-truth",
    "training": "artifacts/training",
    "executions": "artifacts/executions",
    "models": "artifacts/models",
    "data-engineering": "artifacts/data-engineering",
    "data-science": "artifacts/data-science",
    "monitoring": "artifacts/monitoring",
    "captured": "capture",
    "scripts": "assets",
}
APPROVED = {"sagemaker:ModelApprovalStatus": "Approved"}


def names_of(world: World, role: Role) -> tuple[str, ...]:
    """What one of its people could give as their source identity."""
    people = [name for name, arn in world.people.items() if arn == role.arn]
    user = people[0] if people else "somebody"
    principal = Principal.user(world.arn("user", user))

    def may_be(name: str) -> bool:
        stated = {"aws:username": user, "sts:SourceIdentity": name}
        request = Request(principal, "sts:SetSourceIdentity", role.arn, stated)
        return decide(request, Policies((EVERYTHING.parsed,), resource=role.trust.parsed)).allowed

    return tuple(name for name in (*world.people, user) if may_be(name))


def search_from(world: World, role: Role) -> Search:
    bootstrap = frozenset(world.bootstrap(name) for name in BOOTSTRAP)
    names = names_of(world, role) if role.name in PEOPLE else ()
    return Search(world, RULES, names=names, ends=bootstrap).start_as(role.arn)


def reached(world: World, role: Role) -> set[str]:
    names = {arn: each.name for arn, each in world.roles.items()}
    names |= {world.bootstrap(name): name for name in BOOTSTRAP}
    return {names.get(arn, arn) for arn in search_from(world, role).actors} - {role.name}


def _roles(worlds: list[World]) -> Iterator[tuple[World, Role]]:
    """Each once: of what options have, only what they add."""
    known: set[str] = set()
    for world in worlds:
        for role in world.estate.roles.values():
            if role.name not in known:
                known.add(role.name)
                yield world, role


def test_everybody_comes_to_act_as_exactly_those_whom_the_table_names(worlds: list[World], row: Row) -> None:
    found = {role.name: reached(world, role) for world, role in _roles(worlds)}
    expected = {name: set(ACTS_AS.get(name, ())) for name in found}
    row("who comes to act as whom", f"{sum(map(len, found.values()))} ways from {len(found)} roles")
    assert found == expected
    assert ACTS_AS.keys() <= found.keys()


def changes(world: World, role: Role) -> set[str]:
    search = search_from(world, role)
    package = world.estate.fill("{sagemaker}:model-package/{env}-{use-case}/1")
    found = {
        zone
        for zone, where in ZONES.items()
        for actor in search.actors
        if search.may(actor, "s3:PutObject", object_in(world, where))
        or search.may(actor, "s3:DeleteObject", object_in(world, where))
    }
    for actor in search.actors:
        if search.may(actor, "sagemaker:UpdateModelPackage", package, APPROVED):
            found.add("approval")
        if search.may(actor, "sagemaker:CreateModelPackage", package, APPROVED):
            found.add("approval at birth")
    return found


@pytest.mark.parametrize("who", PEOPLE)
def test_people_change_exactly_what_the_table_says(world: World, who: str) -> None:
    assert changes(world, world.estate.roles[who]) == CHANGES[who]


def test_no_person_comes_to_act_as_another_persona(world: World) -> None:
    for who in PEOPLE:
        assert reached(world, world.estate.roles[who]).isdisjoint(PEOPLE)


def with_more(world: World, who: str, **statement: object) -> World:
    """The world, had somebody given a role one more right."""
    role = world.estate.roles[who]
    body = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    added = Document("made up: more", PolicyKind.IDENTITY, body)
    changed = replace(role, identity=(*role.identity, added))
    return replace(world, roles={**world.roles, role.arn: changed})


@pytest.mark.parametrize(
    ("who", "action", "resource", "whom"),
    [
        ("data-scientist", "iam:PassRole", "*", "training"),
        ("data-scientist", "sts:AssumeRole", "*", "deploy"),
        ("data-scientist", "s3:PutObject", "{artifacts}/models/*", "endpoint"),
        ("data-scientist", "s3:PutObject", "{assets}/*", "processing"),
        ("data-engineer", "states:UpdateStateMachine", "*", "release"),
        ("data-engineer", "glue:UpdateCrawler", "*", "crawler"),
        ("mlops-engineer", "cloudformation:UpdateStack", "*", "cfn-exec"),
        ("preparation", "sagemaker:CreatePresignedDomainUrl", "*", "mlops-engineer"),
        ("processing", "databrew:UpdateProfileJob", "*", "data-preparation"),
        ("monitor", "sagemaker:CreateApp", "*", "data-scientist"),
    ],
)
def test_one_right_too_many_is_noticed(world: World, who: str, action: str, resource: str, whom: str) -> None:
    weak = with_more(world, who, Action=action, Resource=world.estate.fill(resource))
    assert whom in reached(weak, weak.roles[world.estate.roles[who].arn])


def test_without_names_in_the_trust_policy_colleagues_would_be_open(world: World) -> None:
    role = world.estate.roles["data-scientist"]
    anybody = {"Effect": "Allow", "Principal": {"AWS": world.place.account}, "Action": "sts:*"}
    open_trust = {"Version": "2012-10-17", "Statement": [anybody]}
    free = replace(role, trust=Document("made up: trust", PolicyKind.TRUST, open_trust))
    assert set(names_of(world, free)) >= set(world.people)
    named = with_more(
        world,
        "data-scientist",
        Action="sagemaker:CreatePresignedDomainUrl",
        Resource=f"{world.estate.facts['sagemaker']}:user-profile/*/${{aws:SourceIdentity}}",
    )
    weak = named.roles[role.arn]
    assert "mlops-engineer" not in reached(named, weak)
    assert "mlops-engineer" in reached(named, replace(weak, trust=free.trust))
