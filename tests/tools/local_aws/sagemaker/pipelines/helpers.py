"""Creating and running pipelines in tests."""

import json
from typing import Any

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place, settled

TRAIN = """
import os, pathlib
pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "model/model.txt").write_text("fitted")
"""


def job_arguments(request: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in request.items() if not key.endswith("JobName")}


def create(place: Place, name: str, definition: dict[str, Any], role_arn: str = "") -> None:
    place.sagemaker.create_pipeline(
        PipelineName=name,
        PipelineDefinition=json.dumps(definition),
        RoleArn=role_arn or place.role_arn,
        ClientRequestToken=unique("token") + "-" * 32,
    )


def execute(place: Place, name: str, **parameters: str) -> tuple[Any, dict[str, Any]]:
    """Runs the pipeline; the execution and its steps by name."""
    given = [{"Name": key, "Value": value} for key, value in parameters.items()]
    arn = place.sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=given)[
        "PipelineExecutionArn"
    ]
    return finished(place, arn)


def finished(place: Place, arn: str) -> tuple[Any, dict[str, Any]]:
    execution = settled(
        lambda: place.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn),
        "PipelineExecutionStatus",
    )
    listed = place.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return execution, {step["StepName"]: step for step in listed}
