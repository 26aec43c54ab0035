"""Of two long values a reviewer sees where they differ."""

from tools.review.leaves import Change

LONG = "all that both say before it comes to what differs, " * 4


def test_a_difference_behind_a_long_beginning_is_what_is_shown() -> None:
    line = str(
        Change("Metadata", f"{LONG}at least 0.7, even by chance", f"{LONG}at least 0.65, even by chance")
    )
    assert line == (
        "Metadata: …differs, at least 0.7, even by chance → …differs, at least 0.65, even by chance"
    )


def test_so_it_is_inside_of_lists() -> None:
    line = str(Change("Values", [LONG, "depth", 4], [LONG, "depth", 5]))
    assert line.endswith(', "depth", 4] → …iffers, ", "depth", 5]')


def test_what_is_added_at_the_end_is_shown() -> None:
    assert str(Change("Note", LONG, f"{LONG}and more")).endswith(
        "es to what differs,  → …es to what differs, and more"
    )


def test_a_difference_that_can_be_seen_stays_with_all_before_it() -> None:
    assert str(Change("Uri", f"s3://one/{LONG}", f"s3://two/{LONG}")).startswith(
        "Uri: s3://one/all that both"
    )


def test_what_goes_or_comes_is_shown_from_its_beginning() -> None:
    line = str(Change("Uri", None, LONG))
    assert line.startswith("Uri: nothing → all that both say")
    assert line.endswith("…")
