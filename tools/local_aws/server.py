"""Runs moto, repaired and extended, on one loopback port until told to stop."""

import importlib
import json
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from tools.local_aws.context import Context

LOOPBACK = "127.0.0.1"
CONTROL_PREFIX = "/local-aws/"

# In this order; enforcement before every service, so that nothing is reachable without it.
REPAIRS = (
    *("core", "iam", "requests", "events", "cloudwatch", "step_functions", "small", "glue", "cloudformation"),
    *("sagemaker", "scheduler", "existing_networks"),
)

log = logging.getLogger(__name__)
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class PortInUseError(Exception):
    """Another program already listens on the port."""


class Server:
    """The embedded AWS in this process; use it as a context manager."""

    def __init__(self, account: str, region: str, port: int, *, new_customer: bool = False) -> None:
        self._socket = _listen(port)
        self._work_folder = Path(tempfile.mkdtemp(prefix="local-aws-"))
        self.context = Context(
            account=account,
            region=region,
            endpoint_url=f"http://localhost:{self._socket.getsockname()[1]}",
            work_folder=self._work_folder,
            new_customer=new_customer,
        )
        self._web_server: Any = None

    def __enter__(self) -> "Server":
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        _configure_moto(self.context)
        # Imported only now: moto reads its settings from the environment when it is imported.
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server

        for name in REPAIRS:
            importlib.import_module(f"tools.local_aws.moto_repairs.{name}").install(self.context)
        application = with_controls(DomainDispatcherApplication(create_backend_app), self.context)
        self._web_server = make_server(
            LOOPBACK,
            self._socket.getsockname()[1],
            application,
            threaded=True,
            request_handler=MotoRequestHandler,
            fd=self._socket.fileno(),
        )
        threading.Thread(
            # The interval is how long stopping may take.
            target=self._web_server.serve_forever,
            args=(0.05,),
            daemon=True,
            name="web server",
        ).start()

    def stop(self) -> None:
        """Kills the children, stops answering and removes the work folder."""
        self.context.processes.stop_all()
        if self._web_server is not None:
            self._web_server.shutdown()
        self._socket.close()
        shutil.rmtree(self._work_folder, ignore_errors=True)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortInUseError(
            f"Cannot listen on {LOOPBACK}:{port}: {error.strerror}. "
            "Stop the program that uses the port or choose another one with --port."
        ) from error
    return listener


def _configure_moto(context: Context) -> None:
    os.environ.update(
        MOTO_ACCOUNT_ID=context.account,
        MOTO_PORT=context.endpoint_url.rsplit(":", 1)[1],
        # `cdk bootstrap` attaches AWS's ReadOnlyAccess to the lookup role.
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
        # Buckets are named in the path only, so the host name never holds one.
        S3_IGNORE_SUBDOMAIN_BUCKETNAME="true",
        AWS_DEFAULT_REGION=context.region,
    )


def with_controls(application: WsgiApplication, context: Context) -> WsgiApplication:
    """Answers `POST /local-aws/<name>` with the part that registered the name, everything else with moto."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(CONTROL_PREFIX):
            return application(environ, start_response)
        name, length = path.removeprefix(CONTROL_PREFIX), int(environ.get("CONTENT_LENGTH") or 0)
        options = json.loads(environ["wsgi.input"].read(length)) if length else {}
        status, body = _run_control(context, environ["REQUEST_METHOD"], name, options)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    return answer


def _run_control(
    context: Context, method: str, name: str, options: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    control = context.controls.get(name)
    if control is None:
        return "404 NOT FOUND", {"error": f"No control named {name!r}; there are {sorted(context.controls)}."}
    if method != "POST":
        return "405 METHOD NOT ALLOWED", {"error": f"{CONTROL_PREFIX}{name} takes POST, not {method}."}
    try:
        return "200 OK", control(**options)
    except Exception as error:
        log.exception("Control %s failed", name)
        return "500 INTERNAL SERVER ERROR", {"error": f"{type(error).__name__}: {error}"}


def log_to_stderr() -> None:
    """Warnings of every library and the information of this package, one line each, on standard error."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("tools").setLevel(logging.INFO)
    # werkzeug prints a line per request at INFO unless its level is set explicitly.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Access denied is part of no service's model, and moto says so each time.
    warnings.filterwarnings("ignore", message="Exception.* does not match an error shape")
