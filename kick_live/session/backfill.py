"""Reads history back over a gap."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import frozen

from kick_live.errors import APIError, ClientClosed, NotFound, Unreachable
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.events.gifts import KicksGifted
from kick_live.session.feed import Feed

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Gap", "Recovery", "recover"]

_logger = logging.getLogger(__name__)

_MOST_PAGES: Final = 40
#: Live messages carry whole seconds, history microseconds.
_ROUNDING: Final = timedelta(seconds=1)


@frozen(kw_only=True)
class Gap:
    """What may have been missed on one channel.

    Attributes:
        last_message_id: The newest message delivered before, or ``None``.
        since: Kick's time of that message; or, without one, our time of the last sign of life.
        alive_at: The last sign of life on the monotonic clock, by which Kick's time of it can be
            told, however wrong our clock is; ``None`` where it is unknown.
    """

    last_message_id: str | None
    since: datetime
    alive_at: float | None = None

    def by_clock_of(self, served_at: datetime | None, now: float) -> Gap:
        """The gap by the server's clock, if an answer told it.

        Args:
            served_at: When the server answered, by its clock.
            now: When the answer came, in seconds on the monotonic clock.
        """
        if served_at is None or self.alive_at is None:
            return self
        alive = served_at - timedelta(seconds=now - self.alive_at)
        # A last message from the future would hide everything before it.
        since = alive if self.last_message_id is None else min(self.since, alive)
        return attrs.evolve(self, since=since)


@frozen(kw_only=True)
class Recovery:
    """What history gave.

    Attributes:
        events: Messages and gifts, oldest first, some of which may be known already.
        complete: Whether history reached back over the whole gap.
        reason: Why not, or ``None``.
        error: The failure of a request, if that is the reason.
    """

    events: tuple[Event, ...] = ()
    complete: bool = False
    reason: str | None = None
    error: APIError | None = None

    @classmethod
    def failed(cls, error: APIError, **found: Any) -> Recovery:
        """What there is after a request failed."""
        return cls(reason=f"history could not be read: {error}", error=error, **found)


def recover(
    api: KickAPI,
    feed: Feed,
    gap: Gap,
    *,
    stopped: Callable[[], bool],
    time_limit: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
) -> Recovery:
    """Read history, newest page first, until it meets what is known.

    Blocks; every failure becomes a reason. The pages are bounded in number and time.

    Args:
        api: Sends the requests, at its own pace.
        feed: The channel, and which of its messages are known.
        gap: Where to stop.
        stopped: True ends the reading.
        time_limit: In seconds.
        clock: Seconds on the monotonic clock.
    """
    messages: list[ChatMessage] = []
    known: set[str] = set()
    skipped = 0
    deadline = clock() + time_limit
    cursor: str | None = None
    complete, reason = False, None
    failure: APIError | None = None
    for _ in range(_MOST_PAGES):
        try:
            page = api.history(feed.channel.channel_id, cursor=cursor)
        except ClientClosed:
            reason = "the client was closed"
            break
        except APIError as error:
            failure = error
            break
        if cursor is None and page.served_at is not None:
            gap = gap.by_clock_of(page.served_at, clock())
        fresh = [message for message in page.messages if message.id not in known]
        known.update(message.id for message in fresh)
        messages = [*fresh, *messages]
        skipped += page.skipped
        if _reaches_back(page.messages, gap):
            complete = True
            break
        if page.cursor is None:
            complete = not messages or _begins_before(messages, gap)
            reason = None if complete else "history begins after the last message that was seen"
            break
        if page.cursor == cursor or (not fresh and page.messages):
            reason = "history repeats itself"
            break
        if stopped():
            reason = "the client was closed"
            break
        if clock() >= deadline:
            reason = f"history was not read to its end within {time_limit:.0f} s"
            break
        cursor = page.cursor
    else:
        reason = f"the gap is longer than {_MOST_PAGES} pages of history"
    if complete and skipped:
        complete, reason = False, f"{skipped} rows of history could not be read"
    elif complete and not messages and gap.last_message_id is not None:
        # What a wrong channel id gives as well (July 2026).
        complete, reason = False, "history is empty, although messages were seen before"
    missed = [message for message in messages if _is_missed(message, gap)]
    missed.sort(key=lambda message: message.created_at or gap.since)
    is_away = isinstance(failure, Unreachable)
    gifts = _pinned_gifts(api, feed, gap) if not (stopped() or is_away) else []
    events = (*missed, *gifts)
    if failure is not None:
        return Recovery.failed(failure, events=events)
    return Recovery(events=events, complete=complete, reason=reason)


def _reaches_back(messages: tuple[ChatMessage, ...], gap: Gap) -> bool:
    # The last message by itself proves nothing if its time is known: an older one, published later,
    # may have been missed.
    return any(
        message.id == gap.last_message_id
        if message.created_at is None
        else gap.since - message.created_at > _ROUNDING
        for message in messages
    )


def _begins_before(messages: Sequence[ChatMessage], gap: Gap) -> bool:
    """Whether all of history reaches back to the last message, which may have been deleted since."""
    return gap.last_message_id is None or any(
        message.id == gap.last_message_id
        or message.created_at is None
        or message.created_at - gap.since < _ROUNDING
        for message in messages
    )


def _is_missed(message: ChatMessage, gap: Gap) -> bool:
    return message.created_at is None or gap.since - message.created_at <= _ROUNDING


def _pinned_gifts(api: KickAPI, feed: Feed, gap: Gap) -> list[KicksGifted]:
    """Gifts of Kicks that are still pinned; nothing else recovers gifts."""
    try:
        pinned = api.pinned_gifts(feed.channel.channel_id)
    except (NotFound, APIError, ClientClosed) as error:
        _logger.debug("pinned gifts could not be read: %s", error)
        return []
    return [
        KicksGifted(
            channel=feed.channel,
            historical=True,
            gift=gift.gift,
            sender=gift.sender,
            message=gift.message,
            gift_transaction_id=gift.gift_transaction_id,
            created_at=gift.created_at,
            expires_at=gift.expires_at,
        )
        for gift in pinned
        if gift.created_at is not None and gap.since - gift.created_at <= _ROUNDING
    ]
