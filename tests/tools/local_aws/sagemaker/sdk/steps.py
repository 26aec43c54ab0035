"""A step that tunes, a job of Spark and the reports of a version, as the SageMaker Python SDK 3 makes them,
in a process of its own: prints them as JSON.

It is given what the project makes, and says the same in the SDK's words.
"""

import json
import sys
from typing import Any

from sagemaker.core.drift_check_baselines import DriftCheckBaselines
from sagemaker.core.model_metrics import FileSource, MetricsSource, ModelMetrics
from sagemaker.core.network import NetworkConfig
from sagemaker.core.parameter import (
    CategoricalParameter,
    ContinuousParameter,
    IntegerParameter,
    ParameterRange,
)
from sagemaker.core.processing import ProcessingInput, ProcessingOutput
from sagemaker.core.shapes import (
    HyperParameterTuningJobWarmStartConfig,
    ParentHyperParameterTuningJob,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.shapes.model_card_shapes import ModelCardContent
from sagemaker.core.spark.processing import PySparkProcessor
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TuningStep
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
    warm = step["Arguments"]["WarmStartConfig"]
    parents = [
        ParentHyperParameterTuningJob(hyper_parameter_tuning_job_name=parent["HyperParameterTuningJobName"])
        for parent in warm["ParentHyperParameterTuningJobs"]
    ]
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
        warm_start_config=HyperParameterTuningJobWarmStartConfig(
            warm_start_type=warm["WarmStartType"], parent_hyper_parameter_tuning_jobs=parents
        ),
    )
    channels = [
        InputData(channel_name=item["ChannelName"], data_source=item["DataSource"]["S3DataSource"]["S3Uri"])
        for item in trial["InputDataConfig"]
    ]
    cache = CacheConfig(enable_caching=True, expire_after=step["CacheConfig"]["ExpireAfter"])
    made = TuningStep(step["Name"], step_args=tuner.tune(inputs=channels), cache_config=cache)
    best = made.properties.BestTrainingJob.TrainingJobName
    return {"step": made.to_request(), "best": best.expr}


def reports(metrics: dict[str, Any], baselines: dict[str, Any]) -> dict[str, Any]:
    def source(given: dict[str, str], kind: Any = MetricsSource) -> Any:
        return kind(content_type=given["ContentType"], s3_uri=given["S3Uri"])

    quality, data, bias = (metrics[name] for name in ("ModelQuality", "ModelDataQuality", "Bias"))
    made = ModelMetrics(
        model_statistics=source(quality["Statistics"]),
        model_constraints=source(quality["Constraints"]),
        model_data_statistics=source(data["Statistics"]),
        model_data_constraints=source(data["Constraints"]),
        bias_pre_training=source(bias["PreTrainingReport"]),
        bias_post_training=source(bias["PostTrainingReport"]),
        explainability=source(metrics["Explainability"]["Report"]),
    )
    quality, data, bias = (baselines[name] for name in ("ModelQuality", "ModelDataQuality", "Bias"))
    compared = DriftCheckBaselines(
        model_statistics=source(quality["Statistics"]),
        model_constraints=source(quality["Constraints"]),
        model_data_statistics=source(data["Statistics"]),
        model_data_constraints=source(data["Constraints"]),
        bias_config_file=source(bias["ConfigFile"], FileSource),
        bias_pre_training_constraints=source(bias["PreTrainingConstraints"]),
        bias_post_training_constraints=source(bias["PostTrainingConstraints"]),
        explainability_constraints=source(baselines["Explainability"]["Constraints"]),
    )
    return {"metrics": made._to_request_dict(), "baselines": compared._to_request_dict()}


def on_spark(step: dict[str, Any]) -> dict[str, Any]:
    """With a program of the SDK's choice in place of our own."""
    request = step["Arguments"]
    cluster, network = request["ProcessingResources"]["ClusterConfig"], request["NetworkConfig"]
    version, _, python, container = request["AppSpecification"]["ImageUri"].rpartition(":")[2].split("-")
    processor = PySparkProcessor(
        role=request["RoleArn"],
        framework_version=version,
        py_version=python,
        container_version=container.removeprefix("v"),
        instance_type=cluster["InstanceType"],
        instance_count=cluster["InstanceCount"],
        volume_size_in_gb=cluster["VolumeSizeInGB"],
        volume_kms_key=cluster["VolumeKmsKeyId"],
        output_kms_key=request["ProcessingOutputConfig"]["KmsKeyId"],
        max_runtime_in_seconds=request["StoppingCondition"]["MaxRuntimeInSeconds"],
        sagemaker_session=PipelineSession(default_bucket="bucket"),
        network_config=NetworkConfig(
            enable_network_isolation=network["EnableNetworkIsolation"],
            encrypt_inter_container_traffic=network["EnableInterContainerTrafficEncryption"],
            security_group_ids=network["VpcConfig"]["SecurityGroupIds"],
            subnets=network["VpcConfig"]["Subnets"],
        ),
    )
    made = processor.run(
        submit_app="s3://assets/program.py",
        arguments=request["AppSpecification"]["ContainerArguments"],
        inputs=[_input(each) for each in request["ProcessingInputs"] if each["InputName"] != "code"],
        outputs=[_output(each) for each in request["ProcessingOutputConfig"]["Outputs"]],
    )
    return {"spark": ProcessingStep(step["Name"], step_args=made).to_request()}


def _input(given: dict[str, Any]) -> ProcessingInput:
    source = given["S3Input"]
    return ProcessingInput(
        input_name=given["InputName"],
        s3_input=ProcessingS3Input(
            s3_uri=source["S3Uri"],
            local_path=source["LocalPath"],
            s3_data_type=source["S3DataType"],
            s3_input_mode=source["S3InputMode"],
        ),
    )


def _output(given: dict[str, Any]) -> ProcessingOutput:
    target = given["S3Output"]
    return ProcessingOutput(
        output_name=given["OutputName"],
        s3_output=ProcessingS3Output(
            s3_uri=target["S3Uri"],
            local_path=target["LocalPath"],
            s3_upload_mode=target["S3UploadMode"],
        ),
    )


def read_card(content: dict[str, Any]) -> dict[str, Any]:
    """What the SDK's own shapes understand of a model card; what they do not know is missing."""
    return dict(ModelCardContent.model_validate(content).model_dump(mode="json", exclude_none=True))


if __name__ == "__main__":
    step, metrics, baselines, spark, card = json.loads(sys.argv[1])
    made = made_by_the_sdk(step) | reports(metrics, baselines) | on_spark(spark) | {"card": read_card(card)}
    print(json.dumps(made, default=str))
