"""What the card of a model package may hold, in the words of JSON Schema.

The schema: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema
"""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft7Validator

from tools.local_aws.sagemaker.errors import ValidationError

Schema = dict[str, Any]


def _text(most: int) -> Schema:
    return {"type": "string", "maxLength": most}


def _choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list(items: Schema, **limits: int) -> Schema:
    return {"type": "array", "items": items, **limits}


def _object(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(required),
    }


_NUMBER: Schema = {"type": "number"}
_NAME: Schema = {"type": "string", "pattern": ".{1,255}"}
_SHORT_NAME: Schema = {"type": "string", "pattern": ".{1,63}"}
_LONG = _text(2048)
_TEXTS: Schema = {"type": "object", "additionalProperties": _text(1024)}
_AXIS, _AXES = _text(63), _list(_text(63))


def _metric(kind: Schema, value: Schema, x_axis: Schema, y_axis: Schema) -> Schema:
    named = {"name": _NAME, "notes": _text(1024), "type": kind, "value": value}
    return _object(("name", "type", "value"), **named, x_axis_name=x_axis, y_axis_name=y_axis)


_METRICS = {
    "anyOf": [
        _metric(
            _choice("number", "string", "boolean"),
            {"anyOf": [_NUMBER, _text(63), {"type": "boolean"}]},
            _AXIS,
            _AXIS,
        ),
        _metric(
            _choice("linear_graph"), _list(_list(_NUMBER, minItems=2, maxItems=2), minItems=1), _AXIS, _AXIS
        ),
        _metric(_choice("bar_chart"), _list(_NUMBER, minItems=1), _AXES, _AXIS),
        _metric(
            _choice("matrix"),
            _list(_list(_NUMBER, minItems=1, maxItems=20), minItems=1, maxItems=20),
            _AXES,
            _AXES,
        ),
    ]
}
_TRAINING_METRICS = _list(_object(("name", "value"), name=_NAME, notes=_text(1024), value=_NUMBER))
_HYPER_PARAMETERS = _list(_object(("name", "value"), name=_NAME, value=_NAME))
_GROUP = {
    "type": "object",
    "required": ["name", "metric_data"],
    "properties": {"name": _SHORT_NAME, "metric_data": _list(_METRICS)},
}
SCHEMA = _object(
    model_overview=_object(model_creator=_text(1024), model_artifact=_list(_text(1024))),
    intended_uses=_object(
        purpose_of_model=_LONG,
        intended_uses=_LONG,
        factors_affecting_model_efficiency=_LONG,
        risk_rating=_choice("High", "Medium", "Low", "Unknown"),
        explanations_for_risk_rating=_LONG,
    ),
    business_details=_object(business_problem=_LONG, business_stakeholders=_LONG, line_of_business=_LONG),
    training_details=_object(
        objective_function={},
        training_observations=_text(1024),
        training_job_details=_object(
            training_arn=_text(1024),
            training_datasets=_list(_text(1024)),
            training_environment=_object(container_image=_list(_text(1024))),
            training_metrics=_TRAINING_METRICS,
            user_provided_training_metrics=_TRAINING_METRICS,
            hyper_parameters=_HYPER_PARAMETERS,
            user_provided_hyper_parameters=_HYPER_PARAMETERS,
        ),
    ),
    evaluation_details=_list(
        _object(
            ("name",),
            name=_SHORT_NAME,
            evaluation_observation=_text(2096),
            evaluation_job_arn=_text(256),
            datasets=_list(_text(1024), maxItems=10),
            metadata=_TEXTS,
            metric_groups=_list(_GROUP),
        )
    ),
    additional_information=_object(
        ethical_considerations=_LONG, caveats_and_recommendations=_LONG, custom_details=_TEXTS
    ),
)


def check_card(card: Mapping[str, Any]) -> None:
    """Raise `ValidationError` for content that is no JSON or not that of a model card.

    What AWS says of such content is not documented; the code is, and the schema.
    """
    if "ModelCardContent" not in card:
        return
    try:
        content = json.loads(card["ModelCardContent"])
    except ValueError as error:
        raise ValidationError(f"The content of the model card is not valid JSON: {error}") from error
    for mistake in Draft7Validator(SCHEMA).iter_errors(content):
        where = f"{mistake.json_path}: {mistake.message}"
        raise ValidationError(f"The content of the model card does not follow its schema: {where}")
