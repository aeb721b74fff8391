"""From events to the rows of a store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from attrs import define, field

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, MessageDeleted
from kick_live.events.chatroom import ChatSettingsChanged
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.stream import StreamHosted
from kick_live.events.subscriptions import SubscriptionAnnouncement
from kick_live.models.user import User
from kick_live.recording.describe import describe
from kick_live.recording.markers import fields_of, is_recorded
from kick_live.recording.removals import removal_of
from kick_live.recording.table import time_of

__all__ = ["Rows", "clean", "integer", "microseconds", "moment"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)
#: Events whose id is their own; a poll's or a goal's id, for instance, comes again and again.
_OWN_ID: Final = (
    ChatSettingsChanged,
    GiftedSubscriptions,
    MessageDeleted,
    StreamHosted,
    SubscriptionAnnouncement,
    UserBanned,
    UserUnbanned,
)


def microseconds(when: datetime) -> int:
    """A time as a store keeps it: microseconds since 1970, UTC."""
    return (when - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """A stored time as a time again."""
    return _EPOCH + timedelta(microseconds=value)


@define
class Rows:
    """What one batch of events adds to each table."""

    channels: dict[int, tuple[Any, ...]] = field(factory=dict)
    users: dict[int, tuple[Any, ...]] = field(factory=dict)
    names: set[tuple[int, str]] = field(factory=set)
    messages: list[tuple[Any, ...]] = field(factory=list)
    events: list[tuple[Any, ...]] = field(factory=list)
    removals: list[tuple[Any, ...]] = field(factory=list)
    until: int = 0

    @classmethod
    def of(cls, events: Iterable[Event]) -> Rows:
        """The rows for some events."""
        rows = cls()
        for event in events:
            rows.until = max(rows.until, microseconds(event.received_at))
            rows._add(event)
        return rows

    def _add(self, event: Event) -> None:
        channel = event.channel
        if channel is not None:
            self.channels[channel.channel_id] = (
                channel.channel_id,
                clean(channel.slug),
                channel.chatroom_id,
                channel.user_id,
                clean(channel.username),
            )
        number = channel.channel_id if channel is not None else 0
        if isinstance(event, ChatMessage):
            self._message(event, number)
        else:
            self._event(event, number)

    def _message(self, message: ChatMessage, channel_id: int) -> None:
        received = microseconds(message.received_at)
        at = microseconds(message.created_at) if message.created_at is not None else received
        sender, reply = message.sender, message.reply_to
        self._user(sender, at)
        badges = [[badge.type, badge.count] for badge in sender.badges]
        self.messages.append(
            (
                clean(message.id),
                channel_id,
                integer(sender.id),
                clean(sender.username),
                at,
                received,
                clean(message.content),
                clean(message.type),
                clean(reply.id) if reply is not None else None,
                json.dumps(badges),
                clean(sender.color),
            )
        )

    def _user(self, user: User, at: int) -> None:
        number = integer(user.id)
        if not number:
            return
        self.names.add((number, clean(user.username)))
        first = self.users[number][4] if number in self.users else at
        self.users[number] = (
            number,
            clean(user.username),
            clean(user.slug),
            clean(user.color),
            min(first, at),
            max(first, at),
        )

    def _event(self, event: Event, channel_id: int) -> None:
        if isinstance(event, LifecycleEvent) and not is_recorded(event):
            return
        received = microseconds(event.received_at)
        at = microseconds(time_of(event))
        data = event.raw or (json.dumps(fields_of(event)) if is_recorded(event) else "{}")
        key = _key(event, channel_id, received, data)
        about = describe(event)
        self.events.append(
            (
                key,
                event.kind,
                channel_id,
                at,
                received,
                clean(about.username),
                integer(about.amount),
                clean(data),
            )
        )
        removal = removal_of(event)
        if removal is not None:
            target = clean(removal.target)
            row = (key, removal.scope, channel_id, target, received, removal.reason)
            self.removals.append(row)


def _key(event: Event, channel_id: int, received: int, data: str) -> str:
    """What makes an event itself, so that storing it again changes nothing."""
    own = event.gift_transaction_id if isinstance(event, KicksGifted) else None
    if isinstance(event, _OWN_ID):
        own = event.id
    if own:
        return f"{event.kind}/{channel_id}/{clean(own)}"
    # Equal payloads that arrived in one read are taken for one: nothing tells them apart.
    content = f"{event.topic} {data}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(content, digest_size=12).hexdigest()
    return f"{event.kind}/{channel_id}/{received}/{digest}"


def clean(text: str | None) -> Any:
    """Text that SQLite takes: without halves of surrogate pairs."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()


def integer(value: int | None) -> int | None:
    """A number that SQLite takes."""
    return value if value is not None and -(2**63) <= value < 2**63 else None
