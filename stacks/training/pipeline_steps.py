"""Builders of SageMaker pipeline steps: raw API requests as dicts, in the pipeline definition's own words.

Step `Arguments` are the request of the matching API operation
(https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-pipeline.html); of the job's name they hold
what it begins with (`named_job`). Values known only at run
time are expressions: `{"Get": ...}`, `{"Std:Join": ...}`, `{"Std:JsonGet": ...}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from config.settings import MonitoringEngine
from config.values.columns import chunks
from stacks.parts.jobs import Code, Container, JobSettings, Output, processing_request
from stacks.parts.layout import Layout
from stacks.parts.place import Place

Json = dict[str, Any]

EXECUTION_ID: Json = {"Get": "Execution.PipelineExecutionId"}

# Steps read locations that never change (deliveries are immutable, outputs carry the execution id), so a
# result may be reused for as long as the artifacts stay.
CACHE: Json = {"Enabled": True, "ExpireAfter": "P30D"}

RETRIES: list[Json] = [
    {
        "ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"],
        "IntervalSeconds": 30,
        "BackoffRate": 2,
        "MaxAttempts": 5,
    },
    {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"],
        "IntervalSeconds": 300,
        "BackoffRate": 2,
        "MaxAttempts": 3,
    },
]
# Registering is not a job: only faults of the service itself can be retried.
REGISTER_RETRIES = RETRIES[:1]


class Live(NamedTuple):
    """The version that is live, `none` while there is none, and what a job reads of it."""

    version: str
    s3_uri: str


@dataclass(frozen=True)
class PipelineResources:
    """What the pipeline uses in its account."""

    code: Code
    live: Live
    layout: Layout
    model_package_group: str
    xgboost_image: str
    """AWS's, or the one that is made of it."""
    model_monitor_image: str
    spark_image: str
    """Of preprocessing on several machines; empty where one does it."""
    processing_role_arn: str
    training_role_arn: str
    monitoring_engine: MonitoringEngine
    """Whoever compares traffic with the baseline makes the baseline."""
    jobs: JobSettings
    place: Place


def parameter(name: str) -> Json:
    return {"Get": f"Parameters.{name}"}


def join(*values: Any, on: str = "/") -> Json:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def output_uri(step: str, output: str) -> Json:
    return {"Get": f"Steps.{step}.ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri"}


def chunked(flag: str, names: Sequence[str]) -> list[str]:
    """Names as `flag value` pairs, comma-joined into as few values as the length limit allows."""
    return [argument for chunk in chunks(names) for argument in (flag, chunk)]


def processing_step(
    name: str,
    *,
    container: Container,
    inputs: Mapping[str, Any],
    outputs: Sequence[Output],
    role_arn: str,
    settings: JobSettings,
) -> Json:
    """A Processing step. `inputs` maps a folder below /opt/ml/processing/input to an S3 URI."""
    arguments = processing_request(
        container,
        inputs=inputs,
        outputs=outputs,
        role_arn=role_arn,
        instance_type=parameter("ProcessingInstanceType"),
        settings=settings,
    )
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": arguments,
        "CacheConfig": CACHE,
        "RetryPolicies": RETRIES,
    }


def named_job(step: Json, place: Place) -> Json:
    """The step with a job whose name tells the environment: permissions on jobs and their logs go by it.

    https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
    """
    names = {
        "Processing": {"ProcessingJobName": place.pipeline_job(step["Name"])},
        "Training": {"TrainingJobName": place.pipeline_job(step["Name"])},
        "Tuning": {"HyperParameterTuningJobName": place.tuning_job},
    }
    name = names.get(step["Type"])
    return {**step, "Arguments": {**name, **step["Arguments"]}} if name else step
