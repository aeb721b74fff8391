"""Gifts: subscriptions and Kicks, their leaderboards, and channel rewards.

One drop of subscriptions makes several frames: **count** ``GiftedSubscriptions``. Its siblings are
``LuckyUsersWhoGotGiftSubscriptions``, ``GiftsLeaderboardUpdated`` (the only one with the giver's
id), ``ChannelSubscription`` (the receivers' ids), ``SubscriptionAnnouncement`` and ``ActivityFeed``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from attrs import field, frozen

from kick_live.events.base import Event, Time
from kick_live.events.units import as_object, nanoseconds
from kick_live.models.base import Value
from kick_live.models.user import User

__all__ = [
    "GiftChunk",
    "GiftedSubscriptions",
    "GiftsLeaderboardUpdated",
    "KicksGift",
    "KicksGifted",
    "KicksLeaderboardUpdated",
    "LeaderboardEntry",
    "LuckyUsersWhoGotGiftSubscriptions",
    "RewardRedeemed",
]

_ANONYMOUS = "anonymous"


class GiftChunk(Value, frozen=True, kw_only=True):
    """One part of a drop that is too large for one frame (read from the site's script, 2026).

    Attributes:
        correlation_id: The same in all parts.
        chunk_index: From 0.
        total_chunks: How many parts there are.
    """

    correlation_id: str | None = None
    chunk_index: int | None = None
    total_chunks: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class GiftedSubscriptions(Event):
    """Somebody gave subscriptions away: the event to count, once a drop.

    Sent on ``chatroom_R`` as GiftedSubscriptionsEvent (until 2024 on ``chatrooms.R.v2``). The parts
    of a large drop are merged into one event by the client; ``decode()`` alone shows single parts.

    Attributes:
        count: Size of this drop, over all its parts.
        gifter_username: The giver, or ``None`` if anonymous.
        gifted_usernames: Who received one; in a single part only those of that part.
        gifter_lifetime_total: What the giver has given in this channel in all. Not the drop's size.
        correlation_id: The same in all parts of a drop (since 2026).
        chunk: Which part this is; ``None`` for an undivided or merged drop.
        chatroom_id: The chatroom.
        gifter: The giver with id; only in the form that needs a log-in.
        tier: The tier; only in that form.
        id: The event's id; only in that form.
        created_at: When; only in that form.
    """

    kind: ClassVar[str] = "gifted_subscriptions"
    wire_names: ClassVar[tuple[str, ...]] = ("GiftedSubscriptionsEvent", "SubscriptionGifted")

    count: int = 0
    gifter_username: str | None = None
    gifted_usernames: tuple[str, ...] = ()
    gifter_lifetime_total: int | None = None
    correlation_id: str | None = None
    chunk: GiftChunk | None = None
    chatroom_id: int | None = None
    gifter: User | None = None
    tier: int | None = None
    id: str | None = None
    created_at: Time | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether the giver is hidden."""
        return self.gifter_username is None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Bring both of Kick's forms together."""
        if "gifted_users" in payload:
            payload = _from_private_form(payload)
        names = payload.get("gifted_usernames")
        names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
        total = payload.get("gifted_total")
        if isinstance(total, str) and total.isdecimal() and len(total) < 10:
            total = int(total)
        known = isinstance(total, int) and not isinstance(total, bool)
        gifter = payload.get("gifter_username")
        if not isinstance(gifter, str) or gifter.lower() == _ANONYMOUS:
            gifter = None
        chunk = payload.get("chunk_details")
        correlation_id = payload.get("correlation_id") or as_object(chunk).get("correlation_id")
        return {
            **payload,
            "count": total if known else len(names),
            "gifter_username": gifter,
            "gifted_usernames": names,
            "gifter_lifetime_total": payload.get("gifter_total"),
            "correlation_id": correlation_id,
            "chunk": chunk or None,
        }


def _from_private_form(payload: dict[str, Any]) -> dict[str, Any]:
    users = payload["gifted_users"]
    users = users if isinstance(users, list) else []
    gifter = payload.get("user")
    return {
        "id": payload.get("id"),
        "created_at": payload.get("created_at"),
        "gifted_usernames": [as_object(user).get("username") for user in users],
        "gifted_total": len(users),
        "gifter_username": as_object(gifter).get("username"),
        "gifter": gifter,
        "tier": as_object(payload.get("gift")).get("tier"),
    }


@frozen(kw_only=True, eq=False, repr=False)
class LuckyUsersWhoGotGiftSubscriptions(Event):
    """Who received the subscriptions of a drop. Do not count it.

    Sent on ``channel.C`` as LuckyUsersWhoGotGiftSubscriptionsEvent, a sibling of
    ``GiftedSubscriptions``.

    Attributes:
        usernames: The receivers, in another order than in the sibling.
        gifter_username: The giver.
    """

    kind: ClassVar[str] = "lucky_users_who_got_gift_subscriptions"
    wire_names: ClassVar[tuple[str, ...]] = ("LuckyUsersWhoGotGiftSubscriptionsEvent",)

    usernames: tuple[str, ...] = ()
    gifter_username: str | None = None


class LeaderboardEntry(Value, frozen=True, kw_only=True):
    """A row of a leaderboard.

    Attributes:
        user_id: The user id.
        username: The name.
        quantity: Subscriptions, or Kicks, given.
    """

    username: str
    user_id: int | None = None
    quantity: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class GiftsLeaderboardUpdated(Event):
    """The leaderboard of gifted subscriptions, after each drop. Do not count it.

    Sent on ``channel_C`` as GiftsLeaderboardUpdated (2024: on ``channel.C``). The only event with
    the giver's **id**.

    Attributes:
        leaderboard: All time, up to ten rows.
        weekly_leaderboard: This week.
        monthly_leaderboard: This month.
        gifter_id: The giver's user id.
        gifter_username: The giver; missing in 2024.
        gifted_quantity: Size of the drop.
    """

    kind: ClassVar[str] = "gifts_leaderboard_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("GiftsLeaderboardUpdated",)

    leaderboard: tuple[LeaderboardEntry, ...] = ()
    weekly_leaderboard: tuple[LeaderboardEntry, ...] = ()
    monthly_leaderboard: tuple[LeaderboardEntry, ...] = ()
    gifter_id: int | None = None
    gifter_username: str | None = None
    gifted_quantity: int | None = None


class KicksGift(Value, frozen=True, kw_only=True):
    """What was given.

    Attributes:
        gift_id: For instance ``hell_yeah``.
        name: As displayed.
        amount: Whole Kicks, each about one US cent.
        type: ``BASIC``, ``LEVEL_UP``, or newer.
        tier: ``BASIC``, ``MID``, or others.
        character_limit: How long the message may be.
        pinned_time: How long the gift stays pinned; zero if not.
    """

    gift_id: str | None = None
    name: str | None = None
    amount: int
    type: str | None = None
    tier: str | None = None
    character_limit: int | None = None
    pinned_time: timedelta | None = None


@frozen(kw_only=True, eq=False, repr=False)
class KicksGifted(Event):
    """Somebody gave Kicks.

    Sent on ``channel_C`` as KicksGifted. Kick's own bot also posts a chat message about it.

    Attributes:
        gift: What was given.
        sender: Who gave it, with picture and colour, without slug or badges.
        message: The text with it; ``None`` or empty without one.
        gift_transaction_id: Identifies the gift; missing in frames of January 2026.
        created_at: When.
        expires_at: When the pin ends; ``None`` if not pinned.
    """

    kind: ClassVar[str] = "kicks_gifted"
    wire_names: ClassVar[tuple[str, ...]] = ("KicksGifted",)

    gift: KicksGift
    sender: User | None = None
    message: str | None = None
    gift_transaction_id: str | None = None
    created_at: Time | None = None
    expires_at: Time | None = None

    @property
    def amount(self) -> int:
        """Whole Kicks given."""
        return self.gift.amount

    @property
    def username(self) -> str | None:
        """Who gave them."""
        return None if self.sender is None else self.sender.username

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Turn nanoseconds into a duration, and the sender's colour into an identity."""
        shaped = dict(payload)
        if isinstance(payload.get("gift"), dict):
            gift = payload["gift"]
            shaped["gift"] = {**gift, "pinned_time": nanoseconds(gift.get("pinned_time"))}
        if isinstance(payload.get("sender"), dict):
            sender = payload["sender"]
            shaped["sender"] = {**sender, "identity": {"color": sender.get("username_color")}}
        return shaped


@frozen(kw_only=True, eq=False, repr=False)
class KicksLeaderboardUpdated(Event):
    """The leaderboard of Kicks, after each gift. Do not count it.

    Sent on ``channel_C`` as KicksLeaderboardUpdated.

    Attributes:
        gifts_lifetime: All time.
        gifts_week: This week.
        gifts_month: This month.
        gifts_lifetime_enabled: Whether the streamer shows the first.
        gifts_week_enabled: Whether the streamer shows the second.
        gifts_month_enabled: Whether the streamer shows the third.
    """

    kind: ClassVar[str] = "kicks_leaderboard_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("KicksLeaderboardUpdated",)

    gifts_lifetime: tuple[LeaderboardEntry, ...] = ()
    gifts_week: tuple[LeaderboardEntry, ...] = ()
    gifts_month: tuple[LeaderboardEntry, ...] = ()
    gifts_lifetime_enabled: bool | None = None
    gifts_week_enabled: bool | None = None
    gifts_month_enabled: bool | None = None


@frozen(kw_only=True, eq=False, repr=False)
class RewardRedeemed(Event):
    """A viewer redeemed a channel reward.

    Sent on ``chatroom_R`` as RewardRedeemedEvent. Kick sends no id, cost, status or time: two equal
    redemptions cannot be told apart, so the client never takes one for a repetition.

    Attributes:
        reward_title: The reward.
        username: Who redeemed it.
        user_input: What the viewer wrote; empty without input.
        user_id: The viewer's user id.
        channel_id: The channel.
        reward_background_color: As ``#rrggbb``.
    """

    kind: ClassVar[str] = "reward_redeemed"
    wire_names: ClassVar[tuple[str, ...]] = ("RewardRedeemedEvent",)

    reward_title: str
    username: str
    user_input: str = ""
    user_id: int | None = None
    channel_id: int | None = None
    reward_background_color: str | None = field(default=None)

    @property
    def title(self) -> str:
        """The reward."""
        return self.reward_title

    @property
    def input(self) -> str:
        """What the viewer wrote."""
        return self.user_input
