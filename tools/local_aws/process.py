"""Runs the embedded AWS as a child process, for tests and rehearsals."""

import copy
import os
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tools.local_aws.clients import Clients, Credentials

_REPOSITORY = Path(__file__).resolve().parents[2]
_LOG_LINES_SHOWN = 20


class LocalAwsError(Exception):
    """The embedded AWS did not start, or did not stop as it should."""


def require_free_port(port: int) -> None:
    """Raises `LocalAwsError` if something listens on the port; 0 is always free."""
    with socket.socket() as probe:
        if port and probe.connect_ex(("127.0.0.1", port)) == 0:
            raise LocalAwsError(f"port {port} is in use; choose another one with --keep PORT")


class LocalAws:
    """An embedded AWS in a process of its own; use it as a context manager."""

    def __init__(
        self,
        *,
        account: str,
        region: str,
        port: int = 0,
        new_customer: bool = False,
        second_account: str = "",
        log_path: Path,
        start_timeout_seconds: float = 60.0,
        stop_timeout_seconds: float = 20.0,
    ) -> None:
        self.account = account
        self.region = region
        self.log_path = log_path
        self._port = port
        self._new_customer = new_customer
        self._second_account = second_account
        self._second: LocalAws | None = None
        self._start_timeout_seconds = start_timeout_seconds
        self._stop_timeout_seconds = stop_timeout_seconds
        self._process: subprocess.Popen[str] | None = None
        self._endpoint_url: str | None = None
        self._operator: Credentials | None = None
        self._clients: Clients | None = None

    def __enter__(self) -> "LocalAws":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Where it answers, for example `http://localhost:5566`."""
        if self._endpoint_url is None:
            raise LocalAwsError("The embedded AWS is not running: call start() first.")
        return self._endpoint_url

    def start(self) -> None:
        """Starts the process and returns when it serves; otherwise `LocalAwsError` shows the log's end."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log_file:
            process = subprocess.Popen(
                self._command(),
                cwd=_REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
                text=True,
                # An interrupt on the terminal reaches the parent only, which then stops this one.
                start_new_session=True,
            )
        self._process = process
        assert process.stdout is not None
        try:
            self._endpoint_url, *key = self._wait_until_ready(process, process.stdout)
        except BaseException:
            self.stop()
            raise
        self._sign_in(*key[:2])
        if self._second_account:
            self._second = copy.copy(self)
            self._second.account = self._second_account
            self._second._sign_in(*key[2:])

    def _sign_in(self, key_id: str, secret: str) -> None:
        self._operator = Credentials(key_id, secret, "")
        self._clients = Clients(self.endpoint_url, self.region, self._operator, self.account)

    @property
    def second(self) -> "LocalAws":
        """The same embedded AWS as its second account; it runs as long as the first."""
        if self._second is None:
            raise LocalAwsError("This embedded AWS has one account: start it with second_account.")
        return self._second

    def _command(self) -> list[str]:
        options = {"--account": self.account, "--region": self.region, "--port": str(self._port)}
        options |= {"--second-account": self._second_account} if self._second_account else {}
        words = [word for option in options.items() for word in option]
        flags = ["--stop-when-stdin-closes", *(["--new-customer"] if self._new_customer else [])]
        return [sys.executable, "-m", "tools.local_aws", *words, *flags]

    def _wait_until_ready(self, process: subprocess.Popen[str], output: IO[str]) -> list[str]:
        """Its address, and the operator's access key id and secret access key."""
        deadline = time.monotonic() + self._start_timeout_seconds
        readable, _, _ = select.select([output], [], [], max(0.0, deadline - time.monotonic()))
        line = output.readline() if readable else ""
        if line.startswith("ready "):
            return line.split()[1:]
        if readable:
            what = f"ended with status {process.wait()} before it was ready"
        else:
            what = f"was not ready after {self._start_timeout_seconds:g} seconds"
        raise LocalAwsError(f"The embedded AWS {what}. The end of {self.log_path}:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        lines = self.log_path.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_LINES_SHOWN:])

    def stop(self) -> None:
        """Stops the process cleanly, and by force if that takes too long. Stopping twice is harmless."""
        process, self._process = self._process, None
        self._endpoint_url = None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(self._stop_timeout_seconds)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise LocalAwsError(
                f"The embedded AWS had to be killed: it did not stop within {self._stop_timeout_seconds:g} "
                f"seconds. The end of {self.log_path}:\n{self._log_tail()}"
            ) from error
        finally:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def environment(self) -> dict[str, str]:
        """This process's environment variables, changed so that AWS tools talk to the embedded AWS only."""
        operator = self._operator
        if operator is None:
            raise LocalAwsError("The embedded AWS is not running: call start() first.")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": operator.access_key_id,
            "AWS_SECRET_ACCESS_KEY": operator.secret_access_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            # Neither a profile of the user nor an instance's role may slip in.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A boto3 client acting with `credentials`, or as the operator without them."""
        return self._running_clients().client(service, credentials)

    def control(self, name: str, **options: Any) -> dict[str, Any]:
        """What the embedded AWS can do and AWS cannot, such as `strike-hour`; raises `ControlError`."""
        return self._running_clients().control(name, options)

    def _running_clients(self) -> Clients:
        if self._clients is None:
            raise LocalAwsError("The embedded AWS is not running: call start() first.")
        return self._clients
