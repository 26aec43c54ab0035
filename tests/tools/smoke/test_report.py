"""What differs from the rehearsal is told, wherever it is, and nothing else."""

import pytest

from tools.smoke.report import NOWHERE, Difference, differences, page

REHEARSED = {"endpoint": {"status": "InService", "variants": ["AllTraffic"]}, "alarms": {}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (REHEARSED, []),
        (
            {**REHEARSED, "endpoint": {"status": "Failed", "variants": ["AllTraffic"]}},
            [Difference("endpoint: status", "InService", "Failed")],
        ),
        ({"alarms": {}}, [Difference("endpoint", REHEARSED["endpoint"], NOWHERE)]),
        ({**REHEARSED, "alarms": {"slow": "OK"}}, [Difference("alarms: slow", NOWHERE, "OK")]),
    ],
)
def test_a_difference_is_told_by_its_place(found: dict[str, object], expected: list[Difference]) -> None:
    assert list(differences(REHEARSED, found)) == expected


def test_the_page_says_that_nothing_differs_or_what() -> None:
    assert "No differences from the rehearsal." in page("dev", {}, [], REHEARSED)
    different = page("dev", {"It deploys": "AccessDenied"}, [Difference("a|b", "OK", ["x"])], REHEARSED)
    assert "No differences" not in different
    assert "**It deploys** failed" in different
    assert '| a\\|b | OK | ["x"] |' in different
