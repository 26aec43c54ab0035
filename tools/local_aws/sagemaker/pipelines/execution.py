"""Runs one execution of a pipeline."""

import logging
import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.pipelines.cache import CachedStep, StepCache
from tools.local_aws.sagemaker.pipelines.model import Definition, Step
from tools.local_aws.sagemaker.pipelines.steps import StepFailedError, StepRunner
from tools.local_aws.sagemaker.store import Members, now

# A rehearsal does not wait for another minute's luck: whatever an interval says, it is cut to this.
_LONGEST_RETRY_WAIT_SECONDS = 0.2
_REASON_LENGTH = 1024
STEP_EVENT = "SageMaker Model Building Pipeline Execution Step Status Change"

log = logging.getLogger(__name__)


@dataclass
class Run:
    """One pass over the steps of an execution; steps that succeeded in an earlier pass are not run again."""

    account: Account
    definition: Definition
    runner: StepRunner
    cache: StepCache
    record: Members
    steps: dict[str, Members]
    stop_requested: threading.Event = field(default_factory=threading.Event)

    def execute(self) -> tuple[str, str]:
        """Runs what can run and returns the final status of the execution and its failure reason."""
        most = self.record.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps") or 50
        with ThreadPoolExecutor(max_workers=min(most, os.cpu_count() or 1)) as pool:
            running: dict[Future[None], str] = {}
            while True:
                if not self._failed() and not self.stop_requested.is_set():
                    for step in self._ready(set(running.values())):
                        running[pool.submit(self._run_step, step)] = step.name
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    del running[future]
                    future.result()
        return self._outcome()

    def stop(self) -> None:
        """Starts no further step and stops the running jobs."""
        self.stop_requested.set()
        self.runner.stop_jobs(self.definition.steps)

    def forget_unfinished(self) -> None:
        """Lets the next pass run again what failed or was stopped."""
        self.stop_requested.clear()
        self.record.pop("FailureReason", None)
        for name, step in list(self.steps.items()):
            if step["StepStatus"] != "Succeeded":
                del self.steps[name]

    def _failed(self) -> list[Members]:
        return [step for step in self.steps.values() if step["StepStatus"] == "Failed"]

    def _outcome(self) -> tuple[str, str]:
        if self.stop_requested.is_set():
            return "Stopped", ""
        failed = self._failed()
        if not failed:
            return "Succeeded", ""
        reasons = "; ".join(f"{step['StepName']}: {step['FailureReason']}" for step in failed)
        return "Failed", f"Step failure: {reasons}"[:_REASON_LENGTH]

    def _ready(self, running: set[str]) -> list[Step]:
        """Steps that may start now; those of a branch not taken, and what needs them, never become ready."""
        done = {name for name, step in self.steps.items() if step["StepStatus"] == "Succeeded"}
        return [
            step
            for step in self.definition.steps.values()
            if step.name not in done | running and step.needs <= done and self._taken(step)
        ]

    def _taken(self, step: Step) -> bool:
        if step.branch is None:
            return True
        condition, branch = step.branch
        outcome = self.steps[condition]["Metadata"]["Condition"]["Outcome"]
        return bool(outcome == "True") == (branch == "IfSteps")

    def _run_step(self, step: Step) -> None:
        row = self.steps[step.name] = {
            "StepName": step.name,
            "StepDisplayName": step.members.get("DisplayName", step.name),
            "StepDescription": step.members.get("Description", ""),
            "StartTime": now(),
            "StepStatus": "Starting",
            "AttemptCount": 0,
            "Metadata": {},
        }
        try:
            self._set(row, step, "Executing")
            arguments = self.runner.expressions.value(step.arguments) if step.type != "Condition" else {}
            found = self.cache.find(step, arguments)
            properties = self._reuse(found, row) if found else self._attempt(step, arguments, row)
            self.runner.expressions.properties[step.name] = properties
            self._set(row, step, "Succeeded")
        except JobFailedError as error:
            self._fail(row, step, str(error))
        except Exception as error:
            log.exception("Step %s of %s", step.name, self.record["PipelineExecutionArn"])
            self._fail(row, step, f"InternalServerError: {type(error).__name__}: {error}")

    def _fail(self, row: Members, step: Step, reason: str) -> None:
        if self.stop_requested.is_set():
            self._set(row, step, "Stopped")
            return
        row["FailureReason"] = reason[:_REASON_LENGTH]
        self._set(row, step, "Failed")

    def _reuse(self, found: CachedStep, row: Members) -> Any:
        row["CacheHitResult"] = {"SourcePipelineExecutionArn": found.execution_arn}
        row["Metadata"] = found.metadata
        return found.properties

    def _attempt(self, step: Step, arguments: Any, row: Members) -> Any:
        policies, attempts = step.members.get("RetryPolicies", []), 0
        while True:
            row["AttemptCount"] += 1
            attempts += 1
            try:
                properties = self.runner.run(step, arguments, row["Metadata"])
            except StepFailedError as error:
                policy = next((item for item in policies if error.kind in item["ExceptionType"]), None)
                if policy is None or attempts >= policy.get("MaxAttempts", 5) or self.stop_requested.is_set():
                    raise
                log.info("Step %s is tried again after %s: %s", step.name, error.kind, error)
                time.sleep(min(policy.get("IntervalSeconds", 1), _LONGEST_RETRY_WAIT_SECONDS))
                continue
            arn = self.record["PipelineExecutionArn"]
            self.cache.keep(step, arguments, CachedStep(arn, now(), properties, row["Metadata"]))
            return properties

    def _set(self, row: Members, step: Step, status: str) -> None:
        previous, row["StepStatus"] = row["StepStatus"], status
        if status in ("Succeeded", "Failed", "Stopped"):
            row["EndTime"] = now()
        detail = {
            "pipelineArn": self.record["PipelineArn"],
            "pipelineExecutionArn": self.record["PipelineExecutionArn"],
            "stepName": step.name,
            "stepType": step.type,
            "stepStartTime": row["StartTime"].isoformat(),
            "previousStepStatus": previous,
            "currentStepStatus": status,
            "metadata": row["Metadata"],
            "failureReason": row.get("FailureReason", ""),
        }
        self.account.emit(STEP_EVENT, detail, self.record["PipelineExecutionArn"])
