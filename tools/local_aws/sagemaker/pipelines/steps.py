"""Runs single steps of a pipeline: each is an API call under the pipeline's role."""

import re
import secrets
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.pipelines.conditions import holds
from tools.local_aws.sagemaker.pipelines.expressions import Expressions
from tools.local_aws.sagemaker.pipelines.model import Step
from tools.local_aws.sagemaker.store import Members

_LONGEST_JOB_NAME = 63
# Of a tuning job, whose name has 32 characters; the step's is cut.
_STEP_IN_TUNING = 7
_METADATA = {"Tuning": "TuningJob"}
_ALPHABET = string.ascii_letters + string.digits


class StepFailedError(JobFailedError):
    """A step fails; `kind` is what retry policies match."""

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.kind = kind


class Jobs(Protocol):
    """Jobs of one kind, which a step starts and waits for."""

    noun: ClassVar[str]

    def wait(self, name_or_arn: str) -> Members:
        """Blocks until the job has ended and returns its record."""


@dataclass(frozen=True)
class StepRunner:
    """Runs the steps of one execution."""

    sagemaker: Any
    jobs: Mapping[str, Jobs]
    expressions: Expressions
    execution_id: str
    # The names of the jobs that run now, by step.
    running: dict[str, str] = field(default_factory=dict)

    def run(self, step: Step, arguments: Any, metadata: Members) -> Any:
        """Runs a step to its end with evaluated arguments and returns its properties.

        Fills in what ListPipelineExecutionSteps shows as metadata; raises `StepFailedError`.
        """
        if step.type in self.jobs:
            return self._job(step, arguments, metadata)
        if step.type == "RegisterModel":
            return self._register(arguments, metadata)
        if step.type == "Condition":
            return self._condition(step, metadata)
        message = str(arguments.get("ErrorMessage") or "The Fail step was reached.")
        metadata["Fail"] = {"ErrorMessage": message}
        raise StepFailedError(message)

    def stop_jobs(self, steps: Mapping[str, Step]) -> None:
        """Stops the jobs that run now; a job that ended meanwhile is no mistake."""
        for name, job in list(self.running.items()):
            noun = self.jobs[steps[name].type].noun
            with suppress(StepFailedError):
                self._call(f"Stop{noun}", {f"{noun}Name": job})

    def _job(self, step: Step, arguments: Members, metadata: Members) -> Any:
        jobs = self.jobs[step.type]
        noun, name = jobs.noun, self._job_name(step, arguments.get(f"{jobs.noun}Name"))
        answer = self._call(f"Create{noun}", arguments | {f"{noun}Name": name})
        metadata[_METADATA.get(step.type, noun)] = {"Arn": answer[f"{noun}Arn"]}
        self.running[step.name] = name
        jobs.wait(name)
        del self.running[step.name]
        properties = self._call(f"Describe{noun}", {f"{noun}Name": name})
        status = properties[f"{noun}Status"]
        if status != "Completed":
            reason = properties.get("FailureReason", f"The job ended as {status}.")
            raise StepFailedError(f"ClientError: {reason}", _kind_of_job_failure(reason))
        if step.type == "Tuning":
            # What a reference finds of such a step: the SDK's TuningStep has the answers of both.
            request = {f"{noun}Name": name, "SortBy": "FinalObjectiveMetricValue"}
            return properties | self._call(f"ListTrainingJobsFor{noun}", request)
        return properties

    def _job_name(self, step: Step, base: str | None) -> str:
        """`<base>-<execution>-<token>-<failures>` where the definition says what the name begins with.

        https://github.com/aws/sagemaker-python-sdk/pull/3946
        """
        suffix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
        if base:
            return f"{base}-{self.execution_id}-{suffix}-0"
        if step.type == "Tuning":
            return f"{self.execution_id[:12]}-{step.name[:_STEP_IN_TUNING]}-{suffix}"
        room = _LONGEST_JOB_NAME - len(f"pipelines-{self.execution_id}--{suffix}")
        plain = re.sub(r"[^A-Za-z0-9]+", "-", step.name)[:room].strip("-")
        return f"pipelines-{self.execution_id}-{plain}-{suffix}"

    def _register(self, arguments: Members, metadata: Members) -> Any:
        arn = self._call("CreateModelPackage", arguments)["ModelPackageArn"]
        metadata["RegisterModel"] = {"Arn": arn}
        return self._call("DescribeModelPackage", {"ModelPackageName": arn})

    def _condition(self, step: Step, metadata: Members) -> Any:
        try:
            outcome = all(holds(condition, self.expressions.value) for condition in step.own_arguments)
        except TypeError as error:
            raise StepFailedError(f"ClientError: {error}") from error
        metadata["Condition"] = {"Outcome": str(outcome)}
        return metadata["Condition"]

    def _call(self, operation: str, request: Members) -> Any:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            return getattr(self.sagemaker, method)(**request)
        except ClientError as error:
            detail = error.response["Error"]
            reason = (
                f"ClientError: Failed to invoke sagemaker:{operation}. Error Details: {detail['Message']}"
            )
            raise StepFailedError(reason, _kind_of_refusal(error)) from error
        except BotoCoreError as error:
            raise StepFailedError(
                f"ClientError: Invalid request to sagemaker:{operation}. {error}"
            ) from error


def _kind_of_refusal(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if "Throttling" in code:
        return "Step.THROTTLING"
    if code == "ResourceLimitExceeded":
        return "SageMaker.RESOURCE_LIMIT"
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return "Step.SERVICE_FAULT" if status >= 500 else ""


def _kind_of_job_failure(reason: str) -> str:
    for word, kind in (
        ("InternalServerError", "SageMaker.JOB_INTERNAL_ERROR"),
        ("CapacityError", "SageMaker.CAPACITY_ERROR"),
    ):
        if reason.startswith(word):
            return kind
    return ""
