"""From a use case to its SageMaker pipeline, as data.

`pipeline_definition` is pure: the same arguments give the same dict, without an AWS call and without CDK.
Deploy-time values (bucket names, role ARNs) arrive as strings, which may be CDK tokens.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.settings import Bias, Costs, TrainingResources, UseCase
from config.values.columns import before_names, treated
from stacks.parts.jobs import Container, Output
from stacks.parts.layout import DATA_QUALITY, DRIFT_FILE, EVALUATION, RECORD, RECORD_FILE
from stacks.training.pipeline_decision import COMPARISON, DIGESTS, DRIFT, EVALUATION_REPORT, check_metric_step
from stacks.training.pipeline_steps import (
    EXECUTION_ID,
    Json,
    PipelineResources,
    chunked,
    join,
    named_job,
    output_uri,
    parameter,
    processing_step,
)
from stacks.training.training_steps import Training, metric_definitions, model_artifact


def pipeline_definition(use_case: UseCase, training: TrainingResources, resources: PipelineResources) -> Json:
    """The definition that `AWS::SageMaker::Pipeline` takes, for one use case.

    Preprocess, Train or Tune, Evaluate, DataQualityBaseline, Record and CheckMetric; then Register, or
    NotRegistered. Where several machines preprocess, Libraries comes first.
    """
    steps = _Steps(use_case, training, resources)
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": _parameters(use_case, training),
        "Steps": [
            named_job(step, resources.place)
            for step in (
                *steps.preprocess(),
                steps.train(),
                steps.evaluate(),
                steps.data_quality_baseline(),
                steps.record(),
                steps.check_metric(),
            )
        ],
    }


def _parameters(use_case: UseCase, training: TrainingResources) -> list[Json]:
    """`InputData` has no default: deliveries never change, so an execution names the one it uses."""
    return [
        {"Name": "InputData", "Type": "String"},
        {
            "Name": "ProcessingInstanceType",
            "Type": "String",
            "DefaultValue": training.processing_instance_type,
        },
        {"Name": "TrainingInstanceType", "Type": "String", "DefaultValue": training.training_instance_type},
        {"Name": "MetricThreshold", "Type": "Float", "DefaultValue": use_case.success.threshold},
        {
            "Name": "DriftCheck",
            "Type": "String",
            "DefaultValue": use_case.drift_check,
            "EnumValues": ["warn", "fail"],
        },
        {"Name": "RegisterIfWorse", "Type": "String", "DefaultValue": "no", "EnumValues": ["no", "yes"]},
    ]


class _Steps:
    """The steps of one use case's pipeline."""

    def __init__(self, use_case: UseCase, training: TrainingResources, resources: PipelineResources) -> None:
        self.use_case = use_case
        self.training = training
        self.resources = resources

    def preprocess(self) -> list[Json]:
        arguments, inputs = preprocess_arguments(self.use_case), {"raw": parameter("InputData")}
        outputs = [self._processed_output(part) for part in ("train", "validation", "test")]
        if self.training.processing_instances == 1:
            return [
                self._script("Preprocess", "preprocess", arguments=arguments, inputs=inputs, outputs=outputs)
            ]
        # Not below processed/, where more than this role writes and Athena reads tables.
        libraries = [self._execution_output("libraries")]
        return [
            self._script("Libraries", "libraries", arguments=[], inputs={}, outputs=libraries),
            self._on_spark(arguments, inputs, outputs),
        ]

    def _on_spark(self, arguments: list[str], inputs: Mapping[str, Json], outputs: list[Output]) -> Json:
        """Every machine has all inputs. Only the first one has outputs: Spark's driver runs there."""
        resources, count = self.resources, self.training.processing_instances
        return processing_step(
            "Preprocess",
            container=Container(
                resources.spark_image,
                command=resources.code.processing_command("spark_cluster"),
                arguments=arguments,
            ),
            inputs={
                "code": resources.code.s3_uri,
                "libraries": output_uri("Libraries", "libraries"),
                **inputs,
            },
            outputs=outputs,
            role_arn=resources.processing_role_arn,
            settings=replace(resources.jobs, processing_instances=count),
        )

    def data_quality_baseline(self) -> Json:
        if self.resources.monitoring_engine == "model-monitor":
            baseline = self._baseline_of_model_monitor()
        else:
            baseline = self._script(
                "DataQualityBaseline",
                "baseline",
                arguments=[
                    *("--threshold", str(self.use_case.drift.threshold)),
                    *chunked("--distance", before_names(self.use_case.drift.distances)),
                    *_missing_values(self.use_case),
                    *_personal_data(self.use_case),
                ],
                inputs={"baseline": output_uri("Evaluate", "baseline")},
                outputs=[self._execution_output(DATA_QUALITY)],
            )
        return _anew(baseline)

    def _baseline_of_model_monitor(self) -> Json:
        return processing_step(
            "DataQualityBaseline",
            container=Container(
                self.resources.model_monitor_image,
                environment={
                    "dataset_format": '{"csv": {"header": true}}',
                    "dataset_source": "/opt/ml/processing/input/baseline",
                    "output_path": f"/opt/ml/processing/output/{DATA_QUALITY}",
                    "publish_cloudwatch_metrics": "Disabled",
                },
            ),
            inputs={"baseline": output_uri("Evaluate", "baseline")},
            outputs=[self._execution_output(DATA_QUALITY)],
            role_arn=self.resources.processing_role_arn,
            settings=self.resources.jobs,
        )

    def train(self) -> Json:
        resources, use_case = self.resources, self.use_case
        training = Training(
            image=resources.xgboost_image,
            code=resources.code,
            channels={
                "code": resources.code.s3_uri,
                "train": output_uri("Preprocess", "train"),
                "validation": output_uri("Preprocess", "validation"),
            },
            algorithm=use_case.algorithm,
            hyperparameters=use_case.hyperparameters,
            output_s3_uri=self._models(),
            checkpoints_s3_uri=join(resources.layout.checkpoints.uri(use_case.name), EXECUTION_ID),
            role_arn=resources.training_role_arn,
            size=self.training,
            settings=resources.jobs,
            metrics=metric_definitions(use_case.problem) if use_case.image == "own" else (),
        )
        return training.search(use_case.tuning) if use_case.tuning else training.step()

    def evaluate(self) -> Json:
        # What a group looks like before training is seen where the model learns.
        parts = ("train", "validation", "test") if self.use_case.bias else ("validation", "test")
        step = self._script(
            "Evaluate",
            "evaluate",
            arguments=[
                *("--metric", self.use_case.success.metric),
                *("--live-version", self.resources.live.version),
                *(cost_arguments(self.use_case.costs) if self.use_case.costs else []),
                *(bias_arguments(self.use_case.bias) if self.use_case.bias else []),
            ],
            inputs={
                "model": model_artifact(self.use_case.tuning, self._models()),
                "live": self.resources.live.s3_uri,
                **{part: output_uri("Preprocess", part) for part in parts},
            },
            outputs=[self._execution_output(EVALUATION), self._processed_output("baseline")],
        )
        files = {EVALUATION_REPORT: "evaluation.json", COMPARISON: "comparison.json"}
        return _with_property_files(_anew(step), EVALUATION, files)

    def record(self) -> Json:
        step = self._script(
            "Record",
            "record",
            arguments=["--live-version", self.resources.live.version],
            inputs={
                "model": model_artifact(self.use_case.tuning, self._models()),
                "test": output_uri("Preprocess", "test"),
                "live": self.resources.live.s3_uri,
                "evaluation": output_uri("Evaluate", EVALUATION),
                "baseline": output_uri("DataQualityBaseline", DATA_QUALITY),
            },
            outputs=[self._execution_output(RECORD)],
        )
        return _with_property_files(_anew(step), RECORD, {DIGESTS: RECORD_FILE, DRIFT: DRIFT_FILE})

    def check_metric(self) -> Json:
        return check_metric_step(self.use_case, self.resources)

    def _script(
        self,
        name: str,
        script: str,
        *,
        arguments: list[str],
        inputs: Mapping[str, Any],
        outputs: list[Output],
    ) -> Json:
        resources = self.resources
        return processing_step(
            name,
            container=Container(
                resources.xgboost_image,
                command=resources.code.processing_command(script),
                arguments=arguments,
            ),
            inputs={"code": resources.code.s3_uri, **inputs},
            outputs=outputs,
            role_arn=resources.processing_role_arn,
            settings=resources.jobs,
        )

    def _processed_output(self, name: str) -> Output:
        processed = self.resources.layout.processed.uri(self.use_case.name)
        return Output(name, f"/opt/ml/processing/output/{name}", join(processed, EXECUTION_ID, name))

    def _models(self) -> str:
        return self.resources.layout.training.uri(self.use_case.name)

    def _execution_output(self, name: str) -> Output:
        executions = self.resources.layout.executions.uri(self.use_case.name)
        return Output(name, f"/opt/ml/processing/output/{name}", join(executions, EXECUTION_ID, name))


def _anew(step: Json) -> Json:
    """Without the cache: the release looks for the results of a step below the execution's own id."""
    return {name: value for name, value in step.items() if name != "CacheConfig"}


def _with_property_files(step: Json, output: str, files: Mapping[str, str]) -> Json:
    """Files of an output that conditions and registration read."""
    declared = [
        {"PropertyFileName": name, "OutputName": output, "FilePath": file} for name, file in files.items()
    ]
    return {**step, "PropertyFiles": declared}


def preprocess_arguments(use_case: UseCase) -> list[str]:
    """The use case's table, as arguments of the preprocess script."""
    split = use_case.split
    arguments = [
        *("--problem", use_case.problem),
        *("--target", use_case.target),
        *("--target-transform", use_case.target_transform),
        *chunked("--numeric", use_case.features.numbers),
        *chunked("--categorical", use_case.features.categorical),
        *chunked("--drop", list(use_case.drop)),
        *(f"--derived={name}={text}" for name, text in use_case.features.derived.items()),
        *("--split", str(split.train), str(split.validation), str(split.test)),
        *("--missing-target", use_case.rows_without_target),
    ]
    arguments += chunked("--impute", before_names(use_case.features.impute))
    if use_case.features.drop_correlated_above is not None:
        arguments.append(f"--drop-correlated-above={use_case.features.drop_correlated_above}")
    if split.by != "hash":
        arguments.append(f"--split-by={split.by}")
    if split.column is not None:
        arguments.append(f"--split-column={split.column}")
    arguments += [*_missing_values(use_case), *_personal_data(use_case)]
    if use_case.positive is not None:
        arguments.append(f"--positive={use_case.positive}")
    if use_case.decision_threshold is not None:
        arguments += ["--decision-threshold", str(use_case.decision_threshold)]
    if use_case.class_weight != "none":
        arguments.append(f"--class-weight={use_case.class_weight}")
    if use_case.refit:
        arguments.append("--refit")
    if use_case.features_module:
        arguments.append(f"--features-module={use_case.features_module}")
    return arguments


def bias_arguments(bias: Bias) -> list[str]:
    """The groups of the use case, as arguments of the evaluate script."""
    arguments = [argument for facet in bias.facets for argument in ("--facet", facet.column, facet.test)]
    if bias.positive_labels:
        arguments.append(f"--positive-labels={'|'.join(bias.positive_labels)}")
    if bias.positive_above is not None:
        arguments.append(f"--positive-above={bias.positive_above}")
    return arguments


def cost_arguments(costs: Costs) -> list[str]:
    """What decisions cost, as arguments of the evaluate script."""
    if costs.is_of_two:
        return [
            "--costs-of-two",
            *(str(cost) for cost in (0.0, costs.false_positive, costs.false_negative, costs.true_positive)),
        ]
    # Joined to its option, because a label may begin with a dash.
    others = [f"--cost-of={each.actual}|{each.decided}|{each.cost}" for each in costs.mistakes_between]
    return ["--cost", str(costs.mistake), *others]


def _missing_values(use_case: UseCase) -> list[str]:
    """Joined to its option, because a value may begin with a dash."""
    return [f"--missing-values={'|'.join(use_case.missing_values)}"] if use_case.missing_values else []


def _personal_data(use_case: UseCase) -> list[str]:
    return chunked("--personal", treated(use_case.personal_data))
