"""What can be wrong with a parameter or a step of a pipeline definition.

The arguments of a step are checked as the request that they become. Where AWS's words are known, they are
used:
https://github.com/aws/sagemaker-python-sdk/issues/2345 and
https://github.com/aws/sagemaker-python-sdk/issues/4994
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tools.local_aws.sagemaker.pipelines.conditions import condition_mistakes
from tools.local_aws.sagemaker.pipelines.model import (
    EXECUTION_VARIABLES,
    PARAMETER_TYPES,
    STEP_TYPES,
    Definition,
    Step,
    expressions,
    is_expression,
    tokens,
)
from tools.local_aws.shapes.constraints import KNOWN_LATER, Walk, service_model

_REQUESTS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJob"),
    "Training": ("CreateTrainingJob", "TrainingJobName", "DescribeTrainingJob"),
    "Tuning": (
        "CreateHyperParameterTuningJob",
        "HyperParameterTuningJobName",
        "DescribeHyperParameterTuningJob",
    ),
    "RegisterModel": ("CreateModelPackage", "ModelPackageName", "DescribeModelPackage"),
}
"""Step type: the request of its arguments, the member that SageMaker fills in, what its outputs look like."""
_VERSION = "2020-12-01"
_MEMBERS = {"Version", "Metadata", "Parameters", "PipelineExperimentConfig", "MlflowConfig", "Steps"}
_MEMBERS_OF_STEP = {
    *("Name", "DisplayName", "Description", "Type", "Arguments", "DependsOn", "CacheConfig"),
    *("RetryPolicies", "PropertyFiles"),
}
_PARAMETER_NAME = re.compile(r"[A-Za-z0-9\-_]{1,256}")
_STEP_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_RETRIED_FOR_ALL = {"Step.SERVICE_FAULT", "Step.THROTTLING"}
_RETRIED_FOR_JOBS = {
    *_RETRIED_FOR_ALL,
    *("SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT"),
}


def outer_mistakes(raw: dict[str, Any]) -> Iterator[str]:
    """What is wrong beside parameters and steps."""
    if raw.get("Version") != _VERSION:
        yield f"The Version must be {_VERSION}, not {raw.get('Version')}"
    for name in sorted(set(raw) - _MEMBERS):
        yield f"Unrecognized property '{name}'"
    if not raw["Steps"]:
        yield "A pipeline has at least one step"


def parameter_mistakes(parameter: dict[str, Any]) -> Iterator[str]:
    name, kind = parameter["Name"], parameter.get("Type")
    if not _PARAMETER_NAME.fullmatch(name):
        yield f"{name!r} is not a parameter name"
    if parameter.get("EnumValues") and parameter.get("DefaultValue") not in (None, *parameter["EnumValues"]):
        yield f"The default of parameter {name} is none of its EnumValues"
    if kind not in PARAMETER_TYPES:
        yield f"Parameter {name} has the unknown type {kind!r}"
    elif "DefaultValue" in parameter and not _is_of_type(parameter["DefaultValue"], kind):
        yield f"The default of parameter {name} is {parameter['DefaultValue']!r}, which is no {kind}"


def _is_of_type(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "Boolean"
    return isinstance(value, int | float if kind == "Float" else PARAMETER_TYPES[kind])


def step_mistakes(definition: Definition, step: Step) -> Iterator[str]:
    if not _STEP_NAME.fullmatch(step.name):
        yield f"{step.name!r} is not a step name"
    if step.type not in STEP_TYPES:
        known = ", ".join(STEP_TYPES)
        yield f"Step {step.name} has the type {step.type}, which is not run here (known: {known})"
        return
    for name in sorted(set(step.members) - _MEMBERS_OF_STEP):
        yield f"Step {step.name} has the unrecognized property '{name}'"
    for need in sorted(step.needs - set(definition.steps)):
        yield f"Step {step.name} needs the step {need}, which does not exist"
    if step.type in _REQUESTS:
        yield from _request_mistakes(definition, step)
    own = {key: value for key, value in step.members.items() if key != "Arguments"}
    problems = [_expression_problem(definition, *found) for found in expressions([own, step.own_arguments])]
    problems += [*_retry_problems(step), *_property_file_problems(step), *_condition_problems(step)]
    yield from (f"Step {step.name} {problem}" for problem in problems if problem)


def _request_mistakes(definition: Definition, step: Step) -> Iterator[str]:
    operation, generated, _ = _REQUESTS[step.type]
    shape = service_model("sagemaker").operation_model(operation).input_shape
    arguments = dict(step.arguments)
    if generated in arguments and operation == "CreateModelPackage":
        # SageMaker chooses it; https://github.com/aws/sagemaker-python-sdk/pull/3472
        yield f"Unknown Argument member '{generated}' at '{step.name}'"
    if generated in shape.required_members:
        arguments.setdefault(generated, "generated")
    yield from Walk(resolve=_with_defaults(definition)).broken(arguments, shape, step.name)


def _with_defaults(definition: Definition) -> Callable[[Any], Any]:
    """What an expression stands for: a parameter's default, otherwise something that is not known yet."""

    def resolve(value: Any) -> Any:
        if not is_expression(value):
            return value
        name = str(value.get("Get", "")).removeprefix("Parameters.")
        return definition.parameters.get(name, {}).get("DefaultValue", KNOWN_LATER)

    return resolve


def _expression_problem(definition: Definition, function: str, argument: Any) -> str | None:
    if function == "Get":
        problem = _reference_problem(definition, argument)
        return f"refers to {argument}: {problem}" if problem else None
    if function == "Std:Join":
        return _join_problem(argument)
    if set(argument) not in ({"PropertyFile", "Path"}, {"S3Uri", "Path"}) or not argument["Path"]:
        return f"has a Std:JsonGet that takes Path and PropertyFile or S3Uri, not {argument}"
    if "PropertyFile" in argument and ".PropertyFiles." not in argument["PropertyFile"]["Get"]:
        return f"reads {argument['PropertyFile']}, which is no property file"
    return None


def _join_problem(argument: dict[str, Any]) -> str | None:
    if set(argument) != {"On", "Values"} or not isinstance(argument["On"], str):
        return f"has a Std:Join that takes On and Values, not {argument}"
    if not all(is_expression(value) or isinstance(value, str) for value in argument["Values"]):
        return f"has a Std:Join that joins texts and expressions, not {argument['Values']}"
    return None


def _reference_problem(definition: Definition, path: str) -> str | None:
    head, *rest = tokens(path)
    if head == "Parameters":
        return None if rest and rest[0] in definition.parameters else "there is no such parameter"
    if head == "Execution":
        return None if rest and rest[0] in EXECUTION_VARIABLES else "there is no such execution variable"
    if head != "Steps" or len(rest) < 2:
        return "a reference starts with Parameters, Execution or Steps and names what it wants"
    step = definition.steps.get(str(rest[0]))
    if step is None:
        return None  # reported as a missing step already
    if rest[1] == "PropertyFiles":
        declared = len(rest) > 2 and step.property_file(str(rest[2]))
        return None if declared else "the step declares no such property file"
    return _output_problem(step, rest[1:])


def _output_problem(step: Step, path: list[str | int]) -> str | None:
    if step.type == "Condition" and path == ["Outcome"]:
        return None
    if step.type not in _REQUESTS:
        return f"a {step.type} step has no such output"
    shape = service_model("sagemaker").operation_model(_REQUESTS[step.type][2]).output_shape
    outputs = path[2:3] if path[:2] == ["ProcessingOutputConfig", "Outputs"] else []
    if any(isinstance(name, str) and name not in _output_names(step) for name in outputs):
        return f"{step.name} has no such output"
    for token in path:
        shape = _below(shape, token)
        if shape is None:
            return f"{step.name} has no {token}"
    return f"it is a whole {shape.type_name}" if shape.type_name in ("structure", "list", "map") else None


def _below(shape: Any, token: str | int) -> Any:
    if shape.type_name == "structure":
        return shape.members.get(token)
    if shape.type_name == "list":
        return shape.member
    return shape.value if shape.type_name == "map" else None


def _output_names(step: Step) -> set[str]:
    outputs = step.arguments.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return {output["OutputName"] for output in outputs}


def _property_file_problems(step: Step) -> Iterator[str]:
    for report in step.members.get("PropertyFiles", []):
        if report["OutputName"] not in _output_names(step):
            yield f"has a property file of {report['OutputName']}, which is no output"


def _condition_problems(step: Step) -> Iterator[str]:
    """Limitations: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition."""
    if step.type == "Condition":
        if step.branch:
            yield "is passed to a condition step: Pipelines doesn't support the use of nested condition steps"
        if not step.own_arguments:
            yield "has no conditions"
        if not any(step.arguments.get(branch) for branch in ("IfSteps", "ElseSteps")):
            yield "is followed by no step"
        yield from condition_mistakes(step.own_arguments)


def _retry_problems(step: Step) -> Iterator[str]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html tells the bounds."""
    retried = _RETRIED_FOR_ALL if step.type == "RegisterModel" else _RETRIED_FOR_JOBS
    for policy in step.members.get("RetryPolicies", []):
        if unknown := set(policy["ExceptionType"]) - retried:
            yield f"cannot retry {sorted(unknown)}"
        if ("MaxAttempts" in policy) == ("ExpireAfterMin" in policy):
            yield "has a retry policy without exactly one of MaxAttempts and ExpireAfterMin"
        if not 1 <= policy.get("MaxAttempts", 1) <= 20 or not 1 <= policy["IntervalSeconds"] <= 43_200:
            yield "has a retry policy out of bounds"
