"""A model's life by the SageMaker Python SDK 3, in a process of its own: it prints what came out, as JSON.

`deploy` does not wait for the endpoint, because it would look only every half minute. The session is told its
bucket: to make up a name it would ask STS at an address of its own, not at AWS_ENDPOINT_URL.
"""

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import WaiterError
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import TrainingStep
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode

INSTANCE = "ml.m5.large"


@dataclass(frozen=True)
class Task:
    """What the test hands over."""

    image: str
    role: str
    bucket: str
    code: str
    name: str


def trainer(task: Task, session: Session, degree: Any) -> ModelTrainer:
    return ModelTrainer(
        training_image=task.image,
        role=task.role,
        sagemaker_session=session,
        base_job_name=task.name,
        source_code=SourceCode(source_dir=task.code, entry_script="train.py"),
        compute=Compute(instance_type=INSTANCE, instance_count=1),
        hyperparameters={"degree": degree},
    )


def builder(task: Task, session: Session, model_data: Any, **more: Any) -> ModelBuilder:
    return ModelBuilder(
        image_uri=task.image,
        s3_model_data_url=model_data,
        role_arn=task.role,
        instance_type=INSTANCE,
        sagemaker_session=session,
        **more,
    )


def register(built: ModelBuilder, task: Task) -> Any:
    return built.register(
        model_package_group_name=task.name,
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=[INSTANCE],
        transform_instances=[INSTANCE],
        approval_status="PendingManualApproval",
    )


def lines(task: Task) -> list[InputData]:
    return [InputData(channel_name="train", data_source=f"s3://{task.bucket}/{task.name}/lines/")]


def train_and_deploy(task: Task) -> dict[str, Any]:
    session = Session(default_bucket=task.bucket)
    training = trainer(task, session, 1)
    training.train(input_data_config=lines(task), wait=False)
    job = training._latest_training_job
    job.wait(poll=1, logs=True)
    code = SourceCode(source_dir=task.code, entry_script="inference.py")
    built = builder(task, session, job.model_artifacts.s3_model_artifacts, source_code=code)
    built.build(model_name=task.name)
    version = register(built, task)
    built.deploy(endpoint_name=task.name, wait=False)
    endpoint = Endpoint.get(task.name)
    endpoint.wait_for_status("InService", poll=1)
    answer = endpoint.invoke(body=b"10\n20", content_type="text/csv")
    return {
        "training": job.training_job_status,
        "transitions": [change.status for change in job.secondary_status_transitions],
        "version": version,
        "predictions": answer.body.read().decode().split(),
    }


def run_pipeline(task: Task) -> dict[str, Any]:
    session = PipelineSession(default_bucket=task.bucket)
    degree = ParameterInteger("Degree", default_value=1)
    # Hyperparameters are texts: https://github.com/aws/sagemaker-python-sdk/issues/2631
    trains = trainer(task, session, degree.to_string()).train(lines(task))
    training = TrainingStep("Train", step_args=trains)
    model_data = training.properties.ModelArtifacts.S3ModelArtifacts
    registering = ModelStep("Register", step_args=register(builder(task, session, model_data), task))
    pipeline = Pipeline(task.name, [degree], steps=[training, registering], sagemaker_session=session)
    pipeline.upsert(role_arn=task.role)
    execution = pipeline.start(parameters={"Degree": 0})
    with suppress(WaiterError):
        execution.wait(delay=1, max_attempts=60)
    steps = {step["StepName"]: step.get("FailureReason", "Succeeded") for step in execution.list_steps()}
    return {"status": execution.describe()["PipelineExecutionStatus"], "steps": steps}


if __name__ == "__main__":
    task = Task(**json.loads(sys.argv[1]))
    print(json.dumps({"life": train_and_deploy(task), "pipeline": run_pipeline(task)}))
