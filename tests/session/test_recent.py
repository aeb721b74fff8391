"""Recent: the latest messages of a channel."""

from __future__ import annotations

from typing import Any

from fake_api import FakeAPI
from make import CHANNEL, message

from kick_live.errors import ClientClosed, InvalidResponse, ServerError
from kick_live.events.polls import PollDelete
from kick_live.net.results import HistoryPage
from kick_live.session.recent import Recent, merge, read_recent


def page(*numbers: int, cursor: str | None = None, skipped: int = 0) -> HistoryPage:
    messages = tuple(message(number, historical=True) for number in numbers)
    return HistoryPage(messages=messages, cursor=cursor, skipped=skipped)


def read(*answers: Any, count: int, known: frozenset[str] = frozenset()) -> tuple[Recent, int]:
    """What is read, and with how many requests."""
    api: Any = FakeAPI(answers={"history": list(answers)})
    recent = read_recent(api, CHANNEL, count, is_known=known.__contains__, stopped=lambda: False)
    return recent, len(api.calls)


def ids(recent: Recent) -> list[str]:
    return [message.id for message in recent.messages]


def test_no_more_pages_than_needed() -> None:
    """It stops as soon as there are enough, and gives the latest."""
    recent, requests = read(page(3, 4, 5, cursor="a"), page(1, 2, cursor="b"), count=2)
    assert (ids(recent), recent.error, requests) == (["m4", "m5"], None, 1)
    recent, requests = read(page(3, 4, 5, cursor="a"), page(1, 2, cursor="b"), count=4)
    assert (ids(recent), requests) == (["m2", "m3", "m4", "m5"], 2)


def test_rows_out_of_order_are_put_in_order() -> None:
    """By Kick's time in them; pages may overlap."""
    recent, _ = read(page(5, 3, cursor="a"), page(4, 1, 3), count=10)
    assert ids(recent) == ["m1", "m3", "m4", "m5"]


def test_what_is_live_meanwhile_does_not_count() -> None:
    """It is among them, though, which tells where it belongs."""
    recent, _ = read(page(1, 2, 3, 4), count=2, known=frozenset({"m4"}))
    assert ids(recent) == ["m2", "m3", "m4"]


def test_pages_that_repeat_end_it() -> None:
    """A cursor that leads nowhere is followed once."""
    recent, requests = read(page(1, cursor="a"), page(1, cursor="a"), count=10)
    assert (ids(recent), requests) == (["m1"], 2)


def test_pages_without_end_are_bounded() -> None:
    """Empty pages with ever new cursors are not followed for ever."""
    pages = [page(cursor=str(number)) for number in range(1000)]
    recent, requests = read(*pages, count=10)
    assert ids(recent) == []
    assert requests < 100


def test_a_failure_keeps_what_was_read() -> None:
    """And says what it was; a client that is closed needs no excuse."""
    recent, _ = read(page(2, cursor="a"), ServerError("It failed."), count=5)
    assert ids(recent) == ["m2"]
    assert isinstance(recent.error, ServerError)
    recent, _ = read(ClientClosed("It is closed."), count=5)
    assert recent == Recent()


def test_rows_that_cannot_be_read_are_told() -> None:
    """With how many they are."""
    recent, _ = read(page(1, skipped=2), count=5)
    assert isinstance(recent.error, InvalidResponse)
    assert "2 rows" in str(recent.error)


def test_merging_with_a_gap() -> None:
    """One order by time, each message once, what is no message at the end."""
    other = PollDelete(channel=CHANNEL)
    merged = merge([message(2), message(5)], [message(1), message(3), message(5), other])
    assert [getattr(event, "id", "other") for event in merged] == ["m1", "m2", "m3", "m5", "other"]
