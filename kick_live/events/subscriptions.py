"""Subscriptions.

One subscription makes up to five frames, close together and in no fixed order; single ones go
missing. **Count** ``Subscription``; the siblings (``SubscriptionAnnouncement``,
``ChannelSubscription``, ``NewSubscriberUpdated``, ``ActivityFeed``) add details to it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import field, frozen

from kick_live.events.base import Event, Time
from kick_live.events.units import as_object, milliseconds, snake_case
from kick_live.models.base import Value

__all__ = [
    "ActivityFeed",
    "AnnouncedMessage",
    "AnnouncingUser",
    "ChannelSubscription",
    "Giftee",
    "NewSubscriberUpdated",
    "Subscription",
    "SubscriptionAnnouncement",
]


@frozen(kw_only=True, eq=False, repr=False)
class Subscription(Event):
    """Somebody subscribed or renewed: the event to count.

    Sent on ``chatrooms.R.v2`` as SubscriptionEvent. Whether each receiver of a gift also causes one
    is not known, so do not add it to the gifts.

    Attributes:
        username: Who subscribed. Kick sends no user id here.
        months: Months in all.
        chatroom_id: The chatroom.
    """

    kind: ClassVar[str] = "subscription"
    wire_names: ClassVar[tuple[str, ...]] = ("SubscriptionEvent",)

    username: str
    months: int | None = None
    chatroom_id: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class ChannelSubscription(Event):
    """A sibling of ``Subscription``, or of a gift, with user ids. Do not count it.

    Sent on ``channel_C`` (2026; earlier ``channel.C``) as ChannelSubscriptionEvent.

    Attributes:
        user_ids: Who subscribed, or received a gift.
        username: The subscriber, or the giver.
        channel_id: The channel.
    """

    kind: ClassVar[str] = "channel_subscription"
    wire_names: ClassVar[tuple[str, ...]] = ("ChannelSubscriptionEvent",)

    user_ids: tuple[int, ...] = ()
    username: str | None = None
    channel_id: int | None = None


class Giftee(Value, frozen=True, kw_only=True):
    """Somebody who received a subscription.

    Attributes:
        username: The name.
        months_subscribed: Months in all.
    """

    username: str
    months_subscribed: int | None = None


class AnnouncedMessage(Value, frozen=True, kw_only=True):
    """The message part of a ``SubscriptionAnnouncement``.

    Attributes:
        id: Its id.
        action: ``subscribe`` or ``gift``.
        optional_message: The text that the subscriber wrote.
        months_subscribed: Months in all.
        subscriptions_count: Subscriptions given away.
        gifted_users: Who received them.
        created_at: When (whole seconds).
        chatroom_id: The chatroom.
        message: Empty in everything seen.
        type: ``info``.
        role: ``user``.
        is_info: Set in 2026.
    """

    id: str | None = None
    action: str | None = None
    optional_message: str | None = None
    months_subscribed: int | None = None
    subscriptions_count: int | None = None
    gifted_users: tuple[Giftee, ...] = ()
    created_at: Time | None = None
    chatroom_id: int | None = None
    message: str | None = None
    type: str | None = None
    role: str | None = None
    is_info: bool | None = None


class AnnouncingUser(Value, frozen=True, kw_only=True):
    """The user part of a ``SubscriptionAnnouncement``.

    Attributes:
        username: The name.
        id: The user id.
        role: ``user``.
        is_super_admin: Whether the user works at Kick.
        profile_thumb: The picture (since 2026).
        verified: Whether the user's channel is verified.
        is_subscribed: Often wrong or ``None`` in captures.
        is_founder: Whether the user was among the first subscribers.
        months_subscribed: ``None`` in 2026; see the message part.
        quantity_gifted: Subscriptions given away in all.
    """

    username: str
    id: int | None = None
    role: str | None = None
    is_super_admin: bool | None = None
    profile_thumb: str | None = None
    verified: bool | None = None
    is_subscribed: bool | None = None
    is_founder: bool | None = None
    months_subscribed: int | None = None
    quantity_gifted: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class SubscriptionAnnouncement(Event):
    """A sibling of ``Subscription``, or of a gift, with the subscriber's text. Do not count it.

    Sent on ``chatroom_R`` (2026; in 2025 ``chatrooms.R``) as ChatMessageSentEvent.

    Attributes:
        message: What was announced.
        user: Who subscribed or gave.
    """

    kind: ClassVar[str] = "subscription_announcement"
    wire_names: ClassVar[tuple[str, ...]] = ("ChatMessageSentEvent",)

    message: AnnouncedMessage
    user: AnnouncingUser

    @property
    def id(self) -> str | None:
        """The announcement's id."""
        return self.message.id

    @property
    def action(self) -> str | None:
        """``subscribe`` or ``gift``."""
        return self.message.action

    @property
    def username(self) -> str:
        """Who subscribed or gave."""
        return self.user.username

    @property
    def text(self) -> str | None:
        """What the subscriber wrote, or ``None``."""
        return self.message.optional_message

    @property
    def months(self) -> int | None:
        """Months in all."""
        return self.message.months_subscribed

    @property
    def giftees(self) -> tuple[str, ...]:
        """Who received a gift."""
        return tuple(giftee.username for giftee in self.message.gifted_users)

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Put the keys into snake case."""
        return snake_case(payload)


@frozen(kw_only=True, eq=False, repr=False)
class NewSubscriberUpdated(Event):
    """The channel's number of subscribers, after a ``Subscription``. Do not count it.

    Sent on ``channel_C`` as NewSubscriberUpdatedEvent (public since 2026).

    Attributes:
        count: Subscribers in all.
        last_subscriber: The newest.
        channel_id: The channel.
    """

    kind: ClassVar[str] = "new_subscriber_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("NewSubscriberUpdatedEvent",)

    count: int | None = None
    last_subscriber: str | None = None
    channel_id: int | None = None

    @property
    def username(self) -> str | None:
        """The newest subscriber."""
        return self.last_subscriber


@frozen(kw_only=True, eq=False, repr=False)
class ActivityFeed(Event):
    """A line of the streamer's activity feed: a sibling of a subscription or gift.

    Sent on ``channel_C`` as NewActivityFeedEvent (public since 2026).

    Attributes:
        type: ``new_subscriber``, ``gift``, or others.
        username: Who did it.
        metadata: Details; ``quantity`` for gifts.
        created_at: When.
        channel_id: The channel.
    """

    kind: ClassVar[str] = "activity_feed"
    wire_names: ClassVar[tuple[str, ...]] = ("NewActivityFeedEvent",)

    type: str | None = None
    username: str | None = None
    metadata: dict[str, Any] = field(factory=dict, hash=False)
    created_at: Time | None = None
    channel_id: int | None = None

    @property
    def quantity(self) -> int | None:
        """How many, for gifts."""
        quantity = self.metadata.get("quantity")
        return quantity if isinstance(quantity, int) else None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Turn milliseconds into a time."""
        return {
            **payload,
            "created_at": milliseconds(payload.get("created_at")),
            "metadata": as_object(payload.get("metadata")),
        }
