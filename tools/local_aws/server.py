"""Runs moto, repaired and extended, on one loopback port until told to stop."""

import ctypes
import gc
import importlib
import logging
import os
import socket
import sys
import threading
import warnings
from contextlib import suppress
from types import TracebackType
from typing import Any

from tools.local_aws.children.work_folders import WorkFolder, clear_up_after_dead_servers
from tools.local_aws.context import Context
from tools.local_aws.gate.controls import with_controls

LOOPBACK = "127.0.0.1"
_ARENAS_AT_MOST = -8
# With Python's own 10 an eighth of the time goes into looking at what is old. What is young may be large.
_GARBAGE_THRESHOLDS = (700, 10, 1000)

# In this order; enforcement before every service, so that nothing is reachable without it.
REPAIRS = (
    *("core", "iam", "requests", "events", "cloudwatch", "step_functions", "small", "glue", "cloudformation"),
    *("kms", "queues", "logs", "buckets", "dynamodb", "chatbot"),
    *("sagemaker", "scheduler", "networks", "existing_networks", "aws_lambda", "codebuild"),
)

log = logging.getLogger(__name__)


class PortInUseError(Exception):
    """Another program already listens on the port."""


class Server:
    """The embedded AWS in this process; use it as a context manager."""

    def __init__(
        self, account: str, region: str, port: int, *, new_customer: bool = False, second_account: str = ""
    ) -> None:
        self._socket = _listen(port)
        clear_up_after_dead_servers()
        self._work_folder = WorkFolder()
        self.context = Context(
            account=account,
            region=region,
            endpoint_url=f"http://localhost:{self._socket.getsockname()[1]}",
            work_folder=self._work_folder.path,
            new_customer=new_customer,
        )
        if second_account:
            self.context.another(second_account)
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
        # What is loaded now stays; looking through it for garbage takes a third of the start.
        gc.disable()
        _share_memory()
        _configure_moto(self.context)
        # Imported only now: moto reads its settings from the environment when it is imported.
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.exceptions import NotFound

        from tools.local_aws.gate.entrance import Entrance
        from tools.local_aws.gate.keys import Keys
        from tools.local_aws.gate.refusals import Reason, RefusedError
        from tools.local_aws.gate.web_server import web_server

        for name in REPAIRS:
            importlib.import_module(f"tools.local_aws.moto_repairs.{name}").install(self.context)
        context = self.context

        def known(service: str | None) -> Any:
            if service is None:
                raise RefusedError(Reason.NO_SERVICE)
            application = create_backend_app(service)
            application.register_error_handler(NotFound, nowhere)
            return application

        def nowhere(_: NotFound) -> Any:
            raise RefusedError(Reason.NO_OPERATION)

        services = with_controls(DomainDispatcherApplication(known), context)
        keys = Keys({account: each.operator for account, each in context.accounts.items()})
        entrance = Entrance(services, keys, context.endpoint_url, context.region)
        gc.freeze()
        # Models of AWS's services come with the first request for each, and stay too.
        gc.set_threshold(*_GARBAGE_THRESHOLDS)
        gc.enable()
        self._web_server = web_server(entrance, self._socket)
        threading.Thread(target=self._web_server.run, daemon=True, name="web server").start()

    def stop(self) -> None:
        """Kills the children, stops answering and removes the work folder."""
        for context in self.context.accounts.values():
            context.processes.stop_all()
        if self._web_server is not None:
            self._web_server.close()
        self._socket.close()
        self._work_folder.remove()


def _share_memory() -> None:
    """Keeps glibc from giving each of many threads memory that it never gives back.

    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_ARENAS_AT_MOST, 2)


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
        # A larger object, or part of one, is a file without a name instead of memory.
        MOTO_S3_DEFAULT_KEY_BUFFER_SIZE=str(256 << 10),
        MOTO_DISABLE_GLOBAL_CORS="true",
        AWS_DEFAULT_REGION=context.region,
    )


def log_to_stderr() -> None:
    """Warnings of every library and the information of this package, one line each, on standard error."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("tools").setLevel(logging.INFO)
    # werkzeug prints a line per request at INFO unless its level is set explicitly.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Access denied is part of no service's model, and moto says so each time.
    warnings.filterwarnings("ignore", message="Exception.* does not match an error shape")
