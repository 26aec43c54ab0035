"""Retry policies are followed, without their waits."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.pipelines.cache import StepCache
from tools.local_aws.sagemaker.pipelines.definition import read_definition
from tools.local_aws.sagemaker.pipelines.execution import Run
from tools.local_aws.sagemaker.pipelines.expressions import Expressions
from tools.local_aws.sagemaker.pipelines.steps import StepFailedError, StepRunner

POLICY = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 60, "MaxAttempts": 3}


class NoEvents:
    def emit(self, *_: Any) -> None:
        pass


@dataclass
class FailingRunner:
    """Fails a number of times with one kind of exception."""

    expressions: Expressions
    failures: int
    kind: str
    running: dict[str, str] = field(default_factory=dict)

    def run(self, *_: Any) -> Any:
        self.failures -= 1
        if self.failures >= 0:
            raise StepFailedError("lost its machine", self.kind)
        return {}


def run(failures: int, kind: str) -> tuple[str, dict[str, Any]]:
    step = {"Name": "S", "Type": "Fail", "Arguments": {}, "RetryPolicies": [POLICY]}
    definition = read_definition(json.dumps({"Version": "2020-12-01", "Steps": [step]}))
    runner = FailingRunner(Expressions(definition, {}, {}, None), failures, kind)
    record = {"PipelineArn": "p", "PipelineExecutionArn": "e"}
    execution = Run(
        cast(Account, NoEvents()), definition, cast(StepRunner, runner), StepCache(), record, steps={}
    )
    status, _ = execution.execute()
    return status, execution.steps["S"]


def test_a_failure_of_the_kind_is_tried_again() -> None:
    status, step = run(failures=2, kind="SageMaker.JOB_INTERNAL_ERROR")
    assert (status, step["AttemptCount"]) == ("Succeeded", 3)


def test_attempts_end() -> None:
    status, step = run(failures=9, kind="SageMaker.JOB_INTERNAL_ERROR")
    assert (status, step["AttemptCount"], step["FailureReason"]) == ("Failed", 3, "lost its machine")


def test_another_kind_of_failure_is_not_tried_again() -> None:
    status, step = run(failures=1, kind="")
    assert (status, step["AttemptCount"]) == ("Failed", 1)
