"""A training job may have several machines, and its machine may be taken away."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import preprocess
import pytest
from model import Model
from tabular import read_part

from tests.pipeline_code.conftest import ARGUMENTS, boat_lines, table, write_raw
from tests.tools.local_aws.aws import eventually
from tests.tools.local_aws.sagemaker.helpers import Place, channel, settled

ROOT = Path(__file__).parents[5]
RIGS = ["--problem", "multiclass-classification", "--target", "Rig", "--numeric", "Length", "--refit"]
NO_CHANCE = {"subsample": "1", "colsample_bytree": "1"}
TELL = """
import json, os, pathlib, sys, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
told = json.loads((base / "input/config/resourceconfig.json").read_text())
rank = told["hosts"].index(told["current_host"])
print("rank", rank, pathlib.Path("/opt/ml/input/data/code/main.py").is_file() or "unconfined")
(base / f"model/{rank}.txt").write_text((base / "input/data/code/main.py").read_text()[:1])
"""


@pytest.fixture(scope="module")
def boats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Preprocessed boats."""
    return preprocessed(tmp_path_factory.mktemp("boats"), table(boat_lines(2000)), ARGUMENTS)


def preprocessed(base: Path, content: str, arguments: list[str]) -> Path:
    write_raw(base, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_BASE_DIR", str(base))
        preprocess.main(arguments)
    return base / "processing" / "output"


def real_request(
    place: Place, boats: Path, hyperparameters: dict[str, str], *, machines: int = 1
) -> dict[str, Any]:
    """A training of boats by the project's own scripts."""
    request = place.training_request("")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        for module in sorted((ROOT / "pipeline_code").glob("*.py")):
            archive.write(module, module.name)
    name = request["TrainingJobName"]
    channels = [channel("code", place.put(f"{name}/code/code.zip", code.getvalue()))]
    for part in ("train", "validation"):
        for file in sorted((boats / part).iterdir()):
            place.put(f"{name}/{part}/{file.name}", file.read_bytes())
        channels.append(channel(part, f"s3://{place.bucket}/{name}/{part}"))
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = [
        *("python3", "/opt/ml/input/data/code/code.zip", "train")
    ]
    request["ResourceConfig"]["InstanceCount"] = machines
    return request | {"InputDataConfig": channels, "HyperParameters": hyperparameters}


def logs(place: Place, name: str) -> dict[str, list[str]]:
    """The lines of a job by the name of its machine."""
    client, group = place.aws.client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = client.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
    return {
        stream["logStreamName"].split("/")[1].rsplit("-", 1)[0]: [
            event["message"]
            for event in client.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])[
                "events"
            ]
        ]
        for stream in streams
    }


def model_of(place: Place, job: Any, folder: Path) -> Model:
    key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{place.bucket}/")
    body = place.s3.get_object(Bucket=place.bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        archive.extractall(folder, filter="data")
    return Model.load(folder)


def test_each_machine_has_its_folder_its_name_and_its_log(place: Place) -> None:
    request = place.training_request(TELL)
    request["ResourceConfig"]["InstanceCount"] = 2
    job = place.run_training(request)
    assert job["TrainingJobStatus"] == "Completed", job
    told = {name: " ".join(lines) for name, lines in logs(place, job["TrainingJobName"]).items()}
    assert told.keys() == {"algo-1", "algo-2"}
    assert "rank 0" in told["algo-1"]
    assert "rank 1" in told["algo-2"]


def test_one_machine_that_fails_ends_the_job_of_all(place: Place) -> None:
    fail = TELL + "\nif rank: sys.exit('no rows left')\ntime.sleep(50)"
    request = place.training_request(fail)
    request["ResourceConfig"]["InstanceCount"] = 2
    job = place.run_training(request)
    assert job["TrainingJobStatus"] == "Failed"
    assert "exit code: 1" in job["FailureReason"]


def test_two_machines_learn_together_what_one_learns_alone(place: Place, boats: Path, tmp_path: Path) -> None:
    settings = {"n_estimators": "200", "early_stopping_rounds": "20", "learning_rate": "0.1"} | NO_CHANCE
    alone = place.run_training(real_request(place, boats, settings))
    both = place.run_training(real_request(place, boats, settings, machines=2))
    assert both["TrainingJobStatus"] == "Completed", both
    told = {name: " ".join(lines) for name, lines in logs(place, both["TrainingJobName"]).items()}
    assert "rank 0 of 2; rows=" in told["algo-1"]
    assert "rank 1 of 2; rows=" in told["algo-2"]
    assert "validation-rmse" in told["algo-1"]
    assert "validation-rmse" not in told["algo-2"]
    one, two = (model_of(place, job, tmp_path / job["TrainingJobName"]) for job in (alone, both))
    part = read_part(boats / "validation", "validation", one.schema)
    difference = np.median(np.abs(two.predict(part.features) / one.predict(part.features) - 1))
    assert difference < 0.01


def test_two_machines_learn_several_classes_together(place: Place, tmp_path: Path) -> None:
    lines = [f"{number / 30},{('dinghy', 'ketch', 'yawl')[number // 300]}" for number in range(900)]
    rigs = preprocessed(tmp_path, table(lines, "Length,Rig"), RIGS)
    settings = {"n_estimators": "40", "learning_rate": "0.3"} | NO_CHANCE
    job = place.run_training(real_request(place, rigs, settings, machines=2))
    assert job["TrainingJobStatus"] == "Completed", job
    told = {name: " ".join(lines) for name, lines in logs(place, job["TrainingJobName"]).items()}
    assert "rank 0 of 2; rows=" in told["algo-1"]
    assert "rank 1 of 2; rows=" in told["algo-2"]
    assert all("rounds=" in lines for lines in told.values()), "both learn again from both parts"
    model = model_of(place, job, tmp_path / "model")
    part = read_part(rigs / "validation", "validation", model.schema)
    assert np.mean(np.array(model.answers(model.predict(part.features))) == part.target) > 0.97


def test_a_training_whose_machine_is_taken_away_goes_on_where_it_was(place: Place, boats: Path) -> None:
    rounds = {"n_estimators": "3000", "early_stopping_rounds": "3000", "learning_rate": "0.001"}
    request = real_request(place, boats, rounds)
    name, folder = request["TrainingJobName"], f"s3://{place.bucket}/checkpoints"
    request |= {
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"{folder}/{name}"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
    }
    # Its log group may be the first one's.
    place.run_training(place.training_request("print('first')"))
    place.sagemaker.create_training_job(**request)
    eventually(lambda: "rank 0 of 1" in str(logs(place, name)), timeout_seconds=30)
    eventually(lambda: _interrupted(place, name), timeout_seconds=30)
    job = settled(lambda: place.sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus")
    assert job["TrainingJobStatus"] == "Completed", job
    assert "Interrupted" in [change["Status"] for change in job["SecondaryStatusTransitions"]]
    starts = [line for line in logs(place, name)["algo-1"] if "rounds before=" in line]
    first, last = (int(line.rsplit("=", 1)[1].rstrip(";")) for line in (starts[0], starts[-1]))
    assert (first, last % 100) == (0, 0)
    assert last > 0


def _interrupted(place: Place, name: str) -> bool:
    """Takes the machine away until a checkpoint was there to go on from."""
    place.aws.control("interrupt-spot", job=name)
    listed = place.s3.list_objects_v2(Bucket=place.bucket, Prefix=f"checkpoints/{name}/")
    return bool(listed.get("KeyCount"))


def test_only_a_spot_machine_is_taken_away(place: Place) -> None:
    job = place.run_training(place.training_request(""))
    with pytest.raises(Exception, match="does not run on spot"):
        place.aws.control("interrupt-spot", job=job["TrainingJobName"])


def test_a_place_for_checkpoints_that_may_not_be_read_fails_the_job(place: Place) -> None:
    request = place.training_request("") | {"CheckpointConfig": {"S3Uri": "s3://no-such-bucket-of-ours/x"}}
    assert place.run_training(request)["TrainingJobStatus"] == "Failed"
