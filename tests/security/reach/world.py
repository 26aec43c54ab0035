"""What is in an account before anybody does anything: an environment, its bootstrap, and what others have."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.security.iam.cases import EVERYTHING
from tests.security.iam.estate import Document, Estate, Role, bootstrap_place, made_up_policy
from tests.security.iam.names import Json, Names
from tests.stacks.cloud import Cloud, Resource
from tools.bootstrap.managed_policies import BOUNDARY, EXECUTION, Place
from tools.local_aws.iam.engine.model import PolicyKind

DEPLOY, EXECUTE, FILES = "deploy", "cfn-exec", "file-publishing"
BOOTSTRAP = (DEPLOY, EXECUTE, FILES)
OUTSIDERS = ("administrator", "{prefix}-administrator", "elsewhere/administrator")
"""Roles of others, with all permissions and without a boundary; one is called as if it were ours."""
NEW = ("{prefix}/new", "{prefix}-new", "new")
"""Roles that nobody has made yet."""

# Which property of a resource names the role that it works with, and what rewrites or opens it.
_WORKS_WITH = {
    "AWS::SageMaker::Pipeline": ("RoleArn", "sagemaker:UpdatePipeline"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states:UpdateStateMachine"),
    "AWS::Glue::Crawler": ("Role", "glue:UpdateCrawler"),
    "AWS::Glue::Job": ("Role", "glue:StartJobRun glue:UpdateJob"),
    "AWS::DataBrew::Job": ("RoleArn", "databrew:UpdateRecipeJob databrew:UpdateProfileJob"),
    "AWS::Scheduler::Schedule": ("Target.RoleArn", "scheduler:UpdateSchedule"),
    "AWS::SSM::Association": ("Parameters.AutomationAssumeRole", "ssm:UpdateAssociation"),
    "AWS::SageMaker::Domain": ("DefaultUserSettings.ExecutionRole", "sagemaker:UpdateDomain"),
    "AWS::SageMaker::UserProfile": (
        "UserSettings.ExecutionRole",
        "sagemaker:UpdateUserProfile sagemaker:CreatePresignedDomainUrl",
    ),
    "AWS::Lambda::Function": ("Role", "lambda:UpdateFunctionCode"),
}


@dataclass(frozen=True)
class Worker:
    """A resource that works with a role, and the actions by which somebody else comes to use it."""

    type: str
    arn: str
    role: str
    actions: tuple[str, ...]
    owner: str = ""
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class World:
    """One environment in its account. Roles are known by their ARN."""

    estate: Estate
    place: Place
    roles: Mapping[str, Role]
    workers: tuple[Worker, ...]
    people: Mapping[str, str]
    """The configured people, each with the ARN of the role of their profile."""
    tags: Mapping[str, Mapping[str, str]]
    """Of the roles that have any."""
    boundary: Document

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:iam::{self.place.account}:{kind}/{name.format(prefix=self.place.prefix)}"

    def bootstrap(self, name: str) -> str:
        role = f"cdk-{self.place.qualifier}-{name}-role-{self.place.account}-{self.estate.region}"
        return self.arn("role", role)


def read_world(cloud: Cloud, estate: Estate) -> World:
    names = Names(cloud, estate.environment)
    resources = [each for each in cloud.resources if each.template.environment == estate.environment]
    own = tuple(_workers(resources, names))
    place = bootstrap_place(cloud, estate.environment)
    boundary = json.loads(place.document(BOUNDARY))
    world = World(
        estate=estate,
        place=place,
        boundary=Document("bootstrap/boundary", PolicyKind.BOUNDARY, boundary),
        roles={role.arn: role for role in estate.roles.values()},
        workers=own,
        people={worker.owner: worker.role for worker in own if worker.owner},
        tags={names.arn(each): _tags(each) for each in resources if each.type == "AWS::IAM::Role"},
    )
    others = {role.arn: role for role in (*_bootstrapped(world), *_of_others(world))}
    return replace(world, roles={**world.roles, **others}, workers=(*own, *_workers_of_others(world)))


def _bootstrapped(world: World) -> Iterator[Role]:
    people = {"AWS": f"arn:aws:iam::{world.place.account}:root"}
    cloudformation = {"Service": "cloudformation.amazonaws.com"}
    yield _role(world.bootstrap(DEPLOY), people, (_deploys(world),))
    yield _role(world.bootstrap(FILES), people, (_publishes(world),))
    yield _role(world.bootstrap(EXECUTE), cloudformation, _executes(world))


def _of_others(world: World) -> Iterator[Role]:
    anybody = {"AWS": f"arn:aws:iam::{world.place.account}:root", "Service": "*"}
    for name in OUTSIDERS:
        yield _role(world.arn("role", name), anybody, (EVERYTHING,))


def _role(arn: str, lets_in: Json, identity: tuple[Document, ...]) -> Role:
    name = arn.partition("/")[2]
    return Role(name, arn, made_up_policy(f"trust of {name}", lets_in, "sts:AssumeRole"), identity, None)


def _workers_of_others(world: World) -> Iterator[Worker]:
    """What works with an administrator's role in the same account, by names that are not ours."""
    here = f"{world.estate.region}:{world.place.account}"
    administrator = world.arn("role", OUTSIDERS[0])
    for type_name, form in (
        ("AWS::SageMaker::Pipeline", "sagemaker:{}:pipeline/payroll"),
        ("AWS::StepFunctions::StateMachine", "states:{}:stateMachine:payroll"),
        ("AWS::Lambda::Function", "lambda:{}:function:payroll"),
    ):
        actions = tuple(_WORKS_WITH[type_name][1].split())
        yield Worker(type_name, f"arn:aws:{form.format(here)}", administrator, actions)


def _executes(world: World) -> tuple[Document, ...]:
    return tuple(
        Document(f"bootstrap/{name}", PolicyKind.IDENTITY, json.loads(world.place.document(name)))
        for name in EXECUTION
    )


def _deploys(world: World) -> Document:
    """As far as it matters here, what the CDK's bootstrap gives its role for deployments.

    On AWS it is about all stacks: whoever deploys also reaches the roles that other apps gave theirs, which
    docs/threat-model.md accepts.

    https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml
    """
    stacks = world.estate.fill("{cloudformation}:stack/{env}-*")
    return _allows("deploy", {"cloudformation:*": stacks, "iam:PassRole": world.bootstrap(EXECUTE)})


def _publishes(world: World) -> Document:
    return _allows("file-publishing", {"s3:*": f"{world.estate.facts['assets']}/*"})


def _allows(name: str, rights: Mapping[str, str]) -> Document:
    statements = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in rights.items()]
    return Document(
        f"made up: {name}", PolicyKind.IDENTITY, {"Version": "2012-10-17", "Statement": statements}
    )


def _workers(resources: list[Resource], names: Names) -> Iterator[Worker]:
    for resource in resources:
        if resource.type in _WORKS_WITH:
            path, actions = _WORKS_WITH[resource.type]
            role = names.resolve(resource.template, resource.get(*path.split(".")))
            owner = resource.get("UserProfileName") or ""
            arn, called = _arn(resource, names, owner), tuple(actions.split())
            yield Worker(resource.type, arn, _first(role), called, owner, tuple(_tags(resource).items()))


def _tags(resource: Resource) -> dict[str, str]:
    """Of the types whose tags are pairs of key and value, as those of roles and profiles are."""
    tags = resource.get("Tags") or []
    return {tag["Key"]: tag["Value"] for tag in tags} if isinstance(tags, list) else dict(tags)


def _arn(resource: Resource, names: Names, owner: str) -> str:
    if not owner:
        return names.arn(resource)
    here = resource.template
    return f"arn:aws:sagemaker:{here.region}:{here.account}:user-profile/d-1/{owner}"


def _first(role: Any) -> str:
    """Parameters of a runbook are lists."""
    return str(role[0] if isinstance(role, list) else role)
