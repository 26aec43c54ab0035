"""What every part of the embedded AWS is handed when it is installed."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from tools.local_aws.clients import Clients, Credentials, new_operator


class ChildProcesses:
    """The processes started on behalf of jobs and endpoints; all of them end with the server."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        output: int | IO[bytes] = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Starts a process in a group of its own, its standard output and error both going to `output`.

        Raises `RuntimeError` when the embedded AWS is already stopping, `OSError` when it cannot be started.
        """
        with self._lock:
            if self._stopped:
                raise RuntimeError("The embedded AWS is stopping: no new process is started.")
            self._running = {process for process in self._running if process.poll() is None}
            process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
            return process

    def stop_all(self) -> None:
        """Kills every process with all its descendants, and refuses to start another one."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                kill_group(process)
            for process in self._running:
                process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills a process that leads a group of its own, together with that group."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Context:
    """One running embedded AWS: who it is, where it answers, where it may write.

    A new customer has never used what AWS has closed to new customers. `controls` maps a name to what
    `POST /local-aws/<name>` does with the options in the request's JSON; what it returns is answered as JSON.
    """

    account: str
    region: str
    endpoint_url: str
    work_folder: Path
    new_customer: bool = False
    operator: Credentials = field(default_factory=new_operator)
    processes: ChildProcesses = field(default_factory=ChildProcesses)
    controls: dict[str, Callable[..., dict[str, Any]]] = field(default_factory=dict)

    @cached_property
    def _clients(self) -> Clients:
        return Clients(self.endpoint_url, self.region, self.operator)

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A boto3 client acting with `credentials`, or as the operator without them."""
        return self._clients.client(service, credentials)
