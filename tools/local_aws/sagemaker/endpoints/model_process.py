"""The process behind an endpoint's variant or a transform job: started, watched, restarted once, stopped."""

import logging
import shutil
import socket
import sys
import tarfile
import threading
import time
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import urllib3

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.models import ServedModel
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.jobs.container import Container
from tools.local_aws.sagemaker.jobs.images import check_image
from tools.local_aws.sagemaker.jobs.logs import LogStream
from tools.local_aws.sagemaker.s3_objects import download_object

INVOCATION_TIMEOUT_SECONDS = 60.0
_START_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LOOPBACK = "127.0.0.1"
_BACKLOG = 128
_SERVER = Path(__file__).with_name("model_server.py")

log = logging.getLogger(__name__)


class NotReadyError(Exception):
    """The process is between two lives."""


@dataclass(frozen=True)
class Room:
    """Where a model server lives, and where its lines go."""

    name: str
    """The variant, or the job."""
    folder: Path
    log_group: str
    log_stream: str

    @classmethod
    def of_variant(cls, account: Account, log_group: str, variant: str) -> "Room":
        folders = account.context.work_folder / "endpoint" / log_group.rpartition("/")[2]
        folder, stream = (
            folders / f"{variant}-{uuid.uuid4().hex[:8]}",
            f"{variant}/i-{uuid.uuid4().hex[:17]}",
        )
        return cls(variant, folder, log_group, stream)


class ModelProcess:
    """One model server. `failed` is called when it died twice."""

    def __init__(
        self, account: Account, room: Room, model: ServedModel, failed: Callable[[str], None]
    ) -> None:
        self._account = account
        self._variant = room.name
        self._model = model
        self._failed = failed
        self._folder = room.folder
        self._role = account.assume(model.role_arn)
        logs = account.context.client("logs", self._role)
        self._log = LogStream(logs, room.log_group, room.log_stream)
        self._container: Container | None = None
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._stopping = False
        self._restarted = False

    def start(self) -> None:
        """Fetches the model and returns when the server answers; `JobFailedError` when it does not."""
        check_image(self._model.image)
        s3 = self._account.context.client("s3", self._role)
        archive = self._folder / "model.tar.gz"
        download_object(s3, self._model.data_url, archive)
        try:
            with tarfile.open(archive) as tar:
                _unpack(tar, self._folder / "model")
        except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
            raise JobFailedError(
                f"Failed to extract model data from {self._model.data_url}: {error}"
            ) from error
        self._launch()

    def invoke(
        self, body: bytes, headers: dict[str, str], timeout_seconds: float
    ) -> urllib3.BaseHTTPResponse:
        """Passes a request on; raises `NotReadyError`, or urllib3's `HTTPError` when it breaks off."""
        if self._pool is None:
            raise NotReadyError
        return self._pool.urlopen(
            "POST", "/invocations", body=body, headers=headers, retries=False, timeout=timeout_seconds
        )

    def stop(self) -> None:
        """Ends the process and removes its folder."""
        self._stopping = True
        self._pool = None
        if self._container is not None:
            self._container.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _launch(self) -> None:
        # The socket stays in this network, whatever network the server is put into.
        with socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG) as listener:
            container = self._container = self._started(listener.fileno())
            port = listener.getsockname()[1]
        pool = urllib3.HTTPConnectionPool(_LOOPBACK, port, maxsize=16, timeout=INVOCATION_TIMEOUT_SECONDS)
        if pool.request("GET", "/ping", retries=False).status != 200:
            raise JobFailedError(self._not_healthy(container))
        self._pool = pool

    def _started(self, listener: int) -> Container:
        """A container whose server has loaded the model and serves at the socket."""
        ready_file = self._folder / f"ready-{uuid.uuid4().hex[:8]}"
        container = Container(
            self._account.context.processes,
            self._folder,
            [sys.executable, str(_SERVER), str(ready_file), str(listener)],
            self._account.environment(self._role) | self._model.environment,
            self._log,
            sockets=[listener],
        )
        ended = threading.Event()
        threading.Thread(target=self._watch, args=(container, ended), name=self._variant, daemon=True).start()
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while not ready_file.is_file():
            if ended.is_set() or time.monotonic() > deadline:
                container.stop()
                ended.wait()
                raise JobFailedError(self._not_healthy(container))
            time.sleep(_POLL_SECONDS)
        return container

    def _not_healthy(self, container: Container) -> str:
        last_line = next((line for line in reversed(container.lines) if line.strip()), "nothing")
        return (
            f"The primary container for production variant {self._variant} did not pass the ping health "
            f"check. Please check CloudWatch logs for this endpoint. Its last line: {last_line}"
        )

    def _watch(self, container: Container, ended: threading.Event) -> None:
        try:
            status = container.run(limit_seconds=None)
        except RuntimeError as error:  # the embedded AWS is stopping
            log.info("Variant %s: %s", self._variant, error)
            return
        finally:
            ended.set()
        was_serving, self._pool = self._pool is not None, None
        if self._stopping or not was_serving:
            return
        log.info("The model server of variant %s ended with status %s", self._variant, status)
        try:
            if self._restarted:
                raise JobFailedError(
                    f"The model server of variant {self._variant} died again, status {status}."
                )
            self._restarted = True
            self._launch()
        except JobFailedError as error:
            self._failed(str(error))


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Only what stays in the folder; the Python of Debian 12, 3.11.2, does not know the filter for that."""
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
        return
    for member in tar.getmembers():
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.ExtractError(f"{member.name!r} is no file or folder inside the archive")
    tar.extractall(folder)
