"""What a pipeline does with an evaluated model: registers it, or fails and says what stands against it."""

from typing import Any

from config.settings import UseCase
from stacks.parts.images import SERVING_ENVIRONMENT
from stacks.parts.layout import DATA_QUALITY, EVALUATION
from stacks.training.model_card import Known, metrics_measured, model_card
from stacks.training.pipeline_steps import (
    EXECUTION_ID,
    REGISTER_RETRIES,
    Json,
    PipelineResources,
    join,
    output_uri,
    parameter,
)
from stacks.training.training_steps import model_artifact

EVALUATION_REPORT, COMPARISON = "EvaluationReport", "Comparison"
"""Property files of Evaluate: how good the model is, alone and beside the live one."""
DIGESTS, DRIFT = "Digests", "DriftCheck"
"""Property files of Record: the digests of all that belongs to the model, and what its baselines say
otherwise than those of the live one."""
COMPARED, LIVE, BETTER_BY = "BesideLive", "LiveVersion", "BetterByAtLeast"
QUALITY, GROUPS = "QualityIsWorse", "GroupsFareWorse"
"""Metadata of a version that a rule which approves looks at (stacks/retraining/approval.py)."""
RECORDED = (
    *("model", "statistics", "constraints", "evaluation", "quality", "explanations", "comparison"),
    "delivery",
)
BIAS_RECORDED = ("bias", "facets")
EXPLAINED = ("xgboost", "lightgbm", "linear")
"""Algorithms whose models tell what moves their predictions: `contributions` in pipeline_code/model.py."""
REPORT_SECTIONS = {
    "regression": "regression_metrics",
    "binary-classification": "binary_classification_metrics",
    "multiclass-classification": "multiclass_classification_metrics",
}
CONDITIONS = {"at_least": "GreaterThanOrEqualTo", "at_most": "LessThanOrEqualTo"}


def check_metric_step(use_case: UseCase, resources: PipelineResources) -> Json:
    """The conditions on a version, with the step that follows in either case.

    All are in one step, because a condition cannot follow another one; they read property files.
    https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
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
                },
                _either(
                    (_read("Evaluate", COMPARISON, "is_worse"), "no"), (parameter("RegisterIfWorse"), "yes")
                ),
                _either((_read("Record", DRIFT, "has_drifted"), "no"), (parameter("DriftCheck"), "warn")),
            ],
            "IfSteps": [_register(use_case, resources)],
            "ElseSteps": [_not_registered(use_case)],
        },
    }


def _either(*ways: tuple[Json, str]) -> Json:
    conditions = [{"Type": "Equals", "LeftValue": value, "RightValue": wanted} for value, wanted in ways]
    return {"Type": "Or", "Conditions": conditions}


def _register(use_case: UseCase, resources: PipelineResources) -> Json:
    metrics, baselines = _reports(use_case)
    return {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": resources.model_package_group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": _inference_specification(use_case, resources),
            "ModelMetrics": metrics,
            "DriftCheckBaselines": baselines,
            "ModelCard": model_card(use_case, _known(use_case, resources)),
            "CustomerMetadataProperties": _provenance(use_case, resources),
        },
        "RetryPolicies": REGISTER_RETRIES,
    }


def _reports(use_case: UseCase) -> tuple[Json, Json]:
    """What was found out about the version, and what monitors compare with; there is a file for both.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DriftCheckBaselines.html
    """
    data_quality = {
        name: _json_file(join(output_uri("DataQualityBaseline", DATA_QUALITY), f"{name.lower()}.json"))
        for name in ("Statistics", "Constraints")
    }
    quality = {"Statistics": _evaluated("evaluation.json"), "Constraints": _evaluated("constraints.json")}
    metrics: Json = {"ModelQuality": quality, "ModelDataQuality": data_quality}
    baselines: Json = {"ModelQuality": quality, "ModelDataQuality": data_quality}
    if use_case.bias:
        report = _evaluated("bias", "analysis.json")
        metrics["Bias"] = {"PreTrainingReport": report, "PostTrainingReport": report}
        baselines["Bias"] = {
            "ConfigFile": _evaluated("bias", "analysis_config.json"),
            "PreTrainingConstraints": report,
            "PostTrainingConstraints": report,
        }
    if use_case.algorithm in EXPLAINED:
        report = _evaluated("explainability", "analysis.json")
        metrics["Explainability"] = {"Report": report}
        baselines["Explainability"] = {"Constraints": report}
    return metrics, baselines


def _provenance(use_case: UseCase, resources: PipelineResources) -> Json:
    """What made the version, for people to read; the release asks SageMaker and the execution's own files.

    At most 50 texts of 256 characters:
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    """
    success = use_case.success
    recorded = (*RECORDED, *BIAS_RECORDED) if use_case.bias else RECORDED
    digests = {f"{name.title()}Digest": _read("Record", DIGESTS, name) for name in recorded}
    return {
        "UseCase": use_case.name,
        "PipelineExecutionId": EXECUTION_ID,
        "PipelineExecutionArn": {"Get": "Execution.PipelineExecutionArn"},
        "InputData": parameter("InputData"),
        "Code": resources.code.file_name,
        "SuccessCriterion": f"{success.metric} {success.comparison} {success.threshold}",
        # A number becomes a text by being joined.
        "MetricThreshold": join(parameter("MetricThreshold")),
        COMPARED: _read("Evaluate", COMPARISON, "told"),
        LIVE: _read("Evaluate", COMPARISON, "version"),
        BETTER_BY: _read("Evaluate", COMPARISON, "better_by"),
        QUALITY: _read("Record", DRIFT, "quality_is_worse"),
        GROUPS: _read("Record", DRIFT, "groups_fare_worse"),
        "RegisterIfWorse": parameter("RegisterIfWorse"),
        "DriftFromLive": _read("Record", DRIFT, "told"),
        **digests,
    }


def _known(use_case: UseCase, resources: PipelineResources) -> Known:
    told = (_read("Evaluate", COMPARISON, "told"), _read("Record", DRIFT, "told"))
    return Known(
        resources.xgboost_image,
        model_artifact(use_case.tuning, resources.layout.training.uri(use_case.name)),
        {name: _metric_value(use_case, name) for name in metrics_measured(use_case)},
        join(*told, on="; "),
    )


def _inference_specification(use_case: UseCase, resources: PipelineResources) -> Json:
    content_types = ["text/csv", "application/json"]
    models = resources.layout.training.uri(use_case.name)
    return {
        "Containers": [
            {
                "Image": resources.xgboost_image,
                "ModelDataUrl": model_artifact(use_case.tuning, models),
                "Environment": SERVING_ENVIRONMENT,
            }
        ],
        "SupportedContentTypes": content_types,
        "SupportedResponseMIMETypes": content_types,
    }


def _not_registered(use_case: UseCase) -> Json:
    """Says what every condition is about, because one message is for all of them."""
    message = join(
        f"{use_case.name}: {use_case.success.metric} is",
        _metric_value(use_case),
        f"and must be {use_case.success.comparison.replace('_', ' ')}",
        join(parameter("MetricThreshold"), ";", on=""),
        join(_read("Evaluate", COMPARISON, "told"), ";", on=""),
        "RegisterIfWorse is",
        join(parameter("RegisterIfWorse"), ";", on=""),
        join(_read("Record", DRIFT, "told"), ";", on=""),
        "DriftCheck is",
        parameter("DriftCheck"),
        on=" ",
    )
    return {"Name": "NotRegistered", "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def _metric_value(use_case: UseCase, name: str = "") -> Json:
    """Of the criterion, unless another metric is named."""
    section = REPORT_SECTIONS[use_case.problem]
    return _read("Evaluate", EVALUATION_REPORT, f"{section}.{name or use_case.success.metric}.value")


def _read(step: str, property_file: str, path: str) -> Json:
    file = {"Get": f"Steps.{step}.PropertyFiles.{property_file}"}
    return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}


def _evaluated(*path: str) -> Json:
    return _json_file(join(output_uri("Evaluate", EVALUATION), *path))


def _json_file(s3_uri: Any) -> Json:
    return {"ContentType": "application/json", "S3Uri": s3_uri}
