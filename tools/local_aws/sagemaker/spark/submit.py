"""Stands for `smspark-submit`: a real Spark, with a worker in one process for each machine of the job.

Its options, those of Java and what is written about a failure are AWS's, so that what fails there fails here.
Source: src/smspark/{cli,job,errors,bootstrapper}.py in https://github.com/aws/sagemaker-spark-container at
3.5-cpu-py312-v1.3. A program of its own: needs nothing but Python's library.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

_PASSED_ON = ("--class", "--jars", "--py-files", "--files")
_ELSEWHERE = ("--spark-event-logs-s3-uri", "--local-spark-event-logs-dir")
# AWS's own, for Java 8: it has Java 17.
_JAVA_OPTIONS = (
    "-XX:+UseConcMarkSweepGC -XX:CMSInitiatingOccupancyFraction=70 -XX:MaxHeapFreeRatio=70 "
    "-XX:+CMSClassUnloadingEnabled"
)
_LONGEST_MESSAGE = 1024


class _Options(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        _fail("Couldn't parse input.", "UsageError", message, 1)


def main(arguments: list[str]) -> None:
    options = _Options(prog="smspark-submit", allow_abbrev=False, add_help=False)
    for name in (*_PASSED_ON, *_ELSEWHERE):
        options.add_argument(name)
    options.add_argument("-v", "--verbose", action="store_true")
    options.add_argument("app")
    options.add_argument("rest", nargs=argparse.REMAINDER)
    given = vars(options.parse_args(arguments))
    if any(given[_key(name)] for name in _ELSEWHERE) or _configuration().exists():
        what = "the embedded AWS has neither Spark's events nor its configuration"
        _fail(what, "NotImplementedError", "leave them out", 1)
    passed = [word for name in _PASSED_ON if given[_key(name)] for word in (name, given[_key(name)])]
    command = [*_spark_submit(), *passed, given["app"], *given["rest"]]
    status = subprocess.run(command, check=False).returncode
    if status:
        told = f"Command '{shlex.join(command)}' returned non-zero exit status {status}."
        _fail("spark failed with a non-zero exit code", "CalledProcessError", told, status)


def _spark_submit() -> list[str]:
    count = _machines()
    print(f"{count} machines of Spark stand side by side on this one", flush=True)
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": str(2 * count),
        "spark.driver.defaultJavaOptions": f"{_JAVA_OPTIONS} -XX:TieredStopAtLevel=1",
    }
    pairs = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    return ["spark-submit", "--master", f"local[{count}]", "--deploy-mode", "client", *pairs]


def _machines() -> int:
    job = json.loads((_base() / "config" / "processingjobconfig.json").read_text("utf-8"))
    return int(job["ProcessingResources"]["ClusterConfig"]["InstanceCount"])


def _configuration() -> Path:
    return _base() / "processing" / "input" / "conf" / "configuration.json"


def _base() -> Path:
    return Path(os.environ["SAGEMAKER_BASE_DIR"])


def _key(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _fail(what: str, cause: str, told: str, status: int) -> NoReturn:
    message = f"Algorithm Error: (caused by {cause}): {what}: {told}"[:_LONGEST_MESSAGE]
    (_base() / "output" / "message").write_text(message, encoding="utf-8")
    print(message, file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
