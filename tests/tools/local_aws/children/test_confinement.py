"""A program of a job writes to its own folder, reaches nothing but the embedded AWS and sees nobody else."""

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.local_aws.children.programs import output_of
from tools.local_aws.children.processes import ChildProcesses

CONNECT = """
import socket
try:
    socket.create_connection(({host!r}, {port}), timeout=5)
    print("connected")
except OSError as error:
    print(error)
"""
FETCH = "import urllib.request; print(urllib.request.urlopen('http://localhost:{port}/', timeout=5).read())"


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[ChildProcesses]:
    children = ChildProcesses(tmp_path)
    yield children
    children.stop_all()


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_literal_path_below_opt_ml_is_its_folder(processes: ChildProcesses, tmp_path: Path) -> None:
    before = Path("/opt/ml").exists()
    program = "import os; open('/opt/ml/model.txt', 'w').write('1'); print(sorted(os.listdir('/opt')))"
    status, output = output_of(processes, tmp_path, program)
    assert (status, Path("/opt/ml").exists()) == (0, before)
    assert (tmp_path / "job" / "model.txt").read_text() == "1"
    others = {path.name for path in Path("/opt").iterdir()}
    assert str(sorted({"ml", *others})) in output


@pytest.mark.parametrize("place", ["/etc", "/opt", "/usr/lib", "{repository}", "{work}", "{work}/other-job"])
def test_the_machine_cannot_be_written_to(processes: ChildProcesses, tmp_path: Path, place: str) -> None:
    (tmp_path / "other-job").mkdir()
    folder = place.format(repository=Path(__file__).parents[4], work=tmp_path)
    status, output = output_of(processes, tmp_path, f"open('{folder}/harm', 'w')")
    assert status == 1
    assert "Read-only file system" in output


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm", "{home}"])
def test_the_usual_places_can_be_written_to(processes: ChildProcesses, tmp_path: Path, place: str) -> None:
    folder = place.format(home=tmp_path / "home")
    program = f"import tempfile; tempfile.TemporaryFile(dir='{folder}').write(b'1')"
    assert output_of(processes, tmp_path, program) == (0, "")


def test_only_the_embedded_aws_is_reached(processes: ChildProcesses, tmp_path: Path, port: int) -> None:
    endpoint = f"http://localhost:{port}"
    reached = output_of(processes, tmp_path, FETCH.format(port=port), AWS_ENDPOINT_URL=endpoint)
    assert reached == (0, "b'hello'\n")
    with socket.create_server(("127.0.0.1", 0)) as other:
        program = CONNECT.format(host="127.0.0.1", port=other.getsockname()[1])
        refused = output_of(processes, tmp_path, program, AWS_ENDPOINT_URL=endpoint)
    assert "Connection refused" in refused[1]
    outside = output_of(processes, tmp_path, CONNECT.format(host="192.0.2.1", port=80))
    assert "Network is unreachable" in outside[1]


def test_it_sees_no_other_process(processes: ChildProcesses, tmp_path: Path) -> None:
    program = "import os; print(os.getpid(), len([1 for name in os.listdir('/proc') if name.isdigit()]))"
    assert output_of(processes, tmp_path, program) == (0, "2 2\n")


def test_it_gets_no_more_memory_than_the_machine_can_give(processes: ChildProcesses, tmp_path: Path) -> None:
    # Without a limit the kernel promises all the memory that there is.
    memory = "os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')"
    program = f"import os; bytearray(int({memory} * 0.9))"
    status, output = output_of(processes, tmp_path, program)
    assert (status, "MemoryError" in output) == (1, True)


def test_it_may_write_where_it_starts(processes: ChildProcesses, tmp_path: Path) -> None:
    assert output_of(processes, tmp_path, "open('model.txt', 'w').write('1')") == (0, "")
    assert (tmp_path / "job" / "model.txt").read_text() == "1"


def test_it_cannot_multiply_without_end(processes: ChildProcesses, tmp_path: Path) -> None:
    program = "import os, time\nfor _ in range(2000):\n    if os.fork() == 0: time.sleep(60)"
    status, output = output_of(processes, tmp_path, program)
    assert (status, "Resource temporarily unavailable" in output) == (1, True)
