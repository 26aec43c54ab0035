"""Arguments of a step stay within what the API takes."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from config.values.columns import LONGEST_ARGUMENT
from stacks.parts.jobs import Container
from stacks.training.pipeline_steps import chunked

NAMES = st.lists(st.text("abcXYZ_019", min_size=1, max_size=LONGEST_ARGUMENT), max_size=60)


@given(NAMES)
def test_chunks_give_all_names_back_in_their_order(names: list[str]) -> None:
    arguments = chunked("--numeric", names)
    assert set(arguments[::2]) <= {"--numeric"}
    assert [name for chunk in arguments[1::2] for name in chunk.split(",")] == names


@given(NAMES)
def test_chunks_are_as_few_as_the_limit_allows(names: list[str]) -> None:
    chunks = chunked("--numeric", names)[1::2]
    assert all(len(chunk) <= LONGEST_ARGUMENT for chunk in chunks)
    for one, following in itertools.pairwise(chunks):
        first_name = following.split(",")[0]
        assert len(f"{one},{first_name}") > LONGEST_ARGUMENT


def test_no_names_are_no_arguments() -> None:
    assert chunked("--drop", []) == []


def test_without_a_command_the_image_runs_its_own() -> None:
    assert Container("image").overrides == {}
