"""How somebody comes to act as somebody else: by calls of IAM, and of the services that take roles."""

from collections.abc import Iterable, Iterator
from functools import cache

from tests.security.iam.table.guardrails import proper
from tests.security.iam.table.people import PEOPLE
from tests.security.reach.search import ACTS, PERMISSIONS, TRUSTS, WITHOUT, Search, Step
from tests.security.reach.world import EXECUTE, NEW, OUTSIDERS, World
from tests.security.service_reference import actions
from tools.bootstrap.managed_policies import BOUNDARY, EXECUTION

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
SOMEBODY = "user/administrator"
# What of a service starts work with a role that is passed.
TAKES_A_ROLE = {
    "sagemaker": "CreateAutoMLJobV2 CreateDomain CreateHyperParameterTuningJob CreateModel "
    "CreateMonitoringSchedule CreateNotebookInstance CreatePipeline CreateProcessingJob CreateTrainingJob "
    "CreateUserProfile UpdateDomain UpdatePipeline UpdateUserProfile",
    "glue": "CreateCrawler CreateJob CreateSession StartDataQualityRulesetEvaluationRun UpdateJob",
    "states": "CreateStateMachine UpdateStateMachine",
    "scheduler": "CreateSchedule UpdateSchedule",
    "events": "PutTargets",
    "cloudformation": "CreateChangeSet CreateStack UpdateStack",
    "lambda": "CreateFunction UpdateFunctionConfiguration",
    "ec2": "AssociateIamInstanceProfile CreateFlowLogs RunInstances",
    "databrew": "CreateProfileJob CreateRecipeJob",
    "ssm": "CreateAssociation SendCommand StartAutomationExecution",
    "s3": "PutReplicationConfiguration",
    "codebuild": "CreateProject",
    "ecs": "RegisterTaskDefinition",
    "batch": "RegisterJobDefinition",
}
_PRINCIPALS = {"ec2": "vpc-flow-logs", "ecs": "ecs-tasks"}
_MAKES_A_PERSON = (
    *("AddUserToGroup", "AttachGroupPolicy", "AttachUserPolicy", "CreateAccessKey", "CreateLoginProfile"),
    *("CreateUser", "PutGroupPolicy", "PutUserPolicy", "UpdateAccessKey", "UpdateLoginProfile"),
)
_WRITES_A_POLICY = ("CreatePolicyVersion", "SetDefaultPolicyVersion")
_CODE = {
    "assets": "the scripts of jobs",
    "artifacts/training": "models with the code that serves them",
    "artifacts/models": "what is served",
    "artifacts/data-engineering": "what jobs of data engineers load",
    "artifacts/data-science": "what jobs of data scientists load",
}
"""Where what a job or an endpoint runs lies."""


def makes_roles(search: Search, actor: str) -> Iterator[Step]:
    boundary = search.world.place.arn(BOUNDARY)
    for name in NEW:
        role = search.world.arn("role", name)
        if search.may(actor, "iam:CreateRole", role):
            yield (WITHOUT, role), f"iam:CreateRole {name} without a boundary"
            yield (TRUSTS, role), f"iam:CreateRole {name}"
        if search.may(actor, "iam:CreateRole", role, {"iam:PermissionsBoundary": ADMINISTRATOR_ACCESS}):
            yield (WITHOUT, role), f"iam:CreateRole {name} with another boundary"
            yield (TRUSTS, role), f"iam:CreateRole {name}"
        if search.may(actor, "iam:CreateRole", role, {"iam:PermissionsBoundary": boundary}):
            yield (TRUSTS, role), f"iam:CreateRole {name}"


def changes_roles(search: Search, actor: str) -> Iterator[Step]:
    boundary, path = search.world.place.arn(BOUNDARY), f"policy/{search.world.place.prefix}/new"
    own = f"arn:aws:iam::{search.world.place.account}:{path}"
    for role in _roles(search):
        has = {"iam:PermissionsBoundary": boundary} if search.is_within(role) else {}
        if search.may(actor, "iam:UpdateAssumeRolePolicy", role, has):
            yield (TRUSTS, role), f"iam:UpdateAssumeRolePolicy {role}"
        if search.may(actor, "iam:PutRolePolicy", role, has):
            yield (PERMISSIONS, role), f"iam:PutRolePolicy {role}"
        for policy in (ADMINISTRATOR_ACCESS, own):
            if search.may(actor, "iam:AttachRolePolicy", role, {**has, "iam:PolicyARN": policy}):
                yield (PERMISSIONS, role), f"iam:AttachRolePolicy {role} {policy}"
        if search.may(actor, "iam:DeleteRolePermissionsBoundary", role, has):
            yield (WITHOUT, role), f"iam:DeleteRolePermissionsBoundary {role}"
        if search.may(
            actor, "iam:PutRolePermissionsBoundary", role, {"iam:PermissionsBoundary": ADMINISTRATOR_ACCESS}
        ):
            yield (WITHOUT, role), f"iam:PutRolePermissionsBoundary {role}"


def writes_policies(search: Search, actor: str) -> Iterator[Step]:
    place = search.world.place
    own = f"arn:aws:iam::{place.account}:policy/{place.prefix}/new"
    for call in _WRITES_A_POLICY:
        if search.may(actor, f"iam:{call}", place.arn(BOUNDARY)):
            yield from (((WITHOUT, role), f"iam:{call} of the boundary") for role in _roles(search))
        for name in EXECUTION:
            if search.may(actor, f"iam:{call}", place.arn(name)):
                yield (PERMISSIONS, search.world.bootstrap(EXECUTE)), f"iam:{call} of {name}"
        if search.may(actor, f"iam:{call}", own):
            yield from (
                ((PERMISSIONS, role), f"iam:{call} of its policy")
                for role in search.world.roles
                if f"role/{place.prefix}/" in role
            )


def makes_people(search: Search, actor: str) -> Iterator[Step]:
    for call in _MAKES_A_PERSON:
        for who in (f"arn:aws:iam::{search.world.place.account}:{SOMEBODY}", _group(search)):
            if search.may(actor, f"iam:{call}", who):
                yield (ACTS, who), f"iam:{call} {who}"


def _group(search: Search) -> str:
    return f"arn:aws:iam::{search.world.place.account}:group/administrators"


def assumes_roles(search: Search, actor: str) -> Iterator[Step]:
    for role in _not_yet(search):
        if search.may(actor, "sts:AssumeRole", role, trust=role):
            yield (ACTS, role), f"sts:AssumeRole {role}"


def passes_roles(search: Search, actor: str) -> Iterator[Step]:
    for service, calls in TAKES_A_ROLE.items():
        principal = f"{_PRINCIPALS.get(service, service)}.amazonaws.com"
        usable = [call for call in calls.split() if _may_call(search, actor, f"{service}:{call}")]
        for role in _not_yet(search) if usable else ():
            passed = search.may(actor, "iam:PassRole", role, {"iam:PassedToService": principal})
            if passed and search.lets_in(role, principal):
                yield (ACTS, role), f"iam:PassRole {role} and {service}:{usable[0]}"


def takes_workers_over(search: Search, actor: str) -> Iterator[Step]:
    """By rewriting what works with a role, or by opening somebody's Studio."""
    for worker in search.world.workers:
        context = {f"aws:ResourceTag/{key}": value for key, value in worker.tags}
        if any(search.may(actor, action, worker.arn, context) for action in worker.actions):
            yield (ACTS, worker.role), f"{worker.actions[-1]} {worker.arn}"
        space = {"sagemaker:OwnerUserProfileArn": worker.arn, "sagemaker:SpaceSharingType": "Private"}
        app = search.world.estate.fill("{sagemaker}:app/d-1/x/JupyterLab/default")
        if worker.owner and search.may(actor, "sagemaker:CreateApp", app, {**context, **space}):
            yield (ACTS, worker.role), f"sagemaker:CreateApp in a space of {worker.owner}"


def runs_on_machines(search: Search, actor: str) -> Iterator[Step]:
    """State Manager and Run Command run a shell with the role of the instance."""
    machine = search.world.estate.fill("arn:aws:ec2:{region}:{account}:instance/i-1")
    shell = search.world.estate.fill("arn:aws:ssm:{region}::document/AWS-RunShellScript")
    if search.may(actor, "ec2:ModifyInstanceAttribute", machine):
        yield (
            (ACTS, search.world.arn("role", OUTSIDERS[0])),
            "ec2:ModifyInstanceAttribute of a machine of others",
        )
    for call in ("ssm:CreateAssociation", "ssm:SendCommand"):
        if search.may(actor, call, machine) and search.may(actor, call, shell):
            yield (ACTS, search.world.arn("role", OUTSIDERS[0])), f"{call} on a machine of others"


def updates_stacks(search: Search, actor: str) -> Iterator[Step]:
    """A stack keeps the role that it was deployed with; who updates it needs to pass none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    place = search.world.place
    execution = search.world.bootstrap(EXECUTE)
    for name, role in {
        f"{place.prefix}-foundation": execution,
        f"{place.prefix}-x-serving": execution,
        "payroll": search.world.arn("role", OUTSIDERS[0]),
    }.items():
        stack = search.world.estate.fill(f"{{cloudformation}}:stack/{name}/1")
        for call in ("CreateChangeSet", "UpdateStack"):
            if search.may(actor, f"cloudformation:{call}", stack):
                yield (ACTS, role), f"cloudformation:{call} {name}"


def leaves_code(search: Search, actor: str) -> Iterator[Step]:
    """By writing what a job or an endpoint of somebody else reads as code.

    People look at what they read; the release compares (tests/promises/test_release.py) and runs nothing.
    """
    for zone, what in _CODE.items():
        code = object_in(search.world, zone)
        if search.may(actor, "s3:PutObject", code, {"s3:if-none-match": "*"}):
            for role in search.world.estate.roles.values():
                runs_it = role.name not in PEOPLE and search.lets_in(role.arn, "sagemaker.amazonaws.com")
                if runs_it and search.may(role.arn, "s3:GetObject", code):
                    yield (ACTS, role.arn), f"s3:PutObject of {what}, which {role.name} reads"


def object_in(world: World, zone: str) -> str:
    bucket, _, prefix = zone.partition("/")
    facts = world.estate.facts
    return "/".join(part for part in (facts[bucket], prefix, facts.get("use-case", "x"), "x") if part)


def _roles(search: Search) -> Iterable[str]:
    made = [about for word, about in search.found if word == TRUSTS]
    return [*search.world.roles, *(role for role in made if role not in search.world.roles)]


def _not_yet(search: Search) -> Iterator[str]:
    return (role for role in _roles(search) if not search.knows(ACTS, role))


def _may_call(search: Search, actor: str, action: str) -> bool:
    fill = search.world.estate.fill
    call = action.partition(":")[2]
    context = {
        key: fill(value) if isinstance(value, str) else tuple(fill(one) for one in value)
        for key, value in proper(call).items()
    }
    place, region = search.world.place, search.world.estate.region
    return any(
        search.may(actor, action, resource, context)
        for resource in resources_of(action, place.prefix, place.account, region)
    )


@cache
def resources_of(action: str, prefix: str, account: str, region: str) -> tuple[str, ...]:
    """Names that an attacker would try, by AWS's Service Authorization Reference."""
    found = ["*"]
    for form in sorted({form for known in actions(action) for form in known.resource_arns if form != "*"}):
        _, _, service, has_region, has_account, kind = form.split(":", 5)
        place = f"{region if has_region else ''}:{account if has_account else ''}"
        for name in (
            f"{prefix}-x",
            f"{prefix}-x-serving",
            f"{prefix}-pipeline-x",
            f"{prefix}-tracking-x",
            "x",
        ):
            found.append(f"arn:aws:{service}:{place}:{kind.replace('*', name)}")
    return tuple(found)


RULES = (
    *(makes_roles, changes_roles, writes_policies, makes_people),
    *(assumes_roles, passes_roles, takes_workers_over, runs_on_machines, updates_stacks, leaves_code),
)
