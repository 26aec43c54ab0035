"""The release that is deployed is the machine that is tested, within its role's permissions, and logged."""

import json
from collections.abc import Iterator, Mapping

import pytest

from config.settings import Environment, Settings
from stacks.parts.images import image_repository
from stacks.parts.layout import Bucket, Layout, Zone
from stacks.parts.place import Place
from stacks.release.followed import Followed
from stacks.release.machine import release_machine
from stacks.release.version import Origin
from tests.stacks.cloud import Cloud, Json, Resource, text_of
from tests.stacks.roles import roles_of
from tests.stacks.synthesis import Synthesis

BUCKET = Bucket.named("filled")
MACHINE = "AWS::StepFunctions::StateMachine"
# Step Functions names actions in camel case; copying is reading and writing for IAM.
IAM_ACTIONS = {
    "s3:copyObject": {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"},
    "s3:headObject": {"s3:GetObject"},
}
_STATUS, _IMAGE = "$.Package.Status", "$.Package.Described.InferenceSpecification.Containers[0].Image"
_ALWAYS: dict[str, Json] = {
    "people have approved it": {"Variable": _STATUS, "StringEquals": "Approved"},
    "its image is the expected one": {"Or": "{images}"},
}
CHECKS: dict[str, dict[str, Json]] = {
    "from pipelines of its own": {
        **_ALWAYS,
        "it is of the use case": {"Variable": "$.Package.Group", "StringEqualsPath": "$.Expected.Group"},
        "an execution of the pipeline registered it": {"Variable": "$.Found.IsThere", "BooleanEquals": True},
    },
    "from another environment": {
        **_ALWAYS,
        "it is of the use case, there": {"Variable": "$.Package.Arn", "StringEqualsPath": "$.Expected.Arn"},
    },
}
"""What must be true of a version, as the condition that leads on."""


def _releases(cloud: Cloud) -> list[Resource]:
    return [each for each in cloud.of_type(MACHINE) if each.template.short_name == "release"]


def _deployed(machine: Resource) -> dict[str, Json]:
    definition = json.loads(text_of(machine.get("DefinitionString"), lambda _: "filled"))
    states: dict[str, Json] = definition["States"]
    return states


def _repositories(cloud: Cloud, machine: Resource) -> list[str]:
    """AWS's, and the environment's own where it has one."""
    here = machine.template
    own = [
        f"{here.account}.dkr.ecr.{here.region}.amazonaws.com/{repository.get('RepositoryName')}"
        for repository in cloud.of_type("AWS::ECR::Repository")
        if repository.template.environment == here.environment
    ]
    return [image_repository(here.region), *own]


def _images(cloud: Cloud, machine: Resource) -> list[Json]:
    return [
        {"Variable": _IMAGE, "StringMatches": f"{repository}{by}*"}
        for repository in _repositories(cloud, machine)
        for by in (":", "@sha256:")
    ]


def _versions(synthesis: Synthesis, machine: Resource) -> Origin | Followed:
    here, settings = machine.template, synthesis.settings
    own, layout = f"{here.prefix}-{{}}", Layout(data=BUCKET, artifacts=BUCKET, capture=BUCKET)
    environment, repositories = _settings(settings, machine), _repositories(synthesis.cloud, machine)
    if trainer := settings.trainer_of(environment):
        there = Place(trainer.prefix, trainer.account, trainer.region)
        arn = f"arn:aws:sagemaker:{trainer.region}:{trainer.account}:model-package"
        bucket = Bucket.named(there.bucket("artifacts"))
        return Followed(
            own,
            f"{arn}-group/{trainer.prefix}-{{}}",
            f"{arn}/{trainer.prefix}-{{}}/{{}}",
            Zone(bucket, "models"),
            repositories,
            layout,
        )
    pipelines = f"arn:aws:sagemaker:{here.region}:{here.account}:pipeline"
    is_followed = bool(settings.followers_of(environment))
    return Origin(own, f"{pipelines}/{own}/execution/{{}}", repositories, layout, is_followed)


def _settings(settings: Settings, machine: Resource) -> Environment:
    return next(each for each in settings.environments if each.name == machine.template.environment)


def _follows(synthesis: Synthesis, machine: Resource) -> bool:
    return _settings(synthesis.settings, machine).trained_in is not None


def test_the_deployed_machine_is_the_one_that_is_tested(synthesis: Synthesis) -> None:
    for machine in _releases(synthesis.cloud):
        shares = _settings(synthesis.settings, machine).shared_endpoint is not None
        tested = release_machine(_versions(synthesis, machine), "filled", shares_endpoint=shares)
        assert _deployed(machine) == tested["States"], machine


def _conditions(rule: Json) -> Iterator[Json]:
    for condition in rule.get("And", [rule]):
        yield {key: value for key, value in condition.items() if key != "Next"}


def _ways(state: Json, closed: Json) -> Iterator[str]:
    """Where a state leads to, except through a rule that demands what is given."""
    open_rules = [rule for rule in state.get("Choices", []) if closed not in _conditions(rule)]
    for way in (state, *open_rules, *state.get("Catch", [])):
        yield from (way[name] for name in ("Next", "Default") if name in way)


def _reached(states: Mapping[str, Json], closed: Json, start: str = "DescribeVersion") -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _ways(states[name], closed)
    return reached


def _updates(states: Mapping[str, Json]) -> set[str]:
    return {name for name, state in states.items() if state.get("Resource", "").endswith(":updateStack")}


@pytest.mark.parametrize(
    ("kind", "check"), [(kind, check) for kind, checks in CHECKS.items() for check in checks]
)
def test_nothing_is_deployed_unless(synthesis: Synthesis, kind: str, check: str) -> None:
    """Without the rule that demands it, no way leads to UpdateStack; with it, one does."""
    cloud, follows = synthesis.cloud, kind == "from another environment"
    chosen = [machine for machine in _releases(cloud) if _follows(synthesis, machine) is follows]
    for machine in chosen or cloud.lacks(f"versions {kind}"):
        states = _deployed(machine)
        images = json.dumps(_images(cloud, machine))
        demanded = json.loads(json.dumps(CHECKS[kind][check]).replace('"{images}"', images))
        assert _updates(states) <= _reached(states, closed={}), machine
        assert not _updates(states) & _reached(states, closed=demanded), f"{machine}: {check}"


def test_nothing_is_deployed_whose_files_are_not_as_the_execution_recorded_them(cloud: Cloud) -> None:
    """Every way leads through the copies, and each of these succeeds only with the recorded digest."""
    for machine in _releases(cloud):
        states = _deployed(machine)
        without_copies = {**states, "TakeFiles": {"Next": "TellPeople"}}
        assert not _updates(states) & _reached(without_copies, closed={}), machine
        files = states["TakeFiles"]["ItemProcessor"]
        for digest in ("$.Copy.Digest", "$.Head.ChecksumSHA256"):
            demanded = {"Variable": digest, "StringEqualsPath": "$.Digest"}
            reached = _reached(files["States"], demanded, files["StartAt"])
            assert "Succeed" not in {files["States"][name]["Type"] for name in reached}, machine


def test_what_is_deployed_is_the_version_that_was_looked_at(synthesis: Synthesis) -> None:
    """Nothing else writes the target; and the stacks' names follow from what was compared."""
    for machine in _releases(synthesis.cloud):
        compared = "$.UseCase)" if _follows(synthesis, machine) else "$.Package.Group)"
        states = _deployed(machine)
        targets = [state for state in states.values() if state.get("ResultPath") == "$.Target"]
        assert [state["Parameters"] for state in targets] == [
            {"Version.$": "$.Package.Version", "Image.$": _IMAGE}
        ]
        read = [name for name, state in states.items() if state.get("ResultPath") == "$.Package"]
        assert read == ["DescribeVersion"]
        for name in _updates(states):
            parameters = states[name]["Parameters"]
            assert parameters["StackName.$"].endswith(f"', {compared}")
            assert all(each["ParameterValue.$"].startswith("$.Target.") for each in parameters["Parameters"])


def _tasks(states: Mapping[str, Json]) -> Iterator[Json]:
    for state in states.values():
        if state["Type"] == "Task":
            yield state
        yield from _tasks(state.get("ItemProcessor", {}).get("States", {}))


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for machine in _releases(cloud):
        role = roles[str(cloud.the_one(machine, "RoleArn"))]
        for state in _tasks(_deployed(machine)):
            service, action = state["Resource"].removeprefix("arn:aws:states:::aws-sdk:").split(":")
            called = f"{service}:{action[0].upper()}{action[1:]}"
            for needed in IAM_ACTIONS.get(f"{service}:{action}", {called}):
                assert role.allowing(needed), f"{machine}: {needed}"


def test_every_execution_is_logged(cloud: Cloud) -> None:
    for machine in cloud.of_type(MACHINE):
        assert machine.get("LoggingConfiguration", "Level") == "ALL", machine
        assert machine.get("LoggingConfiguration", "IncludeExecutionData") is True, machine
        assert machine.get("TracingConfiguration", "Enabled") is True, machine
        assert cloud.the_one(machine, "LoggingConfiguration").type == "AWS::Logs::LogGroup", machine
