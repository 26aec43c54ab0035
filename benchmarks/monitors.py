"""`python -m benchmarks.monitors [python]`: the monitor on a million rows, false alarms, what it finds.

The job runs as a process, as SageMaker starts it, on captured files with one row and with a hundred in a
request. Its peers get the same columns as tables: a plain loop over scipy's tests, and the data drift preset
of evidently, where the Python that is named has it (`pip install evidently==0.7.21` in an environment of its
own; it would change the libraries here). Seconds are of CPU. It takes minutes, so it runs alone.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
CODE, HERE = REPOSITORY / "pipeline_code", Path(__file__).parent
GOAL_SECONDS, GOAL_RATIO, GOAL_FALSE, GOAL_FOUND = 3.0, 5.0, 0.02, 19
MONITOR = ("--endpoint", "e", "--namespace", "n", "--last-hour", "12", "--window-hours", "1")


def main(evidently: str = "") -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows_of_a_request in (1, 100):
            base = folder / str(rows_of_a_request)
            _run([sys.executable, "captured_rows.py", str(base), str(rows_of_a_request)], base)
            _monitor(base, rows_of_a_request)
        _peer("a plain loop over scipy's tests", [sys.executable, "plain_scipy.py", str(base)], base)
        if evidently:
            _peer("evidently's data drift preset", [evidently, "evidently_preset.py", str(base)], base)
        print()
        _accuracy(folder)


def _monitor(base: Path, rows_of_a_request: int) -> None:
    processing = base / "processing"
    _run([sys.executable, str(CODE), "baseline", "--threshold", "0.1"], base)
    version = processing / "input" / "baseline"
    (processing / "output" / "data-quality").rename(version / "data-quality")
    told, seconds = _run([sys.executable, str(CODE), "monitor", *MONITOR], base)
    found = json.loads((processing / "output" / "report" / "constraint_violations.json").read_text("utf-8"))
    named = ", ".join(each["feature_name"] for each in found["violations"])
    print(f"Monitor, 1,000,000 rows of 20 columns, {rows_of_a_request} in a request{seconds:>12.2f} s of CPU")
    print(f"  goal {GOAL_SECONDS} s; it names {named}; {told.strip()}", flush=True)


def _peer(name: str, command: Sequence[str], base: Path) -> None:
    told, whole = _run(command, base)
    print(
        f"{name:<50}{whole:>12.2f} s of CPU, of which {float(told.split()[-1]):.2f} s to compare", flush=True
    )


def _accuracy(folder: Path) -> None:
    told, _ = _run([sys.executable, "planted_faults.py"], folder)
    result = json.loads(told)
    for name, alarms in result["false_alarms"].items():
        windows = result["windows"]
        told = f"{alarms} of {windows} quiet windows raise an alarm, {alarms / windows:.1%}"
        print(f"{name}: {told} (goal {GOAL_FALSE:.0%})")
    for rows, found in result["found"].items():
        missed = [fault for fault, is_found in found.items() if not is_found]
        told = f"{len(found) - len(missed)} of {len(found)} faults in {rows} rows are found and named"
        print("\n  missed: ".join([f"{told} (goal {GOAL_FOUND})", *missed]))


def _run(command: Sequence[str], base: Path) -> tuple[str, float]:
    """What it has told, and its seconds of CPU; it runs beside the code that it measures."""
    base.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{CODE}",
        "SAGEMAKER_BASE_DIR": str(base),
    }
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(command, env=environment, cwd=HERE, stdout=told)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"{command} has ended with status {status}")
        told.seek(0)
        return told.read(), used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
