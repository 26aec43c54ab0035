"""AWS's own training code, on the image's libraries and without a network, runs a trial of a tuning job."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import preprocess
import pytest

from config.settings import Settings, TrainingResources, Tuning
from stacks.training.pipeline_definition import pipeline_definition
from tests.pipeline_code.conftest import ARGUMENTS, boat_lines, table, write_raw
from tests.pipeline_code.hosting.servers import NO_INDEX, ROOT, image_python
from tests.stacks.training.test_pipeline_definition import CODE, RESOURCES


@pytest.fixture
def trial(sample_settings: Settings) -> Any:
    """The trial's request as the pipeline makes it."""
    tuning = {"objective": "validation:rmse", "max_jobs": 2, "ranges": {"max_depth": {"min": 2, "max": 4}}}
    use_case = sample_settings.use_cases["house-prices"].model_copy(
        update={"tuning": Tuning.model_validate(tuning), "hyperparameters": {"n_estimators": 30}}
    )
    steps = pipeline_definition(use_case, TrainingResources(), RESOURCES)["Steps"]
    (tune,) = [step for step in steps if step["Name"] == "Tune"]
    return tune["Arguments"]["TrainingJobDefinition"]


def test_the_toolkit_trains_and_prints_the_objective_round_by_round(base: Path, trial: Any) -> None:
    _furnish(base, trial["StaticHyperParameters"] | {"max_depth": "3"})
    installed = base / "installed"
    environment = {name: value.replace("/opt/ml", str(base)) for name, value in trial["Environment"].items()}
    scripts = environment["PYTHONPATH"]
    environment |= {
        **NO_INDEX,
        # What pip installs stays out of the environment that all tests share.
        "PIP_TARGET": str(installed),
        "PYTHONPATH": f"{scripts}:{Path(__file__).parent / 'hosting'}",
        "PATH": f"{image_python().parent}:/usr/bin:/bin",
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_TRAINING_MODULE": "image_training:main",
        "HOME": str(base),
        "LANG": "C.UTF-8",
    }
    ran = subprocess.run(
        [str(image_python().parent / "train")],
        env=environment,
        cwd=base,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said[-3000:]
    told = [line for line in said.splitlines() if "\tvalidation-rmse:" in line]
    assert len(told) == 31, told
    assert (base / "model" / "trees.ubj").is_file()


def _furnish(base: Path, hyperparameters: dict[str, str]) -> None:
    """What SageMaker puts into the container: scripts, channels and configuration."""
    write_raw(base, table(boat_lines(120)))
    preprocess.main(ARGUMENTS)
    data, config = base / "input" / "data", base / "input" / "config"
    for channel in ("train", "validation"):
        shutil.copytree(base / "processing" / "output" / channel, data / channel)
    (data / "code").mkdir()
    with zipfile.ZipFile(data / "code" / CODE, "w") as code:
        for module in sorted((ROOT / "pipeline_code").glob("*.py")):
            code.write(module, module.name)
    config.mkdir()
    objective = {"_tuning_objective_metric": "validation:rmse"}
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters | objective))
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"}
    (config / "resourceconfig.json").write_text(json.dumps(hosts))
    channels = {name: {"TrainingInputMode": "File"} for name in ("code", "train", "validation")}
    (config / "inputdataconfig.json").write_text(json.dumps(channels))
