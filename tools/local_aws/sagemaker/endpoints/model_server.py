"""Serves one model over HTTP, as the toolkit in AWS's XGBoost image does; runs as a process of its own.

Usage: `python model_server.py <file to make when the model is loaded> <number of the socket to serve at>`.
The program that SAGEMAKER_PROGRAM names in SAGEMAKER_SUBMIT_DIRECTORY is installed by pip without an index,
as in an endpoint that reaches no network. It has a model_fn, and either a transform_fn or input_fn,
predict_fn and output_fn. An exception is answered with 500 and a bare text as text/html; without an Accept
header application/json is asked for. Source: sagemaker-containers 2.8.6.post2 on PyPI (`_server.py`,
`_modules.py`, `_worker.py`, `_transformer.py`); tests/pipeline_code/test_hosting_toolkit.py compares both.
"""

import hashlib
import importlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask, Response, request
from waitress.server import create_server

THREE_FUNCTIONS = ("input_fn", "predict_fn", "output_fn")
DECODED = ("application/json", "text/csv")
"""Media types of which a program is given text; of others, and with a charset, bytes."""
SETUP = """\
from setuptools import setup
setup(packages=[""], name="{name}", version="1.0.0", include_package_data=True)
"""
WITHOUT_INDEX = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_COMPILE": "1"}


def application(program: ModuleType, model: Any) -> Flask:
    """The two paths that SageMaker asks for."""
    app = Flask(program.__name__)
    transform = getattr(program, "transform_fn", None) or three_functions(program)

    @app.get("/ping")
    def ping() -> Response:
        return Response(content_type="application/json")

    @app.post("/invocations")
    def invocations() -> Any:
        # The header's other spelling is one that some AWS services send.
        given = (
            request.headers.get("ContentType") or request.headers.get("Content-Type") or "application/json"
        )
        accept = request.headers.get("Accept")
        if accept in (None, "", "*/*"):
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        answer = transform(model, request.get_data(as_text=given in DECODED), given, accept)  # type: ignore[call-overload]
        return Response(answer[0], mimetype=answer[1]) if isinstance(answer, tuple) else answer

    @app.after_request
    def log(response: Response) -> Response:
        if request.path != "/ping":
            print(f'"{request.method} {request.path}" {response.status_code}', flush=True)
        return response

    return app


def three_functions(program: ModuleType) -> Callable[[Any, Any, str, str], Any]:
    """The functions of a program without a transform_fn, one after the other."""

    def transform(model: Any, body: Any, content_type: str, accept: str) -> Any:
        return program.output_fn(program.predict_fn(program.input_fn(body, content_type), model), accept)

    return transform


def load_program(installed: Path) -> ModuleType:
    """Install and import the program; `SystemExit` with the reason when it cannot be used.

    The same files are installed once below `installed`: pip takes longer than everything else here.
    """
    submitted = Path(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", ""))
    program = os.environ.get("SAGEMAKER_PROGRAM", "")
    if not (submitted / program).is_file():
        raise SystemExit(
            f"There is no SAGEMAKER_PROGRAM {program!r} in SAGEMAKER_SUBMIT_DIRECTORY {str(submitted)!r}."
        )
    name = Path(program).stem
    site = installed / _digest(submitted)
    if not site.exists():
        _install(submitted, name, site)
    sys.path.insert(0, str(site))
    module = importlib.import_module(name)
    _check_functions(module, program)
    return module


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder)} {content}\n".encode())
    return digest.hexdigest()


def _install(submitted: Path, name: str, site: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "."]
    print(f"Installing module with the following command:\n{' '.join(command)}", flush=True)
    site.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.parent) as folder:
        code, target = Path(folder) / "code", Path(folder) / "site-packages"
        shutil.copytree(submitted, code)
        if not (code / "setup.py").exists():
            (code / "setup.py").write_text(SETUP.format(name=name))
        where = ["--quiet", "--disable-pip-version-check", "--target", str(target)]
        environment = {**os.environ, **WITHOUT_INDEX}
        if subprocess.run([*command, *where], cwd=code, env=environment, check=False).returncode:
            raise SystemExit(f'InstallModuleError: Command "{" ".join(command)}" failed.')
        # Another server may have been faster.
        with suppress(OSError):
            target.rename(site)


def _check_functions(module: ModuleType, program: str) -> None:
    three = [function for function in THREE_FUNCTIONS if hasattr(module, function)]
    if hasattr(module, "transform_fn") and three:
        raise SystemExit("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
    needed = ("model_fn",) if hasattr(module, "transform_fn") else ("model_fn", *THREE_FUNCTIONS)
    missing = [function for function in needed if not hasattr(module, function)]
    if missing:
        raise SystemExit(f"{program} lacks {', '.join(missing)}.")


def main(ready_file: Path, listener: int) -> None:
    """Loads the model, says that it serves, serves for ever."""
    base = Path(os.environ["SAGEMAKER_BASE_DIR"])
    program = load_program(Path.home() / "installed")
    app = application(program, program.model_fn(str(base / "model")))
    server = create_server(app, sockets=[socket.socket(fileno=listener)], threads=8)
    ready_file.touch()
    server.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
