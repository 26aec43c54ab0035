"""`python -m benchmarks.machines [trees]`: a training of two machines against that of one, with a core each.

Two processes of the train script, as SageMaker starts them, on a million rows. On a busy machine the seconds
of CPU of the busier process tell more than those that go by. It takes minutes, so it runs alone.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# The first one's name is looked up; any other text is a machine of its own.
MACHINES = ("127.0.0.1", "second")
TREES = "300"
GOAL = 1.6


@dataclass(frozen=True)
class Job:
    """What a training has taken."""

    seconds: float
    busiest_cpu: float
    """Seconds of CPU of the machine that had most to do."""


def main(trees: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'pipeline_code'}"}
        script = REPOSITORY / "benchmarks" / "million_rows.py"
        subprocess.run([sys.executable, str(script), str(base / "data")], env=environment, check=True)
        one, two = (_train(base, MACHINES[:count], trees) for count in (1, 2))
    print(f"{trees} trees on a million rows       one machine   two machines   speed-up (goal {GOAL})")
    for what in ("seconds", "busiest_cpu"):
        alone, together = getattr(one, what), getattr(two, what)
        print(f"{what:<32}{alone:>12.1f} s{together:>13.1f} s{alone / together:>11.2f}")


def _train(base: Path, machines: tuple[str, ...], trees: str) -> Job:
    started, running = time.perf_counter(), []
    for name in machines:
        folder = base / f"{len(machines)}-{name}"
        settings = folder / "input" / "config"
        settings.mkdir(parents=True)
        (folder / "input" / "data").symlink_to(base / "data")
        given = {"n_estimators": trees, "early_stopping_rounds": trees, "n_jobs": "1"}
        (settings / "hyperparameters.json").write_text(json.dumps(given), "utf-8")
        hosts = {"hosts": machines, "current_host": name}
        (settings / "resourceconfig.json").write_text(json.dumps(hosts), "utf-8")
        # One core each also where libraries would take all.
        environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(folder), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, str(REPOSITORY / "pipeline_code"), "train"]
        running.append(subprocess.Popen(command, env=environment))
    cpu = []
    for process in running:
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"a training has ended with status {status}")
        cpu.append(used.ru_utime + used.ru_stime)
    return Job(time.perf_counter() - started, max(cpu))


if __name__ == "__main__":
    main(*(sys.argv[1:] or [TREES]))
