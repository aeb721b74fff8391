"""What deletions, bans and clearings take out of the chat: one rule for databases and transcripts.

A deletion names its message. A ban, a time-out and a clearing name none: whoever shows the chat takes
away what is on the screen, and Kick sends nothing for each message. What is on a screen is bounded: a
desktop client for Kick keeps 200 messages of a channel, 300 while one reads back (its source, January
2026), and Kick's own history gives 25 at a time. So these three hide what was written in the hour
before, and not what somebody wrote in all the months before a time-out of five minutes. An hour covers
such a screen where 200 messages or more are written in it; where fewer are, what was banned for is
seldom older.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import frozen

from kick_live.events.base import Event
from kick_live.events.chat import MessageDeleted
from kick_live.events.chatroom import ChatroomClear
from kick_live.events.moderation import UserBanned

__all__ = ["HIDDEN", "OWN", "Removal", "Removals", "removal_of"]

#: What was written so long before a ban, a time-out or a clearing is hidden by it.
HIDDEN: Final = timedelta(hours=1)
#: The reasons that concern one message; they count before those that hide several.
OWN: Final = ("moderator", "automatic")

Scope = Literal["message", "user", "room"]


@frozen(order=True)
class Removal:
    """Something that takes messages out of the chat.

    Attributes:
        at: When it was told.
        reason: ``moderator``, ``automatic``, ``ban``, ``timeout`` or ``clear``.
        scope: Whether it concerns one message, those of a user, or those of all.
        channel_id: In which channel; 0 where it is not known.
        target: The message's id, the user's id as text, or nothing.
    """

    at: datetime
    reason: str
    scope: Scope
    channel_id: int
    target: str

    def hides(self, written_at: datetime) -> bool:
        """Whether it hides what was written then, by a user or in a channel that it concerns."""
        return self.at - HIDDEN < written_at <= self.at


def removal_of(event: Event) -> Removal | None:
    """What an event takes out of the chat, or ``None``."""
    channel_id = event.channel.channel_id if event.channel is not None else 0
    scope: Scope
    if isinstance(event, MessageDeleted):
        reason = "automatic" if event.ai_moderated else "moderator"
        scope, target = "message", event.message_id
    elif isinstance(event, UserBanned) and event.user.id:
        reason = "ban" if event.permanent else "timeout"
        scope, target = "user", str(event.user.id)
    elif isinstance(event, ChatroomClear):
        reason, scope, target = "clear", "room", ""
    else:
        return None
    return Removal(event.received_at, reason, scope, channel_id, target)


class Removals:
    """The removals of a chat, asked for what became of its messages.

    It remembers no messages, of which there may be millions.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Scope, int, str], list[Removal]] = {}

    def see(self, event: Event) -> None:
        """Note an event."""
        removal = removal_of(event)
        if removal is not None:
            key = (removal.scope, removal.channel_id, removal.target)
            insort(self._known.setdefault(key, []), removal)

    def why(
        self, written_at: datetime, channel_id: int, user_id: int | None, message_id: str
    ) -> str | None:
        """Why a message is gone: the reason of its own deletion, else of the first that hides it.

        Args:
            written_at: When it was written: Kick's time, else that of its arrival.
            channel_id: Its channel; 0 where it is not known.
            user_id: Its author.
            message_id: Its id.

        Returns:
            The reason, or ``None`` for a message that was left standing.
        """
        deletions = self._known.get(("message", channel_id, message_id))
        if deletions:
            return deletions[0].reason
        hiding = [
            removal
            for key in (("user", channel_id, str(user_id)), ("room", channel_id, ""))
            if (removal := self._first_after(key, written_at)) is not None
        ]
        return min(hiding).reason if hiding else None

    def _first_after(self, key: tuple[Scope, int, str], written_at: datetime) -> Removal | None:
        known = self._known.get(key, [])
        place = bisect_left(known, written_at, key=lambda removal: removal.at)
        return known[place] if place < len(known) and known[place].hides(written_at) else None
