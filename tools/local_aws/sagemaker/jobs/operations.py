"""What all jobs have in common: a record, a thread, an end; and a container, those that are one."""

import logging
import shutil
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from moto.core.exceptions import ServiceException

from tools.local_aws.clients import Credentials
from tools.local_aws.sagemaker.account import PERSON, Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import JobFailedError, ResourceInUseError, ValidationError
from tools.local_aws.sagemaker.jobs.container import Container, failure_reason, relocated
from tools.local_aws.sagemaker.jobs.logs import LogStream
from tools.local_aws.sagemaker.jobs.machines import Streams, together
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, Table, name_of, now

_REASON_LENGTH = 1024
_DEFAULT_LIMIT_SECONDS = 86_400

log = logging.getLogger(__name__)


@dataclass
class Job:
    """One job: what its Describe operation answers, and the run behind it."""

    record: Members
    role: Credentials
    folder: Path
    ended: threading.Event = field(default_factory=threading.Event)
    container: Container | None = None
    stopping: bool = False
    # Keys that an input is restricted to, by input name.
    selected_keys: dict[str, list[str]] = field(default_factory=dict)

    @property
    def limit_seconds(self) -> int:
        return int(
            self.record.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", _DEFAULT_LIMIT_SECONDS)
        )


class Jobs(ABC):
    """The jobs of one kind. Subclasses say what a job does."""

    noun: ClassVar[str]
    arn_kind: ClassVar[str]
    event: ClassVar[str]
    log_group: ClassVar[str]

    def __init__(self, account: Account) -> None:
        self.account = account
        self.table = Table(not_found=self._not_found, taken=self._taken)
        self._jobs: dict[str, Job] = {}

    @abstractmethod
    def work(self, job: Job) -> tuple[str, str]:
        """Does what the job is for; the status that it ends with, and why. Raises `JobFailedError`."""

    @abstractmethod
    def changed(self, record: Members, status: str) -> None:
        """Updates the members that follow a change of status; called before the event is put."""

    def role_arn(self, request: Members) -> str:
        """Whose rights the job has."""
        return str(request["RoleArn"])

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            f"Create{self.noun}": self.create,
            f"Describe{self.noun}": lambda request: self.table.get(request[f"{self.noun}Name"]),
            f"List{self.noun}s": self._list,
            f"Stop{self.noun}": self.stop,
        }

    def create(self, request: Members, selected_keys: dict[str, list[str]] | None = None) -> Members:
        name = request[f"{self.noun}Name"]
        role = self.account.assume(self.role_arn(request), PERSON.get())
        arn, created = self.account.arn(self.arn_kind, name), now()
        record = request | {
            f"{self.noun}Arn": arn,
            f"{self.noun}Status": "InProgress",
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        self.table.add(name, record)
        self.account.tags.register(arn, request.get("Tags"))
        job = Job(record, role, self.account.context.work_folder / self.arn_kind / name)
        job.selected_keys = selected_keys or {}
        self._jobs[name] = job
        self._set_status(job, "InProgress")
        threading.Thread(target=self._run, args=(job,), name=name, daemon=True).start()
        return {f"{self.noun}Arn": arn}

    def stop(self, request: Members) -> None:
        name = request[f"{self.noun}Name"]
        record = self.table.get(name)
        if record[f"{self.noun}Status"] != "InProgress":
            raise ValidationError(
                f"The request was rejected because the {self.arn_kind.replace('-', ' ')} is in status "
                f"{record[f'{self.noun}Status']}."
            )
        job = self._jobs[name]
        job.stopping = True
        self._set_status(job, "Stopping")
        if job.container is not None:
            job.container.stop()

    def wait(self, name_or_arn: str) -> Members:
        """Blocks until the job has ended and returns its record."""
        self._jobs[name_of(name_or_arn)].ended.wait()
        return self.table.get(name_or_arn)

    def has_ended(self, name: str, timeout_seconds: float) -> bool:
        return self._jobs[name].ended.wait(timeout_seconds)

    def end(self, name: str) -> None:
        """Stops a job, if it still runs."""
        with suppress(ValidationError):
            self.stop({f"{self.noun}Name": name})

    def _list(self, request: Members) -> Members:
        return page(
            self.table.values(), request, f"{self.noun}Summaries", f"{self.noun}Name", f"{self.noun}Status"
        )

    def _run(self, job: Job) -> None:
        status, reason = "Failed", ""
        try:
            status, reason = self.work(job)
        except JobFailedError as error:
            reason = str(error)
        except Exception as error:
            log.exception("Job %s", job.record[f"{self.noun}Name"])
            reason = f"InternalServerError: {type(error).__name__}: {error}"
        finally:
            shutil.rmtree(job.folder, ignore_errors=True)
            self._set_status(job, status, reason)
            # It holds lines of the log, which nobody asks for any more.
            job.container = None
            job.ended.set()

    def log_stream(self, job: Job, machine: str = "algo-1") -> LogStream:
        created = int(job.record["CreationTime"].timestamp() * 1000)
        stream = f"{job.record[f'{self.noun}Name']}/{machine}-{created}"
        return LogStream(self.account.context.client("logs", job.role), self.log_group, stream)

    def _set_status(self, job: Job, status: str, reason: str = "") -> None:
        record = job.record
        if reason:
            record["FailureReason"] = reason[:_REASON_LENGTH]
        record["LastModifiedTime"] = now()
        self.changed(record, status)
        record[f"{self.noun}Status"] = status
        self.account.emit(self.event, dict(record), record[f"{self.noun}Arn"])

    def _not_found(self, name: str) -> ServiceException:
        return ValidationError(f"Could not find requested job with name: {name}")

    def _taken(self, name: str) -> ServiceException:
        return ResourceInUseError(
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({self.account.arn(self.arn_kind, name)})"
        )


class ContainerJobs(Jobs):
    """Jobs that are one run of one container. Subclasses say what happens before and after it runs."""

    @abstractmethod
    def prepare(self, job: Job) -> Container:
        """Fills the job's folder and returns its container; raises `JobFailedError`."""

    @abstractmethod
    def keep(self, job: Job) -> None:
        """Takes what a container leaves however it has ended."""

    @abstractmethod
    def collect(self, job: Job) -> None:
        """Takes the results of a container that succeeded; raises `JobFailedError`."""

    @abstractmethod
    def message(self, job: Job) -> str:
        """What the program in the container wrote down about its failure, or nothing."""

    def interrupt(self, name: str) -> None:
        """Takes the machine of a running job away."""
        container = self._jobs[name].container
        if container is not None:
            container.interrupt()

    def lines_of(self, name: str) -> list[str]:
        """What the log has of a job, of which memory keeps the end."""
        container = self._jobs[name].container
        return list(container.lines) if container else []

    def work(self, job: Job) -> tuple[str, str]:
        container = job.container = self.prepare(job)
        if job.stopping:
            container.stop()
        status = container.run(job.limit_seconds)
        if container.interrupted:
            return self._run_again(job)
        self.keep(job)
        if container.timed_out:
            return "Stopped", f"MaxRuntimeExceeded: the job ran longer than {job.limit_seconds} seconds"
        if container.stopped:
            return "Stopped", ""
        message = self.message(job)
        if status != 0:
            return "Failed", failure_reason(container, status, message)
        self.collect(job)
        return "Completed", ""

    def _run_again(self, job: Job) -> tuple[str, str]:
        self.keep(job)
        for status in ("Interrupted", "InProgress"):
            self.changed(job.record, status)
        shutil.rmtree(job.folder)
        return self.work(job)


def container_for(
    jobs: Jobs, job: Job, command: list[str], environment: dict[str, Any], machines: int = 1
) -> Container:
    """The container of a job, or one for each of its machines, with the environment that every job has."""
    # What it leaves in its home goes with it, and fills no disk.
    variables = jobs.account.environment(job.role) | {"HOME": str(job.folder)} | environment
    log = Streams(partial(jobs.log_stream, job), machines)
    command = together([relocated(job.folder, word) for word in command], job.folder, machines)
    return Container(jobs.account.context.processes, job.folder, command, variables, log)
