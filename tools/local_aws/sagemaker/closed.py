"""What an account cannot create that never used it before July 30, 2026.

Which accounts may is decided by AWS account by account. What the API answers to the others is not published;
these are the words of the documentation:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-availability-change.html
"""

from datetime import UTC, datetime

from tools.local_aws.sagemaker.errors import AccessDeniedError

CLOSED_SINCE = datetime(2026, 7, 30, tzinfo=UTC)

_MODEL_MONITOR, _CLARIFY = "Amazon SageMaker Model Monitor", "Amazon SageMaker Clarify"
_GROUND_TRUTH, _AUGMENTED_AI = "Amazon SageMaker Ground Truth", "Amazon Augmented AI"
CLOSED_TO_NEW_CUSTOMERS = {
    "CreateMonitoringSchedule": _MODEL_MONITOR,
    "CreateDataQualityJobDefinition": _MODEL_MONITOR,
    "CreateModelQualityJobDefinition": _MODEL_MONITOR,
    "CreateModelBiasJobDefinition": _CLARIFY,
    "CreateModelExplainabilityJobDefinition": _CLARIFY,
    "CreateLabelingJob": _GROUND_TRUTH,
    "CreateWorkforce": _GROUND_TRUTH,
    "CreateWorkteam": _GROUND_TRUTH,
    "CreateFlowDefinition": _AUGMENTED_AI,
    "CreateHumanTaskUi": _AUGMENTED_AI,
}


def refuse_new_customers(operation: str) -> None:
    """Raises `AccessDeniedError` for what only existing customers may create."""
    if feature := CLOSED_TO_NEW_CUSTOMERS.get(operation):
        raise AccessDeniedError(
            f"{feature} is no longer open to new customers. "
            "Existing customers can continue to use the service as normal."
        )
