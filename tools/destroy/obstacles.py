"""What keeps resources of a stack from being deleted, or would run on without what it needs.

AWS refuses, or waits for days, while it runs: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html,
https://repost.aws/knowledge-center/step-functions-stuck-deleting-status,
https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tools.refused import missing_right

Client = Callable[[str], Any]
_PATIENCE_SECONDS, _PAUSE_SECONDS = 3600, 1.0
"""An endpoint that is updated by canary takes as long."""
_WHY = "make destroy"


@dataclass(frozen=True)
class Obstacle:
    """Something that is stopped or deleted before; without `remove` it ends by itself."""

    text: str
    remove: Callable[[], Any] | None = None
    has_files_of: str = ""
    """Whose work is lost with it."""


Finder = Callable[[Client, Sequence[str]], Iterator[Obstacle]]


class StillThereError(Exception):
    """It did not end in time; the text says what."""


def find(client: Client, resources: Mapping[str, Sequence[str]]) -> list[Obstacle]:
    """Of resources that exist: their physical ids by type."""
    return [
        each for kind, ids in resources.items() if kind in _FINDERS for each in _FINDERS[kind](client, ids)
    ]


def clear(look: Callable[[], Sequence[Obstacle]], tell: Callable[[str], None]) -> None:
    """Look and remove until nothing is in the way: others may start something meanwhile."""
    deadline, told = time.monotonic() + _PATIENCE_SECONDS, set[str]()
    while found := look():
        refused = [error for each in found if (error := _remove(each))]
        for each in found:
            if each.text not in told:
                tell(each.text)
                told.add(each.text)
        if time.monotonic() > deadline:
            raise StillThereError("; ".join([*(each.text for each in found), *map(str, refused)]))
        time.sleep(_PAUSE_SECONDS)


def _remove(obstacle: Obstacle) -> ClientError | None:
    """What ended by itself meanwhile cannot be stopped: the next look tells."""
    try:
        if obstacle.remove:
            obstacle.remove()
    except ClientError as error:
        if missing_right(error):
            raise
        return error
    return None


def _pages(operation: str, client: Any, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Of what exists: an earlier deletion may have taken it already."""
    try:
        for page in client.get_paginator(operation).paginate(**arguments):
            yield from page[key]
    except ClientError as error:
        told = f"{error.response['Error']['Code']} {error.response['Error']['Message']}"
        if not any(
            words in told for words in ("NotFound", "does not exist", "DoesNotExist", "Does Not Exist")
        ):
            raise


def _executions_of_pipelines(client: Client, ids: Sequence[str]) -> Iterator[Obstacle]:
    sagemaker = client("sagemaker")
    for name in ids:
        found = _pages("list_pipeline_executions", sagemaker, "PipelineExecutionSummaries", PipelineName=name)
        for each in found:
            arn, status = each["PipelineExecutionArn"], each["PipelineExecutionStatus"]
            if status in ("Executing", "Stopping"):
                stop = partial(sagemaker.stop_pipeline_execution, PipelineExecutionArn=arn)
                text = f"execution {arn.rpartition('/')[2]} of the pipeline {name} is stopped"
                yield Obstacle(text, stop if status == "Executing" else None)


def _executions_of_machines(client: Client, ids: Sequence[str]) -> Iterator[Obstacle]:
    states = client("stepfunctions")
    for machine in ids:
        running = {"stateMachineArn": machine, "statusFilter": "RUNNING"}
        for each in _pages("list_executions", states, "executions", **running):
            text = f"execution {each['name']} of the state machine {machine.rpartition(':')[2]} is stopped"
            yield Obstacle(
                text, partial(states.stop_execution, executionArn=each["executionArn"], cause=_WHY)
            )


def _apps_and_spaces(client: Client, ids: Sequence[str]) -> Iterator[Obstacle]:
    """A profile goes when its apps and spaces have gone; the disk of a space goes with it."""
    sagemaker = client("sagemaker")
    for domain, profile in map(_domain_and_profile, ids):
        in_domain = {"DomainIdEquals": domain}
        yield from _apps(sagemaker, **in_domain, UserProfileNameEquals=profile)
        for space in _pages("list_spaces", sagemaker, "Spaces", **in_domain):
            if space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName") == profile:
                name = space["SpaceName"]
                apps = [*_apps(sagemaker, **in_domain, SpaceNameEquals=name)]
                yield from apps
                delete = partial(sagemaker.delete_space, DomainId=domain, SpaceName=name)
                waits = apps or space["Status"] == "Deleting"
                text = f"space {name} of {profile} is deleted with its disk"
                yield Obstacle(text, None if waits else delete, has_files_of=profile)


def _domain_and_profile(physical_id: str) -> tuple[str, str]:
    """Both orders have been seen of ids with two parts; that of a domain begins with `d-`."""
    first, second = physical_id.split("|")
    return (first, second) if first.startswith("d-") else (second, first)


def _apps(sagemaker: Any, **where: str) -> Iterator[Obstacle]:
    for app in _pages("list_apps", sagemaker, "Apps", **where):
        if app["Status"] != "Deleted":
            named = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
            delete = partial(sagemaker.delete_app, **{name: app[name] for name in named if name in app})
            owner = app.get("SpaceName") or app["UserProfileName"]
            text = f"app {app['AppType']} in {owner} is ended"
            yield Obstacle(text, None if app["Status"] == "Deleting" else delete)


def _endpoints_in_progress(client: Client, ids: Sequence[str]) -> Iterator[Obstacle]:
    """https://github.com/aws/amazon-sagemaker-examples/pull/3188."""
    wanted = {physical_id.rpartition("/")[2] for physical_id in ids}
    for status in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
        for each in _pages("list_endpoints", client("sagemaker"), "Endpoints", StatusEquals=status):
            if each["EndpointName"] in wanted:
                yield Obstacle(f"endpoint {each['EndpointName']} is {status}: it is waited for")


def _crawlers(client: Client, ids: Sequence[str]) -> Iterator[Obstacle]:
    """https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteCrawler.html."""
    glue = client("glue")
    for each in _pages("get_crawlers", glue, "Crawlers"):
        if each["Name"] in ids and each["State"] != "READY":
            stop = partial(glue.stop_crawler, Name=each["Name"])
            yield Obstacle(f"crawler {each['Name']} is stopped", stop if each["State"] == "RUNNING" else None)


def _jobs(kind: str, used_by: Callable[[Any], Sequence[str]]) -> Finder:
    """Jobs of a kind that run and need one of the resources."""
    word = kind.removesuffix("Job").lower().replace("hyperparametertuning", "hyper_parameter_tuning")

    def found(client: Client, ids: Sequence[str]) -> Iterator[Obstacle]:
        sagemaker, names = client("sagemaker"), {physical_id.rpartition("/")[2] for physical_id in ids}
        describe = getattr(sagemaker, f"describe_{word}_job")
        for status in ("InProgress", "Stopping"):
            for each in _pages(f"list_{word}_jobs", sagemaker, f"{kind}Summaries", StatusEquals=status):
                name = {f"{kind}Name": each[f"{kind}Name"]}
                if names & {used.rpartition("/")[2] for used in used_by(describe(**name))}:
                    stop = partial(getattr(sagemaker, f"stop_{word}_job"), **name)
                    text = f"{word.replace('_', ' ')} job {each[f'{kind}Name']} is stopped"
                    yield Obstacle(text, stop if status == "InProgress" else None)

    return found


def _roles_of_a_search(described: Any) -> list[str]:
    trainings = [
        described.get("TrainingJobDefinition", {}),
        *described.get("TrainingJobDefinitions", ()),
    ]
    return [training["RoleArn"] for training in trainings if training]


def _all(*finders: Finder) -> Finder:
    return lambda client, ids: (each for finder in finders for each in finder(client, ids))


_FINDERS: Mapping[str, Finder] = {
    "AWS::SageMaker::Pipeline": _executions_of_pipelines,
    "AWS::StepFunctions::StateMachine": _executions_of_machines,
    "AWS::SageMaker::UserProfile": _apps_and_spaces,
    "AWS::SageMaker::Endpoint": _endpoints_in_progress,
    "AWS::Glue::Crawler": _crawlers,
    # A job runs on without them, is billed, and cannot write what it has found.
    "AWS::SageMaker::Model": _jobs("TransformJob", lambda described: [described["ModelName"]]),
    "AWS::IAM::Role": _all(
        _jobs("HyperParameterTuningJob", _roles_of_a_search),
        _jobs("TrainingJob", lambda described: [described["RoleArn"]]),
        _jobs("ProcessingJob", lambda described: [described["RoleArn"]]),
    ),
}
