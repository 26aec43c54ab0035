"""The API of pipeline executions: start, watch, stop, retry."""

import secrets
import string
import threading
from collections.abc import Mapping

from tools.local_aws.sagemaker.account import PERSON, Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ConflictError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import cut, page
from tools.local_aws.sagemaker.pipelines.definition import read_definition
from tools.local_aws.sagemaker.pipelines.execution import Run
from tools.local_aws.sagemaker.pipelines.expressions import Expressions
from tools.local_aws.sagemaker.pipelines.operations import Pipelines
from tools.local_aws.sagemaker.pipelines.steps import Jobs, StepRunner
from tools.local_aws.sagemaker.store import Members, name_of, now

EVENT = "SageMaker Model Building Pipeline Execution Status Change"
NAMESPACE = "AWS/Sagemaker/ModelBuildingPipeline"
_ALPHABET = string.ascii_lowercase + string.digits


class PipelineExecutions:
    """The executions of all pipelines."""

    def __init__(self, account: Account, pipelines: Pipelines, jobs: Mapping[str, Jobs]) -> None:
        self._account = account
        self._pipelines = pipelines
        self._jobs = jobs
        self._runs: dict[str, Run] = {}
        self._by_token: dict[str, str] = {}

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "StartPipelineExecution": self._start,
            "DescribePipelineExecution": lambda request: self._run(request).record,
            "DescribePipelineDefinitionForExecution": self._definition,
            "ListPipelineExecutions": self._list,
            "ListPipelineExecutionSteps": self._steps,
            "ListPipelineParametersForExecution": self._parameters,
            "UpdatePipelineExecution": self._update,
            "StopPipelineExecution": self._stop,
            "RetryPipelineExecution": self._retry,
            "DeletePipeline": self._delete_pipeline,
        }

    def _run(self, request: Members) -> Run:
        arn = request["PipelineExecutionArn"]
        if arn not in self._runs:
            raise ResourceNotFoundError(f"Pipeline execution with ARN {arn} does not exist.")
        return self._runs[arn]

    def _start(self, request: Members) -> Members:
        token = request.get("ClientRequestToken", "")
        if token in self._by_token:
            return {"PipelineExecutionArn": self._by_token[token]}
        pipeline = self._pipelines.table.get(request["PipelineName"])
        identifier = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        arn, started = f"{pipeline['PipelineArn']}/execution/{identifier}", now()
        record = {
            "PipelineArn": pipeline["PipelineArn"],
            "PipelineExecutionArn": arn,
            "PipelineExecutionDisplayName": request.get(
                "PipelineExecutionDisplayName", f"execution-{int(started.timestamp() * 1000)}"
            ),
            "PipelineExecutionStatus": "Executing",
            "PipelineParameters": request.get("PipelineParameters", []),
            "PipelineDefinition": pipeline["PipelineDefinition"],
            "RoleArn": pipeline["RoleArn"],
            "CreationTime": started,
            "StartTime": started,
            "LastModifiedTime": started,
        }
        for member in ("PipelineExecutionDescription", "ParallelismConfiguration"):
            if member in request or member in pipeline:
                record[member] = request.get(member, pipeline.get(member))
        run = self._runs[arn] = self._new_run(record)
        pipeline["LastRunTime"] = started
        if token:
            self._by_token[token] = arn
        self._begin(run, "")
        return {"PipelineExecutionArn": arn}

    def _new_run(self, record: Members) -> Run:
        definition = read_definition(record["PipelineDefinition"])
        given = {item["Name"]: item["Value"] for item in record["PipelineParameters"]}
        name, identifier = name_of(record["PipelineArn"]), name_of(record["PipelineExecutionArn"])
        role = self._account.assume(record["RoleArn"], PERSON.get())
        started = record["StartTime"].isoformat()
        variables = {
            "CurrentDateTime": started,
            "PipelineArn": record["PipelineArn"],
            "PipelineExecutionArn": record["PipelineExecutionArn"],
            "PipelineExecutionId": identifier,
            "PipelineName": name,
            "StartDateTime": started,
        }
        expressions = Expressions(
            definition,
            definition.parameter_values(given),
            variables,
            self._account.context.client("s3", role),
        )
        sagemaker = self._account.context.client("sagemaker", role)
        runner = StepRunner(sagemaker, self._jobs, expressions, identifier)
        return Run(self._account, definition, runner, self._pipelines.caches[name], record, {})

    def _begin(self, run: Run, previous: str) -> None:
        self._set(run, "Executing", previous)
        threading.Thread(target=self._execute, args=(run,), name="pipeline", daemon=True).start()

    def _execute(self, run: Run) -> None:
        status, reason = run.execute()
        if reason:
            run.record["FailureReason"] = reason
        self._set(run, status, run.record["PipelineExecutionStatus"])

    def _set(self, run: Run, status: str, previous: str) -> None:
        record = run.record
        record["PipelineExecutionStatus"], record["LastModifiedTime"] = status, now()
        detail = {
            "pipelineArn": record["PipelineArn"],
            "pipelineExecutionArn": record["PipelineExecutionArn"],
            "pipelineExecutionDisplayName": record["PipelineExecutionDisplayName"],
            "executionStartTime": record["StartTime"].isoformat(),
            "currentPipelineExecutionStatus": status,
        }
        if previous:
            detail["previousPipelineExecutionStatus"] = previous
        self._account.emit(EVENT, detail, record["PipelineExecutionArn"])
        self._measure(record, status)

    def _measure(self, record: Members, status: str) -> None:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"""
        if status == "Stopping":
            return
        measured = {f"Execution{'Started' if status == 'Executing' else status}": ("Count", 1.0)}
        if status != "Executing":
            seconds = (record["LastModifiedTime"] - record["StartTime"]).total_seconds()
            measured["ExecutionDuration"] = ("Milliseconds", seconds * 1000)
        named = [{"Name": "PipelineName", "Value": name_of(record["PipelineArn"])}]
        data = [
            {"MetricName": name, "Unit": unit, "Value": value, "Dimensions": named}
            for name, (unit, value) in measured.items()
        ]
        self._account.context.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)

    def _definition(self, request: Members) -> Members:
        record = self._run(request).record
        return {"PipelineDefinition": record["PipelineDefinition"], "CreationTime": record["CreationTime"]}

    def _list(self, request: Members) -> Members:
        arn = self._pipelines.table.get(request["PipelineName"])["PipelineArn"]
        found = [run.record for run in self._runs.values() if run.record["PipelineArn"] == arn]
        answer = page(found, request, "PipelineExecutionSummaries", "PipelineExecutionArn")
        for record in answer["PipelineExecutionSummaries"]:
            record["PipelineExecutionFailureReason"] = record.get("FailureReason", "")
        return answer

    def _steps(self, request: Members) -> Members:
        steps = list(self._run(request).steps.values())
        if request.get("SortOrder", "Descending") == "Descending":
            steps.reverse()
        return cut(steps, request, "PipelineExecutionSteps")

    def _parameters(self, request: Members) -> Members:
        values = self._run(request).runner.expressions.parameters
        shown = [{"Name": name, "Value": str(value)} for name, value in values.items()]
        return cut(shown, request, "PipelineParameters")

    def _update(self, request: Members) -> Members:
        record = self._run(request).record
        for member in ("PipelineExecutionDescription", "PipelineExecutionDisplayName"):
            if member in request:
                record[member] = request[member]
        record["LastModifiedTime"] = now()
        return {"PipelineExecutionArn": record["PipelineExecutionArn"]}

    def _stop(self, request: Members) -> Members:
        run = self._run(request)
        self._require(run, "Executing")
        self._set(run, "Stopping", "Executing")
        run.stop()
        return {"PipelineExecutionArn": request["PipelineExecutionArn"]}

    def _retry(self, request: Members) -> Members:
        run = self._run(request)
        status = self._require(run, "Failed", "Stopped")
        run.forget_unfinished()
        self._begin(run, status)
        return {"PipelineExecutionArn": request["PipelineExecutionArn"]}

    def _delete_pipeline(self, request: Members) -> Members:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html"""
        arn = self._pipelines.table.get(request["PipelineName"])["PipelineArn"]
        if running := [run for run in self._runs.values() if run.record["PipelineArn"] == arn and _runs(run)]:
            raise ConflictError(
                f"Pipeline {arn} cannot be deleted: {running[0].record['PipelineExecutionArn']} is "
                f"{running[0].record['PipelineExecutionStatus']}. Stop its executions first."
            )
        return self._pipelines.delete(request)

    def _require(self, run: Run, *allowed: str) -> str:
        status = str(run.record["PipelineExecutionStatus"])
        if status not in allowed:
            raise ValidationError(
                f"Pipeline execution with ARN {run.record['PipelineExecutionArn']} is {status}; "
                f"this needs {' or '.join(allowed)}."
            )
        return status


def _runs(run: Run) -> bool:
    return run.record["PipelineExecutionStatus"] in ("Executing", "Stopping")
