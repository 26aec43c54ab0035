"""Turns the expressions of a pipeline definition into values while it runs."""

import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.pipelines.model import Definition, tokens
from tools.local_aws.sagemaker.s3_objects import split_uri

_NAMES = ("OutputName", "InputName", "ChannelName", "MetricName")


@dataclass
class Expressions:
    """The values that an execution knows; `properties` grows with every step that ends."""

    definition: Definition
    parameters: dict[str, Any]
    execution: dict[str, str]
    s3: Any
    properties: dict[str, Any] = field(default_factory=dict)

    def value(self, expression: Any) -> Any:
        """The expression with every `Get`, `Std:Join` and `Std:JsonGet` replaced by its value.

        Raises `JobFailedError` when a property or a property file is not there.
        """
        if isinstance(expression, list):
            return [self.value(item) for item in expression]
        if not isinstance(expression, dict):
            return expression
        if set(expression) == {"Get"}:
            return self._get(expression["Get"])
        if set(expression) == {"Std:Join"}:
            join = expression["Std:Join"]
            return str(join.get("On", "")).join(_text(self.value(item)) for item in join["Values"])
        if set(expression) == {"Std:JsonGet"}:
            return self._json_get(expression["Std:JsonGet"])
        return {key: self.value(inner) for key, inner in expression.items()}

    def _get(self, path: str) -> Any:
        head, name, *rest = tokens(path)
        if head == "Parameters":
            return self.parameters[str(name)]
        if head == "Execution":
            return self.execution[str(name)]
        return _follow(self.properties[str(name)], rest, path)

    def _json_get(self, arguments: dict[str, Any]) -> Any:
        uri = self.value(arguments["S3Uri"]) if "S3Uri" in arguments else self._property_file(arguments)
        bucket, key = split_uri(uri)
        try:
            document = json.loads(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except (ClientError, ValueError) as error:
            raise JobFailedError(f"ClientError: Failed to read the property file {uri}: {error}") from error
        return _follow(document, tokens(arguments["Path"]), f"{uri} at {arguments['Path']}")

    def _property_file(self, arguments: dict[str, Any]) -> str:
        _, step_name, _, name = (str(token) for token in tokens(arguments["PropertyFile"]["Get"]))
        declared = self.definition.steps[step_name].property_file(name)
        assert declared is not None, f"{name} was checked when the pipeline was created"
        path = ["ProcessingOutputConfig", "Outputs", declared["OutputName"], "S3Output", "S3Uri"]
        folder = _follow(self.properties[step_name], list(path), f"the output of {name}")
        return f"{folder.rstrip('/')}/{declared['FilePath']}"


def _follow(value: Any, path: list[str | int], shown: str) -> Any:
    for token in path:
        try:
            value = _named(value, token) if isinstance(value, list) else value[token]
        except (KeyError, IndexError, TypeError, StopIteration) as error:
            raise JobFailedError(f"ClientError: {shown} has no value: {token!r} is missing") from error
    return value


def _named(items: list[Any], token: str | int) -> Any:
    if isinstance(token, int):
        return items[token]
    return next(item for item in items if token in [item.get(name) for name in _NAMES])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
