"""A definition that cannot run is refused when it is written."""

import json
from typing import Any

import pytest

from tools.local_aws.errors import ApiError
from tools.local_aws.step_functions.definitions import check

END = {"Type": "Pass", "End": True}
ALL = {"ErrorEquals": ["States.ALL"]}
SDK = "arn:aws:states:::aws-sdk"


def one(**state: Any) -> str:
    return machine(a={"Type": "Pass", "End": True} | state)


def machine(**states: Any) -> str:
    return json.dumps({"StartAt": "a", "States": states})


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{", "INVALID_JSON_DESCRIPTION"),
        (machine(b=END), "Missing 'Next' target: a at /StartAt"),
        (machine(a=END, b=END), 'State "b" is not reachable. at /States/b'),
        (one(End=False), "Exactly one of Next and End must be given"),
        (one(Next="a"), "Exactly one of Next and End must be given"),
        (one(Type="Fail"), "A Fail state has neither Next nor End"),
        (machine(a={"Type": "Choice"}), "A Choice state has Choices"),
        (one(Type="Task", Retry=[ALL, {"ErrorEquals": ["A"]}]), "States.ALL stands alone"),
        (one(Type="Task", Resource=f"{SDK}:sqs:SendMessage"), "is not recognized"),
        (one(Parameters={"a": [{"b.$": "c"}]}), "must be valid JSONPath or intrinsic functions: c"),
        (one(Catch="a"), "is not of its type"),
        (machine(**{"a": {"Type": "Pass", "Next": "b" * 81}, "b" * 81: END}), "up to 80 characters"),
        (
            machine(a={"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "x", "States": {"b": END}}}),
            "Missing 'Next' target: x at /States/a/StartAt",
        ),
    ],
)
def test_what_is_wrong_is_told(definition: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        check(definition)
    assert str(caught.value).startswith("InvalidDefinition: Invalid State Machine Definition: '")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "definition",
    [
        one(Type="Task", Resource=f"{SDK}:sqs:sendMessage.waitForTaskToken", Catch=[ALL | {"Next": "a"}]),
        one(Parameters={"a.$": "$$.Execution.Id", "b.$": "States.UUID()", "c": "d"}),
        machine(a={"Type": "Choice", "Choices": [{"Next": "b"}], "Default": "c"}, b={"Type": "Fail"}, c=END),
        machine(a={"Type": "Parallel", "End": True, "Branches": [{"StartAt": "b", "States": {"b": END}}]}),
    ],
)
def test_what_can_run_is_taken(definition: str) -> None:
    check(definition)
