"""Projects and builds of CodeBuild, of which a build makes an image and does nothing else.

Refusals: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html, in moto's words.
"""

import json
import shutil
import threading
import uuid
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.codebuild.docker import BuildError, Docker
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

SERVICE_PRINCIPAL = "codebuild.amazonaws.com"
Members = dict[str, Any]


class CodeBuild:
    """The projects of the account, and their builds."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._projects: dict[str, Members] = {}
        self._builds: dict[str, Members] = {}

    @property
    def operations(self) -> dict[str, Callable[[Any], Any]]:
        """By the names of the methods of moto's class of responses."""
        operations = {
            "create_project": self._create,
            "update_project": self._update,
            "delete_project": self._delete,
            "batch_get_projects": self._get_projects,
            "start_build": self._start,
            "batch_get_builds": self._get_builds,
        }
        return {name: _served(operation) for name, operation in operations.items()}

    def _arn(self, resource: str) -> str:
        return f"arn:aws:codebuild:{self._context.region}:{self._context.account}:{resource}"

    def _create(self, request: Members) -> Members:
        arn = self._arn(f"project/{request['name']}")
        if request["name"] in self._projects:
            raise ApiError("ResourceAlreadyExistsException", f"Project already exists: {arn}")
        self._projects[request["name"]] = {**request, "arn": arn, "created": _now(), "lastModified": _now()}
        return {"project": self._projects[request["name"]]}

    def _update(self, request: Members) -> Members:
        project = self._project(request["name"])
        project |= {**request, "lastModified": _now()}
        return {"project": project}

    def _delete(self, request: Members) -> Members:
        self._projects.pop(request["name"], None)
        return {}

    def _get_projects(self, request: Members) -> Members:
        found = [self._projects[name] for name in request["names"] if name in self._projects]
        missing = [name for name in request["names"] if name not in self._projects]
        return {"projects": found, "projectsNotFound": missing}

    def _project(self, name: str) -> Members:
        if name not in self._projects:
            raise ApiError(
                "ResourceNotFoundException", f"Project cannot be found: {self._arn(f'project/{name}')}"
            )
        return self._projects[name]

    def _get_builds(self, request: Members) -> Members:
        found = [self._builds[name] for name in request["ids"] if name in self._builds]
        missing = [name for name in request["ids"] if name not in self._builds]
        return {"builds": found, "buildsNotFound": missing}

    def _start(self, request: Members) -> Members:
        project = self._project(request["projectName"])
        stream = str(uuid.uuid4())
        identifier = f"{project['name']}:{stream}"
        build: Members = {
            "id": identifier,
            "arn": self._arn(f"build/{identifier}"),
            "projectName": project["name"],
            "serviceRole": project["serviceRole"],
            "startTime": _now(),
            "currentPhase": "QUEUED",
            "buildStatus": "IN_PROGRESS",
            "buildComplete": False,
            "logs": {"groupName": project["logsConfig"]["cloudWatchLogs"]["groupName"], "streamName": stream},
            "phases": [],
        }
        self._builds[identifier] = build
        threading.Thread(target=self._run, args=(project, build), name=identifier, daemon=True).start()
        return {"build": dict(build)}

    def _run(self, project: Members, build: Members) -> None:
        folder = self._context.work_folder / "builds" / build["logs"]["streamName"]
        status, phase = "FAILED", {"phaseType": "DOWNLOAD_SOURCE", "startTime": _now()}
        lines: list[str] = []
        try:
            role = self._credentials(project["serviceRole"])
            client = partial(self._context.client, credentials=role)
            client("logs").create_log_stream(
                logGroupName=build["logs"]["groupName"], logStreamName=build["logs"]["streamName"]
            )
            self._download(client("s3"), project["source"]["location"], folder)
            phase = self._next(build, phase, "BUILD")
            self._commands(project, Docker(client("ecr"), folder, _variables(project), lines.append), lines)
            status = "SUCCEEDED"
        except (BuildError, ClientError) as error:
            lines.append(str(error))
            phase["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": str(error)}]
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._log(build, lines)
            build["phases"].append({**phase, "phaseStatus": status, "endTime": _now()})
            ended = {"currentPhase": "COMPLETED", "endTime": _now(), "buildComplete": True}
            build |= {"buildStatus": status, **ended}

    def _next(self, build: Members, phase: Members, name: str) -> Members:
        build["phases"].append({**phase, "phaseStatus": "SUCCEEDED", "endTime": _now()})
        build["currentPhase"] = name
        return {"phaseType": name, "startTime": _now()}

    def _download(self, s3: Any, location: str, folder: Path) -> None:
        bucket, _, key = location.partition("/")
        folder.mkdir(parents=True)
        archive = folder.with_suffix(".zip")
        s3.download_file(bucket, key, str(archive))
        with zipfile.ZipFile(archive) as found:
            found.extractall(folder)
        archive.unlink()

    def _commands(self, project: Members, docker: Docker, lines: list[str]) -> None:
        if not project["environment"].get("privilegedMode"):
            # https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
            raise BuildError("Cannot connect to the Docker daemon at unix:/var/run/docker.sock")
        for command in json.loads(project["source"]["buildspec"])["phases"]["build"]["commands"]:
            lines.append(f"Running command {command}")
            docker.run(command)

    def _log(self, build: Members, lines: list[str]) -> None:
        where = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        moment = int(datetime.now(UTC).timestamp() * 1000)
        events = [{"timestamp": moment, "message": line} for line in lines]
        if events:
            role = self._credentials(build["serviceRole"])
            self._context.client("logs", role).put_log_events(**where, logEvents=events)

    def _credentials(self, role_arn: str) -> Credentials:
        sts = self._context.client("sts", service_credentials(SERVICE_PRINCIPAL))
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="AWSCodeBuild")
        return Credentials.from_sts(answer["Credentials"])


def _served(operation: Callable[[Members], Members]) -> Callable[[Any], Any]:
    return lambda response: ActionResult(operation(json.loads(response.body)))


def _variables(project: Members) -> Mapping[str, str]:
    return {each["name"]: each["value"] for each in project["environment"].get("environmentVariables", [])}


def _now() -> datetime:
    return datetime.now(UTC)
