"""Opens pages in a browser without a window, and says what went wrong there.

The pages are served from this machine and shown one after another in a frame. Their Content Security Policy
names no other place: the browser refuses what is loaded from elsewhere, and says so on its console.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TIMEOUT_SECONDS = 300.0
_VIEWER = Path(__file__).with_name("viewer.html")
_VIEWED = "/viewer-of-the-site.html"
_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
_CONSOLE = re.compile(r"CONSOLE[^\]]*\] (?P<message>.*)")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1440,1000",
)


class BrowserError(Exception):
    """The browser could not be asked; the text says why."""


@dataclass
class _Seen:
    """What the viewer has told, and what the server did not have."""

    problems: list[str] = field(default_factory=list)
    is_told: threading.Event = field(default_factory=threading.Event)


def find(name: str | None = None) -> str | None:
    """The program of a browser; of the usual names the first one that is there, if none is given."""
    for each in [name] if name else NAMES:
        program = shutil.which(each)
        if program:
            return program
    return None


def problems(browser: str, folder: Path, pages: Sequence[str], timeout: float = TIMEOUT_SECONDS) -> list[str]:
    """One line for each message on the console, missing file, broken image and diagram that is not drawn.

    Raises BrowserError when the browser does not show all pages in time.
    """
    seen = _Seen()
    with _served(folder, pages, seen) as address, tempfile.TemporaryDirectory() as profile:
        log = Path(profile) / "console.log"
        with (
            log.open("wb") as output,
            _running([browser, *_OPTIONS, f"--user-data-dir={profile}", address], output),
        ):
            is_told = seen.is_told.wait(timeout)
        console = log.read_text("utf-8", errors="replace")
    if not is_told:
        raise BrowserError(
            f"{browser} did not show {len(pages)} pages in {timeout:.0f} s:\n{console[-2000:]}"
        )
    messages = [match["message"] for match in _CONSOLE.finditer(console)]
    return sorted({*seen.problems, *messages})


@contextmanager
def _running(command: list[str], output: Any) -> Iterator[None]:
    # A browser is several processes: they end together.
    process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _served(folder: Path, pages: Sequence[str], seen: _Seen) -> Iterator[str]:
    viewer = _VIEWER.read_text("utf-8").replace("[/* pages */]", json.dumps(list(pages)))
    server = _Server(folder, viewer.encode(), seen)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{_VIEWED}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """On a free port of this machine only."""

    def __init__(self, folder: Path, viewer: bytes, seen: _Seen) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.viewer, self.seen = folder, viewer, seen


class _Handler(SimpleHTTPRequestHandler):
    """The files of the folder, the viewer, and what it tells."""

    server: _Server

    def __init__(self, request: Any, address: Any, server: _Server) -> None:
        super().__init__(request, address, server, directory=str(server.folder))

    def do_GET(self) -> None:
        """Give the viewer, or a file; a browser asks for an icon that no page names."""
        if self.path == _VIEWED:
            self._answer(self.server.viewer)
        elif self.path == "/favicon.ico":
            self._answer(b"")
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """Take what the viewer tells in the end."""
        told = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.problems += json.loads(told)
        self._answer(b"")
        self.server.seen.is_told.set()

    def _answer(self, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """With the policy, whatever is answered."""
        self.send_header("Content-Security-Policy", _POLICY)
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Note what is not there."""
        self.server.seen.problems.append(f"{self.path}: {int(code)}")
        super().send_error(code, message, explain)

    def log_message(self, *_: Any) -> None:
        """Say nothing: what is missing is told once, in the end."""
