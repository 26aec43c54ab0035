"""A step that tunes, as the SageMaker Python SDK 3 makes it, in a process of its own: prints it as JSON.

It is given the step that the project makes, and says the same in the SDK's words.
"""

import json
import sys
from typing import Any

from sagemaker.core.parameter import (
    CategoricalParameter,
    ContinuousParameter,
    IntegerParameter,
    ParameterRange,
)
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.steps import CacheConfig, TuningStep
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import (
    Compute,
    InputData,
    Networking,
    OutputDataConfig,
    StoppingCondition,
)
from sagemaker.train.tuner import HyperparameterTuner


def ranges(given: dict[str, Any]) -> dict[str, ParameterRange]:
    found: dict[str, ParameterRange] = {}
    for kind, values in given.items():
        for tried in values:
            if kind == "CategoricalParameterRanges":
                found[tried["Name"]] = CategoricalParameter(tried["Values"])
                continue
            number, make = (
                (float, ContinuousParameter) if kind.startswith("Continuous") else (int, IntegerParameter)
            )
            found[tried["Name"]] = make(
                number(tried["MinValue"]), number(tried["MaxValue"]), scaling_type=tried["ScalingType"]
            )
    return found


def made_by_the_sdk(step: dict[str, Any]) -> Any:
    job, trial = (
        step["Arguments"][name] for name in ("HyperParameterTuningJobConfig", "TrainingJobDefinition")
    )
    size, vpc = trial["ResourceConfig"], trial["VpcConfig"]
    trainer = ModelTrainer(
        training_image=trial["AlgorithmSpecification"]["TrainingImage"],
        role=trial["RoleArn"],
        sagemaker_session=PipelineSession(default_bucket="bucket"),
        compute=Compute(
            instance_type="ml.m5.large",
            instance_count=size["InstanceCount"],
            volume_size_in_gb=size["VolumeSizeInGB"],
            enable_managed_spot_training=trial.get("EnableManagedSpotTraining"),
        ),
        networking=Networking(subnets=vpc["Subnets"], security_group_ids=vpc["SecurityGroupIds"]),
        stopping_condition=StoppingCondition(
            max_runtime_in_seconds=trial["StoppingCondition"]["MaxRuntimeInSeconds"],
            max_wait_time_in_seconds=trial["StoppingCondition"].get("MaxWaitTimeInSeconds"),
        ),
        output_data_config=OutputDataConfig(
            s3_output_path=trial["OutputDataConfig"]["S3OutputPath"],
            kms_key_id=trial["OutputDataConfig"]["KmsKeyId"],
        ),
        hyperparameters=trial["StaticHyperParameters"],
        environment=trial["Environment"],
    )
    objective, limits = job["HyperParameterTuningJobObjective"], job["ResourceLimits"]
    tuner = HyperparameterTuner(
        trainer,
        objective["MetricName"],
        ranges(job["ParameterRanges"]),
        strategy=job["Strategy"],
        objective_type=objective["Type"],
        max_jobs=limits["MaxNumberOfTrainingJobs"],
        max_parallel_jobs=limits["MaxParallelTrainingJobs"],
        early_stopping_type=job["TrainingJobEarlyStoppingType"],
        random_seed=job["RandomSeed"],
    )
    channels = [
        InputData(channel_name=item["ChannelName"], data_source=item["DataSource"]["S3DataSource"]["S3Uri"])
        for item in trial["InputDataConfig"]
    ]
    cache = CacheConfig(enable_caching=True, expire_after=step["CacheConfig"]["ExpireAfter"])
    made = TuningStep(step["Name"], step_args=tuner.tune(inputs=channels), cache_config=cache)
    best = made.properties.BestTrainingJob.TrainingJobName
    return {"step": made.to_request(), "best": best.expr}


if __name__ == "__main__":
    print(json.dumps(made_by_the_sdk(json.loads(sys.argv[1])), default=str))
