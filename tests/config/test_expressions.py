"""Expressions are checked before anything is deployed, as strictly as they are computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import expressions
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preprocess import parse_arguments
from pydantic import TypeAdapter, ValidationError

from config.values.expressions import FUNCTIONS, LONGEST, OPERATORS, Expression, columns_in
from stacks.training.pipeline_definition import preprocess_arguments

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

RENTS = "use_cases/rents"
EXPRESSION = TypeAdapter(Expression)
PIECES = "Area `a_b` 2 1e999 0.5 + - * / ** ( ) , log min( year"
ODD = "< not 'x' [ ] . := True if else = % // @ lambda: ` é log("
WORDS = st.sampled_from([*PIECES.split(" "), *ODD.split(" "), " ", "`a b`"])


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8).map("".join))
def test_what_is_allowed_is_what_can_be_computed(text: str) -> None:
    names = [*dict.fromkeys(name for _, name in columns_in(text))]
    try:
        EXPRESSION.validate_python(text)
    except ValidationError:
        is_allowed = text != text.strip()
    else:
        is_allowed = True
    if text == text.strip():
        assert is_allowed == (not [*expressions.mistakes_of({"derived": text}, names)])


def test_both_know_the_same_functions_and_operators() -> None:
    assert {name: arguments for name, (arguments, _) in expressions.FUNCTIONS.items()} == FUNCTIONS
    assert set(OPERATORS) == set(expressions._OPERATORS)


def test_the_longest_expression_fits_into_an_argument(workspace: Workspace) -> None:
    name, text = "x" * 64, f"Area{' + Area' * 22}"[:LONGEST]
    workspace.set(RENTS, "features.derived", {name: text, "Minus": "-Area / `Floor area (m²)`"})
    workspace.set(RENTS, "features.numeric", ["Area", "Floor area (m²)"])
    arguments = preprocess_arguments(workspace.load().use_cases["rents"])
    assert max(map(len, arguments)) <= 256
    assert parse_arguments(arguments).schema.derived == {name: text, "Minus": "-Area / `Floor area (m²)`"}


@pytest.mark.parametrize(
    ("derived", "beginnings"),
    [
        ({"Ratio": "Area / Roms"}, ['Ratio: "Roms": at character 8, .*mean Rooms[?]']),
        ({"Ratio": "Area / District"}, ['Ratio: "District": at character 8, is no number']),
        ({"Leak": "Rent / Area"}, ['Leak: "Rent": at character 1, is no number']),
        ({"A": "B + 1", "B": "Area + 1"}, ['A: "B": .*derived ones above it']),
        ({"Area": "Rooms * 2"}, ['Area: "Area": the column is already in features.numeric']),
        ({"Per room": "Area / Rooms"}, ["Per room: .*is no name of a derived column"]),
        ({"A": "Area +"}, ["A: .*cannot be read at character 7"]),
        ({"A": "Area Größe + 1"}, ["A: .*cannot be read at character 6.*backticks"]),
        ({"A": "`é` + * Area"}, ["A: .*cannot be read at character 7"]),
        ({"A": "Area + lg(Area)"}, ["A: .* 8, there is no function lg; .*did you mean log"]),
        ({"A": "Area + log(Area, 2)"}, ["A: .* 8, log has another number of arg.*give it 1"]),
        ({"A": "`Area` + (Area > 2)"}, ["A: .* 11, Area > 2 is no part of an exp"]),
        ({"A": "Area * 1e999"}, ["A: .* 8, the number is too large"]),
        ({"A": "2 ** 3"}, ["A: .*names no column"]),
        ({"A": f"Area{' + Area' * 30}"}, ["A: .*has 214 characters.*use those above it"]),
        ({"A": 2}, ["A: 2: is not text"]),
        (
            {"A": "Aera / os.x", "B": "Area +", "C": "Room"},
            ["A: .*os.x is no part", 'A: "Aera"', "B: ", "C: "],
        ),
    ],
)
def test_a_mistake_in_an_expression_is_told_with_its_place(
    workspace: Workspace, derived: dict[str, object], beginnings: list[str]
) -> None:
    workspace.set(RENTS, "features.derived", derived)
    lines = [
        line.removeprefix("config/use_cases/rents.yaml: features.derived.") for line in workspace.mistakes()
    ]
    for beginning in beginnings:
        assert [line for line in lines if re.match(beginning, line)], (beginning, lines)
    assert len(lines) == len(beginnings), lines
