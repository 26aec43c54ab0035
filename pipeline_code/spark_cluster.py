"""What every machine of a Spark job does: AWS's own program makes a cluster, with what its image lacks.

Of AWS's image, at https://github.com/aws/sagemaker-spark-container:
- It has no pyarrow (Pipfile.runtime): the libraries come as an input, see libraries.py.
- `smspark-submit` starts Java 17 with options that only Java 8 knows (bootstrapper.py): Java ignores them.
- `smspark-submit` writes over the reason of a failure (errors.py): it is put back.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from job import base_dir
from libraries import unpack

REASON_OF_DRIVER = "reason"
JAVA_OPTIONS = "-XX:+IgnoreUnrecognizedVMOptions"
_PROGRAM = """import runpy, sys
sys.argv.insert(1, "spark_preprocess")
runpy.run_path({code!r}, run_name="__main__")
"""


def main(argv: Sequence[str]) -> None:
    """Run spark_preprocess with these arguments; ends as Spark ends."""
    base, code = base_dir(), str(Path(sys.argv[0]).absolute())
    folder = base / "spark"
    unpack(base / "processing" / "input" / "libraries", folder / "libraries")
    program = folder / "program.py"
    program.write_text(_PROGRAM.format(code=code), encoding="utf-8")
    path = os.pathsep.join([str(folder / "libraries"), code])
    environment = os.environ | {"PYTHONPATH": path, "JAVA_TOOL_OPTIONS": JAVA_OPTIONS}
    ran = subprocess.run(command(program, argv), env=environment, check=False)  # noqa: S603
    reason = base / "output" / REASON_OF_DRIVER
    if ran.returncode and reason.is_file():
        reason.replace(base / "output" / "message")
    sys.exit(ran.returncode)


def command(program: Path, arguments: Sequence[str]) -> list[str]:
    return ["smspark-submit", str(program), *arguments]
