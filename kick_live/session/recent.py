"""Reads the latest messages of a channel, to begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from attrs import frozen

from kick_live.errors import APIError, ClientClosed, InvalidResponse, KickLiveError
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.models.channel import Channel

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Recent", "merge", "read_recent"]

_MOST_PAGES: Final = 60
_LONG_AGO: Final = datetime.min.replace(tzinfo=timezone.utc)


@frozen(kw_only=True)
class Recent:
    """What history gave.

    Attributes:
        messages: The latest ones, oldest first.
        error: Why they are not all that was asked for, although there may be more; or ``None``.
    """

    messages: tuple[ChatMessage, ...] = ()
    error: KickLiveError | None = None


def read_recent(
    api: KickAPI,
    channel: Channel,
    count: int,
    *,
    is_known: Callable[[str], bool],
    stopped: Callable[[], bool],
) -> Recent:
    """Read the last messages, newest page first, until there are enough.

    Blocks; a failure becomes part of the result, and what was read before it is kept.

    Args:
        api: Sends the requests, at its own pace.
        channel: Whose.
        count: How many messages; a channel that has fewer gives fewer.
        is_known: Whether a message of some id has come live meanwhile, so that it does not count.
        stopped: True ends the reading.
    """
    found: dict[str, ChatMessage] = {}
    error: KickLiveError | None = None
    skipped = 0
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        try:
            page = api.history(channel.channel_id, cursor=cursor)
        except ClientClosed:
            break
        except APIError as failure:
            error = failure
            break
        before = len(found)
        found = {**{message.id: message for message in page.messages}, **found}
        skipped += page.skipped
        repeats = page.cursor == cursor or (page.messages and len(found) == before)
        new = sum(not is_known(number) for number in found)
        if new >= count or page.cursor is None or repeats or stopped():
            break
        cursor = page.cursor
    messages = sorted(found.values(), key=_said_at)
    places = [place for place, message in enumerate(messages) if not is_known(message.id)]
    messages = messages[places[-count] if len(places) > count else 0 :]
    if error is None and skipped:
        error = InvalidResponse(
            f"{skipped} rows of the recent history of {channel.slug or channel.channel_id} could "
            "not be read and are left out. Kick may have changed their form; look for a newer "
            "version of kick-live."
        )
    return Recent(messages=tuple(messages), error=error)


def merge(recent: Iterable[ChatMessage], recovered: Iterable[Event]) -> list[Event]:
    """Put messages and what a gap gave in one order, each message once; other events come last."""
    recovered = list(recovered)
    messages = {event.id: event for event in recovered if isinstance(event, ChatMessage)}
    others = [event for event in recovered if not isinstance(event, ChatMessage)]
    messages = {**{message.id: message for message in recent}, **messages}
    return [*sorted(messages.values(), key=_said_at), *others]


def _said_at(message: ChatMessage) -> datetime:
    return message.created_at or _LONG_AGO
