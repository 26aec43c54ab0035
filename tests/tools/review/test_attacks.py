"""A dangerous change is told as one, however it is dressed; a harmless one is not made a drama."""

import copy
import datetime
from dataclasses import replace

import pytest

from tests.tools.review.attacks import ATTACKS, Attack
from tools.review.markdown import comment
from tools.review.outcome import Review, review
from tools.review.page import page
from tools.review.stacks import Stack

TODAY = datetime.date(2026, 11, 21)


def reviewed(attack: Attack, of_the_sample: dict[str, Stack]) -> Review:
    before = _changed(of_the_sample, attack.given)
    return review(before, _changed(before, attack.changes), today=TODAY)


def _changed(stacks: dict[str, Stack], changes: tuple) -> dict[str, Stack]:  # type: ignore[type-arg]
    changed = dict(stacks)
    for place, change in changes:
        template = copy.deepcopy(changed[place].template)
        change(template)
        changed[place] = replace(changed[place], template=template)
    return changed


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_change_is_told_as_what_it_is(attack: Attack, of_the_sample: dict[str, Stack]) -> None:
    found = reviewed(attack, of_the_sample)
    told = "\n".join(f"{row.kind.name} {row.subject}: {row.text} ({row.places})" for row in found.rows)
    assert {row.kind for row in found.rows} == attack.kinds, told
    assert found.verdict.value == attack.exit_code, told
    assert attack.says in told
    assert attack.says in comment(found)
    assert page(found)


def test_names_say_which_is_which() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
