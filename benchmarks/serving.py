"""`python -m benchmarks.serving [python]`: seconds of CPU per request, of 1 and of 100 rows.

The same trained artifact answers on AWS's own toolkit with the libraries of AWS's image, which the own image
keeps (docs/decisions/0032-own-image.md), and on the embedded AWS's server; without a server it is what our
code takes. The peer is MLflow's scoring server on the same trees, where the Python that is named has mlflow,
fastapi and uvicorn beside this repository's libraries. Servers are asked in turns, over one connection.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import urllib3

from benchmarks.measuring import duration
from benchmarks.prediction import train
from tests.pipeline_code.hosting.invocations import CSV, Rows
from tests.pipeline_code.hosting.servers import embedded, toolkit

HERE = Path(__file__).parent
ROUNDS, REQUESTS = 5, {1: 200, 100: 40}
JSON = {"Content-Type": "application/json"}
GOAL_OF_HANDLER = 0.3e-3
START_SECONDS = 60


@dataclass(frozen=True)
class Asked:
    """A server, by the process that began it, and how it is asked for so many rows."""

    name: str
    process: psutil.Process
    ask: Callable[[int], None]
    """For an answer of 200."""

    def cpu(self) -> float:
        """Of all its processes until now."""
        times = [each.cpu_times() for each in (self.process, *self.process.children(recursive=True))]
        return float(sum(each.user + each.system for each in times))


def main(mlflow: str = "") -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        base = Path(name)
        train(base)
        model, parts = base / "model", base / "processing" / "output"
        rows = Rows.read(model, parts / "test" / "test.csv")
        bodies = {count: "\n".join(rows.lines[:count]) for count in REQUESTS}
        alone = _alone(model, bodies)
        servers = []
        for title, serve in (("AWS's toolkit", toolkit), ("the embedded AWS's server", embedded)):
            folder = base / title
            folder.mkdir()
            before = set(psutil.Process().children())
            served = running.enter_context(serve(model, folder))
            (process,) = set(psutil.Process().children()) - before

            def ask(count: int, port: int = served.port) -> None:
                _post(port, bodies[count], CSV)

            servers.append(Asked(title, process, ask))
        if mlflow:
            servers.append(running.enter_context(_mlflow(mlflow, model, parts, rows)))
        _tell(alone, _measured(servers))


def _alone(model: Path, bodies: Mapping[int, str]) -> dict[int, float]:
    environment = {**os.environ, "PYTHONPATH": str(model / "code")}
    command = [sys.executable, str(HERE / "handler.py"), str(model)]
    given = json.dumps({str(count): body for count, body in bodies.items()})
    done = subprocess.run(
        command, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return {int(count): seconds for count, seconds in json.loads(done.stdout).items()}


@contextmanager
def _mlflow(python: str, model: Path, parts: Path, rows: Rows) -> Iterator[Asked]:
    port = 18080
    environment = {**os.environ, "PYTHONPATH": f"{model / 'code'}{os.pathsep}{HERE.parent}"}
    command = [python, str(HERE / "mlflow_scorer.py"), str(model), str(parts), str(port)]
    process = subprocess.Popen(command, env=environment, cwd=model.parent)
    cells = [[row[name] for name in rows.header] for row in rows.objects]
    bodies = {
        count: json.dumps({"dataframe_split": {"columns": rows.header, "data": cells[:count]}})
        for count in REQUESTS
    }
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_up(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("MLflow's scoring server has not started")
            time.sleep(0.2)

        def ask(count: int) -> None:
            _post(port, bodies[count], JSON)

        yield Asked("MLflow's scoring server", psutil.Process(process.pid), ask)
    finally:
        process.terminate()
        process.wait(20)


def _is_up(port: int) -> bool:
    try:
        return urllib3.request("GET", f"http://127.0.0.1:{port}/ping", retries=False, timeout=5).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _post(port: int, body: str, headers: Mapping[str, str]) -> None:
    url = f"http://127.0.0.1:{port}/invocations"
    answer = urllib3.request("POST", url, body=body.encode(), headers=headers, retries=False)
    if answer.status != 200:
        raise RuntimeError(f"{url} has answered {answer.status}: {answer.data[:3000].decode()}")


def _measured(servers: list[Asked]) -> dict[str, dict[int, float]]:
    """The median of the rounds, in which all servers take turns."""
    found: dict[str, dict[int, list[float]]] = {
        each.name: {count: [] for count in REQUESTS} for each in servers
    }
    for _ in range(ROUNDS + 1):
        for server in servers:
            for count, requests in REQUESTS.items():
                before = server.cpu()
                for _ in range(requests):
                    server.ask(count)
                found[server.name][count].append((server.cpu() - before) / requests)
    # The first round warms up.
    return {
        name: {count: statistics.median(each[1:]) for count, each in by_rows.items()}
        for name, by_rows in found.items()
    }


def _tell(alone: Mapping[int, float], servers: Mapping[str, Mapping[int, float]]) -> None:
    first = next(iter(servers.values()))
    print(f"{'CPU per request':<34}{'1 row':>12}{'ratio':>8}{'100 rows':>12}{'ratio':>8}")
    for name, taken in {"our handler, without a server": alone, **servers}.items():
        cells = "".join(
            f"{duration(taken[count]):>12}{taken[count] / first[count]:>8.2f}" for count in REQUESTS
        )
        print(f"{name:<34}{cells}")
    print(f"Ratios are to AWS's toolkit. Goal of the handler for one row: {duration(GOAL_OF_HANDLER)}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
