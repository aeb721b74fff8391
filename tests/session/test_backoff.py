"""Backoff: waits that no server can fool."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live.session.backoff import Backoff


def waits(backoff: Backoff, count: int, **options: object) -> list[float]:
    """Fail so often in a row, each attempt right after its wait."""
    now, found = 0.0, []
    for _ in range(count):
        backoff.attempted(now)
        wait = backoff.delay(now, **options)  # type: ignore[arg-type]
        found.append(wait)
        now += wait
    return found


def test_the_ceiling_doubles_up_to_30_s() -> None:
    """With the highest draw the waits are the ceilings themselves."""
    assert waits(Backoff(lambda: 1.0), 6) == [3.0, 6.0, 12.0, 24.0, 30.0, 30.0]


def test_the_floor_is_a_second() -> None:
    """With the lowest draw every wait is the least one."""
    assert waits(Backoff(lambda: 0.0), 5) == [1.0] * 5


@settings(max_examples=100, deadline=None)
@given(draws=st.lists(st.floats(0, 1), min_size=1, max_size=29))
def test_any_draw_stays_within_bounds(draws: list[float]) -> None:
    """From 1 to 30 s, whatever the random numbers are."""
    source = iter(draws)
    assert all(1.0 <= wait <= 30.0 for wait in waits(Backoff(lambda: next(source)), len(draws)))


def test_only_a_minute_of_life_resets_it() -> None:
    """A connection that is accepted and dropped again and again does not."""
    backoff = Backoff(lambda: 1.0)
    waits(backoff, 3)
    backoff.lived(59.9)
    assert (backoff.delay(1000.0), backoff.failures) == (24.0, 4)
    backoff.lived(60.0)
    assert backoff.failures == 0
    assert backoff.delay(2000.0) == 3.0


def test_at_once_is_granted_to_the_first_failure_only() -> None:
    """The first wait is what is missing to a second since the attempt; then it grows as ever."""
    backoff = Backoff(lambda: 1.0)
    backoff.attempted(10.0)
    assert backoff.delay(10.25, at_once=True) == 0.75
    assert backoff.delay(10.25, at_once=True) == 3.0


def test_at_once_after_a_long_life_is_at_once() -> None:
    """Nothing is to be waited for when the last attempt is long ago."""
    backoff = Backoff(lambda: 1.0)
    backoff.attempted(0.0)
    backoff.lived(500.0)
    assert backoff.delay(500.0, at_once=True) == 0.0


def test_a_failure_without_an_attempt_waits_as_drawn() -> None:
    """No attempt means no distance to keep."""
    assert Backoff(lambda: 0.5).delay(0.0) == 2.0


def test_somebody_else_may_ask_for_more() -> None:
    """The longer wait counts."""
    assert Backoff(lambda: 0.0).delay(0.0, least=300.0) == 300.0
    assert Backoff(lambda: 1.0).delay(0.0, least=2.0) == 3.0


@settings(max_examples=50, deadline=None)
@given(draws=st.lists(st.floats(0, 1), min_size=100, max_size=100))
def test_no_burst_is_followed_by_a_long_pause(draws: list[float]) -> None:
    """However an outage begins, and however long it is, its end is met within half a minute."""
    source = iter(draws)
    assert max(waits(Backoff(lambda: next(source)), 100)) <= 30.0


def test_at_most_30_attempts_fit_into_10_minutes() -> None:
    """Even a server that lets connections live for a minute each time cannot speed it up."""
    backoff, now, attempts = Backoff(lambda: 0.0), 0.0, []
    for _ in range(100):
        backoff.attempted(now)
        attempts.append(now)
        backoff.lived(60.0)
        now += backoff.delay(now, at_once=True)
    for index in range(len(attempts) - 30):
        assert attempts[index + 30] - attempts[index] >= 600.0 - 1e-6
    assert min(b - a for a, b in zip(attempts, attempts[1:], strict=False)) >= 1.0  # noqa: RUF007
