"""What an app does: a real MLflow behind it, reached as AWS's plugin for MLflow's client reaches it.

https://github.com/aws/sagemaker-mlflow: the header says which app, the signature is SageMaker's. All of it is
one permission: https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-app-setup-prerequisites-iam.html
"""

import json
import socket
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from moto.core.exceptions import ServiceException
from moto.core.responses import BaseResponse

from tools.local_aws.iam.enforcement import refusal_of
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.errors import (
    AccessDeniedError,
    ResourceNotFoundError,
    UnknownOperationError,
    ValidationError,
)
from tools.local_aws.sagemaker.store import Members, name_of
from tools.local_aws.sagemaker.studio.mlflow_apps import MlflowApps

PATHS = "/api/2.0/mlflow/(?P<path>.+)"
PACKAGES = Path(sys.prefix) / "mlflow"
_PROGRAM = Path(__file__).with_name("mlflow_program.py")
_HEADER, _ACTION = "x-sm-mlflow-app-arn", "sagemaker:CallMlflowAppApi"
_LOOPBACK = "127.0.0.1"
_PASSED_ON = ("Content-Type", "Accept")
_TIMEOUT_SECONDS = 60.0

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class MlflowServers:
    """A process for each app that somebody has asked something."""

    account: Account
    apps: MlflowApps
    _pools: dict[str, urllib3.HTTPConnectionPool] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, arn: str) -> urllib3.HTTPConnectionPool:
        app = self.apps.existing(arn)
        with self._lock:
            if arn not in self._pools:
                self._pools[arn] = self._start(app)
            return self._pools[arn]

    def _start(self, app: Members) -> urllib3.HTTPConnectionPool:
        if not PACKAGES.is_dir():
            raise UnknownOperationError("The embedded AWS has no MLflow yet: make setup-mlflow installs it.")
        context = self.account.context
        folder = context.work_folder / "mlflow-app" / name_of(app["Arn"])
        folder.mkdir(parents=True)
        command = [
            sys.executable,
            str(_PROGRAM),
            str(PACKAGES),
            str(folder / "runs"),
            app["ArtifactStoreUri"],
        ]
        region = {"AWS_DEFAULT_REGION": context.region}
        environment = self.account.environment(self.account.assume(app["RoleArn"])) | region
        # The socket stays in this network, whatever network the server is put into.
        with socket.create_server((_LOOPBACK, 0)) as listener:
            context.processes.start(
                [*command, str(listener.fileno())],
                environment=environment,
                folder=folder,
                sockets=[listener.fileno()],
            )
            port = listener.getsockname()[1]
        return urllib3.HTTPConnectionPool(_LOOPBACK, port, maxsize=4, timeout=_TIMEOUT_SECONDS)


def mlflow_response_class(servers: MlflowServers) -> type[BaseResponse]:
    """A moto response class that passes requests on to the MLflow of the app that they name."""

    class MlflowAppApi(BaseResponse):  # type: ignore[misc]
        use_raw_body = True

        def __init__(self) -> None:
            super().__init__(service_name="sagemaker")

        def _dispatch(self, request: Any, full_url: Any = None, headers: Any = None) -> Answer:
            self.setup_class(request, full_url, headers)
            try:
                return self._pass_on()
            except ServiceException as error:
                return _refusal(error)

        def _pass_on(self) -> Answer:
            arn = self.headers.get(_HEADER, "")
            if not arn:
                raise ValidationError(f"The request names no MLflow app: it has no header {_HEADER}.")
            if refusal := refusal_of(self, _ACTION, arn):
                raise AccessDeniedError(refusal)
            passed = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            url = f"{self.parsed_url.path}?{self.parsed_url.query}"
            answer = servers.of(arn).urlopen(
                self.method, url, body=self.raw_body, headers=passed, retries=False
            )
            return answer.status, {"Content-Type": answer.headers.get("Content-Type", "")}, answer.data

    return MlflowAppApi


def _refusal(error: ServiceException) -> Answer:
    """AWS has not said how an app words its refusals; these are the codes and words of SageMaker's API."""
    statuses = {AccessDeniedError: 403, ResourceNotFoundError: 404}
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return statuses.get(type(error), 400), {"Content-Type": "application/json"}, body
