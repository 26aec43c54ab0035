"""Arguments of a step stay within what the API takes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.training.pipeline_steps import ARGUMENT_MAX_CHARACTERS, ARGUMENTS_MAX_COUNT, Container, chunked

NAMES = st.lists(st.text("abcXYZ_019", min_size=1, max_size=ARGUMENT_MAX_CHARACTERS), max_size=60)


@given(NAMES)
def test_chunks_give_all_names_back_in_their_order(names: list[str]) -> None:
    arguments = chunked("--numeric", names)
    assert set(arguments[::2]) <= {"--numeric"}
    assert [name for chunk in arguments[1::2] for name in chunk.split(",")] == names


@given(NAMES)
def test_chunks_are_as_few_as_the_limit_allows(names: list[str]) -> None:
    chunks = chunked("--numeric", names)[1::2]
    assert all(len(chunk) <= ARGUMENT_MAX_CHARACTERS for chunk in chunks)
    for one, following in itertools.pairwise(chunks):
        first_name = following.split(",")[0]
        assert len(f"{one},{first_name}") > ARGUMENT_MAX_CHARACTERS


def test_no_names_are_no_arguments() -> None:
    assert chunked("--drop", []) == []


@pytest.mark.parametrize("arguments", [["a" * 257], ["a"] * (ARGUMENTS_MAX_COUNT + 1)])
def test_arguments_beyond_the_limits_fail_and_say_what_to_change(arguments: list[str]) -> None:
    container = Container("image", command=["python3"], arguments=arguments)
    with pytest.raises(ValueError, match="drop columns or shorten their names"):
        _ = container.overrides


def test_without_a_command_the_image_runs_its_own() -> None:
    assert Container("image").overrides == {}
