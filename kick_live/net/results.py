"""Results of REST requests that are made of the same parts as events."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from kick_live.events import ChatMessage
from kick_live.events.gifts import KicksGift, LeaderboardEntry
from kick_live.models.chatroom import AgeMode, BotProtection, SlowMode, Toggle
from kick_live.models.time import Time
from kick_live.models.user import User

__all__ = [
    "ChatroomSettings",
    "Goal",
    "HistoryPage",
    "KicksLeaderboard",
    "Leaderboards",
    "PinnedGift",
    "PinnedMessage",
]

_OFF = Toggle()
_NOT_SLOW = SlowMode()
_ANY_AGE = AgeMode()
_UNPROTECTED = BotProtection()


@frozen(kw_only=True)
class PinnedMessage:
    """The message that is pinned in a chat.

    Attributes:
        message: The message.
        pinned_by: Who pinned it, or ``None``.
        finish_at: When the pin runs out, or ``None`` where Kick did not say.
    """

    message: ChatMessage
    pinned_by: User | None = None
    finish_at: Time | None = None


@frozen(kw_only=True)
class ChatroomSettings:
    """The rules that a chatroom is under, in the form of ``ChatroomUpdated``.

    Attributes:
        id: The chatroom's id; ``None`` where Kick did not say.
        slow_mode: Time between two messages of a user (Kick sends seconds).
        subscribers_mode: Subscribers only.
        followers_mode: Only those who followed long enough (Kick sends minutes).
        emotes_mode: Emotes only.
        advanced_bot_protection: Kick's protection against floods of bots.
        account_age: Only accounts that are old enough (Kick sends minutes).
        pinned_message: What is pinned now, or ``None``.
        gifts_enabled: Whether the list of gifters is shown.
        gifts_week_enabled: The same, of this week.
        gifts_month_enabled: The same, of this month.
    """

    id: int | None = None
    slow_mode: SlowMode = _NOT_SLOW
    subscribers_mode: Toggle = _OFF
    followers_mode: AgeMode = _ANY_AGE
    emotes_mode: Toggle = _OFF
    advanced_bot_protection: BotProtection = _UNPROTECTED
    account_age: AgeMode = _ANY_AGE
    pinned_message: PinnedMessage | None = None
    gifts_enabled: Toggle | None = None
    gifts_week_enabled: Toggle | None = None
    gifts_month_enabled: Toggle | None = None


@frozen(kw_only=True)
class HistoryPage:
    """Some messages out of a chat's past.

    Attributes:
        messages: Oldest first, each marked ``historical``.
        cursor: Hand it in to go further back; ``None`` at the end. A page without messages can
            still have one.
        pinned_message: What is pinned now, or ``None``.
        skipped: How many rows could not be read.
        served_at: When it was served, by the server's clock, or ``None`` where it did not say.
    """

    messages: tuple[ChatMessage, ...] = ()
    cursor: str | None = None
    pinned_message: PinnedMessage | None = None
    skipped: int = 0
    served_at: datetime | None = None


@frozen(kw_only=True)
class Leaderboards:
    """Who gave most subscriptions away in a channel.

    Attributes:
        gifts: All time.
        gifts_week: This week.
        gifts_month: This month.
        gifts_enabled: Whether the streamer shows the first; ``None`` where Kick did not say.
        gifts_week_enabled: Whether the streamer shows the second.
        gifts_month_enabled: Whether the streamer shows the third.
    """

    gifts: tuple[LeaderboardEntry, ...] = ()
    gifts_week: tuple[LeaderboardEntry, ...] = ()
    gifts_month: tuple[LeaderboardEntry, ...] = ()
    gifts_enabled: bool | None = None
    gifts_week_enabled: bool | None = None
    gifts_month_enabled: bool | None = None


@frozen(kw_only=True)
class KicksLeaderboard:
    """Who gave most Kicks in a channel.

    Attributes:
        lifetime: All time.
        week: This week.
        month: This month.
        lifetime_enabled: Whether the streamer shows the first; ``None`` where Kick did not say.
        week_enabled: Whether the streamer shows the second.
        month_enabled: Whether the streamer shows the third.
    """

    lifetime: tuple[LeaderboardEntry, ...] = ()
    week: tuple[LeaderboardEntry, ...] = ()
    month: tuple[LeaderboardEntry, ...] = ()
    lifetime_enabled: bool | None = None
    week_enabled: bool | None = None
    month_enabled: bool | None = None


@frozen(kw_only=True)
class PinnedGift:
    """A gift that is pinned in a chat; only those of type ``LEVEL_UP`` ever are.

    Attributes:
        gift: What was given.
        gift_transaction_id: Identifies it; the same as in the event.
        sender: Who gave it, with picture and colour.
        message: The text with it; may be empty.
        created_at: When it was given.
        expires_at: When the pin ends.
    """

    gift: KicksGift
    gift_transaction_id: str | None = None
    sender: User | None = None
    message: str | None = None
    created_at: Time | None = None
    expires_at: Time | None = None


@frozen(kw_only=True)
class Goal:
    """A goal that a channel works towards.

    Attributes:
        id: Kick's id, text.
        type: ``followers``; others exist.
        target_value: Where it ends.
        current_value: Where it stands.
        status: ``active``, ``canceled``, or others.
        created_at: When it was made.
        updated_at: When it last changed.
        achieved_at: When it was reached, or ``None``.
        end_date: When it ends, or ``None``.
        count_from_creation: Whether it counts from zero.
    """

    id: str
    type: str | None = None
    target_value: int | None = None
    current_value: int | None = None
    status: str | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    achieved_at: Time | None = None
    end_date: Time | None = None
    count_from_creation: bool | None = None
