"""What EventBridge answers to patterns, each row an answer that was recorded from AWS.

The recordings are those of LocalStack's archived tests (github.com/localstack/localstack, Apache-2.0,
tests/aws/services/events/event_pattern_templates, 2025-10-15), of which all 155 were replayed. Here is every
fact of them, in values of ours.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.errors import ApiError
from tools.local_aws.events.matching import matches
from tools.local_aws.events.patterns import parse
from tools.local_aws.process import LocalAws

MISSING = object()
FILTERS: list[tuple[Any, list[Any], list[Any]]] = [
    ("dev", ["dev", ["prod", "dev"]], ["DEV", "dev ", ["prod"], MISSING]),
    (" emoji 🚀 ", [" emoji 🚀 "], []),
    ("", [""], ["dev"]),
    (False, [False], [True, 0]),
    (None, [None], ["null", [], MISSING]),
    (300, [300, 300.0], ["300"]),
    ({"prefix": "2026-"}, ["2026-11"], ["x2026-", 2026, MISSING]),
    ({"prefix": ""}, ["anything"], []),
    ({"prefix": {"equals-ignore-case": "eVe"}}, ["EvEnt"], ["vent"]),
    ({"suffix": ".png"}, ["a.png"], ["a.PNG", ".png.bak"]),
    ({"suffix": ""}, ["anything"], []),
    ({"suffix": {"equals-ignore-case": ".png"}}, ["a.PNG"], ["a.jpg"]),
    ({"equals-ignore-case": "state change"}, ["State Change", ["State Change"]], ["state"]),
    ({"equals-ignore-case": ""}, [""], ["value"]),
    ({"wildcard": "a:*:b/*"}, ["a::b/c", "a:1:2:b/"], ["a:b/c"]),
    ({"wildcard": "/home/*/x/x/y.txt"}, ["/home/me/x/x/x/y.txt"], ["/home/me/x/z/y.txt"]),
    ({"wildcard": "/home/*/y.txt"}, ["/home/a/b/y.txt"], ["/home/a/not-y.txt"]),
    ({"wildcard": "a\\*\\\\"}, ["a*\\"], ["ab\\"]),
    ({"wildcard": ""}, [], ["value"]),
    ({"exists": True}, [1, None], [MISSING, [], {"below": 1}]),
    ({"exists": False}, [MISSING, [], {"below": 1}], [1]),
    ({"cidr": "10.0.0.0/24"}, ["10.0.0.255"], ["10.0.1.0", "10.0.0.256", 10]),
    ({"cidr": "2001:db8:12:1a00::/64"}, ["2001:0db8:0012:1a00::1"], ["2001:db8:13::"]),
    ({"numeric": ["=", 301.8]}, [301.8], [301]),
    ({"numeric": [">", 0, "<=", 5]}, [5, 0.1], [0, 6]),
    ({"numeric": [">", 100]}, [101.0], [None, "300", True]),
    ({"numeric": ["<", 10]}, [9], [10]),
    ({"anything-but": "dev"}, ["prod", None], ["dev", MISSING]),
    ({"anything-but": ["dev", "test"]}, ["prod", None], ["test", MISSING]),
    ({"anything-but": 123}, [789], [123]),
    ({"anything-but": 0}, [789], [0]),
    ({"anything-but": [100, 200]}, [999], [200]),
    ({"anything-but": {"prefix": "init"}}, ["post-init", 12, None], ["init-1", MISSING]),
    ({"anything-but": {"prefix": ["init", "test"]}}, ["post-init", 12, None], ["test-1", MISSING]),
    ({"anything-but": {"suffix": ".txt"}}, ["a.txt.bak", None], ["a.txt", MISSING]),
    ({"anything-but": {"suffix": [".txt", ".jpg"]}}, ["a.txt.bak", None], ["a.jpg", MISSING]),
    ({"anything-but": {"wildcard": "*/x/*"}}, ["x/y/z", 123, None], ["a/x/b", MISSING]),
    ({"anything-but": {"wildcard": ["*/x/*", "*/y/*"]}}, ["x/z/y", None], ["a/y/b", MISSING]),
    ({"anything-but": {"wildcard": ""}}, ["x"], []),
    ({"anything-but": {"equals-ignore-case": "dev"}}, ["prod", None], ["DEV", MISSING]),
    ({"anything-but": {"equals-ignore-case": ["dev", "test"]}}, ["prod", None], ["Test", MISSING]),
]
"""A filter, values that pass it, and values that do not."""

DEEP = {"a": {"b": {"c": [{"exists": False}]}}}
PICTURE = {"dynamodb": {"NewImage": {"kind": {"S": [{"anything-but": ["roses"]}, {"exists": False}]}}}}
SEVERAL = {
    "time": [{"prefix": "2026"}],
    "detail": {"n": [{"numeric": [">", 0]}], "x": [{"anything-but": [1, 2]}]},
}
EITHER = {
    "detail": {"$or": [{"a": [{"numeric": [">", 0, "<=", 5]}]}, {"b": [{"numeric": ["<", 10]}]}, {"c": [7]}]}
}
ONE_OF = {"n": [{"numeric": [">", 100]}, {"anything-but": "101"}]}
STRUCTURES: list[tuple[Any, Any, bool]] = [
    ({"id": ["1"]}, {"id": "1"}, True),
    ({"MY_KEY": ["x"]}, {"my_key": "x"}, False),
    ({"resources": ["a", "b", "c"]}, {"resources": ["z", "b"]}, True),
    ({"resources": ["a", "b"]}, {"resources": ["z"]}, False),
    ({"detail": {"status": ["on"]}}, {"detail": '{"status": "on"}'}, False),
    ({"detail": {"a": {"b": ["on"]}}}, {"detail": {"a.b": "on"}}, True),
    ({"detail": {"a": {"b": ["on"]}}}, {"detail": {"a.b": {"b": "on"}}}, False),
    ({"detail": {"a.b": ["on"]}}, {"detail": {"a": {"b": "on"}}}, True),
    ({"detail": {"a.b": {"b": ["on"]}}}, {"detail": {"a": {"b": "on"}}}, False),
    ({"detail": {"steps": {"id": [{"exists": True}]}}}, {"detail": {"steps": [{"n": 1}, {"id": "x"}]}}, True),
    ({"detail": {"a.b.c": {"d": [{"prefix": "q-"}]}}}, {"detail": {"a": {"b": {"c": [{"d": "q-1"}]}}}}, True),
    (DEEP, {"a": {"b": "leaf"}}, True),
    (DEEP, {"a": {"b": {"c": "leaf"}}}, False),
    (PICTURE, {"dynamodb": {"NewImage": {"kind": {"S": "tulips", "N": "1"}}}}, True),
    (PICTURE, {"dynamodb": {"NewImage": {"kind": {"N": "1"}}}}, True),
    (PICTURE, {"dynamodb": {"NewImage": {"bought": {"N": "1"}}}}, True),
    (PICTURE, {"dynamodb": {"NewImage": {"kind": {"S": "roses"}}}}, False),
    (SEVERAL, {"time": "2026-11-21", "detail": {"n": 1, "x": 3}}, True),
    (SEVERAL, {"time": "2026-11-21", "detail": {"n": 1, "x": 2}}, False),
    (EITHER, {"detail": {"a": 0, "b": 0, "c": 0}}, True),
    (EITHER, {"detail": {"a": 0, "b": 10, "c": 0}}, False),
    (ONE_OF, {"n": "42"}, True),
    (ONE_OF, {"n": "101"}, False),
    ({"key": [{"exists": True}, {"prefix": "other"}]}, {"key": "value"}, True),
    ({"a": {"x": [1], "y": [2]}}, {"a": [{"x": 1, "y": 2}, {"x": 0}]}, True),
    # The same element, says Event Ruler's page, not the recordings.
    ({"a": {"x": [1], "y": [2]}}, {"a": [{"x": 1, "y": 0}, {"x": 0, "y": 2}]}, False),
]

NO_TEXT = "prefix/suffix match pattern must be a string"
NO_CASE = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
NO_VALUE = "Value of anything-but must be an array or single string/number value."
REFUSED_FILTERS: list[tuple[Any, str]] = [
    ({"NUMERIC": ["=", 5]}, "Unrecognized match type NUMERIC"),
    ({"EXISTS": True}, "Unrecognized match type EXISTS"),
    ({"prefix": 123}, "prefix match pattern must be a string"),
    ({"prefix": ["2026"]}, "prefix match pattern must be a string"),
    ({"suffix": 123}, "suffix match pattern must be a string"),
    ({"suffix": [".png"]}, "suffix match pattern must be a string"),
    ({"equals-ignore-case": ["x"]}, "equals-ignore-case match pattern must be a string"),
    ({"equals-ignore-case": {"prefix": "x"}}, "equals-ignore-case match pattern must be a string"),
    ({"wildcard": 123}, "wildcard match pattern must be a string"),
    ({"wildcard": ["a*"]}, "wildcard match pattern must be a string"),
    ({"wildcard": "ab**"}, "Consecutive wildcard characters at pos 3"),
    (
        {"wildcard": "*:*:*:*:*:x/*"},
        "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
        "after a wildcard character",
    ),
    ({"cidr": "no-network"}, "Malformed CIDR, one '/' required"),
    ({"cidr": "xx.11.xx/8"}, "Nonstandard IP address: xx.11.xx"),
    ({"cidr": "x:db8::/64"}, "Nonstandard IP address: x:db8::"),
    ({"cidr": "10.0.0.0/8bits"}, "Malformed CIDR, mask bits must be an integer"),
    # AWS says prefix here.
    ({"cidr": ["10.0.0.0/8"]}, "prefix match pattern must be a string"),
    ({"numeric": 10}, "Value of numeric must be an array."),
    ({"numeric": [">", 0, ">", 0]}, "Bad numeric range operator: >"),
    ({"numeric": [">", 0, "<"]}, "Value of < must be numeric"),
    ({"anything-but": None}, NO_VALUE),
    ({"anything-but": ["x", None]}, "Inside anything but list, start|null|boolean is not supported."),
    ({"anything-but": {"prefix": {"equals-ignore-case": "x"}}}, NO_VALUE),
    ({"anything-but": {"suffix": {"equals-ignore-case": "x"}}}, NO_VALUE),
    ({"anything-but": {"prefix": ""}}, "Null prefix/suffix not allowed"),
    ({"anything-but": {"suffix": ""}}, "Null prefix/suffix not allowed"),
    ({"anything-but": {"prefix": 123}}, NO_TEXT),
    ({"anything-but": {"prefix": [123, "x"]}}, NO_TEXT),
    ({"anything-but": {"suffix": 123}}, NO_TEXT),
    ({"anything-but": {"suffix": [123, "x"]}}, NO_TEXT),
    ({"anything-but": {"suffix": [None, "x"]}}, NO_TEXT),
    ({"anything-but": {"wildcard": 123}}, "wildcard match pattern must be a string"),
    ({"anything-but": {"wildcard": [123, "x"]}}, "wildcard match pattern must be a string"),
    ({"anything-but": {"equals-ignore-case": 123}}, NO_CASE),
    ({"anything-but": {"equals-ignore-case": [123, 456]}}, NO_CASE),
]
REFUSED_PATTERNS: list[tuple[Any, str]] = [
    ({"resources": []}, "Empty arrays are not allowed"),
    ({"int": 42}, '"int" must be an object or an array'),
    ({"string": "value"}, '"string" must be an object or an array'),
    (["no", "object"], "Filter is not an object"),
]
# From Event Ruler alone: no recording has them.
REFUSED_BY_RULER: list[tuple[Any, str]] = [
    ({}, "Empty objects are not allowed"),
    ({"a": {}}, "Empty objects are not allowed"),
    ({"a": [["x"]]}, "Match value must be String, number, true, false, or null"),
    ({"a": [{}]}, "Match expression name not found"),
    ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression"),
    ({"a": [{"exists": "true"}]}, "exists match pattern must be either true or false."),
    ({"a": [{"prefix": {"suffix": "x"}}]}, "Unsupported prefix pattern: suffix"),
    ({"a": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists"),
    ({"a": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 2"),
    ({"a": [{"numeric": []}]}, "Invalid member in numeric match: null"),
    ({"a": [{"numeric": ["!", 1]}]}, "Unrecognized numeric range operator: !"),
    ({"a": [{"numeric": ["=", "1"]}]}, "Value of equals must be numeric"),
    ({"a": [{"numeric": ["<", 1, ">", 0]}]}, "Too many elements in numeric expression"),
    ({"a": [{"numeric": [">", 1, 2, 3]}]}, "Bad value in numeric range: 2"),
    ({"a": [{"numeric": [">", 1, "<", 3, 4]}]}, "Too many terms in numeric range expression"),
    (
        {"a": [{"anything-but": [1, "x"]}]},
        "Inside anything but list, either all values are number or string, mixed type is not supported",
    ),
    ({"$or": {"a": ["x"]}}, "It must be an Array followed with $or."),
    ({"$or": [{"a": ["x"]}]}, "There must have at least 2 Objects in $or relationship."),
    ({"$or": ["a", "b"]}, "Only JSON object is allowed in array of $or relationship."),
    (
        {"$or": [{"numeric": ["x"]}, {"a": ["x"]}]},
        "numeric is Ruler reserved fieldName which cannot be used inside $or.",
    ),
]


def _event(value: Any) -> dict[str, Any]:
    return {"detail": {} if value is MISSING else {"field": value}}


def _named(rows: list[tuple[Any, ...]]) -> Any:
    return [pytest.param(*row, id=json.dumps(row[0], ensure_ascii=False)) for row in rows]


@pytest.mark.parametrize(("wanted", "passing", "failing"), _named(FILTERS))
def test_a_filter_passes_what_it_passes_on_aws(wanted: Any, passing: list[Any], failing: list[Any]) -> None:
    pattern = parse(json.dumps({"detail": {"field": [wanted]}}))
    assert [value for value in passing if not matches(pattern, _event(value))] == []
    assert [value for value in failing if matches(pattern, _event(value))] == []


@pytest.mark.parametrize(("pattern", "event", "matched"), STRUCTURES)
def test_fields_are_found_as_on_aws(pattern: Any, event: Any, matched: bool) -> None:
    assert matches(parse(json.dumps(pattern)), event) is matched


def _refused(pattern: Any) -> str:
    with pytest.raises(ApiError) as refused:
        parse(json.dumps(pattern))
    assert refused.value.code == "InvalidEventPatternException"
    return str(refused.value.message).removeprefix("Event pattern is not valid. Reason: ")


@pytest.mark.parametrize(("wanted", "reason"), _named(REFUSED_FILTERS))
def test_a_filter_is_refused_in_the_words_of_aws(wanted: Any, reason: str) -> None:
    assert _refused({"detail": {"field": [wanted]}}) == reason


@pytest.mark.parametrize(("pattern", "reason"), _named([*REFUSED_PATTERNS, *REFUSED_BY_RULER]))
def test_a_pattern_is_refused_in_the_words_of_aws(pattern: Any, reason: str) -> None:
    assert _refused(pattern) == reason


@pytest.mark.parametrize("text", ["no json", "{'a': ['b']}", '{"a": x"'])
def test_what_is_no_json_is_refused(local_aws: LocalAws, text: str) -> None:
    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        local_aws.client("events").put_rule(Name=unique("rule"), EventPattern=text)


def test_a_rule_is_put_only_with_a_pattern_that_is_valid(local_aws: LocalAws) -> None:
    events, name = local_aws.client("events"), unique("rule")
    with pytest.raises(ClientError, match="Reason: Unrecognized match type matches"):
        events.put_rule(Name=name, EventPattern='{"$or": [{"a": [{"matches": "x"}]}, {"b": ["x"]}]}')
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events.describe_rule(Name=name)


EVENT = {"id": "1", "account": "2", "source": "s", "time": "t", "region": "r", "detail-type": "d"}


def test_a_pattern_can_be_tried(local_aws: LocalAws) -> None:
    events = local_aws.client("events")

    def tried(pattern: dict[str, Any]) -> bool:
        answer = events.test_event_pattern(Event=json.dumps(EVENT), EventPattern=json.dumps(pattern))
        return bool(answer["Result"])

    assert (tried({"source": ["s"]}), tried({"source": ["other"]})) == (True, False)


@pytest.mark.parametrize("event", ["plain text", '["an array"]', '{"source": "s"}'])
def test_only_what_looks_like_an_event_is_tried(local_aws: LocalAws, event: str) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Parameter Event is not valid\."):
        local_aws.client("events").test_event_pattern(Event=event, EventPattern='{"source": ["s"]}')
