"""The step that makes a model: `Train`, or `Tune`, which trains many and keeps the best.

In AWS's image neither names metrics: SageMaker knows those of its own images, and refuses a job that defines
others, in script mode too. So a tuning job compares by one of the image's names, which training prints as
XGBoost does.
https://github.com/aws/sagemaker-xgboost-container/issues/121
Of an image of our own it knows nothing, so the same names are defined:
https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.models.tuning import OBJECTIVES, Range, Tuning
from config.models.use_case import metrics_of
from config.settings import TrainingResources
from config.values.hyperparameters import LIMITS, XGBOOST
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import MODEL_DATA
from stacks.training.pipeline_steps import CACHE, RETRIES, Json, join, parameter

TRAIN, TUNE = "Train", "Tune"
# What AWS's XGBoost algorithm calls hyperparameters. A tuning job of its image knows no other names, in
# script mode neither: https://github.com/aws/sagemaker-python-sdk/issues/2226
NAMES_IN_TUNING = {
    "learning_rate": "eta",
    "n_estimators": "num_round",
    "n_jobs": "nthread",
    "random_state": "seed",
    "reg_alpha": "alpha",
    "reg_lambda": "lambda",
}
NAMES_IN_LOG = {
    ("binary-classification", "log_loss"): "logloss",
    ("multiclass-classification", "log_loss"): "mlogloss",
}
DEFAULT_ROUNDS = 2000
# More is refused: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperbandStrategyConfig.html
MOST_RESOURCES = 20_000
SECONDS_OF_MINUTE = 60


@dataclass(frozen=True)
class Training:
    """One training, whoever starts it: the pipeline, or a tuning job again and again."""

    image: str
    code: Code
    channels: Mapping[str, Any]
    """S3 addresses by the folder below /opt/ml/input/data."""
    algorithm: str
    hyperparameters: Mapping[str, int | float | str]
    output_s3_uri: str
    checkpoints_s3_uri: Any
    role_arn: str
    size: TrainingResources
    settings: JobSettings
    metrics: Sequence[Json] = ()
    """Definitions of what training prints; none in an image of AWS's."""

    def step(self) -> Json:
        command = ["python3", f"/opt/ml/input/data/code/{self.code.file_name}", "train"]
        if self.algorithm != XGBOOST:
            command += ["--algorithm", self.algorithm]
        resources = self._resources()
        if self.size.keep_alive_minutes:
            resources["KeepAlivePeriodInSeconds"] = self.size.keep_alive_minutes * SECONDS_OF_MINUTE
        arguments = {
            "AlgorithmSpecification": {**self._algorithm(), "ContainerEntrypoint": command},
            "HyperParameters": {name: str(value) for name, value in self.hyperparameters.items()},
            **self._request(resources),
        }
        return _step(TRAIN, "Training", arguments)

    def search(self, tuning: Tuning) -> Json:
        """The step that tunes: the request of a trial has no room for a command, so the image's own runs.

        It finds the scripts on Python's path. It installs its empty code folder, for which pip must
        not ask an index; pip reads this variable the other way round.
        Source: sagemaker-containers 2.8.6.post2 on PyPI, `_modules.py`; https://github.com/pypa/pip/issues/5735
        """
        fixed: dict[str, int | float | str] = {"n_estimators": DEFAULT_ROUNDS, **self.hyperparameters}
        known = {name: value for name, value in fixed.items() if name not in tuning.ranges}
        definition = {
            "AlgorithmSpecification": self._algorithm(),
            "StaticHyperParameters": {
                **{_tuned(name): str(value) for name, value in known.items()},
                "sagemaker_program": "trial.py",
            },
            "Environment": {
                "PYTHONPATH": f"/opt/ml/input/data/code/{self.code.file_name}",
                "PIP_NO_BUILD_ISOLATION": "0",
            },
            **self._request(self._resources()),
        }
        job = _tuning_job(tuning, int(fixed["n_estimators"]))
        arguments: Json = {"HyperParameterTuningJobConfig": job, "TrainingJobDefinition": definition}
        if self.size.warm_start:
            parents = [{"HyperParameterTuningJobName": name} for name in self.size.warm_start]
            # Another execution has another delivery: the data are never identical.
            arguments["WarmStartConfig"] = {
                "ParentHyperParameterTuningJobs": parents,
                "WarmStartType": "TransferLearning",
            }
        return _step(TUNE, "Tuning", arguments)

    def _algorithm(self) -> Json:
        specification: Json = {"TrainingImage": self.image, "TrainingInputMode": "File"}
        return {**specification, "MetricDefinitions": list(self.metrics)} if self.metrics else specification

    def _resources(self) -> Json:
        return {
            "InstanceType": parameter("TrainingInstanceType"),
            "InstanceCount": self.size.instances,
            "VolumeSizeInGB": self.settings.volume_size_gb,
            "VolumeKmsKeyId": self.settings.kms_key_arn,
        }

    def _request(self, resources: Json) -> Json:
        settings = self.settings
        condition = {"MaxRuntimeInSeconds": settings.max_runtime_seconds}
        request: Json = {
            "InputDataConfig": [_channel(channel, uri) for channel, uri in self.channels.items()],
            "OutputDataConfig": {"S3OutputPath": self.output_s3_uri, "KmsKeyId": settings.kms_key_arn},
            "ResourceConfig": resources,
            "VpcConfig": settings.vpc_config,
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
            "StoppingCondition": condition,
            "RoleArn": self.role_arn,
        }
        if self.size.spot:
            # As long again may go by until there is a machine.
            condition["MaxWaitTimeInSeconds"] = 2 * settings.max_runtime_seconds
            request["EnableManagedSpotTraining"] = True
            request["CheckpointConfig"] = {"S3Uri": self.checkpoints_s3_uri}
        return request


def metric_definitions(problem: str) -> list[Json]:
    """What training prints for a problem, under the names that AWS's image has for it."""
    names = [NAMES_IN_LOG.get((problem, name), name) for name in metrics_of(problem)]
    return [
        {"Name": f"{part}:{name}", "Regex": rf"{part}-{name}:([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"}
        for part in ("train", "validation")
        for name in names
    ]


def model_artifact(tuning: Tuning | None, output_s3_uri: str) -> Json:
    """Where the model lies that is evaluated and registered.

    A tuning job does not tell the artifact of its best training, only the name.
    """
    if tuning is None:
        return {"Get": f"Steps.{TRAIN}.ModelArtifacts.S3ModelArtifacts"}
    best = {"Get": f"Steps.{TUNE}.BestTrainingJob.TrainingJobName"}
    return join(output_s3_uri, best, "output", MODEL_DATA)


def _step(name: str, kind: str, arguments: Json) -> Json:
    return {
        "Name": name,
        "Type": kind,
        "Arguments": arguments,
        "CacheConfig": CACHE,
        "RetryPolicies": RETRIES,
    }


def _tuning_job(tuning: Tuning, rounds: int) -> Json:
    limits: Json = {"MaxParallelTrainingJobs": tuning.parallel_jobs}
    if tuning.max_jobs is not None:
        limits["MaxNumberOfTrainingJobs"] = tuning.max_jobs
    job: Json = {
        "Strategy": tuning.strategy,
        "HyperParameterTuningJobObjective": {
            "MetricName": tuning.objective,
            "Type": OBJECTIVES[tuning.objective][1],
        },
        "ResourceLimits": limits,
        "ParameterRanges": _ranges(tuning),
        "TrainingJobEarlyStoppingType": "Auto" if tuning.early_stopping else "Off",
        "RandomSeed": 1,
    }
    if tuning.strategy == "Hyperband":
        most = min(rounds, MOST_RESOURCES)
        job["StrategyConfig"] = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": most}}
    return job


def _ranges(tuning: Tuning) -> Json:
    ranges: dict[str, list[Json]] = {}
    for name, tried in tuning.ranges.items():
        kind, content = _range(name, tried)
        ranges.setdefault(f"{kind}ParameterRanges", []).append({"Name": _tuned(name), **content})
    return ranges


def _range(name: str, tried: Range) -> tuple[str, Json]:
    is_whole = LIMITS[name].is_whole
    if tried.values is not None:
        return "Categorical", {"Values": [_text(value, is_whole=is_whole) for value in tried.values]}
    low, high = (_text(value, is_whole=is_whole) for value in tried.numbers)
    kind = "Integer" if is_whole else "Continuous"
    return kind, {"MinValue": low, "MaxValue": high, "ScalingType": tried.scaling}


def _text(value: float, *, is_whole: bool) -> str:
    return str(int(value) if is_whole else value)


def _tuned(name: str) -> str:
    return NAMES_IN_TUNING.get(name, name)


def _channel(name: str, uri: Any) -> Json:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
