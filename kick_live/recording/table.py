"""Events as the rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, MessageDeleted
from kick_live.events.goals import GoalEvent
from kick_live.events.stream import LivestreamUpdated
from kick_live.models.user import User
from kick_live.recording.describe import describe

__all__ = ["COLUMNS", "Tabulator", "time_of", "user_of"]

#: The columns, in order, and what is in them; ``None`` in any of them means "not said".
COLUMNS: Final = {
    "time": "Kick's time, else the time of arrival",
    "received_at": "the time of arrival",
    "time_in_seconds": "seconds since a video's start, else since the second of the first event",
    "channel": "the channel's slug",
    "type": "the event's kind, as chat_message",
    "username": "who wrote, gave, subscribed, or is concerned",
    "user_id": "their id",
    "message": "what was written, to be read: emotes as :names:; for other events, what happened",
    "content": "what was written, exactly as Kick has it: emotes as [emote:39001:WaveHi]",
    "text": "what was written, without emotes",
    "emotes": "names of the emotes, in order",
    "badges": "badges, with months or gifts as subscriber:13",
    "color": "the colour of the name",
    "amount": "subscriptions, Kicks, months, viewers, minutes of a time-out, where a goal stands",
    "message_id": "the message's id; of a deletion, the deleted message's",
    "reply_to": "the answered message's id",
    "historical": "whether it was read from history instead of received live",
}


#: Their ``created_at`` tells when the goal was made or the broadcast began, not when this happened.
_ABOUT_OLDER: Final = (GoalEvent, LivestreamUpdated)


def time_of(event: Event) -> datetime:
    """Kick's time of an event, or, where Kick wrote none, that of its arrival."""
    created = None if isinstance(event, _ABOUT_OLDER) else getattr(event, "created_at", None)
    return created if isinstance(created, datetime) else event.received_at


def user_of(event: Event) -> User | None:
    """The user whose event it is, where the event carries more than a name."""
    for name in ("sender", "user", "gifter"):
        user = getattr(event, name, None)
        if isinstance(user, User):
            return user
    return None


class Tabulator:
    """Makes rows; the first event that it sees is the beginning of time, unless there is a video.

    Args:
        video_start: Says when the video began whose chat it is, or ``None``; asked at the first event.
    """

    def __init__(self, video_start: Callable[[], datetime | None] = lambda: None) -> None:
        self._video_start = video_start
        self._begin: datetime | None = None

    def see(self, event: Event) -> None:
        """Note an event that gets no row."""
        if self._begin is None:
            # Chat's times are whole seconds, so nothing of the first second comes before it.
            self._begin = self._video_start() or time_of(event).replace(microsecond=0)

    def row(self, event: Event) -> dict[str, Any]:
        """The values for ``COLUMNS``; ``emotes`` and ``badges`` are lists of texts."""
        self.see(event)
        assert self._begin is not None
        time, about, user = time_of(event), describe(event), user_of(event)
        is_message = isinstance(event, ChatMessage)
        message_id = None
        if isinstance(event, ChatMessage):
            message_id = event.id
        elif isinstance(event, MessageDeleted):
            message_id = event.message_id
        reply = event.reply_to if isinstance(event, ChatMessage) else None
        return {
            "time": time,
            "received_at": event.received_at,
            "time_in_seconds": round((time - self._begin).total_seconds(), 3),
            "channel": event.channel.slug if event.channel is not None else None,
            "type": event.kind,
            "username": about.username,
            "user_id": about.user_id,
            "message": about.readable,
            "content": event.content if isinstance(event, ChatMessage) else None,
            "text": event.plain_text if isinstance(event, ChatMessage) else None,
            "emotes": [e.name for e in event.emotes] if isinstance(event, ChatMessage) else [],
            "badges": _badges(user) if user is not None and is_message else [],
            "color": user.color if user is not None else None,
            "amount": about.amount,
            "message_id": message_id,
            "reply_to": reply.id if reply is not None else None,
            "historical": event.historical,
        }


def _badges(user: User) -> list[str]:
    return [b.type if b.count is None else f"{b.type}:{b.count}" for b in user.badges]
