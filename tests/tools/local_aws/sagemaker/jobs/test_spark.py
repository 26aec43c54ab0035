"""A job of AWS's Spark image runs a real Spark, as AWS's own program starts it."""

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import preprocess
import pytest

from tests.pipeline_code.conftest import ARGUMENTS, boat_lines, table
from tests.tools.local_aws.sagemaker.helpers import Place, s3_input, s3_output

pytestmark = pytest.mark.xdist_group("spark")
SPARK_IMAGE = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py312-v1.3"
CODE = Path(preprocess.__file__).parent
INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"


@pytest.fixture(scope="module")
def code(place: Place) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for path in CODE.glob("*.py"):
            packed.write(path, path.name)
    return place.put("code/code.zip", archive.getvalue())


@pytest.fixture(scope="module")
def libraries(place: Place, code: str) -> Iterator[str]:
    """What the job of the XGBoost image leaves for that of the Spark image."""
    uri = f"s3://{place.bucket}/libraries"
    request = place.processing_request("")
    request["AppSpecification"]["ContainerEntrypoint"] = ["python3", f"{INPUT}/code/code.zip", "libraries"]
    request["ProcessingInputs"] = [s3_input("code", code, f"{INPUT}/code")]
    request["ProcessingOutputConfig"] = {"Outputs": [s3_output("libraries", uri, f"{OUTPUT}/libraries")]}
    job = place.run_processing(request)
    assert job["ProcessingJobStatus"] == "Completed", job
    yield uri
    place.s3.delete_object(Bucket=place.bucket, Key="libraries/libraries.tar")


def request_of(place: Place, **inputs: str) -> dict[str, Any]:
    request = place.processing_request("")
    request["AppSpecification"] = {
        "ImageUri": SPARK_IMAGE,
        "ContainerEntrypoint": ["python3", f"{INPUT}/code/code.zip", "spark_cluster"],
        "ContainerArguments": ARGUMENTS,
    }
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    request["ProcessingInputs"] = [s3_input(name, uri, f"{INPUT}/{name}") for name, uri in inputs.items()]
    outputs = [
        s3_output(part, f"s3://{place.bucket}/parts/{part}", f"{OUTPUT}/{part}")
        for part in ("train", "validation", "test")
    ]
    request["ProcessingOutputConfig"] = {"Outputs": outputs}
    return request


def test_two_machines_leave_what_one_leaves(
    place: Place, code: str, libraries: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = table([*boat_lines(300), *boat_lines(30)])
    raw = place.put("raw/boats.csv", text)
    job = place.run_processing(request_of(place, code=code, libraries=libraries, raw=raw))
    assert job["ProcessingJobStatus"] == "Completed", job
    folder = tmp_path / "processing" / "input" / "raw"
    folder.mkdir(parents=True)
    (folder / "boats.csv").write_text(text)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    preprocess.main(ARGUMENTS)
    output = tmp_path / "processing" / "output"
    files = [path.relative_to(output).as_posix() for path in output.rglob("*.*")]
    assert len(files) == 7
    for file in files:
        assert place.read(f"parts/{file}") == (output / file).read_text(), file
    shutil.rmtree(output)


def test_other_images_have_one_machine_here(place: Place) -> None:
    request = place.processing_request("")
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    reason = place.run_processing(request)["FailureReason"]
    assert "has several machines of sagemaker-spark-processing only" in reason


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--conf", "a=b", "x.py"], "Couldn't parse input."),
        (["--spark-event-logs-s3-uri", "s3://a", "x.py"], "events"),
    ],
)
def test_what_the_program_of_aws_does_not_know_is_refused(place: Place, words: list[str], told: str) -> None:
    request = place.processing_request("")
    request["AppSpecification"] = {"ImageUri": SPARK_IMAGE, "ContainerArguments": words}
    job = place.run_processing(request)
    assert "Algorithm Error: (caused by " in job["FailureReason"]
    assert told in job["FailureReason"]
