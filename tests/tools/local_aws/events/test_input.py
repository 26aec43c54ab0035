import json
from typing import Any

import pytest

from tools.local_aws.events.input import InputError, RuleName, select, target_input

RULE = RuleName("arn:aws:events:us-east-1:111111111111:rule/approved", "approved")
EVENT = {
    "id": "1",
    "time": "2026-01-01T00:00:00Z",
    "detail": {"name": 'a "b"', "version": 3, "tags": ["x", {"k": "v"}], "odd-name": True},
}


def made(**target: Any) -> str:
    return target_input(target, EVENT, RULE)


def template(text: str, **paths: str) -> str:
    return made(InputTransformer={"InputTemplate": text, "InputPathsMap": paths})


def test_the_whole_event_is_handed_on() -> None:
    assert json.loads(made()) == EVENT


def test_a_constant_is_handed_on_as_it_is() -> None:
    assert made(Input='{"a": 1}') == '{"a": 1}'


def test_a_part_is_handed_on() -> None:
    assert made(InputPath="$.detail.version") == "3"


def test_a_template_outside_texts_takes_json_values() -> None:
    filled = template(
        '{"n": <n>, "v": <v>, "t": <t>}', n="$.detail.name", v="$.detail.version", t="$.detail.tags"
    )
    assert json.loads(filled) == {"n": 'a "b"', "v": 3, "t": ["x", {"k": "v"}]}


def test_a_template_inside_texts_takes_words() -> None:
    filled = template('{"s": "<n> is version <v>"}', n="$.detail.name", v="$.detail.version")
    assert json.loads(filled) == {"s": 'a "b" is version 3'}


def test_a_template_knows_its_rule() -> None:
    assert json.loads(template('{"r": <aws.events.rule-name>, "e": <aws.events.event.json>}')) == {
        "r": "approved",
        "e": EVENT,
    }


def test_a_template_with_an_unknown_name_is_refused() -> None:
    with pytest.raises(InputError, match="<v> of the input template has no path"):
        template('{"v": <v>}')


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", EVENT),
        ("$.detail.tags[0]", "x"),
        ("$.detail.tags[1].k", "v"),
        ("$.detail['odd-name']", True),
        ("$.detail.odd-name", True),
        ("$.detail.missing.deeper", None),
        ("$.detail.tags[7]", None),
    ],
)
def test_a_path_selects(path: str, value: Any) -> None:
    assert select(EVENT, path) == value


@pytest.mark.parametrize("path", ["detail", "$..name", "$.tags[*]", "$.a[?(@.x)]"])
def test_a_path_of_another_kind_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="is not a path"):
        select(EVENT, path)
