"""Requests that contradict themselves are refused by rows, and what AWS takes is taken."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import jmespath
import pytest

from tools.local_aws.requests.rules import broken_rules, sections
from tools.local_aws.requests.wire import Request
from tools.local_aws.shapes.constraints import service_model

ROWS = [(service, *row) for service, rows in sections().items() for row in rows]
DAY = datetime(2026, 11, 21, tzinfo=UTC)
CHAINS = {"subexpression", "projection", "filter_projection", "flatten", "pipe", "index_expression"}
# What rules.py tells a condition beside the members.
HERE = {"here", "account", "region"}
INSIDE = {"S3Input": {"S3Uri": "s3://b/a", "LocalPath": "/opt/ml/processing/input"}, "InputName": "a"}
CODE = {"S3Input": {"S3Uri": "s3://b/c", "LocalPath": "/opt/ml/processing/input/code"}, "InputName": "code"}
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
ALARM = {"EvaluationPeriods": 1, "AlarmName": "a"}
ONE_PERCENT = {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 1}, "WaitIntervalInSeconds": 60}
ROLLING_BY_ONE_PERCENT = {"DeploymentConfig": {"RollingUpdatePolicy": ONE_PERCENT}}


def told(service: str, operation: str, members: dict[str, Any]) -> list[str]:
    request = Request(service, operation, members)
    return [str(refused) for refused in broken_rules(request, "111111111111", "us-east-1")]


def operations(service: str, calls: str) -> list[str]:
    names = service_model(service).operation_names
    return [name for name in names if any(fnmatchcase(name, call) for call in calls.split("|"))]


def named(node: Any) -> Iterator[str]:
    """The members that an expression names; what is in a text that it parses is nobody's member."""
    if node["type"] == "field":
        yield str(node["value"])
    start = node
    while start["type"] in CHAINS:
        start = start["children"][0]
    for child in start["children"] if start.get("value") == "parsed" else node["children"]:
        yield from named(child)


def members_of(shape: Any, seen: tuple[str, ...] = ()) -> set[str]:
    if shape is None or shape.name in seen:
        return set()
    inner = [shape.member] if shape.type_name == "list" else [shape.value] if shape.type_name == "map" else []
    own = dict(getattr(shape, "members", {}))
    found = [members_of(one, (*seen, shape.name)) for one in (*inner, *own.values())]
    # Attributes of queues and topics are maps.
    return {*own}.union(*found)


@pytest.mark.parametrize(("service", "calls", "condition", "code", "words"), ROWS)
def test_a_row_is_about_members_of_its_operations(
    service: str, calls: str, condition: str, code: str, words: str
) -> None:
    for call in calls.split("|"):
        assert operations(service, call), call
    known: set[str] = set()
    for name in operations(service, calls):
        known |= members_of(service_model(service).operation_model(name).input_shape)
    attributes = {
        name for name in named(jmespath.compile(condition).parsed) if "Attributes." + name in condition
    }
    assert set(named(jmespath.compile(condition).parsed)) - attributes - HERE <= known
    assert words or code


@pytest.mark.parametrize(
    ("service", "operation", "members", "words"),
    [
        ("sagemaker", "CreateModel", {"Tags": [{"Key": "a"}, {"Key": "a"}]}, "Duplicate tag keys found."),
        ("sns", "CreateTopic", {"Name": "a b"}, "Invalid parameter: Topic Name"),
        ("sns", "Publish", {"Message": "{", "MessageStructure": "json"}, "JSON message body failed to parse"),
        ("sqs", "CreateQueue", {"Attributes": {"DelaySeconds": "901"}}, "the parameter DelaySeconds."),
        ("sqs", "CreateQueue", {"Attributes": {"DelaySeconds": "soon"}}, "the parameter DelaySeconds."),
        ("ssm", "PutParameter", {"Value": "ä" * 2049}, "maximum parameter value of 4096 characters"),
        ("iam", "CreateRole", {"AssumeRolePolicyDocument": "a " * 2049}, "quota for ACLSizePerRole: 2048"),
        ("cloudwatch", "GetMetricStatistics", {"Period": 90}, "a multiple of 60."),
        (
            "events",
            "PutRule",
            {"ScheduleExpression": "cron(0 5 * * * *)"},
            "ScheduleExpression is not valid.",
        ),
        ("sagemaker", "UpdateEndpoint", ROLLING_BY_ONE_PERCENT, "A rolling step takes 5% to 50%"),
        (
            "sagemaker",
            "UpdateEndpoint",
            {"DeploymentConfig": {"BlueGreenUpdatePolicy": {"a": 1}, "RollingUpdatePolicy": {"a": 1}}},
            "Only one update policy",
        ),
        (
            "cloudwatch",
            "GetMetricStatistics",
            {"StartTime": DAY, "EndTime": DAY.replace(hour=1), "Period": 1},
            "You have requested up to 3600 datapoints, which exceeds the limit of 1440.",
        ),
        (
            "cloudwatch",
            "PutMetricAlarm",
            {"Metrics": [{"Id": "a", "Expression": "b"}], "Period": 60, "EvaluationPeriods": 1441},
            "Metrics cannot be checked across more than a day",
        ),
    ],
)
def test_what_is_wrong_is_told(service: str, operation: str, members: dict[str, Any], words: str) -> None:
    assert any(words in one for one in told(service, operation, members))


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("sagemaker", "CreateProcessingJob", {"ProcessingInputs": [INSIDE, CODE]}),
        (
            "sagemaker",
            "CreateTrainingJob",
            {
                "AlgorithmSpecification": {
                    "TrainingImage": "registry.example.org/image:1",
                    "TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"},
                }
            },
        ),
        (
            "sagemaker",
            "CreateModel",
            {"PrimaryContainer": {"Mode": "MultiModel", "ModelDataUrl": "s3://b/models/"}},
        ),
        ("sns", "SetTopicAttributes", {"AttributeName": "MaximumMessageSize", "AttributeValue": "1024"}),
        ("lambda", "AddPermission", {"Principal": "alexa-appkit.amazon.com"}),
        ("lambda", "CreateFunction", {"Handler": "a.b", "Code": {"ZipFile": EMPTY_ZIP}, "Timeout": 900}),
        (
            "cloudwatch",
            "PutMetricAlarm",
            {**ALARM, "EvaluationCriteria": {}} | {"EvaluationCriteria": {"a": 1}},
        ),
        ("glue", "UpdateCrawler", {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}),
        ("glue", "UpdateCrawler", {"Schedule": ""}),
        ("ssm", "PutParameter", {"Name": "/a", "Value": "L", "AllowedPattern": r"\p{Lu}"}),
        ("s3", "CreateBucket", {"Bucket": "a-.b"}),
    ],
)
def test_what_aws_takes_is_taken(service: str, operation: str, members: dict[str, Any]) -> None:
    assert told(service, operation, members) == []
