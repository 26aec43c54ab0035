"""`python -m benchmarks`: measures and prints. Takes less than five minutes on two cores."""

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from benchmarks import accuracy, permissions, prediction, preparation, rehearsal, synthesis, training
from benchmarks.measuring import Printed
from tools.local_aws.process import LocalAwsError
from tools.rehearse.errors import RehearsalError

PARTS: tuple[Callable[[], Sequence[Printed]], ...] = (
    synthesis.measure,
    permissions.measure,
    preparation.measure,
    training.measure,
    prediction.measure,
    accuracy.measure,
    rehearsal.measure,
)
FAILURES = (
    subprocess.CalledProcessError,
    RehearsalError,
    LocalAwsError,
    ClientError,
    BotoCoreError,
    RuntimeError,
)


def main() -> int:
    """Prints every part as soon as it is measured; the exit status says whether all of them could be."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n", flush=True)
    status = 0
    for measure in PARTS:
        try:
            lines = [line for measurement in measure() for line in measurement.lines()]
        except FAILURES as error:
            lines, status = [f"{measure.__module__} could not be measured: {error}"], 1
        print("\n".join([*lines, ""]), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
