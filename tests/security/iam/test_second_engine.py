"""An engine that shares nothing with ours decides every case alike, but for gaps that are named."""

from collections import Counter

import pytest

from tests.security.iam.gaps import KNOWN_GAPS, difference
from tests.security.iam.proof import Proof

pytestmark = pytest.mark.waits_for_others


def test_the_second_engine_agrees_but_for_known_gaps(proof: Proof) -> None:
    differences = _differences(proof)
    unknown = [text for text, gap in differences if gap not in KNOWN_GAPS]
    assert not unknown, "\n".join(unknown[:20])


def test_every_known_gap_is_still_there_and_as_large_as_listed(proof: Proof) -> None:
    found = Counter((text.partition(":")[0], gap) for text, gap in _differences(proof))
    largest = {gap: max(found[estate.environment, gap] for estate in proof.all_estates) for gap in KNOWN_GAPS}
    assert largest == {gap: known.cases for gap, known in KNOWN_GAPS.items()}


def test_gaps_touch_few_cases(proof: Proof) -> None:
    assert len(_differences(proof)) <= len(proof.cases) * 0.1


def _differences(proof: Proof) -> list[tuple[str, str]]:
    pairs = zip(proof.cases, proof.answers, strict=True)
    found = ((str(case), difference(case, answer)) for case, answer in pairs)
    return [(text, gap) for text, gap in found if gap is not None]
