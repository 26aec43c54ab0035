"""Requests are held against the service model, whose patterns are written for another language."""

from collections.abc import Iterator
from typing import Any

import pytest

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.validation import check_request, compiled, service_model


def patterns() -> Iterator[str]:
    model = service_model()
    shapes = (model.shape_for(name) for name in model.shape_names)
    return (shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata)


def test_every_pattern_of_the_model_is_understood() -> None:
    assert {compiled(pattern).flags for pattern in patterns()}


@pytest.mark.parametrize(
    ("value", "constraint"),
    [
        ({"Key": "é ü", "Value": "a=b @1"}, None),
        (
            {"Key": "a"},
            "'tags.1.member.value' failed to satisfy constraint: Member must not be null",
        ),
        ({"Key": "?", "Value": "a"}, "Value '?' at 'tags.1.member.key'"),
        ({"Key": 129 * "k", "Value": "a"}, "Member must have length less than or equal to 128"),
        ({"Key": 1, "Value": "a"}, "Member must be a string"),
        ({"Key": "a", "Value": "a", "Colour": "red"}, "Unknown Argument member 'Colour' at 'tags.1.member'"),
        ("a", "Expecting start of Json Object"),
    ],
)
def test_a_member_that_breaks_a_constraint_is_named(value: Any, constraint: str | None) -> None:
    request = {"ResourceArn": "arn:aws:sagemaker:us-east-1:111111111111:model/m", "Tags": [value]}
    if constraint is None:
        check_request("AddTags", request)
        return
    with pytest.raises(ValidationError) as caught:
        check_request("AddTags", request)
    assert constraint in str(caught.value.message)
