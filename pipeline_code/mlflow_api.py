"""MLflow's REST API on SageMaker, for a container that has boto3 and no MLflow.

Host, header and the service that a request is signed for are those of AWS's own plugin:
https://github.com/aws/sagemaker-mlflow/blob/main/sagemaker_mlflow/mlflow_sagemaker_helpers.py
The operations are MLflow's: https://mlflow.org/docs/latest/rest-api.html
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tabular import DataError

CUSTOM_ENDPOINT = "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT"
"""The plugin's variable for another host."""
MISSING = "RESOURCE_DOES_NOT_EXIST"
MOST_PARAMETERS, MOST_METRICS = 100, 1000
"""Of one `runs/log-batch`."""
LONGEST_PARAMETER, LONGEST_TAG = 6000, 5000
ATTEMPTS = 4
BUSY = 429
BROKEN = 500

Json = dict[str, Any]


class Kind(NamedTuple):
    """How one kind of MLflow on SageMaker is reached."""

    host: str
    header: str
    signed_for: str


KINDS = {
    "mlflow-app": Kind("mlflow.sagemaker.{}.app.aws", "x-sm-mlflow-app-arn", "sagemaker"),
    "mlflow-tracking-server": Kind(
        "{}.experiments.sagemaker.aws", "x-mlflow-sm-tracking-server-arn", "sagemaker-mlflow"
    ),
}


class RefusedError(Exception):
    """What MLflow has said: its code, then its words."""


class Mlflow:
    """An app or a tracking server, by its ARN."""

    def __init__(self, arn: str, credentials: Credentials) -> None:
        self._arn, self._region = arn, arn.split(":")[3]
        self._kind = KINDS[arn.split(":")[5].split("/")[0]]
        self._url = os.environ.get(CUSTOM_ENDPOINT) or f"https://{self._kind.host.format(self._region)}"
        self._signer = SigV4Auth(credentials, self._kind.signed_for, self._region)
        self._session = URLLib3Session(timeout=60)

    def experiment(self, name: str) -> str:
        """The id of the experiment with this name, which is made if there is none."""
        query = urlencode({"experiment_name": name})
        try:
            found = self._call("GET", f"experiments/get-by-name?{query}")
        except RefusedError as error:
            if error.args[0] != MISSING:
                raise
            return str(self._call("POST", "experiments/create", {"name": name})["experiment_id"])
        return str(found["experiment"]["experiment_id"])

    def run(self, experiment: str, name: str, started: int, tags: Mapping[str, str]) -> Json:
        """`info` of the run with this name in an experiment, which is made if there is none.

        Whoever tells of an execution may tell twice.
        """
        search = {
            "experiment_ids": [experiment],
            "filter": f"tags.`mlflow.runName` = '{name}'",
            "max_results": 1,
        }
        runs = self._call("POST", "runs/search", search).get("runs")
        if not runs:
            said = [{"key": key, "value": value[:LONGEST_TAG]} for key, value in tags.items()]
            request = {
                "experiment_id": experiment,
                "run_name": name,
                "start_time": started,
                "tags": said,
            }
            runs = [self._call("POST", "runs/create", request)["run"]]
        info: Json = runs[0]["info"]
        return info

    def log(
        self, run_id: str, parameters: Mapping[str, str], metrics: Mapping[str, float], moment: int
    ) -> None:
        """Parameters and metrics of a run; more than one request takes are sent in several."""
        said = [{"key": key, "value": value[:LONGEST_PARAMETER]} for key, value in parameters.items()]
        measured = [
            {"key": key, "value": value, "timestamp": moment, "step": 0} for key, value in metrics.items()
        ]
        for member, entries, most in (("params", said, MOST_PARAMETERS), ("metrics", measured, MOST_METRICS)):
            for batch in _batches(entries, most):
                self._call("POST", "runs/log-batch", {"run_id": run_id, member: batch})

    def end(self, run_id: str, status: str, moment: int) -> None:
        self._call("POST", "runs/update", {"run_id": run_id, "status": status, "end_time": moment})

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Tries again what fails for a moment; raises RefusedError for what MLflow refuses."""
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._session.send(self._signed(method, path, body))
            if attempt < ATTEMPTS and (answer.status_code == BUSY or answer.status_code >= BROKEN):
                time.sleep(2**attempt)
                continue
            break
        content: Json = _read(answer.content)
        if answer.status_code >= 400:
            code = str(content.get("error_code") or content.get("__type") or answer.status_code)
            raise RefusedError(code, str(content.get("message", "")))
        return content

    def _signed(self, method: str, path: str, body: Json | None) -> Any:
        request = AWSRequest(
            method=method,
            url=f"{self._url}/api/2.0/mlflow/{path}",
            data=b"" if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", self._kind.header: self._arn},
        )
        self._signer.add_auth(request)
        return request.prepare()


def _batches(entries: Sequence[Json], most: int) -> list[Sequence[Json]]:
    return [entries[start : start + most] for start in range(0, len(entries), most)]


def _read(content: bytes) -> Json:
    try:
        read = json.loads(content or b"{}")
    except ValueError:
        raise DataError("MLflow has answered with something else than JSON") from None
    return read if isinstance(read, dict) else {}
