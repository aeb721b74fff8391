"""recover(): history is read back over a gap."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
import pytest
from fake_api import FakeAPI
from make import CHANNEL, at, message

from kick_live.errors import Blocked, ClientClosed, NotFound, RateLimited
from kick_live.events import ChatMessage, KicksGifted
from kick_live.events.gifts import KicksGift
from kick_live.models.user import User
from kick_live.net.results import HistoryPage, PinnedGift
from kick_live.session.backfill import Gap, Recovery, recover
from kick_live.session.feed import Feed


def page(first: int, last: int, cursor: str | None = None) -> HistoryPage:
    """A page with the messages of these numbers, oldest first."""
    return HistoryPage(
        messages=tuple(message(number, historical=True) for number in range(first, last)),
        cursor=cursor,
    )


def read(
    *pages: Any, last: int | None = 10, since: float = 10, gifts: Any = (), **options: Any
) -> tuple[Recovery, FakeAPI]:
    """Recover a gap after a message from such pages."""
    api = FakeAPI({"history": list(pages), "pinned_gifts": [gifts]})
    gap = Gap(last_message_id=None if last is None else f"m{last}", since=at(since))
    settings = {"stopped": lambda: False, "clock": lambda: 0.0, **options}
    return recover(api, Feed(CHANNEL), gap, **settings), api  # type: ignore[arg-type]


def numbers(recovery: Recovery) -> list[int]:
    """The numbers of the recovered messages."""
    return [int(item.id[1:]) for item in recovery.events if isinstance(item, ChatMessage)]


def cursors(api: FakeAPI) -> list[Any]:
    """The cursors that were asked for."""
    return [argument for name, argument in api.calls if name == "history"]


def test_one_page_that_meets_the_last_message_is_enough() -> None:
    """What came since is returned, oldest first; Kick's rounding makes one or two known ones
    come along."""
    recovery, api = read(page(5, 20, "older"))
    assert numbers(recovery) == list(range(9, 20))
    assert (recovery.complete, recovery.reason) == (True, None)
    assert cursors(api) == [None]


def test_pages_are_read_back_until_one_meets_what_is_known() -> None:
    """The cursors are followed; the result is in order over all pages."""
    recovery, api = read(page(40, 60, "a"), page(20, 40, "b"), page(0, 20, "c"))
    assert numbers(recovery) == list(range(9, 60))
    assert recovery.complete
    assert cursors(api) == [None, "a", "b"]


def test_an_older_message_ends_the_reading_too() -> None:
    """The last message may have been deleted since, or never have been known."""
    for last in (99, None):
        recovery, api = read(page(0, 9, "a"), page(0, 0), last=last)
        assert recovery.complete
        assert cursors(api) == [None]


def test_the_end_of_history_is_complete() -> None:
    """A young channel has no older page; but what was seen before has to be in history."""
    recovery, _ = read(page(30, 40), last=None)
    assert numbers(recovery) == list(range(30, 40))
    assert recovery.complete
    assert read(page(10, 40))[0].complete
    recovery, _ = read(page(30, 40))
    assert numbers(recovery) == list(range(30, 40))
    assert recovery.reason == "history begins after the last message that was seen"
    assert not recovery.complete


def test_an_empty_page_with_a_cursor_is_followed() -> None:
    """Kick sends such pages."""
    recovery, api = read(page(0, 0, "a"), page(5, 20, "b"))
    assert numbers(recovery) == list(range(9, 20))
    assert cursors(api) == [None, "a"]


def test_a_message_on_two_pages_comes_once() -> None:
    """Pages move while new messages come in."""
    recovery, _ = read(page(15, 25, "a"), page(5, 17, "b"))
    assert numbers(recovery) == list(range(9, 25))


@pytest.mark.parametrize(
    "pages",
    [
        [page(20, 30, "a"), page(20, 30, "b")],
        [page(20, 30, "a"), page(15, 20, "a")],
        [page(0, 0, "a"), page(0, 0, "a")],
    ],
)
def test_history_that_repeats_itself_is_left(pages: list[HistoryPage]) -> None:
    """A server that goes round in circles does not keep us busy."""
    recovery, api = read(*pages)
    assert (recovery.complete, recovery.reason) == (False, "history repeats itself")
    assert len(cursors(api)) == 2


@pytest.mark.parametrize(
    "error", [Blocked("blocked"), RateLimited("slow down"), NotFound("no such channel")]
)
def test_a_failure_becomes_a_reason(error: Exception) -> None:
    """What was read before it is kept."""
    recovery, _ = read(page(20, 30, "a"), error, last=10)
    assert numbers(recovery) == list(range(20, 30))
    assert not recovery.complete
    assert recovery.reason is not None
    assert str(error) in recovery.reason


def test_closing_the_client_ends_the_reading() -> None:
    """As an error of the request, or between two pages; pinned gifts are then not asked for."""
    recovery, _ = read(ClientClosed("closed"))
    assert (recovery.complete, recovery.reason) == (False, "the client was closed")
    recovery, api = read(page(20, 30, "a"), stopped=lambda: True)
    assert (recovery.complete, recovery.reason) == (False, "the client was closed")
    assert api.calls == [("history", None)]


def test_the_time_is_bounded() -> None:
    """A gap that takes longer than the limit is given up."""
    ticks = itertools.count(0, 30)
    pages = [page(1000 - 10 * n, 1010 - 10 * n, str(n)) for n in range(40)]
    recovery, api = read(*pages, clock=lambda: float(next(ticks)), time_limit=60.0)
    assert not recovery.complete
    assert recovery.reason == "history was not read to its end within 60 s"
    assert len(cursors(api)) == 2


def test_the_pages_are_bounded() -> None:
    """Forty pages, about a thousand messages, are the most."""
    pages = [page(1000 - 10 * n, 1010 - 10 * n, str(n)) for n in range(60)]
    recovery, api = read(*pages)
    assert not recovery.complete
    assert recovery.reason == "the gap is longer than 40 pages of history"
    assert len(cursors(api)) == 40
    assert len(numbers(recovery)) == 400


def test_a_message_without_a_time_is_kept() -> None:
    """It may have been missed, so it is not left out."""
    odd = ChatMessage(id="m500", sender=User(username="maple"), historical=True)
    recovery, _ = read(HistoryPage(messages=(*page(5, 12).messages, odd)))
    assert 500 in numbers(recovery)


def gift(seconds: float | None) -> PinnedGift:
    """A pinned gift of that time."""
    return PinnedGift(
        gift=KicksGift(amount=500),
        gift_transaction_id="t",
        sender=User(username="spruce"),
        message="great",
        created_at=None if seconds is None else at(seconds),
        expires_at=at(600),
    )


def test_gifts_of_the_gap_that_are_still_pinned_are_recovered() -> None:
    """Older ones, and those without a time, are not; nothing else recovers gifts."""
    recovery, _ = read(page(5, 12), gifts=(gift(5), gift(50), gift(None)))
    (found,) = [item for item in recovery.events if isinstance(item, KicksGifted)]
    assert (found.amount, found.username, found.message) == (500, "spruce", "great")
    assert (found.created_at, found.expires_at) == (at(50), at(600))
    assert (found.gift_transaction_id, found.historical, found.channel) == ("t", True, CHANNEL)


@pytest.mark.parametrize("error", [NotFound("none"), Blocked("no"), ClientClosed("closed")])
def test_pinned_gifts_that_cannot_be_read_do_not_matter(error: Exception) -> None:
    """Chat is complete all the same."""
    recovery, _ = read(page(5, 12), gifts=error)
    assert (recovery.complete, recovery.reason) == (True, None)
    assert numbers(recovery) == [9, 10, 11]


# -- the server's clock, and damaged history


@pytest.mark.parametrize(
    ("last", "since", "first"),
    [(None, 99_999, 69), (None, -99_999, 69), (10, 99_999, 69), (10, 40, 39)],
)
def test_a_gap_is_placed_by_the_servers_clock(last: int | None, since: float, first: int) -> None:
    """Ours may be wrong, and a last message from the future would hide everything before it."""
    api = FakeAPI(
        {"history": [attrs.evolve(page(30, 100), served_at=at(100))], "pinned_gifts": [()]}
    )
    gap = Gap(last_message_id=last and f"m{last}", since=at(since), alive_at=-30.0)  # type: ignore[arg-type]
    recovery = recover(api, Feed(CHANNEL), gap, stopped=lambda: False, clock=lambda: 0.0)  # type: ignore[arg-type]
    assert numbers(recovery)[0] == first
    assert recovery.complete


def test_a_gap_without_a_sign_of_life_keeps_its_time() -> None:
    """Nothing can be computed from half of what is needed."""
    gap = Gap(last_message_id=None, since=at(5))
    assert gap.by_clock_of(at(100), 0.0) is gap
    alive = attrs.evolve(gap, alive_at=1.0)
    assert alive.by_clock_of(None, 0.0) is alive


def test_rows_that_could_not_be_read_make_it_incomplete() -> None:
    """Some of them may have been missed messages."""
    recovery, _ = read(attrs.evolve(page(5, 20), skipped=2))
    assert (recovery.complete, recovery.reason) == (False, "2 rows of history could not be read")


def test_empty_history_after_messages_is_not_believed() -> None:
    """A wrong channel id gives the same answer; a chat that was always silent is complete."""
    recovery, _ = read(page(0, 0))
    assert not recovery.complete
    assert recovery.reason == "history is empty, although messages were seen before"
    assert read(page(0, 0), last=None)[0].complete
