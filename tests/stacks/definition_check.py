"""Finds mistakes in a pipeline definition that SageMaker would report only when it runs."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session

from tests.stacks.api_shapes import is_expression, shape_problems

Json = dict[str, Any]

OPERATIONS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJob"),
    "Training": ("CreateTrainingJob", "TrainingJobName", "DescribeTrainingJob"),
    "RegisterModel": ("CreateModelPackage", "ModelPackageName", "DescribeModelPackage"),
}
"""Step type: the request of its arguments, the field that SageMaker fills in, what its outputs look like."""
WITHOUT_REQUEST = {"Condition", "Fail"}
PARAMETER_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}
CONDITION_TYPES = {
    *("Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"),
    *("In", "Not", "Or"),
}
EXECUTION_VARIABLES = {"PipelineExecutionId", "PipelineExecutionArn", "PipelineName", "PipelineArn"} | {
    "StartDateTime",
    "CurrentDateTime",
}
RETRYABLE = {
    "job": {
        *("Step.SERVICE_FAULT", "Step.THROTTLING"),
        *("SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"),
    },
    "registration": {"Step.SERVICE_FAULT", "Step.THROTTLING"},
}


@cache
def sagemaker_model() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def definition_problems(definition: Json) -> list[str]:
    """Everything that is wrong with a definition; steps in the order in which they are written."""
    return list(_Check(definition).problems())


def all_steps(steps: list[Json]) -> Iterator[Json]:
    """Steps in order, those inside conditions after their condition."""
    for step in steps:
        yield step
        if step["Type"] == "Condition":
            yield from all_steps(step["Arguments"]["IfSteps"])
            yield from all_steps(step["Arguments"]["ElseSteps"])


class _Check:
    def __init__(self, definition: Json) -> None:
        self.definition = definition
        self.parameters = {parameter["Name"]: parameter for parameter in definition["Parameters"]}
        self.earlier: dict[str, Json] = {}

    def problems(self) -> Iterator[str]:
        yield from self._parameter_problems()
        for step in all_steps(self.definition["Steps"]):
            name = step["Name"]
            if name in self.earlier:
                yield f"{name}: a step of this name exists already"
            if not re.fullmatch(r"[A-Za-z0-9\-_]{1,64}", name):
                yield f"{name}: not a step name"
            yield from self._step_problems(step)
            self.earlier[name] = step

    def _parameter_problems(self) -> Iterator[str]:
        if len(self.parameters) < len(self.definition["Parameters"]):
            yield "two parameters have the same name"
        for name, parameter in self.parameters.items():
            expected = PARAMETER_TYPES[parameter["Type"]]
            if "DefaultValue" in parameter and not isinstance(parameter["DefaultValue"], expected):
                yield f"{name}: {parameter['DefaultValue']!r} is no {parameter['Type']}"

    def _step_problems(self, step: Json) -> Iterator[str]:
        name, kind = step["Name"], step["Type"]
        own = {key: value for key, value in step.items() if key != "Arguments"}
        arguments = dict(step["Arguments"])
        if kind in OPERATIONS:
            operation, generated, _ = OPERATIONS[kind]
            shape = sagemaker_model().operation_model(operation).input_shape
            if generated in arguments:
                yield f"{name}: SageMaker chooses {generated} itself"
            if generated in shape.required_members:
                arguments[generated] = "generated"
            yield from shape_problems(arguments, shape, name, self._default_of)
            yield from _retry_problems(step)
        elif kind not in WITHOUT_REQUEST:
            yield f"{name}: unknown step type {kind}"
        elif kind == "Condition":
            branches = [arguments.pop("IfSteps"), arguments.pop("ElseSteps")]
            if not any(branches):
                yield f"{name}: nothing follows"
            yield from _condition_problems(name, arguments["Conditions"])
        for expression in _expressions([own, arguments]):
            for problem in self._expression_problems(expression):
                yield f"{name}: {problem}"
        yield from _property_file_problems(step)

    def _default_of(self, expression: Json) -> Any:
        path = expression.get("Get", "")
        parameter = self.parameters.get(path.removeprefix("Parameters.")) if isinstance(path, str) else None
        return parameter.get("DefaultValue") if parameter else None

    def _expression_problems(self, expression: Json) -> Iterator[str]:
        ((function, argument),) = expression.items()
        if function == "Get":
            yield from self._get_problems(argument)
        elif function == "Std:Join":
            if set(argument) != {"On", "Values"} or not isinstance(argument["On"], str):
                yield f"Std:Join takes On and Values, not {argument}"
            elif not all(is_expression(value) or isinstance(value, str) for value in argument["Values"]):
                yield f"Std:Join joins texts and expressions, not {argument['Values']}"
        elif set(argument) != {"PropertyFile", "Path"} or not argument["Path"]:
            yield f"Std:JsonGet takes PropertyFile and Path, not {argument}"
        elif ".PropertyFiles." not in argument["PropertyFile"]["Get"]:
            yield f"{argument['PropertyFile']} is no property file"

    def _get_problems(self, path: str) -> Iterator[str]:
        kind, *keys = re.findall(r"[^.\[\]']+", path)
        if kind == "Parameters":
            if keys[0] not in self.parameters:
                yield f"{path}: no such parameter"
        elif kind == "Execution":
            if keys[0] not in EXECUTION_VARIABLES:
                yield f"{path}: no such execution variable"
        elif kind == "Steps" and keys[0] in self.earlier:
            yield from _output_problems(path, self.earlier[keys[0]], keys[1:])
        else:
            yield f"{path}: nothing before this step has that name"


def _output_problems(path: str, step: Json, keys: list[str]) -> Iterator[str]:
    if keys[0] == "PropertyFiles":
        if keys[1] not in {report["PropertyFileName"] for report in step.get("PropertyFiles", [])}:
            yield f"{path}: no such property file"
        return
    if step["Type"] not in OPERATIONS:
        yield f"{path}: a {step['Type']} step has no outputs"
        return
    shape = sagemaker_model().operation_model(OPERATIONS[step["Type"]][2]).output_shape
    for key in keys:
        if shape.type_name == "list":
            shape = shape.member if key in _output_names(step) else None
        else:
            shape = shape.members.get(key) if shape.type_name == "structure" else None
        if shape is None:
            yield f"{path}: {step['Name']} has no {key}"
            return
    if shape.type_name in ("structure", "list", "map"):
        yield f"{path}: is a whole {shape.type_name}"


def _output_names(step: Json) -> set[str]:
    outputs = step["Arguments"].get("ProcessingOutputConfig", {}).get("Outputs", [])
    return {output["OutputName"] for output in outputs}


def _property_file_problems(step: Json) -> Iterator[str]:
    for report in step.get("PropertyFiles", []):
        if report["OutputName"] not in _output_names(step):
            yield f"{step['Name']}: property file of {report['OutputName']}, which is no output"


def _condition_problems(name: str, conditions: list[Json]) -> Iterator[str]:
    for condition in conditions:
        if condition["Type"] not in CONDITION_TYPES:
            yield f"{name}: unknown condition {condition['Type']}"
        elif (
            condition["Type"] not in ("In", "Not", "Or")
            and not {"LeftValue", "RightValue"} <= condition.keys()
        ):
            yield f"{name}: {condition['Type']} compares LeftValue with RightValue"


def _retry_problems(step: Json) -> Iterator[str]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html tells the bounds."""
    kind = "registration" if step["Type"] == "RegisterModel" else "job"
    for policy in step.get("RetryPolicies", []):
        unknown = set(policy["ExceptionType"]) - RETRYABLE[kind]
        if unknown:
            yield f"{step['Name']}: cannot retry {sorted(unknown)}"
        if ("MaxAttempts" in policy) == ("ExpireAfterMin" in policy):
            yield f"{step['Name']}: a retry policy has either MaxAttempts or ExpireAfterMin"
        if not 1 <= policy.get("MaxAttempts", 1) <= 20 or not 1 <= policy["IntervalSeconds"] <= 43_200:
            yield f"{step['Name']}: a retry policy out of bounds"


def _expressions(node: Any) -> Iterator[Json]:
    if is_expression(node):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _expressions(item)
