"""What the XGBoost image runs by itself: the program that the hyperparameters name, as AWS's toolkit does.

`python -m <module> --<hyperparameter> <value> ...`, after the code was put beside it; without a program the
image's own algorithm would run, which nobody imitates.
Source: sagemaker-containers 2.8.6.post2 on PyPI, `_modules.py`, `_files.py` and `_mapping.py`.
"""

import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.jobs.container import host_path
from tools.local_aws.sagemaker.s3_objects import download_object

PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"
_OF_THE_TOOLKIT = ("sagemaker_", "_tuning_")


def has_program(hyperparameters: Mapping[str, str]) -> bool:
    return PROGRAM in hyperparameters


def entrypoint(hyperparameters: Mapping[str, str]) -> list[str]:
    arguments = [
        word
        for name, value in sorted(hyperparameters.items())
        if not name.startswith(_OF_THE_TOOLKIT)
        for word in (f"--{name}", value)
    ]
    return ["python3", "-m", hyperparameters[PROGRAM].removesuffix(".py"), *arguments]


def put_code(hyperparameters: Mapping[str, str], folder: Path, s3: Any, *, isolated: bool) -> None:
    """Unpacks what `sagemaker_submit_directory` names into the code folder, which is empty without it."""
    source, code = hyperparameters.get(SUBMIT_DIRECTORY), folder / "code"
    code.mkdir(parents=True, exist_ok=True)
    if source is None:
        return
    archive = host_path(folder, source)
    if source.startswith("s3://"):
        if isolated:
            raise JobFailedError(f"AlgorithmError: a container without network cannot download {source}")
        archive = folder / "sourcedir.tar.gz"
        download_object(s3, source, archive)
    if not archive.is_file() or not tarfile.is_tarfile(archive):
        raise JobFailedError(f"AlgorithmError: {source} is no archive of code")
    with tarfile.open(archive) as tar:
        tar.extractall(code, filter="data")


def python_path(folder: Path, environment: Mapping[str, str]) -> str:
    """Where modules are found: what the toolkit installs comes after what the job's environment names."""
    named = environment.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([*(str(host_path(folder, path)) for path in named if path), str(folder / "code")])
