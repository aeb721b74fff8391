"""Feed: whatever the socket and history bring, in whatever overlap, the order is the server's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from make import CHANNEL, message

from kick_live.session.feed import Feed


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[int], list[list[int]], int, set[int], float]:
    """Messages before, stretches by turns live and missed, how far history reaches, the deleted."""
    lengths = draw(st.lists(st.integers(0, 6), min_size=2, max_size=7))
    numbers = iter(range(sum(lengths)))
    stretches = [[next(numbers) for _ in range(length)] for length in lengths]
    before, rest = stretches[0], stretches[1:]
    # History is read after the last loss: it has all from before, and perhaps newer ones.
    settled = sum(lengths) - (lengths[-1] if len(rest) % 2 == 0 else 0)
    reach = draw(st.integers(max(settled - 1, 0), sum(lengths) + 3))
    # Where messages share a second, the place of one that is not in history cannot be known.
    spacing = draw(st.sampled_from((0.13, 0.5, 1.0, 1.7)))
    live = [number for stretch in rest[1::2] for number in stretch]
    gone = draw(st.sets(st.sampled_from(live))) if live and spacing > 1 else set()
    return before, rest, reach, gone, spacing


@given(courses())
def test_order_and_completeness(
    course: tuple[list[int], list[list[int]], int, set[int], float],
) -> None:
    """Each message comes once and in order, missed or live, waiting or yet to come."""
    before, rest, reach, gone, spacing = course
    feed = Feed(CHANNEL)
    out = []
    for number in before:
        out += feed.accept(message(number, seconds=int(number * spacing)), 0.0)
    feed.interrupt()
    feed.recovering = True
    newest = before[-1] if before else -1
    for place, stretch in enumerate(rest):
        if place % 2:
            for number in stretch:
                out += feed.accept(message(number, seconds=int(number * spacing)), 0.0)
            if place + 1 < len(rest):
                feed.interrupt()
        newest = stretch[-1] if stretch else newest
    history = [
        message(number, seconds=number * spacing, historical=True)
        for number in range(reach + 1)
        if number not in gone
    ]
    missed, held = feed.release(history, 1.0)
    out += [*missed, *held]
    last = max(reach, newest)
    # The socket brings in time what history had first, and then what is new.
    for number in range(newest + 1, last + 3):
        out += feed.accept(message(number, seconds=int(number * spacing)), 2.0)
    assert [event.id for event in out] == [f"m{number}" for number in range(last + 3)]
