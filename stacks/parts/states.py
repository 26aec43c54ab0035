"""The states of our state machines, as data: calls of AWS, choices, and how people are told of a failure."""

from typing import Any

from stacks.parts.retries import RETRY

Json = dict[str, Any]

TELL_PEOPLE = "TellPeople"
CATCH: Json = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.Error", "Next": TELL_PEOPLE}


def call(action: str, parameters: Json, following: str, **fields: Any) -> Json:
    """A call of an AWS API, tried again when it fails."""
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:{action}",
        "Parameters": parameters,
        "Retry": [RETRY],
        "Next": following,
        **fields,
    }


def task(action: str, parameters: Json, following: str, **fields: Any) -> Json:
    """A call that is told to people when it keeps failing, unless its fields say otherwise."""
    return call(action, parameters, following, **{"Catch": [CATCH], **fields})


def when(variable: str, comparison: str, value: str | int, following: str) -> Json:
    return {"Variable": variable, comparison: value, "Next": following}


def choice(*rules: Json, default: str) -> Json:
    return {"Type": "Choice", "Choices": list(rules), "Default": default}


def failure(alert_topic_arn: str, *, subject: str, error: str, cause: str) -> dict[str, Json]:
    """Publishes the execution's state to the alert topic, and ends."""
    return {
        TELL_PEOPLE: {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sns:publish",
            "Parameters": {
                "TopicArn": alert_topic_arn,
                "Subject": subject,
                "Message.$": "States.JsonToString($)",
            },
            "Next": error,
        },
        error: {"Type": "Fail", "Error": error, "Cause": cause},
    }
