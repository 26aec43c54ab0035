"""Two servers of the same model artifact: AWS's toolkit on the image's libraries, and the embedded AWS's."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from stacks.parts.images import SERVING_ENVIRONMENT
from tools.local_aws.sagemaker.endpoints import model_server

ROOT = Path(__file__).parents[3]
IMAGE = ROOT / ".venv" / "image"
START_SECONDS = 90
# An index that answers nothing, whatever this machine is configured to ask.
NO_INDEX = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}


class NotStartedError(Exception):
    """The server ended, or did not answer in time; the text is its log."""


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str | None
    body: bytes


@dataclass(frozen=True)
class Served:
    """A server that answers pings."""

    port: int

    def ask(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One invocation with exactly these headers."""
        # Without these the library would name itself, and encodings, and no media type of its own.
        bare = dict.fromkeys(("user-agent", "accept-encoding"), urllib3.util.SKIP_HEADER)
        response = urllib3.request(
            "POST",
            f"http://127.0.0.1:{self.port}/invocations",
            body=body,
            headers={**bare, **headers},
            timeout=60,
            retries=False,
        )
        return Answer(response.status, response.headers.get("Content-Type"), response.data)


def image_python() -> Path:
    """Python with exactly the libraries of AWS's image."""
    python = IMAGE / "bin" / "python3"
    if not python.exists():
        pytest.fail("the environment of AWS's image is missing; `make setup-image` makes it", pytrace=False)
    return python


@contextmanager
def toolkit(model: Path, folder: Path) -> Iterator[Served]:
    """AWS's toolkit, serving a copy of the model's folder without a network."""
    port = _free_port()
    # What pip installs stays out of the environment that all tests share.
    installed = folder / "installed"
    installed.mkdir()
    environment = {
        **_environment(model, folder),
        "PIP_TARGET": str(installed),
        "PYTHONPATH": f"{installed}:{Path(__file__).parent}",
        "PATH": f"{image_python().parent}:/usr/bin:/bin",
        "SAGEMAKER_SERVING_MODULE": "image_server:main",
        "SAGEMAKER_USE_NGINX": "false",
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
    }
    with _running([str(image_python().parent / "serve")], environment, folder) as process:
        _wait(process, folder, lambda: _answers(port))
        yield Served(port)


@contextmanager
def embedded(model: Path, folder: Path) -> Iterator[Served]:
    """The model server of the embedded AWS, serving a copy of the model's folder."""
    ready_file = folder / "ready"
    environment = {**_environment(model, folder), "PATH": os.environ["PATH"]}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        command = [sys.executable, model_server.__file__, str(ready_file), str(listener.fileno())]
        with _running(command, environment, folder) as process:
            _wait(process, folder, ready_file.exists)
            yield Served(listener.getsockname()[1])


def _environment(model: Path, folder: Path) -> dict[str, str]:
    shutil.copytree(model, folder / "model")
    return {
        **NO_INDEX,
        **SERVING_ENVIRONMENT,
        "SAGEMAKER_SUBMIT_DIRECTORY": str(folder / "model" / "code"),
        "SAGEMAKER_BASE_DIR": str(folder),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
    }


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=False,
        )
    try:
        yield process
    finally:
        # gunicorn ends its workers when it is told to end, and not when it is killed.
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], folder: Path, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotStartedError((folder / "log").read_text(errors="replace"))
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return urllib3.request("GET", f"http://127.0.0.1:{port}/ping", retries=False, timeout=5).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
