"""The XGBoost image runs the program that the hyperparameters name, as its toolkit does."""

import io
import tarfile
from typing import Any

from tests.tools.local_aws.sagemaker.helpers import Place

PROGRAM = """
import os, sys, pathlib
import beside
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
(base / "output/failure").write_text(beside.SAID + " ".join(sys.argv[1:]))
sys.exit(1)
"""


def request(place: Place, **changes: Any) -> dict[str, Any]:
    """A training whose code lies in an archive, as the SageMaker SDK's tuner puts it."""
    files, body = {"main.py": PROGRAM, "beside.py": "SAID = 'here: '"}, io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    given = place.training_request("")
    del given["AlgorithmSpecification"]["ContainerEntrypoint"]
    address = place.put(f"{given['TrainingJobName']}/sourcedir.tar.gz", body.getvalue())
    program = {"sagemaker_program": "main.py", "sagemaker_submit_directory": address, "eta": "0.3"}
    return given | {"HyperParameters": program} | changes


def test_the_program_is_unpacked_and_gets_the_hyperparameters(place: Place) -> None:
    job = place.run_training(request(place))
    assert job["FailureReason"] == "AlgorithmError: here: --eta 0.3, exit code: 1"


def test_a_container_without_network_downloads_no_code(place: Place) -> None:
    job = place.run_training(request(place, EnableNetworkIsolation=True))
    assert "a container without network cannot download" in job["FailureReason"]


def test_code_that_is_no_archive_fails_the_job(place: Place) -> None:
    given = request(place)
    given["HyperParameters"]["sagemaker_submit_directory"] = place.put("not-an-archive", "text")
    assert "is no archive of code" in place.run_training(given)["FailureReason"]


def test_without_a_program_the_image_runs_what_nobody_imitates(place: Place) -> None:
    job = place.run_training(request(place, HyperParameters={"num_round": "10"}))
    assert "does not imitate the default entrypoint" in job["FailureReason"]
