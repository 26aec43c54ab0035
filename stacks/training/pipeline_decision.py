"""What a pipeline does with an evaluated model: registers it, or fails and says what it lacks."""

from typing import Any

from config.settings import UseCase
from stacks.parts.layout import DATA_QUALITY
from stacks.training.pipeline_steps import (
    EXECUTION_ID,
    REGISTER_RETRIES,
    Json,
    PipelineResources,
    join,
    output_uri,
    parameter,
)

EVALUATION_REPORT = "EvaluationReport"
REPORT_SECTIONS = {
    "regression": "regression_metrics",
    "binary-classification": "binary_classification_metrics",
    "multiclass-classification": "multiclass_classification_metrics",
}
CONDITIONS = {"at_least": "GreaterThanOrEqualTo", "at_most": "LessThanOrEqualTo"}

# What the model server of AWS's image is told.
SERVING_ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    # Without an Accept header the server would ask the program for JSON.
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "*/*",
}


def check_metric_step(use_case: UseCase, resources: PipelineResources) -> Json:
    """The condition on the success criterion, with the step that follows in either case.

    It reads the property file `EVALUATION_REPORT` of the step Evaluate.
    """
    return {
        "Name": "CheckMetric",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {
                    "Type": CONDITIONS[use_case.success.comparison],
                    "LeftValue": _metric_value(use_case),
                    "RightValue": parameter("MetricThreshold"),
                }
            ],
            "IfSteps": [_register(use_case, resources)],
            "ElseSteps": [_metric_not_met(use_case)],
        },
    }


def _register(use_case: UseCase, resources: PipelineResources) -> Json:
    executions = resources.layout.executions
    data_quality = {
        name: _json_file(join(output_uri("DataQualityBaseline", DATA_QUALITY), f"{name.lower()}.json"))
        for name in ("Statistics", "Constraints")
    }
    evaluation = _json_file(join(output_uri("Evaluate", "evaluation"), "evaluation.json"))
    return {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": resources.model_package_group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": _inference_specification(resources.xgboost_image),
            "ModelMetrics": {"ModelQuality": {"Statistics": evaluation}, "ModelDataQuality": data_quality},
            "DriftCheckBaselines": {"ModelDataQuality": data_quality},
            "CustomerMetadataProperties": {
                "UseCase": use_case.name,
                "PipelineExecutionId": EXECUTION_ID,
                "InputData": parameter("InputData"),
                "DataQualityBaseline": join(
                    executions.bucket.name, executions.prefix, use_case.name, EXECUTION_ID, DATA_QUALITY
                ),
            },
        },
        "RetryPolicies": REGISTER_RETRIES,
    }


def _inference_specification(image: str) -> Json:
    content_types = ["text/csv", "application/json"]
    return {
        "Containers": [
            {
                "Image": image,
                "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
                "Environment": SERVING_ENVIRONMENT,
            }
        ],
        "SupportedContentTypes": content_types,
        "SupportedResponseMIMETypes": content_types,
    }


def _metric_not_met(use_case: UseCase) -> Json:
    message = join(
        f"{use_case.name}: {use_case.success.metric} is",
        _metric_value(use_case),
        f"but must be {use_case.success.comparison.replace('_', ' ')}",
        parameter("MetricThreshold"),
        on=" ",
    )
    return {"Name": "MetricNotMet", "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def _metric_value(use_case: UseCase) -> Json:
    section = REPORT_SECTIONS[use_case.problem]
    return {
        "Std:JsonGet": {
            "PropertyFile": {"Get": f"Steps.Evaluate.PropertyFiles.{EVALUATION_REPORT}"},
            "Path": f"{section}.{use_case.success.metric}.value",
        }
    }


def _json_file(s3_uri: Any) -> Json:
    return {"ContentType": "application/json", "S3Uri": s3_uri}
