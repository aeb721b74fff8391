"""Messages: written, deleted, pinned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from attrs import frozen

from kick_live.events.base import Event, TextIfAny, Time
from kick_live.events.units import milliseconds, seconds, snake_case
from kick_live.models.base import Value
from kick_live.models.content import Emote, Fragment, parse_content, plain_text, readable_text
from kick_live.models.user import User

__all__ = [
    "Celebration",
    "ChatMessage",
    "Clip",
    "MessageDeleted",
    "MessageMetadata",
    "MessageRef",
    "PinnedMessageCreated",
    "PinnedMessageDeleted",
    "RepliedMessage",
    "Reply",
]


class RepliedMessage(Value, frozen=True, kw_only=True):
    """The message that a reply answers, as quoted in it.

    Attributes:
        id: The message's id.
        content: Its content.
    """

    id: str | None = None
    content: str = ""


class Reply(Value, frozen=True, kw_only=True):
    """What a reply answers.

    Attributes:
        id: The id of the answered message, or ``None``.
        content: Its content as quoted.
        sender: Its author (id and name only), or ``None``.
    """

    id: str | None = None
    content: str = ""
    sender: User | None = None


class Celebration(Value, frozen=True, kw_only=True):
    """A renewal that a subscriber shares in chat (since August 2025).

    It may come long after the ``Subscription``: do not count it as another one.

    Attributes:
        id: Kick's id.
        type: ``subscription_renewed`` in everything seen.
        total_months: Months subscribed in all.
        created_at: When the celebration was made.
    """

    id: str | None = None
    type: str | None = None
    total_months: int | None = None
    created_at: Time | None = None


class Clip(Value, frozen=True, kw_only=True):
    """A clip shared in a message (known from others' types only, never captured).

    Attributes:
        id: Kick's id.
        title: Its title.
        thumbnail_url: A picture.
        duration: Its length.
        creator: Who cut it.
    """

    id: str | None = None
    title: str | None = None
    thumbnail_url: str | None = None
    duration: timedelta | None = None
    creator: User | None = None


class MessageMetadata(Value, frozen=True, kw_only=True):
    """What hangs on a message.

    Attributes:
        message_ref: Milliseconds since 1970 by the *sender's* clock, as text; may be far off.
        original_sender: On replies, the author of the answered message.
        original_message: On replies, the answered message.
        celebration: On celebrations.
        clip: On messages that share a clip.
    """

    message_ref: str | None = None
    original_sender: User | None = None
    original_message: RepliedMessage | None = None
    celebration: Celebration | None = None
    clip: Clip | None = None


@frozen(kw_only=True, eq=False, repr=False)
class ChatMessage(Event):
    """A message in chat: plain, a reply, or a celebration.

    Sent on ``chatrooms.R.v2`` as ChatMessageEvent for every message (September 2026).

    Attributes:
        id: The message's id; what deletions and replies refer to.
        sender: Who wrote it, with colour and badges.
        content: The text as sent, with emote tokens; may be empty on celebrations. Kick masks
            profanity with asterisks.
        chatroom_id: The chatroom; ``None`` on messages from history.
        type: ``message``, ``reply``, ``celebration``, or one newer than this library.
        created_at: Kick's time, in whole seconds on live messages.
        metadata: What hangs on it; messages of bots and of the API have none.
        thread_parent_id: On replies since 2026 the direct parent *or* an earlier message; to link
            replies use ``reply_to.id``.

    Example:
        >>> message = ChatMessage(id="1", sender=User(username="Maple"),
        ...                       content="gg [emote:39001:WaveHi]")
        >>> message.plain_text, [emote.name for emote in message.emotes]
        ('gg', ['WaveHi'])
        >>> message.readable_text
        'gg :WaveHi:'
    """

    kind: ClassVar[str] = "chat_message"
    wire_names: ClassVar[tuple[str, ...]] = ("ChatMessageEvent", "ChatMessage")

    id: str
    sender: User
    content: str = ""
    chatroom_id: int | None = None
    type: str = "message"
    created_at: Time | None = None
    metadata: MessageMetadata | None = None
    thread_parent_id: TextIfAny = None

    @property
    def is_reply(self) -> bool:
        """Whether it answers another message."""
        return self.type == "reply"

    @property
    def is_celebration(self) -> bool:
        """Whether a subscriber shares a renewal."""
        return self.type == "celebration"

    @property
    def reply_to(self) -> Reply | None:
        """The answered message, or ``None`` where there is none or Kick did not quote it."""
        metadata = self.metadata
        if metadata is None:
            return None
        message, sender = metadata.original_message, metadata.original_sender
        if message is None and sender is None:
            return None
        message = message or RepliedMessage()
        return Reply(id=message.id, content=message.content, sender=sender)

    @property
    def celebration(self) -> Celebration | None:
        """The shared renewal, or ``None``."""
        return None if self.metadata is None else self.metadata.celebration

    @property
    def clip(self) -> Clip | None:
        """The shared clip, or ``None``."""
        return None if self.metadata is None else self.metadata.clip

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        """Text and emotes in order; computed on each access."""
        return parse_content(self.content)

    @property
    def emotes(self) -> tuple[Emote, ...]:
        """The emotes in order, repetitions included."""
        return tuple(part for part in self.fragments if isinstance(part, Emote))

    @property
    def plain_text(self) -> str:
        """The content without emotes."""
        return plain_text(self.content)

    @property
    def readable_text(self) -> str:
        """The content with emotes by name between colons, for people to read."""
        return readable_text(self.content)

    @property
    def sent_at_ms(self) -> int | None:
        """Milliseconds since 1970 by the sender's own clock, or ``None``."""
        reference = None if self.metadata is None else self.metadata.message_ref
        value = milliseconds(reference)
        return None if value is None else int(value * 1000)


class MessageRef(Value, frozen=True, kw_only=True):
    """A message, by its id alone."""

    id: str


@frozen(kw_only=True, eq=False, repr=False)
class MessageDeleted(Event):
    """A message was deleted.

    Sent on ``chatrooms.R.v2`` as MessageDeletedEvent. It names neither the author nor the moderator:
    remember messages by id if the author matters. A ban sends none of these.

    Attributes:
        id: The id of the deletion, not of the message.
        message: The deleted message's id.
        ai_moderated: Whether Kick's automatic moderation did it (most of them, July 2026).
        violated_rules: The rules it names, for instance ``is_spam-TRUE``; empty for people.
    """

    kind: ClassVar[str] = "message_deleted"
    wire_names: ClassVar[tuple[str, ...]] = ("MessageDeletedEvent",)

    message: MessageRef
    id: str | None = None
    ai_moderated: bool | None = None
    violated_rules: tuple[str, ...] = ()

    @property
    def message_id(self) -> str:
        """The id of the deleted message."""
        return self.message.id

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Put the keys into snake case."""
        return snake_case(payload)


@frozen(kw_only=True, eq=False, repr=False)
class PinnedMessageCreated(Event):
    """A message was pinned; it replaces an earlier pin.

    Sent on ``chatrooms.R.v2`` as PinnedMessageCreatedEvent. Nothing is sent when the time of a pin
    simply runs out, so run a timer of your own.

    Attributes:
        message: The pinned message.
        duration: How long it stays.
        pinned_by: Who pinned it; ``None`` before autumn 2024.
    """

    kind: ClassVar[str] = "pinned_message_created"
    wire_names: ClassVar[tuple[str, ...]] = ("PinnedMessageCreatedEvent",)

    message: ChatMessage
    duration: timedelta | None = None
    pinned_by: User | None = None

    def nested(self) -> tuple[Event, ...]:
        """The pinned message."""
        return (self.message,)

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Turn the seconds, which come as text, into a duration."""
        pinned_by = payload.get("pinnedBy", payload.get("pinned_by"))
        return {
            **payload,
            "duration": seconds(payload.get("duration")),
            "pinned_by": pinned_by,
        }


@frozen(kw_only=True, eq=False, repr=False)
class PinnedMessageDeleted(Event):
    """The pinned message was taken down by hand.

    Sent on ``chatrooms.R.v2`` as PinnedMessageDeletedEvent, with nothing in it. Not sent when the
    time runs out.
    """

    kind: ClassVar[str] = "pinned_message_deleted"
    wire_names: ClassVar[tuple[str, ...]] = ("PinnedMessageDeletedEvent",)
