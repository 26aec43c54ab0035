"""What MLflow knows of an execution, asked as AWS's plugin for MLflow's client asks: signed, about one app.

https://github.com/aws/sagemaker-mlflow
"""

import json
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

_TIMEOUT_SECONDS = 60
_NOT_YET = 404


@dataclass(frozen=True)
class Tracked:
    """A run in MLflow."""

    experiment: str
    name: str
    status: str
    parameters: int
    metrics: int
    files: int


def find_app(person: Person, prefix: str) -> str | None:
    """The ARN of an environment's MLflow app, if it has one."""
    apps = person.client("sagemaker").list_mlflow_apps()["Summaries"]
    return next((str(app["Arn"]) for app in apps if app["Name"] == f"{prefix}-mlflow"), None)


def read_run(person: Person, endpoint_url: str, app: str, execution: str) -> Tracked:
    """The run of an execution, which ends some time after it."""
    mlflow = _Mlflow(person, endpoint_url, app)
    experiment, name = execution.split("/")[-3], execution.split("/")[-1]

    def look() -> Tracked | None:
        found = mlflow.get("experiments/get-by-name", {"experiment_name": experiment})
        if found is None:
            return None
        search = {
            "experiment_ids": [found["experiment"]["experiment_id"]],
            "filter": f"tags.`mlflow.runName` = '{name}'",
        }
        runs = (mlflow.post("runs/search", search) or {}).get("runs", [])
        if not runs or runs[0]["info"]["status"] == "RUNNING":
            return None
        info, data = runs[0]["info"], runs[0]["data"]
        counts = (len(data.get("params", ())), len(data.get("metrics", ())), mlflow.files(info["run_id"]))
        if not counts[-1]:
            raise RehearsalError(f"MLflow lists no file of the run of {execution}")
        return Tracked(experiment, name, info["status"], *counts)

    return wait_for(f"the run of {execution} in MLflow", look, _TIMEOUT_SECONDS, person.pace)


class _Mlflow:
    def __init__(self, person: Person, endpoint_url: str, app: str) -> None:
        keys = person.credentials
        signing = Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
        self._signer = SigV4Auth(signing, "sagemaker", person.aws.region)
        self._url, self._app, self._session = endpoint_url, app, URLLib3Session()

    def files(self, run_id: str, folder: str = "") -> int:
        """How many files a run has; MLflow lists them, because people may not list the bucket."""
        listed = self.get("artifacts/list", {"run_id": run_id, "path": folder})
        found = listed.get("files", ())
        return sum(self.files(run_id, one["path"]) if one["is_dir"] else 1 for one in found)

    def get(self, path: str, query: dict[str, str]) -> Any:
        return self._send(AWSRequest("GET", self._address(path), params=query))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        return self._send(AWSRequest("POST", self._address(path), headers=headers, data=json.dumps(body)))

    def _address(self, path: str) -> str:
        return f"{self._url}/api/2.0/mlflow/{path}"

    def _send(self, request: AWSRequest) -> Any:
        """The answer; nothing when there is no such thing."""
        request.headers["x-sm-mlflow-app-arn"] = self._app
        self._signer.add_auth(request)
        answer = self._session.send(request.prepare())
        return None if answer.status_code == _NOT_YET else json.loads(answer.content)
