"""GiftMerger: one drop is one event."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make import gift_part

from kick_live.events import GiftedSubscriptions
from kick_live.session.gift_merger import GiftMerger


def test_an_undivided_gift_passes_at_once() -> None:
    """Most gifts have no parts."""
    gift = GiftedSubscriptions(count=1, gifted_usernames=("acorn",), correlation_id="x")
    assert GiftMerger().add(gift, 0.0) == [gift]


@pytest.mark.parametrize(
    ("index", "total", "key"),
    [(0, 1, "k"), (0, 0, "k"), (None, 3, "k"), (0, None, "k"), (0, 3, None)],
)
def test_a_part_that_does_not_say_of_what_passes_at_once(
    index: int | None, total: int | None, key: str | None
) -> None:
    """Better an event too many than one that waits for ever."""
    part = gift_part(index, total, "a", key=key)
    assert GiftMerger().add(part, 0.0) == [part]


@given(order=st.permutations([0, 1, 2]))
def test_parts_merge_in_any_order(order: list[int]) -> None:
    """The last part brings the whole drop, with the names in the order of the parts."""
    merger = GiftMerger()
    parts = [gift_part(index, 3, f"a{index}", f"b{index}", count=6) for index in range(3)]
    results = [merger.add(parts[index], 0.0) for index in order]
    assert results[:2] == [[], []]
    (merged,) = results[2]
    assert merged.gifted_usernames == ("a0", "b0", "a1", "b1", "a2", "b2")
    assert (merged.count, merged.chunk, merged.correlation_id) == (6, None, "drop")
    assert merger.deadline() is None


def test_a_total_that_the_parts_lack_is_the_sum_of_the_names() -> None:
    """Each part then counts only itself."""
    merger = GiftMerger()
    merger.add(gift_part(0, 2, "a", "b"), 0.0)
    (merged,) = merger.add(gift_part(1, 2, "c"), 0.0)
    assert merged.count == 3


def test_a_repeated_part_does_not_complete_a_drop() -> None:
    """The same part twice is still one part."""
    merger = GiftMerger()
    assert merger.add(gift_part(0, 2, "a"), 0.0) == []
    assert merger.add(gift_part(0, 2, "a"), 0.0) == []
    (merged,) = merger.add(gift_part(1, 2, "b"), 0.0)
    assert merged.gifted_usernames == ("a", "b")


def test_missing_parts_are_waited_for_5_s() -> None:
    """Then the drop is delivered with the names that are known, and the total that was said."""
    merger = GiftMerger()
    merger.add(gift_part(1, 3, "b", count=120), 10.0)
    merger.add(gift_part(2, 3, "c", count=120), 12.0)
    assert merger.deadline() == 15.0
    assert merger.due(14.9) == []
    (merged,) = merger.due(15.0)
    assert (merged.gifted_usernames, merged.count, merged.chunk) == (("b", "c"), 120, None)
    assert (merger.deadline(), merger.due(99.0)) == (None, [])


def test_a_part_that_comes_late_is_not_counted_twice() -> None:
    """The drop was delivered with its total, which each part carries."""
    merger = GiftMerger()
    merger.add(gift_part(0, 3, "a", "b", count=6), 0.0)
    merger.add(gift_part(1, 3, "c", "d", count=6), 0.1)
    assert [drop.count for drop in merger.due(5.0)] == [6]
    assert merger.add(gift_part(2, 3, "e", "f", count=6), 5.1) == []
    assert merger.deadline() is None


def test_a_part_that_comes_late_counts_if_no_part_told_the_total() -> None:
    """Its names were in no event yet."""
    merger = GiftMerger()
    merger.add(gift_part(0, 2, "a", "b"), 0.0)
    assert [drop.count for drop in merger.due(5.0)] == [2]
    (late,) = merger.add(gift_part(1, 2, "c"), 5.1)
    assert (late.count, late.gifted_usernames) == (1, ("c",))


def test_drops_are_kept_apart() -> None:
    """Two givers at once do not mix."""
    merger = GiftMerger()
    assert merger.add(gift_part(0, 2, "a", key="x"), 1.0) == []
    assert merger.add(gift_part(1, 2, "b", key="y"), 2.0) == []
    assert merger.deadline() == 6.0
    (merged,) = merger.add(gift_part(1, 2, "c", key="x"), 3.0)
    assert merged.gifted_usernames == ("a", "c")
    assert merger.deadline() == 7.0


def test_memory_is_bounded() -> None:
    """Beyond a hundred unfinished drops a new one does not wait; none is lost."""
    merger = GiftMerger()
    out = [
        event
        for number in range(150)
        for event in merger.add(gift_part(0, 2, f"n{number}", key=str(number)), 0.0)
    ]
    rest = merger.due(5.0)
    assert len(rest) == 100
    assert sorted(e.correlation_id or "" for e in out + rest) == sorted(map(str, range(150)))
