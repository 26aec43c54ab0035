"""An MLflow app keeps runs: AWS's own plugin for MLflow's client is the referee of how it is reached."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Signing

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tests.tools.local_aws.sagemaker.studio.helpers import settled
from tools.local_aws.clients import Credentials
from tools.local_aws.process import LocalAws
from tools.local_aws.sagemaker.studio.mlflow_api import PACKAGES

CLIENT = """
import json, mlflow, sys
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("houses")
with mlflow.start_run(run_name="first") as run:
    mlflow.log_param("eta", "0.1")
    mlflow.log_metric("rmse", 2.5)
found = mlflow.get_run(run.info.run_id)
info, data = found.info, found.data
print(json.dumps([info.run_name, info.status, data.params, data.metrics, info.artifact_uri]))
"""


@pytest.fixture(scope="module")
def app(place: Place) -> str:
    request = {"Name": unique("mlflow"), "ArtifactStoreUri": f"s3://{place.bucket}/mlflow"}
    arn = str(place.sagemaker.create_mlflow_app(**request, RoleArn=place.role_arn)["Arn"])
    settled(partial(place.sagemaker.describe_mlflow_app, Arn=arn), "Created")
    return arn


def session(place: Place, policy: dict[str, Any]) -> Credentials:
    principals = {"AWS": f"arn:aws:iam::{place.aws.account}:root"}
    trust = {"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}
    role = place.role(unique("person"), policy, {"Version": "2012-10-17", "Statement": [trust]})
    answer = place.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="somebody")
    return Credentials.from_sts(answer["Credentials"])


def test_the_client_of_mlflow_writes_a_run_down_with_the_plugin_of_aws(place: Place, app: str) -> None:
    somebody = session(place, ALLOW_ALL)
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PACKAGES),
        "AWS_ACCESS_KEY_ID": somebody.access_key_id,
        "AWS_SECRET_ACCESS_KEY": somebody.secret_access_key,
        "AWS_SESSION_TOKEN": somebody.session_token or "",
        "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": place.aws.endpoint_url,
    }
    command = [sys.executable, "-c", CLIENT, app]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    name, status, parameters, metrics, artifacts = json.loads(done.stdout.splitlines()[-1])
    assert (name, status, parameters, metrics) == ("first", "FINISHED", {"eta": "0.1"}, {"rmse": 2.5})
    assert artifacts.startswith(f"s3://{place.bucket}/mlflow/")


NOT_THERE = "experiments/get-by-name?experiment_name=none"


def ask(
    place: Place, who: Credentials, app: str, what: str = NOT_THERE, body: bytes | None = None
) -> tuple[int, str]:
    """Status and answer; unless something else is asked, of a look for an experiment that is not there."""
    about = {"x-sm-mlflow-app-arn": app} if app else {}
    request = AWSRequest(
        method="GET" if body is None else "POST",
        url=f"{place.aws.endpoint_url}/api/2.0/mlflow/{what}",
        headers={**about, **({} if body is None else {"Content-Type": "application/json"})},
        data=body,
    )
    keys = Signing(who.access_key_id, who.secret_access_key, who.session_token)
    SigV4Auth(keys, "sagemaker", place.aws.region).add_auth(request)
    sent = urllib.request.Request(request.url, body, headers=dict(request.headers))
    try:
        with urllib.request.urlopen(sent) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_app_says_itself_what_it_does_not_have(place: Place, app: str) -> None:
    status, said = ask(place, session(place, ALLOW_ALL), app)
    assert (status, json.loads(said)["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_nobody_is_let_in_without_the_permission_that_an_app_has(place: Place, app: str) -> None:
    tracks = {"Effect": "Allow", "Action": "sagemaker:CallMlflowAppApi", "Resource": app}
    allowed = session(place, {"Version": "2012-10-17", "Statement": [tracks]})
    assert ask(place, allowed, app)[0] == 404
    elsewhere = session(place, {"Version": "2012-10-17", "Statement": [{**tracks, "Resource": f"{app}x"}]})
    status, said = ask(place, elsewhere, app)
    assert status == 403
    assert f"is not authorized to perform: sagemaker:CallMlflowAppApi on resource: {app}" in said


@pytest.mark.parametrize(
    ("more", "status", "said"), [(None, 400, "x-sm-mlflow-app-arn"), ("x", 404, "does not exist")]
)
def test_a_request_is_about_an_app_that_there_is(
    place: Place, app: str, more: str | None, status: int, said: str
) -> None:
    answered = ask(place, session(place, ALLOW_ALL), "" if more is None else app + more)
    assert answered[0] == status
    assert said in answered[1]


def test_the_app_looks_for_files_in_the_region_where_it_is(tmp_path: Path) -> None:
    """A boundary that keeps roles in their region refuses it S3 of another one."""
    region = "ap-southeast-2"
    at_home = {"StringEquals": {"aws:RequestedRegion": region}}
    policy = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": at_home}
    with LocalAws(account="111111111111", region=region, log_path=tmp_path / "server.log") as aws:
        place = Place(aws, unique("bucket"), "")
        location = {"LocationConstraint": region}
        place.s3.create_bucket(Bucket=place.bucket, CreateBucketConfiguration=location)
        role = place.role(unique("role"), {"Version": "2012-10-17", "Statement": [policy]})
        request = {"Name": unique("mlflow"), "ArtifactStoreUri": f"s3://{place.bucket}/mlflow"}
        arn = str(place.sagemaker.create_mlflow_app(**request, RoleArn=role)["Arn"])
        settled(partial(place.sagemaker.describe_mlflow_app, Arn=arn), "Created")
        who = session(place, ALLOW_ALL)
        created, said = ask(place, who, arn, "runs/create", b'{"experiment_id": "0"}')
        assert created == 200, said
        info = json.loads(said)["run"]["info"]
        key = info["artifact_uri"].removeprefix(f"s3://{place.bucket}/")
        place.put(f"{key}/note.txt", "a note")
        listed, said = ask(place, who, arn, f"artifacts/list?run_id={info['run_id']}")
        assert (listed, [each["path"] for each in json.loads(said)["files"]]) == (200, ["note.txt"]), said
