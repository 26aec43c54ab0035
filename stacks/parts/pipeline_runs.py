"""How a state machine runs a pipeline with a delivery, as data."""

from typing import Any

from stacks.parts.states import TELL_PEOPLE, choice, task, when

Json = dict[str, Any]

# An execution has 25,000 events and a look takes nine: that is nine days of looking.
POLL_SECONDS = 300


def run_pipeline(pipeline: str, following: str, **parameters: str) -> dict[str, Json]:
    """Followed to its end: nobody looks at an execution that nobody has started.

    `$.Delivery` has the `Uri` to train with, and a `Token`: a call that is tried again means the same.
    """
    status = "$.Execution.Status"
    return {
        "StartPipeline": task(
            "sagemaker:startPipelineExecution",
            {
                "PipelineName": pipeline,
                "PipelineParameters": [
                    {"Name": "InputData", "Value.$": "$.Delivery.Uri"},
                    *({"Name": name, "Value": value} for name, value in parameters.items()),
                ],
                "ClientRequestToken.$": "$.Delivery.Token",
            },
            "AwaitPipeline",
            ResultSelector={"Arn.$": "$.PipelineExecutionArn"},
            ResultPath="$.Execution",
        ),
        **wait_for(
            "Pipeline",
            task(
                "sagemaker:describePipelineExecution",
                {"PipelineExecutionArn.$": "$.Execution.Arn"},
                "HasPipelineEnded",
                ResultSelector={
                    "Arn.$": "$.PipelineExecutionArn",
                    "Status.$": "$.PipelineExecutionStatus",
                    "Described.$": "$",
                },
                ResultPath="$.Execution",
            ),
        ),
        "HasPipelineEnded": choice(
            when(status, "StringEquals", "Executing", "AwaitPipeline"),
            when(status, "StringEquals", "Stopping", "AwaitPipeline"),
            when(status, "StringEquals", "Succeeded", following),
            default=TELL_PEOPLE,
        ),
    }


def wait_for(what: str, look: Json) -> dict[str, Json]:
    """Looks after a while; the look says where to go on."""
    return {
        f"Await{what}": {"Type": "Wait", "Seconds": POLL_SECONDS, "Next": f"Check{what}"},
        f"Check{what}": look,
    }
