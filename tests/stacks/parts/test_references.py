"""The CDK's own JSON is the referee where references have nothing to escape."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns

from stacks.parts.references import json_text

Named = Callable[[str], Any]


@pytest.fixture
def stack() -> cdk.Stack:
    return cdk.Stack(cdk.App(analytics_reporting=False), "Stack")


@pytest.mark.parametrize(
    "value",
    [
        lambda arn: {"arn": arn, "list": [f"{arn}/*", 1, 0.5, True]},
        lambda arn: {arn: "a reference as a name"},
        lambda arn: {"within": json_text({"arn": arn})},
        lambda _: {"text": 'ü "quoted" \\ \n 😀 ${Nothing}'},
    ],
)
def test_json_with_references_is_what_the_cdk_makes_of_it(stack: cdk.Stack, value: Named) -> None:
    given = value(sns.Topic(stack, "Topic").topic_arn)
    assert stack.resolve(json_text(given)) == stack.resolve(stack.to_json_string(given))


def test_nothing_is_left_out_that_a_state_machine_says_with_null() -> None:
    assert json_text({"ResultPath": None}) == '{"ResultPath":null}'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_has_no_number_for_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"threshold": number})


def test_a_list_that_is_a_reference_is_refused(stack: cdk.Stack) -> None:
    """It would be a list within a text; the CDK says so when the template is written."""
    names = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
    text = json_text({"names": names})
    with pytest.raises(RuntimeError, match="encoded list token"):
        stack.resolve(text)
