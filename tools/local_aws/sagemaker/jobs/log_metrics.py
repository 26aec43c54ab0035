"""The metrics of a training job, read from its log by regular expressions.

AWS's own algorithms bring their definitions, also in script mode and with an entrypoint of one's own, and
nobody may say otherwise. The words of the refusal are quoted in
https://github.com/awslabs/mlspace/pull/68 and https://github.com/aws/sagemaker-xgboost-container/issues/121.
Which names there are differs a little between versions of the image; these are in
https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html or in published answers of
DescribeTrainingJob, which show them for training and validation data.
"""

import re
from collections.abc import Iterable

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.jobs.images import XGBOOST, repository_of
from tools.local_aws.sagemaker.store import Members, now

_XGBOOST_METRICS = (
    *("accuracy", "auc", "aucpr", "cox-nloglik", "error", "f1", "gamma-deviance", "gamma-nloglik", "logloss"),
    *(
        "mae",
        "map",
        "merror",
        "mlogloss",
        "mse",
        "ndcg",
        "poisson-nloglik",
        "precision",
        "r2",
        "recall",
        "rmse",
    ),
)
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
# A log of SageMaker shows a tab so; the definitions of XGBoost count on it.
_TAB = "#011"
_OF_ALGORITHMS = {
    XGBOOST: [
        {"Name": f"{data}:{metric}", "Regex": rf".*\[[0-9]+\].*{_TAB}{data}-{metric}:{_NUMBER}.*"}
        for data in ("train", "validation")
        for metric in _XGBOOST_METRICS
    ]
}


def with_definitions(specification: Members) -> Members:
    """An algorithm specification with the definitions that count; `ValidationError` for overridden ones."""
    own = _OF_ALGORITHMS.get(repository_of(specification.get("TrainingImage", "")))
    if own is None:
        return specification
    if specification.get("MetricDefinitions"):
        raise ValidationError(
            "You can't override the metric definitions for Amazon SageMaker algorithms. "
            "Please retry the request without specifying metric definitions."
        )
    return specification | {"MetricDefinitions": own}


def final_metrics(definitions: Iterable[Members], lines: Iterable[str]) -> list[Members]:
    """The last value of each metric that the log has."""
    shown = list(lines)
    return [
        {"MetricName": definition["Name"], "Value": values[-1], "Timestamp": now()}
        for definition in definitions
        if (values := values_of(definition["Regex"], shown))
    ]


def values_of(expression: str, lines: Iterable[str]) -> list[float]:
    """All values of one metric in the order of the log."""
    pattern = re.compile(expression)
    return [float(match[1]) for line in lines for match in pattern.finditer(line.replace("\t", _TAB))]
