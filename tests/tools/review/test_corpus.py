"""Every seeded change is told as what it is."""

import copy
import datetime
from typing import TYPE_CHECKING

import pytest

from tests.tools.review.corpus import SEEDS, Seed
from tools.review.outcome import Review, review
from tools.review.stacks import Stack, of_templates

if TYPE_CHECKING:
    from tests.security.controls import Json
    from tests.stacks.cloud import Cloud

TODAY = datetime.date(2026, 11, 21)


@pytest.fixture(scope="module")
def templates(sample: "Cloud") -> "dict[str, Json]":
    """Those of the sample's development environment, by stack."""
    return {each.short_name: each.body for each in sample.templates if each.environment == "dev"}


@pytest.fixture(scope="module")
def deployed(templates: "dict[str, Json]") -> dict[str, Stack]:
    return of_templates("dev", templates)


def reviewed(seed: Seed, templates: "dict[str, Json]", deployed: dict[str, Stack]) -> Review:
    changed: dict[str, Json] = {}
    for stack, change in seed.changes:
        changed[stack] = copy.deepcopy(changed.get(stack, templates[stack]))
        change(changed[stack])
    return review(deployed, {**deployed, **of_templates("dev", changed)}, today=TODAY)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_change_is_told_as_what_it_is(
    seed: Seed, templates: "dict[str, Json]", deployed: dict[str, Stack]
) -> None:
    found = reviewed(seed, templates, deployed)
    told = "\n".join(f"{row.kind.name} {row.subject}: {row.text}" for row in found.rows)
    assert {row.kind for row in found.rows} == seed.kinds, told
    assert found.verdict.value == seed.exit_code, told


def test_the_corpus_has_60_changes_of_which_20_are_several_at_once() -> None:
    assert len(SEEDS) >= 60
    assert sum(seed.is_combination for seed in SEEDS) >= 20
    assert len({seed.name for seed in SEEDS}) == len(SEEDS)
