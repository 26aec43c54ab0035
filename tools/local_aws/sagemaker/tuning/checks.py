"""What SageMaker refuses about a tuning job before it starts a training.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningJobConfig.html
AWS's own words are known of the metric only: https://github.com/aws/sagemaker-python-sdk/issues/3932
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.jobs.images import XGBOOST, repository_of
from tools.local_aws.sagemaker.store import Members

# What XGBoost's page says may be tuned, in script mode too:
# https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
# https://github.com/aws/sagemaker-python-sdk/issues/2226
TUNABLE = {
    XGBOOST: (
        *("alpha", "colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta", "gamma", "lambda"),
        *("max_delta_step", "max_depth", "min_child_weight", "num_round", "subsample"),
    )
}
_STATIC = "static"
_KINDS = ("ContinuousParameterRanges", "IntegerParameterRanges", "CategoricalParameterRanges")


def check_tuning_job(config: Members, definition: Members) -> None:
    """Raises `ValidationError` with the first thing that is wrong."""
    for mistake in _mistakes(config, definition):
        raise ValidationError(mistake)


def _mistakes(config: Members, definition: Members) -> Iterator[str]:
    objective = config.get("HyperParameterTuningJobObjective", {}).get("MetricName")
    known = [item["Name"] for item in definition["AlgorithmSpecification"].get("MetricDefinitions", [])]
    if objective not in known:
        yield (
            "A metric is required for this hyperparameter tuning job objective. "
            "Provide a metric in the metric definitions."
        )
    yield from _mistakes_of_strategy(config)
    ranges = config.get("ParameterRanges", {})
    names = [tried["Name"] for kind in _KINDS for tried in ranges.get(kind, [])]
    if not names:
        yield "A hyperparameter tuning job needs ranges of hyperparameters."
    tunable = TUNABLE.get(repository_of(definition["AlgorithmSpecification"].get("TrainingImage", "")))
    for name in names:
        if tunable is not None and name not in tunable:
            yield f"The hyperparameter {name} cannot be tuned with this algorithm; tune {', '.join(tunable)}."
        if name in definition.get("StaticHyperParameters", {}):
            yield f"The hyperparameter {name} is both static and tuned."
    for kind, read in (("ContinuousParameterRanges", float), ("IntegerParameterRanges", int)):
        yield from (f"The range of {tried['Name']} is empty." for tried in ranges.get(kind, [])
                    if not _is_range(tried, read))  # fmt: skip


def check_warm_start(config: Members, definition: Members, parents: Iterable[Members]) -> None:
    """Raises `ValidationError` for parents whose trials say nothing about this search.

    https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
    """
    if config["Strategy"] not in ("Bayesian", "Random"):
        raise ValidationError("A warm start takes the strategies Bayesian and Random only.")
    for parent in parents:
        name, theirs = parent["HyperParameterTuningJobName"], parent["HyperParameterTuningJobConfig"]
        if parent["HyperParameterTuningJobStatus"] not in ("Completed", "Failed", "Stopped"):
            raise ValidationError(f"The parent tuning job {name} has not ended yet.")
        if theirs["HyperParameterTuningJobObjective"] != config["HyperParameterTuningJobObjective"]:
            raise ValidationError(f"The parent tuning job {name} has another objective metric.")
        mine, other = _kinds(config, definition), _kinds(theirs, parent["TrainingJobDefinition"])
        if len(mine) != len(other):
            raise ValidationError(
                f"The parent tuning job {name} has {len(other)} hyperparameters, static and tunable "
                f"together, and this one has {len(mine)}; their number must be the same."
            )
        changed = [each for each in mine if {mine[each], other.get(each, _STATIC)} - {_STATIC, mine[each]}]
        if changed:
            raise ValidationError(
                f"The type of {', '.join(changed)} is another one than in the parent tuning job {name}."
            )


def _kinds(config: Members, definition: Members) -> dict[str, str]:
    """Each hyperparameter with the kind of its range."""
    ranges = config.get("ParameterRanges", {})
    tuned = {tried["Name"]: kind for kind in _KINDS for tried in ranges.get(kind, [])}
    return {**dict.fromkeys(definition.get("StaticHyperParameters", {}), _STATIC), **tuned}


def _is_range(tried: Members, read: Any) -> bool:
    try:
        low, high = read(tried["MinValue"]), read(tried["MaxValue"])
    except ValueError:
        return False
    return bool(low < high and (low > 0 or tried.get("ScalingType") != "Logarithmic"))


def _mistakes_of_strategy(config: Members) -> Iterator[str]:
    strategy, ranges = config["Strategy"], config.get("ParameterRanges", {})
    most = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if strategy == "Grid" and (most is not None or any(ranges.get(kind) for kind in _KINDS[:2])):
        yield "Grid takes categorical ranges only, and counts its training jobs itself."
    if strategy != "Grid" and most is None:
        yield "MaxNumberOfTrainingJobs is required for the strategies other than Grid."
    if strategy == "Hyperband" and config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        yield "TrainingJobEarlyStoppingType must be OFF to use Hyperband."
    resources = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    if strategy == "Hyperband" and "MaxResource" not in resources:
        yield "Hyperband needs MaxResource: there is nothing here to infer it from."
