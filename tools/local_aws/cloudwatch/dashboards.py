"""What the body of a dashboard may hold, and how CloudWatch refuses it.

The structure: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
The words are those of public reports: https://github.com/aws-samples/aws-eda-slurm-cluster/issues/116,
https://github.com/pulumi/pulumi/issues/13059 and https://github.com/aws/aws-cdk/issues/5026.
"""

import json
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from tools.local_aws.errors import ApiError

Schema = dict[str, Any]
_COLUMNS, _MOST_ROWS = 24, 1000


def _choice(*values: str) -> Schema:
    return {"enum": list(values)}


def _object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(items: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
_COLOR = {"type": "string", "pattern": "^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"}
_PERIOD = {"anyOf": [{"enum": [1, 5, 10, 20, 30]}, {"type": "integer", "minimum": 60, "multipleOf": 60}]}
_RENDERING = {
    **_object(
        id={"type": "string", "pattern": "^[a-z][a-zA-Z0-9_]*$"},
        expression=_TEXT,
        label=_TEXT,
        stat=_TEXT,
        period=_PERIOD,
        color=_COLOR,
        yAxis=_choice("left", "right"),
        visible=_FLAG,
        region=_TEXT,
        accountId=_TEXT,
    ),
    "additionalProperties": False,
}
_LINE = _object("value", value=_NUMBER, label=_TEXT, color=_COLOR, yAxis=_choice("left", "right"))
_AXIS = _object(min=_NUMBER, max=_NUMBER, label=_TEXT, showUnits=_FLAG)
_METRIC = _object(
    "region",
    region=_TEXT,
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    metrics={"type": "array", "maxItems": 500},
    annotations=_object(
        # A pair is a band between two lines, a list of one ARN an alarm.
        horizontal=_list({"anyOf": [_LINE, _list(_LINE, minItems=2, maxItems=2)]}),
        vertical={"type": "array"},
        alarms=_list(_TEXT, maxItems=1),
    ),
    view=_choice("timeSeries", "singleValue", "gauge", "bar", "pie", "table"),
    stacked=_FLAG,
    sparkline=_FLAG,
    title=_TEXT,
    period=_PERIOD,
    stat=_TEXT,
    legend=_object(position=_choice("right", "bottom", "hidden")),
    yAxis=_object(left=_AXIS, right=_AXIS),
    setPeriodToTimeRange=_FLAG,
    liveData=_FLAG,
)
_PROPERTIES = {
    "metric": _METRIC,
    "text": _object("markdown", markdown=_TEXT, background=_choice("solid", "transparent")),
    "alarm": _object("alarms", alarms=_list(_TEXT, minItems=1, maxItems=100), title=_TEXT),
    **dict.fromkeys(("log", "explorer", "custom", "chart"), _object()),
}


def _integer(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


_WIDGET = {
    **_object(
        *("type", "properties"),
        type=_choice(*_PROPERTIES),
        x=_integer(0, _COLUMNS - 1),
        y={"type": "integer", "minimum": 0},
        width=_integer(1, _COLUMNS),
        height=_integer(1, _MOST_ROWS),
    ),
    "allOf": [
        {"if": {"properties": {"type": {"const": kind}}}, "then": {"properties": {"properties": schema}}}
        for kind, schema in _PROPERTIES.items()
    ],
}
_BODY = Draft7Validator(
    _object(
        "widgets",
        widgets=_list(_WIDGET, maxItems=500),
        start=_TEXT,
        end=_TEXT,
        periodOverride=_choice("auto", "inherit"),
    )
)
_ROW_OPTIONS = Draft7Validator(_RENDERING)
_WORDS: dict[str, Callable[[ValidationError], str]] = {
    "enum": lambda _: "Should be equal to one of the allowed values",
    "maximum": lambda error: f"Should be <= {error.validator_value}",
    "minimum": lambda error: f"Should be >= {error.validator_value}",
    "maxItems": lambda error: f"Should NOT have more than {error.validator_value} items",
    "minItems": lambda error: f"Should NOT have less than {error.validator_value} items",
    "pattern": lambda error: f'Should match pattern "{error.validator_value}"',
    "required": lambda error: f"Should have required property {error.message.partition(' is ')[0]}",
    "type": lambda error: f"Should be {error.validator_value}",
    "anyOf": lambda _: "Should match some schema in anyOf",
}
_SHAPE = (
    'Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last '
    "element"
)
_NO_SOURCE = "The metric widget should have specified a region and a data source or an alarm annotation"


def check_body(body: str) -> None:
    """Refuse what CloudWatch refuses, every error with its path."""
    try:
        content = json.loads(body)
    except ValueError as error:
        raise ApiError(
            "InvalidParameterInput", "The field DashboardBody must be a valid JSON object"
        ) from error
    if errors := [{"dataPath": path, "message": message} for path, message in _errors(content)]:
        listed = json.dumps(errors, indent=2)
        told = f"The dashboard body is invalid, there are {len(errors)} validation errors:\n{listed}"
        raise ApiError("InvalidParameterInput", told)


def _errors(content: Any) -> Iterator[tuple[str, str]]:
    found = list(_BODY.iter_errors(content))
    yield from (
        ("".join(f"/{part}" for part in error.path), _WORDS[error.validator](error)) for error in found
    )
    if found:
        return
    for number, widget in enumerate(content["widgets"]):
        if widget["type"] == "metric":
            yield from _errors_of_metrics(f"/widgets/{number}/properties", widget["properties"])


def _errors_of_metrics(path: str, properties: Schema) -> Iterator[tuple[str, str]]:
    if "metrics" not in properties and not properties.get("annotations", {}).get("alarms"):
        yield path, "Should have required property 'metrics'"
        yield path, _NO_SOURCE
        yield path, "Should have required property 'annotations'"
    rows = properties.get("metrics", [])
    yield from chain.from_iterable(
        _errors_of_row(f"{path}/metrics/{number}", row) for number, row in enumerate(rows)
    )


def _errors_of_row(path: str, row: Any) -> Iterator[tuple[str, str]]:
    """Namespace, name, names and values of dimensions, and how it is drawn; or an expression alone."""
    if not isinstance(row, list):
        yield path, "Should be array"
        yield path, _SHAPE
        return
    options = row[-1] if row and isinstance(row[-1], dict) else {}
    texts = row[:-1] if options else row
    for number, each in enumerate(texts):
        if not isinstance(each, str):
            yield f"{path}/{number}", 'Invalid metric field type, only "String" type is allowed'
    if not _ROW_OPTIONS.is_valid(options):
        yield path, f"Should NOT have more than {len(texts)} items"
    if not texts and "expression" not in options:
        yield path, _SHAPE
    # `...` stands for what the row before begins with.
    if len(texts) % 2 and "..." not in texts:
        yield path, f"Should NOT have more than {len(texts) - 1} items"
