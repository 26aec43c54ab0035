"""Snapshots are for people, and lose nothing: a page can be turned back into the template it shows."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stacks.cloud import Cloud
from tools.review.readable import COLUMNS, embedded_json, export_name, page, readable, swapped_quotes

REF = {"Ref": "Data"}
ARN = {"Fn::GetAtt": ["Data", "Arn"]}
IMPORT = {"Fn::ImportValue": export_name("dev-base", ARN)}
JOIN = {"Fn::Join": ["", [ARN, "/raw/*"]]}
STATEMENT = {
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    "Effect": "Allow",
    "Resource": JOIN,
    "Sid": "ReadRawData",
}


def original(node: Any) -> Any:
    """The template that a page shows."""
    match node:
        case str() | {"Fn::ToJsonString": _} | {"Fn::ToSpacedJsonString": _} | {"Fn::JoinLines": _}:
            return joined([*parts(closed(node))])
        case {"Fn::Sub": _} if len(node) == 1:
            return node
        case dict():
            return {unescaped(key): original(item) for key, item in node.items()}
        case list():
            return [original(item) for item in node]
    return node


def closed(node: Any) -> Any:
    """Opened JSON as the text that it was, still with its placeholders."""
    match node:
        case {"Fn::ToJsonString": content}:
            return json.dumps(closed(content), ensure_ascii=False, separators=(",", ":"))
        case {"Fn::ToSpacedJsonString": content}:
            return json.dumps(closed(content), ensure_ascii=False)
        case {"Fn::JoinLines": lines}:
            return "\n".join(lines)
        case dict():
            return {unescaped(key): closed(item) for key, item in node.items()}
        case list():
            return [closed(item) for item in node]
    return node


def unescaped(key: str) -> str:
    return re.sub(r"^Fn::!(?=!*(ToJsonString|ToSpacedJsonString|JoinLines)$)", "Fn::", key)


def parts(text: str) -> Iterator[Any]:
    """The literal texts and the functions of a text with placeholders."""
    literal = ""
    while text:
        before, start, text = text.partition("${")
        literal += before
        if start and text.startswith("!"):
            literal, text = literal + start, text[1:]
        elif start:
            if literal:
                yield literal
            function, text = first_function(text)
            literal = ""
            yield function
    if literal:
        yield literal


def first_function(text: str) -> tuple[Any, str]:
    """The function of a placeholder, of which the text lacks the opening; and what follows it."""
    if text[0] in "{'":
        content, end = json.JSONDecoder().raw_decode(swapped_quotes(text))
        assert text[end] == "}"
        return original(content), text[end + 1 :]
    name, _, rest = text.partition("}")
    stack, _, target = name.rpartition(":") if "::" not in name else ("", "", name)
    logical_id, _, attribute = target.partition(".")
    reference = {"Fn::GetAtt": [logical_id, attribute]} if attribute else {"Ref": logical_id}
    return ({"Fn::ImportValue": export_name(stack, reference)} if stack else reference), rest


def joined(pieces: list[Any]) -> Any:
    match pieces:
        case []:
            return ""
        case [piece]:
            return piece
    return {"Fn::Join": ["", pieces]}


def exact(template: Any) -> str:
    """Equal for equal templates only: Python takes 1, 1.0 and True for the same."""
    return json.dumps(template, sort_keys=True)


def compact(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


FRAGMENTS = (
    *(
        "$",
        "{",
        "}",
        "!",
        "'",
        '"',
        "\\",
        "\n",
        "[",
        "]",
        ":",
        ",",
        ".",
        " ",
        "é",
        "${",
        "${!",
        "Fn::JoinLines",
    ),
    *(
        "${Data}",
        "${Data.Arn}",
        "${AWS::Region}",
        "${base:Data.Arn}",
        "${{'Fn::Select': [0, 'a']}}",
        "${'a'}",
    ),
    *('{"a":1}', '{"a": 1}', "<asset>", "<hash>"),
)
OUR_FUNCTIONS = ("Fn::ToJsonString", "Fn::ToSpacedJsonString", "Fn::JoinLines", "Fn::!JoinLines")
FUNCTIONS = (
    "Ref",
    "Fn::GetAtt",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Sub",
    "Fn::Select",
    "Fn::If",
    "Fn::Base64",
)
TEXTS = st.one_of(
    st.sampled_from(FRAGMENTS),
    st.lists(st.sampled_from(FRAGMENTS), max_size=4).map("".join),
    st.text(max_size=8),
)
NAMES = st.sampled_from(["Data", "Key", "AWS::Region", "Outputs.Arn", "base:Data", "", "${Data}", "Fn::Join"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
KEYS = st.one_of(
    st.sampled_from([*FUNCTIONS, *OUR_FUNCTIONS, "Effect", "Action", "Name"]),
    TEXTS,
)
REFERENCES = st.one_of(
    NAMES.map(lambda name: {"Ref": name}),
    st.tuples(NAMES, NAMES).map(lambda names: {"Fn::GetAtt": [*names]}),
)
IMPORTS = st.one_of(
    REFERENCES.map(lambda reference: {"Fn::ImportValue": export_name("base", reference)}),
    TEXTS.map(lambda name: {"Fn::ImportValue": f"base:ExportsOutputRef{name}0D7E21B7"}),
)


def calls(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Functions of CloudFormation and texts of JSON, as they should be and as nobody should write them."""
    nested = st.tuples(TEXTS, REFERENCES).map(lambda inside: {"Fn::Join": ["", [*inside]]})
    piece = st.one_of(REFERENCES, IMPORTS, nested, values)
    pieces = st.one_of(
        st.lists(st.tuples(TEXTS, piece), max_size=3).map(lambda pairs: [*itertools.chain(*pairs)]),
        st.lists(piece, max_size=3),
    )
    joins = st.tuples(st.sampled_from(["", "", ","]), pieces).map(lambda join: {"Fn::Join": [*join]})
    names = st.one_of(st.sampled_from(FUNCTIONS), st.sampled_from(OUR_FUNCTIONS))
    called = st.tuples(names, values).map(lambda call: dict([call]))
    return st.one_of(
        REFERENCES,
        IMPORTS,
        joins,
        pieces.map(lambda inside: {"Fn::Join": ["", ['{"a":"', *inside, '"}']]}),
        TEXTS.map(lambda text: {"Fn::Sub": text}),
        called,
        called.map(compact),
        st.tuples(st.one_of(REFERENCES, IMPORTS, joins), values).map(
            lambda pair: {**pair[0], "Other": pair[1]}
        ),
        values.map(compact),
        values.map(json.dumps),
        values.map(lambda value: json.dumps(value, indent=1)),
    )


TEMPLATES = st.recursive(
    st.one_of(SCALARS, TEXTS),
    lambda values: st.one_of(
        calls(values), calls(values), st.lists(values, max_size=3), st.dictionaries(KEYS, values, max_size=3)
    ),
    max_leaves=10,
)


@given(calls(TEMPLATES))
@settings(max_examples=1000, deadline=None)
def test_a_page_can_be_turned_back_into_its_template(template: Any) -> None:
    assert exact(original(json.loads(page(template)))) == exact(template)


def test_the_page_of_every_stack_can_be_turned_back_into_its_template(cloud: Cloud) -> None:
    """Except for the hashes of assets, and of contents at the end of a name."""
    for template in cloud.templates:
        known = re.sub(r"\b[0-9a-f]{64}\b", "<asset>", exact(template.body))
        known = re.sub(r'(?<=-)[0-9a-f]{16}(?=\\*")', "<hash>", known)
        assert exact(original(json.loads(page(template.body)))) == known, template.stack


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("${Data}", REF, id="a text and a Ref"),
        pytest.param("${Data.Arn}", ARN, id="a text and a Fn::GetAtt"),
        pytest.param("${dev-base:Data.Arn}", IMPORT, id="a text and a Fn::ImportValue"),
        pytest.param("${!Data}", "${Data}", id="a text and the same with an escape"),
        pytest.param(
            {"Fn::Join": ["", ["${", REF]]}, {"Fn::Join": ["", ["$", REF]]}, id="an opening and a dollar"
        ),
        pytest.param({"Fn::Sub": "${Data}"}, REF, id="Fn::Sub and Ref"),
        pytest.param({"Fn::Sub": "${!Data}"}, "${Data}", id="a text in Fn::Sub and outside"),
        pytest.param({"Fn::GetAtt": "Data.Arn"}, ARN, id="Fn::GetAtt with a text and with a list"),
        pytest.param({"Ref": "Data.Arn"}, ARN, id="a Ref with a dot and Fn::GetAtt"),
        pytest.param({"Fn::Join": ["", [REF]]}, REF, id="a function joined alone and the function"),
        pytest.param({"Fn::Join": ["", ["a", "b"]]}, "ab", id="two texts joined and one text"),
        pytest.param({"Fn::Join": [",", ["a", REF]]}, {"Fn::Join": ["", ["a", REF]]}, id="separators"),
        pytest.param('{"a":"b"}', {"a": "b"}, id="a text of JSON and an object"),
        pytest.param('{"a":"b"}', '{"a": "b"}', id="JSON without and with spaces"),
        pytest.param('{"a":1}', '{"a":1.0}', id="numbers inside JSON"),
        pytest.param('{"a":"[1]"}', '{"a":[1]}', id="JSON within JSON and a list within JSON"),
        pytest.param('{"a":1,"b":2}', '{"b":2,"a":1}', id="the order of keys in a text of JSON"),
        pytest.param('{"Ref":"Data"}', {"Fn::Join": ["", ['{"Ref":"', REF, '"}']]}, id="names inside JSON"),
        pytest.param('["é"]', '["\\u00e9"]', id="a letter in JSON and its number"),
        pytest.param(
            {"Fn::Join": ["", ["a", REF, ""]]}, {"Fn::Join": ["", ["a", REF]]}, id="an empty text joined"
        ),
        pytest.param(
            {**ARN, "Other": 1}, {"Fn::GetAtt": "Data.Arn", "Other": 1}, id="a function with a neighbour"
        ),
        pytest.param({**JOIN, "Other": 1}, {**JOIN, "Other": "1"}, id="a join with a neighbour"),
        pytest.param({"Fn::JoinLinesToo": []}, {"Fn::!JoinLinesToo": []}, id="a longer name than ours"),
        pytest.param('{"a":1}', {"Fn::ToJsonString": {"a": 1}}, id="a text of JSON and AWS's function"),
        pytest.param("a\nb", {"Fn::JoinLines": ["a", "b"]}, id="lines and a function named as we name them"),
        pytest.param({"a": 1}, {"a": "1"}, id="a number and a text"),
        pytest.param(["a"], "a", id="a list and its only item"),
    ],
)
def test_what_differs_is_shown_differently(one: Any, other: Any) -> None:
    assert page(one) != page(other)
    assert [original(json.loads(page(node))) for node in (one, other)] == [one, other]


@pytest.mark.parametrize(
    ("node", "shown"),
    [
        pytest.param(REF, "${Data}", id="Ref"),
        pytest.param({"Ref": "AWS::Region"}, "${AWS::Region}", id="pseudo parameter"),
        pytest.param(ARN, "${Data.Arn}", id="Fn::GetAtt"),
        pytest.param({"Fn::GetAtt": ["Db", "Endpoint.Port"]}, "${Db.Endpoint.Port}", id="nested attribute"),
        pytest.param(IMPORT, "${dev-base:Data.Arn}", id="Fn::ImportValue"),
        pytest.param({"Fn::ImportValue": "vpc"}, {"Fn::ImportValue": "vpc"}, id="an export somebody named"),
        pytest.param({"Fn::Join": ["", ["s3://", REF, "/raw"]]}, "s3://${Data}/raw", id="Fn::Join"),
        pytest.param(
            {"Fn::Join": ["", ["a-", {"Fn::Select": [0, {"Fn::Split": ["/", ARN]}]}]]},
            "a-${{'Fn::Select': [0, {'Fn::Split': ['/', '${Data.Arn}']}]}}",
            id="another function in a text",
        ),
        pytest.param({"Fn::Base64": REF}, {"Fn::Base64": "${Data}"}, id="another function"),
        pytest.param({"Fn::Sub": "${Data}-a"}, {"Fn::Sub": "${Data}-a"}, id="Fn::Sub"),
        pytest.param("*/${aws:SourceIdentity}", "*/${!aws:SourceIdentity}", id="a variable of IAM"),
        pytest.param(
            {"Fn::Join": ["", ['{"b":"', REF, '/raw","a":["', ARN, '"]}']]},
            {"Fn::ToJsonString": {"b": "${Data}/raw", "a": ["${Data.Arn}"]}},
            id="JSON",
        ),
        pytest.param(
            '{"a":"{\\"b\\": 1}"}',
            {"Fn::ToJsonString": {"a": {"Fn::ToSpacedJsonString": {"b": 1}}}},
            id="JSON within JSON",
        ),
        pytest.param('{"Arn":<arn>}', '{"Arn":<arn>}', id="what only looks like JSON"),
        pytest.param("#!/bin/bash\nls\n", {"Fn::JoinLines": ["#!/bin/bash", "ls", ""]}, id="lines"),
    ],
)
def test_a_function_is_shown_in_the_text_that_it_fills(node: Any, shown: Any) -> None:
    assert readable(node) == shown


def test_hashes_of_assets_and_contents_are_the_only_thing_that_is_not_shown() -> None:
    def template(digit: str) -> Any:
        return {"Name": f"script-{digit * 16}", "Code": {"Fn::Join": ["", [REF, f"/{digit * 64}.zip"]]}}

    assert (
        readable(template("a"))
        == readable(template("b"))
        == {"Name": "script-<hash>", "Code": "${Data}/<asset>.zip"}
    )
    for longer in ("a" * 65, f"script-{'a' * 17}", f"script-{'a' * 16}/more"):
        assert readable(longer) == longer


def test_the_order_of_keys_in_a_template_does_not_matter() -> None:
    assert page(STATEMENT) == page(dict(reversed(STATEMENT.items())))


def test_a_statement_is_one_line_that_starts_with_who_may_do_what() -> None:
    document = {"Statement": [STATEMENT, {**STATEMENT, "Sid": "Again"}], "Version": "2012-10-17"}
    lines = page({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}).splitlines()
    (line,) = [line.strip() for line in lines if "ReadRawData" in line]
    assert line == (
        '{"Sid": "ReadRawData", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], '
        '"Resource": "${Data.Arn}/raw/*", "Condition": {"StringEquals": {"aws:SourceAccount": '
        '"111111111111"}}},'
    )
    assert lines[1] == '  "Type": "AWS::IAM::ManagedPolicy",'


def test_only_a_statement_or_one_long_text_is_longer_than_a_line(cloud: Cloud) -> None:
    for template in cloud.templates:
        for line in page(template.body).splitlines():
            is_text = re.fullmatch(r' *("[^"]*": )?(\{"Fn::\w+": )*"([^"\\]|\\.)*"\}*,?', line)
            assert len(line) <= COLUMNS or is_text or '"Effect": ' in line, f"{template.stack}: {line}"


def test_json_is_found_in_a_text_and_nowhere_else() -> None:
    assert embedded_json({"Fn::Join": ["", ['{"a":"', ARN, '"}']]}) == {"a": "${Data.Arn}"}
    assert embedded_json({"a": "b"}) is None
    assert embedded_json("[1, 2]") == [1, 2]
    assert embedded_json("[1, 2") is None
