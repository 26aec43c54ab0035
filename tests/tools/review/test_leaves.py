"""Of two long values a reviewer sees where they differ, and all that comes after."""

from tools.review.leaves import Change

LONG = "all that both say before it comes to what differs, " * 4


def test_a_difference_behind_a_long_beginning_is_what_is_shown() -> None:
    before, after = (f"{LONG}at least {value}, even by chance" for value in ("0.7", "0.65"))
    sides = str(Change("Metadata", before, after)).removeprefix("Metadata: ").split(" → ")
    assert [side[0] for side in sides] == ["…", "…"]
    assert [side.rpartition("differs, ")[2] for side in sides] == [
        "at least 0.7, even by chance",
        "at least 0.65, even by chance",
    ]


def test_so_it_is_inside_of_lists() -> None:
    line = str(Change("Values", [LONG, "depth", 4], [LONG, "depth", 5]))
    before, after = line.split(" → ")
    assert (before.endswith('"depth", 4]'), after.endswith('"depth", 5]')) == (True, True)
    assert LONG not in line


def test_what_is_added_at_the_end_is_shown() -> None:
    assert str(Change("Note", LONG, f"{LONG}and more")).endswith("to what differs, and more")


def test_a_difference_that_can_be_seen_stays_with_all_before_it() -> None:
    assert str(Change("Uri", f"s3://one/{LONG}", f"s3://two/{LONG}")).startswith(
        "Uri: s3://one/all that both"
    )


def test_what_goes_or_comes_is_shown_whole() -> None:
    assert str(Change("Uri", None, LONG)) == f"Uri: nothing → {LONG}"
