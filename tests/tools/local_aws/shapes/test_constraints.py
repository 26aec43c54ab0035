"""Requests are held against the service model, whose patterns are written for another language."""

from typing import Any

import pytest

from tools.local_aws.cloudformation.resource_types import ROWS
from tools.local_aws.shapes.constraints import Walk, compiled, service_model

SERVICES = {
    *(row.service for row in ROWS.values()),
    *("cloudformation", "sagemaker-featurestore-runtime", "sagemaker-runtime", "sts"),
}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_pattern_of_a_model_is_understood(service: str) -> None:
    model = service_model(service)
    shapes = (model.shape_for(name) for name in model.shape_names)
    patterns = {shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}
    assert all(compiled(pattern) for pattern in patterns)


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        (r"\p{ASCII}*", "a-z", "é"),
        (r"\A\S[\p{Print}]*\z", "a b", " a"),
        (r"[\w-_]*", "a-_", "a."),
        (r"[\p{L}\p{Zs}]+", "é ü", "1?"),
    ],
)
def test_what_java_writes_otherwise_is_understood(pattern: str, fits: str, does_not: str) -> None:
    assert compiled(pattern).fullmatch(fits)
    assert not compiled(pattern).fullmatch(does_not)


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
    broken = list(Walk().broken(request, service_model("sagemaker").operation_model("AddTags").input_shape))
    assert (constraint in broken[0]) if constraint else broken == []
