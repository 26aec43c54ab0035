"""What every machine of a Spark job does before and after AWS's own program, which is made up here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import libraries
import pytest

CODE = Path(libraries.__file__).parent
# Like AWS's, it writes about a failure what nobody can use.
SUBMIT = """#!{python}
import json, os, sys
from pathlib import Path
base = Path(os.environ["SAGEMAKER_BASE_DIR"])
program = Path(sys.argv[1])
told = {{"argv": sys.argv[2:], "path": os.environ["PYTHONPATH"], "program": program.read_text(),
        "java": os.environ["JAVA_TOOL_OPTIONS"]}}
(base / "told.json").write_text(json.dumps(told))
(base / "output").mkdir()
if {status}:
    (base / "output" / "reason").write_text("preprocess: columns are missing")
    (base / "output" / "message").write_text("Algorithm Error: spark failed")
sys.exit({status})
"""


def run(base: Path, status: int) -> int:
    folder = base / "bin"
    folder.mkdir()
    submit = folder / "smspark-submit"
    submit.write_text(SUBMIT.format(python=sys.executable, status=status))
    submit.chmod(0o755)
    source = base / "processing" / "input" / "libraries"
    source.mkdir(parents=True)
    (base / "something.py").write_text("")
    with tarfile.open(source / libraries.FILE, "w") as archive:
        archive.add(base / "something.py", "something/__init__.py")
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "SAGEMAKER_BASE_DIR": str(base)}
    # Without the libraries of other images, as in AWS's.
    command = [sys.executable, "-S", str(CODE), "spark_cluster", "--target", "Price"]
    return subprocess.run(command, env=environment, check=False).returncode


def test_spark_gets_the_libraries_the_code_and_the_arguments(tmp_path: Path) -> None:
    assert run(tmp_path, 0) == 0
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["argv"] == ["--target", "Price"]
    unpacked, code = told["path"].split(os.pathsep)
    assert (Path(unpacked) / "something" / "__init__.py").is_file()
    assert Path(code) == CODE
    assert "spark_preprocess" in told["program"]
    assert told["java"] == "-XX:+IgnoreUnrecognizedVMOptions"


def test_a_failure_has_the_reason_of_the_step_and_not_that_of_the_program_of_aws(tmp_path: Path) -> None:
    assert run(tmp_path, 3) == 3
    assert (tmp_path / "output" / "message").read_text() == "preprocess: columns are missing"


def test_the_libraries_of_one_image_are_whole_in_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    libraries.main([])
    libraries.unpack(tmp_path / "processing" / "output" / "libraries", tmp_path / "unpacked")
    program = (
        "import numpy, pyarrow.compute as pc, pyarrow.csv, pyarrow.parquet\n"
        "print(numpy.__file__, pc.sum(pyarrow.array(numpy.arange(4))).as_py())"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "unpacked")}
    command = [sys.executable, "-S", "-c", program]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.stdout.split() == [str(tmp_path / "unpacked" / "numpy" / "__init__.py"), "6"], told.stderr
