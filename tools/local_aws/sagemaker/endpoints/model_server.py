"""Serves one model over HTTP; runs as a process of its own, in the place of an image's server.

Usage: `python model_server.py <file the port is written to once the model is loaded>`. The program that
SAGEMAKER_PROGRAM names in SAGEMAKER_SUBMIT_DIRECTORY has the functions model_fn, input_fn, predict_fn and
output_fn. See https://sagemaker.readthedocs.io/en/stable/frameworks/sklearn/using_sklearn.html#serve-a-model.
"""

import importlib
import os
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

FUNCTIONS = ("model_fn", "input_fn", "predict_fn", "output_fn")
_ANY = ("", "*/*")
_DEFAULT_ACCEPT = "text/csv"


class ModelHandler(BaseHTTPRequestHandler):
    """GET /ping and POST /invocations."""

    protocol_version = "HTTP/1.1"
    # Without these, a small answer leaves in two packets and waits for the acknowledgement of the first.
    disable_nagle_algorithm = True
    wbufsize = -1

    program: ModuleType
    model: Any

    def do_GET(self) -> None:
        """The health check."""
        self._answer(200 if self.path == "/ping" else 404, "text/plain", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/invocations":
            self._answer(404, "text/plain", b"")
            return
        try:
            content_type, answer = self._predict(body)
        except ValueError as error:
            print(f"400: {error}", flush=True)
            self._answer(400, "text/plain", str(error).encode())
        except Exception:
            # The caller learns nothing about the inside; the log tells it all.
            print(traceback.format_exc(), flush=True)
            self._answer(500, "text/plain", b"Internal Server Error")
        else:
            self._answer(200, content_type, answer)

    def _predict(self, body: bytes) -> tuple[str, bytes]:
        content_type = self.headers.get("Content-Type", "text/csv")
        accept = self.headers.get("Accept", "")
        if accept in _ANY:
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _DEFAULT_ACCEPT)
        text = body.decode() if content_type.split(";")[0] in ("text/csv", "application/json") else body
        data = self.program.input_fn(text, content_type)
        answer = self.program.output_fn(self.program.predict_fn(data, self.model), accept)
        if isinstance(answer, tuple):
            answer, accept = answer
        return accept, answer if isinstance(answer, bytes) else str(answer).encode()

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Health checks are no news."""
        if self.path != "/ping":
            print(format % args, flush=True)


def load_program() -> ModuleType:
    """The module with the four functions; `SystemExit` with the reason when it cannot be used."""
    folder = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    name = os.environ.get("SAGEMAKER_PROGRAM", "")
    if not (Path(folder) / name).is_file():
        raise SystemExit(f"There is no SAGEMAKER_PROGRAM {name!r} in SAGEMAKER_SUBMIT_DIRECTORY {folder!r}.")
    sys.path.insert(0, folder)
    program = importlib.import_module(Path(name).stem)
    missing = [function for function in FUNCTIONS if not hasattr(program, function)]
    if missing:
        raise SystemExit(f"{name} lacks {', '.join(missing)}.")
    return program


def _end_with_parent() -> None:
    # A parent that is killed cannot tell its children.
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def main(port_file: Path) -> None:
    """Loads the model, says where it serves, serves for ever."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ModelHandler.program = load_program()
    ModelHandler.model = ModelHandler.program.model_fn(str(Path(os.environ["SAGEMAKER_BASE_DIR"]) / "model"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), ModelHandler)
    server.daemon_threads = True
    # Renamed into place, so that a reader never sees half a number.
    part = port_file.with_suffix(".part")
    part.write_text(str(server.server_address[1]))
    part.rename(port_file)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
