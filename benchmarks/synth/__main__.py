"""`python -m benchmarks.synth`: synthesis of 1, 20, 100 and 200 use cases in each environment.

Its peers make the same resources: the CDK in JavaScript, one call for each of them, and Python's `json`.
Seconds of CPU of whole processes and their children.
"""

import os
import resource
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
COUNTS = (1, 20, 100, 200)
PACKAGES = {
    "aws_cdk": "aws-cdk-lib",
    "aws_cdk.cloud_assembly_schema": "@aws-cdk/cloud-assembly-schema",
    "constructs": "constructs",
}
"""The CDK's Python packages, by the JavaScript that is in them."""


def main() -> None:
    print(
        f"{'use cases':>9}{'resources':>11}{'CPU':>9}{'each':>10}{'memory':>9}{'JavaScript':>12}{'json':>9}"
    )
    with tempfile.TemporaryDirectory() as folder:
        libraries = _libraries(Path(folder) / "libraries")
        for count in COUNTS:
            print(_line(count, libraries, Path(folder) / str(count)), flush=True)


def _line(count: int, libraries: Path, folder: Path) -> str:
    app, peer, floor = (folder / name for name in ("app", "peer", "floor"))
    floor.mkdir(parents=True)
    # The memory is that of the largest process up to now, and each count is larger than the last one.
    ours = _cpu_seconds([sys.executable, "-m", "benchmarks.synth.app", str(count), str(app)])
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    theirs = _cpu_seconds(["node", str(HERE / "peer.mjs"), str(libraries), str(app), str(peer)])
    least = _cpu_seconds([sys.executable, "-m", "benchmarks.synth.floor", str(app), str(floor)])
    resources = sum(path.read_text("utf-8").count('"Type": "AWS::') for path in app.rglob("*.template.json"))
    each_ms = ours / resources * 1000
    return (
        f"{count:>9}{resources:>11,}{ours:>7.1f} s{each_ms:>7.1f} ms{memory_mb:>6.0f} MB"
        f"{theirs:>10.1f} s{least:>7.1f} s"
    )


def _cpu_seconds(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=HERE.parents[1], env={**os.environ, "PYTHONPATH": "."})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _libraries(folder: Path) -> Path:
    """The JavaScript of the CDK, as npm would lay it out."""
    for package, name in PACKAGES.items():
        (archive,) = (each for each in files(f"{package}._jsii").iterdir() if each.name.endswith(".tgz"))
        with archive.open("rb") as stream, tarfile.open(fileobj=stream) as packed:
            packed.extractall(folder, filter="data")
        place = folder / "node_modules" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        (folder / "package").rename(place)
    return folder


if __name__ == "__main__":
    main()
