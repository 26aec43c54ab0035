"""A dashboard is what AWS's own page says, or it is refused with all that is wrong."""

import json
import re
from typing import Any

import pytest

from tools.local_aws.cloudwatch.dashboards import check_body
from tools.local_aws.errors import ApiError

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
OF_AWS = [
    {
        "start": "-PT6H",
        "periodOverride": "inherit",
        "widgets": [
            {
                "type": "metric",
                "x": 0,
                "y": 0,
                "width": 12,
                "height": 6,
                "properties": {
                    "metrics": [["AWS/EC2", "CPUUtilization", "InstanceId", "i-012345"]],
                    "period": 300,
                    "stat": "Average",
                    "region": "us-east-1",
                    "liveData": False,
                    "title": "EC2 Instance CPU",
                    "legend": {"position": "right"},
                },
            },
            {
                "type": "text",
                "x": 0,
                "y": 7,
                "width": 3,
                "height": 3,
                "properties": {"markdown": "Hello world"},
            },
        ],
    },
    {
        "widgets": [
            {
                "type": "metric",
                "properties": {
                    "metrics": [
                        ["AWS/EC2", "DiskReadBytes", "InstanceId", "i-xyz"],
                        [".", "DiskReadOps", ".", "."],
                        ["..."],
                        [{"expression": "m1+m2", "label": "Expression2", "id": "e1"}],
                    ],
                    "view": "timeSeries",
                    "stacked": False,
                    "region": "us-east-1",
                    "yAxis": {"left": {"min": 0}},
                    "annotations": {"horizontal": [{"label": "Critical", "value": 200}]},
                },
            },
            {
                "type": "alarm",
                "properties": {
                    "title": "Alarms",
                    "alarms": ["arn:aws:cloudwatch:us-west-2:012345678901:alarm:myAlarm"],
                },
            },
        ]
    },
    {"widgets": []},
]
REGION = {"region": "us-east-1"}


@pytest.mark.parametrize("body", OF_AWS, ids=["metric and text", "metric math and alarm", "empty"])
def test_what_aws_gives_as_an_example_is_accepted(body: dict[str, Any]) -> None:
    check_body(json.dumps(body))


@pytest.mark.parametrize(
    ("widget", "path", "words"),
    [
        (
            {"type": "cake", "properties": {}},
            "/widgets/0/type",
            "Should be equal to one of the allowed values",
        ),
        ({"type": "text", "properties": {}}, "/widgets/0/properties", "required property 'markdown'"),
        (
            {"type": "alarm", "properties": {"alarms": []}},
            "/widgets/0/properties/alarms",
            "NOT have less than 1",
        ),
        (
            {"type": "metric", "properties": {"metrics": []}},
            "/widgets/0/properties",
            "required property 'region'",
        ),
        ({"type": "text", "x": 24, "properties": {"markdown": ""}}, "/widgets/0/x", "Should be <= 23"),
        (
            {"type": "metric", "properties": {**REGION, "metrics": [["A", "B", {"C": "d"}]]}},
            "/widgets/0/properties/metrics/0",
            "Should NOT have more than 2 items",
        ),
        (
            {"type": "metric", "properties": {**REGION, "metrics": [["A", "B", "C"]]}},
            "/widgets/0/properties/metrics/0",
            "Should NOT have more than 2 items",
        ),
        (
            {
                "type": "metric",
                "properties": {**REGION, "metrics": [["A", "B", {"stat": "Sum"}, {"C": "d"}]]},
            },
            "/widgets/0/properties/metrics/0/2",
            'Invalid metric field type, only "String" type is allowed',
        ),
        (
            {"type": "metric", "properties": {**REGION, "metrics": [["A", "B", {"period": 90}]]}},
            "/widgets/0/properties/metrics/0",
            "Should NOT have more than 2 items",
        ),
        (
            {"type": "metric", "properties": {**REGION, "metrics": [["A", "B"]] * 501}},
            "/widgets/0/properties/metrics",
            "Should NOT have more than 500 items",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_path(widget: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(ApiError, match="The dashboard body is invalid") as refused:
        check_body(json.dumps({"widgets": [widget]}))
    found = json.loads(re.sub(r"^[^\[]*", "", str(refused.value.message)))
    assert any(error["dataPath"] == path and words in error["message"] for error in found), found


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ApiError, match="must be a valid JSON object"):
        check_body("{")
