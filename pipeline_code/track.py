"""Write an execution of a pipeline down as a run in MLflow: what it was given, what came of it, its reports.

Run: python3 code.zip track --execution <arn> --mlflow <arn>. It asks SageMaker and S3 with the role of its
job. The run has the execution's id as its name, in an experiment that is called like the pipeline.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from mlflow_api import Mlflow, RefusedError
from tabular import Arguments, DataError

REPORT = "evaluation"
"""The output of the step that evaluates."""
STATUSES = {"Succeeded": "FINISHED", "Failed": "FAILED", "Stopped": "KILLED"}
"""MLflow's words for the ends of an execution."""

Json = dict[str, Any]


def main(argv: Sequence[str]) -> None:
    """Raises DataError when MLflow refuses."""
    parser = Arguments(prog="track", allow_abbrev=False)
    parser.add_argument("--execution", required=True)
    parser.add_argument("--mlflow", required=True)
    arguments = parser.parse_args(list(argv))
    # Containers of SageMaker are not told the region in the words of botocore.
    session = boto3.Session(region_name=arguments.execution.split(":")[3])
    found = Execution.read(session.client("sagemaker"), arguments.execution)
    mlflow = Mlflow(arguments.mlflow, session.get_credentials())
    try:
        write(found, mlflow, session.client("s3"))
    except RefusedError as error:
        raise DataError(f"MLflow refuses with {': '.join(map(str, error.args))}") from error


@dataclass(frozen=True)
class Execution:
    """What SageMaker knows of an execution."""

    arn: str
    status: str
    began: int
    ended: int
    """Both in milliseconds since 1970."""
    parameters: Mapping[str, str]
    training: Json = field(default_factory=dict)
    """The training whose model it is; nothing when it was not reached."""
    reports: str = ""
    """The address of what the evaluation wrote; nothing when it was not reached."""
    failure: str = ""

    @classmethod
    def read(cls, sagemaker: Any, arn: str) -> Execution:
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        steps = {step["StepName"]: step for step in _steps(sagemaker, arn)}
        given = sagemaker.get_paginator("list_pipeline_parameters_for_execution")
        return cls(
            arn=arn,
            status=described["PipelineExecutionStatus"],
            began=_milliseconds(described["CreationTime"]),
            ended=_milliseconds(described["LastModifiedTime"]),
            parameters={
                parameter["Name"]: parameter["Value"]
                for page in given.paginate(PipelineExecutionArn=arn)
                for parameter in page["PipelineParameters"]
            },
            training=_training(sagemaker, steps),
            reports=_reports(sagemaker, steps.get("Evaluate", {})),
            failure=described.get("FailureReason", ""),
        )

    @property
    def pipeline(self) -> str:
        return self.arn.split("/")[1]

    @property
    def name(self) -> str:
        return self.arn.split("/")[-1]

    @property
    def tags(self) -> dict[str, str]:
        """What leads from the run to what made it."""
        said = {
            "sagemaker.pipeline-execution": self.arn,
            "sagemaker.training-job": self.training.get("TrainingJobArn", ""),
            "mlflow.note.content": self.failure,
        }
        return {key: value for key, value in said.items() if value}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _steps(sagemaker: Any, arn: str) -> Iterator[Json]:
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=arn)
    for page in pages:
        yield from page["PipelineExecutionSteps"]


def _job(step: Mapping[str, Any], kind: str) -> str:
    """The name of the job behind a step; nothing when it has none."""
    arn = str(step.get("Metadata", {}).get(kind, {}).get("Arn", ""))
    return arn.split("/")[-1]


def _training(sagemaker: Any, steps: Mapping[str, Json]) -> Json:
    name = _job(steps.get("Train", {}), "TrainingJob")
    if tuning := _job(steps.get("Tune", {}), "TuningJob"):
        described = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning)
        name = described.get("BestTrainingJob", {}).get("TrainingJobName", "")
    if not name:
        return {}
    training: Json = sagemaker.describe_training_job(TrainingJobName=name)
    return training


def _reports(sagemaker: Any, step: Mapping[str, Any]) -> str:
    name = _job(step, "ProcessingJob")
    if not name or step["StepStatus"] != "Succeeded":
        return ""
    job = sagemaker.describe_processing_job(ProcessingJobName=name)
    outputs = job["ProcessingOutputConfig"]["Outputs"]
    return next(str(output["S3Output"]["S3Uri"]) for output in outputs if output["OutputName"] == REPORT)


def write(execution: Execution, mlflow: Mlflow, s3: Any) -> None:
    """Leaves one run, also when the same execution is told of twice."""
    experiment = mlflow.experiment(execution.pipeline)
    run = mlflow.run(experiment, execution.name, execution.began, execution.tags)
    files = list(_files(s3, execution.reports)) if execution.reports else []
    metrics = {**_measured_in_training(execution.training), **_evaluated(s3, files)}
    parameters = {**execution.parameters, **execution.training.get("HyperParameters", {})}
    mlflow.log(run["run_id"], parameters, metrics, execution.ended)
    for bucket, key, below in files:
        _copy(s3, {"Bucket": bucket, "Key": key}, f"{run['artifact_uri']}/{below}")
    mlflow.end(run["run_id"], STATUSES[execution.status], execution.ended)
    print(f"parameters={len(parameters)}; metrics={len(metrics)}; files={len(files)};")


def _files(s3: Any, reports: str) -> Iterator[tuple[str, str, str]]:
    """Bucket, key, and the key below the reports."""
    bucket, _, prefix = reports.removeprefix("s3://").rstrip("/").partition("/")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
        for found in page.get("Contents", []):
            yield bucket, found["Key"], found["Key"].removeprefix(f"{prefix}/")


def _measured_in_training(training: Mapping[str, Any]) -> dict[str, float]:
    """MLflow takes no colon in a name."""
    final = training.get("FinalMetricDataList", ())
    return _numbers({metric["MetricName"].replace(":", "_"): metric["Value"] for metric in final})


def _evaluated(s3: Any, files: Sequence[tuple[str, str, str]]) -> dict[str, float]:
    """The metrics of the test part with their standard deviations; matrices are in the report."""
    where = next(((bucket, key) for bucket, key, below in files if below == "evaluation.json"), None)
    if where is None:
        return {}
    report = json.loads(s3.get_object(Bucket=where[0], Key=where[1])["Body"].read())
    section = next(value for name, value in report.items() if name.endswith("_metrics"))
    return _numbers(
        {
            f"test_{name}{suffix}": value[member]
            for name, value in section.items()
            for member, suffix in (("value", ""), ("standard_deviation", "_standard_deviation"))
            if member in value
        }
    )


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def _copy(s3: Any, source: Mapping[str, str], target: str) -> None:
    bucket, _, key = target.removeprefix("s3://").partition("/")
    s3.copy_object(CopySource=source, Bucket=bucket, Key=key)
