"""The states of our state machines, as data: calls of AWS, choices, and how people are told of a failure."""

from typing import Any

from stacks.parts.retries import RETRY

Json = dict[str, Any]

HOURS_OF_A_DAY = 24
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


def wait_for_days(days: int, following: str) -> dict[str, Json]:
    """From `CountHours` on, hour by hour: a machine that is deleted is gone when each execution has moved.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
    An hour is six of an execution's 25,000 events.
    """
    waited = "$.Waited.Hours"
    return {
        "CountHours": {
            "Type": "Pass",
            "Result": {"Hours": 0},
            "ResultPath": "$.Waited",
            "Next": "HasWaited",
        },
        "HasWaited": choice(
            when(waited, "NumericGreaterThanEquals", days * HOURS_OF_A_DAY, following), default="WaitAnHour"
        ),
        "WaitAnHour": {"Type": "Wait", "Seconds": 3600, "Next": "AddHour"},
        "AddHour": {
            "Type": "Pass",
            "Parameters": {"Hours.$": f"States.MathAdd({waited}, 1)"},
            "ResultPath": "$.Waited",
            "Next": "HasWaited",
        },
    }


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
