"""What every event says, in four values: who, their id, an amount, and words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

from kick_live.events.base import Event
from kick_live.events.chat import (
    ChatMessage,
    MessageDeleted,
    PinnedMessageCreated,
    PinnedMessageDeleted,
)
from kick_live.events.chatroom import ChatroomClear, ChatroomUpdated, ChatSettingsChanged
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted, RewardRedeemed
from kick_live.events.goals import GoalAchieved, GoalCanceled, GoalCreated, GoalEvent
from kick_live.events.lifecycle import (
    Connected,
    Disconnected,
    ErrorOccurred,
    EventsDropped,
    Reconnected,
    Reconnecting,
)
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.polls import PollDelete, PollUpdate
from kick_live.events.predictions import PredictionDeleted, PredictionEvent
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    FollowersUpdated,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
    StreamHosted,
    ViewerCount,
)
from kick_live.events.subscriptions import Subscription, SubscriptionAnnouncement
from kick_live.events.unknown import UndecodableEvent, UnknownEvent
from kick_live.models.content import readable_text
from kick_live.quantities import amount, span
from kick_live.recording.wording import (
    deletion,
    host_message,
    poll_pieces,
    prediction_pieces,
    rules,
    together,
)

__all__ = ["Description", "describe"]

_PAYLOAD_SHOWN: Final = 80


@frozen
class Description:
    """An event in short.

    Attributes:
        username: Whose doing it is, or whom it concerns; ``None`` where there is nobody.
        user_id: Their id, or ``None``.
        text: What happened, or what was said, with emotes as Kick writes them.
        amount: How much: subscriptions, Kicks, months, viewers, where a goal stands; ``None`` where nothing is counted.
    """

    username: str | None = None
    user_id: int | None = None
    text: str = ""
    amount: int | None = None

    @property
    def readable(self) -> str:
        """The text for people, with emotes by their names."""
        return readable_text(self.text)


def describe(event: Event) -> Description:
    """Describe an event; one of another kind by its kind alone."""
    for cls in type(event).__mro__:
        tell = _TELL.get(cls)
        if tell is not None:
            return Description(*tell(event))
    username = getattr(event, "username", None)
    words = event.kind.replace("_", " ")
    return Description(username if isinstance(username, str) else None, None, words, None)


def _pinned(e: PinnedMessageCreated) -> tuple[Any, ...]:
    by = e.pinned_by
    words = f"pinned {e.message.sender.username}: {e.message.content}"
    return (by.username, by.id, words, None) if by is not None else (None, None, words, None)


def _banned(e: UserBanned) -> tuple[Any, ...]:
    minutes = None if e.duration is None else int(e.duration.total_seconds() // 60)
    words = "was banned" if e.permanent else "was timed out"
    if e.duration is not None:
        words += f" for {span(e.duration)}"
    if e.banned_by is not None and e.banned_by.id != 0:
        words += f" by {e.banned_by.username}"
    return e.user.username, e.user.id, words, minutes


def _gifted(e: GiftedSubscriptions) -> tuple[Any, ...]:
    words = "an anonymous viewer " if e.gifter_username is None else ""
    words += f"gave {amount(e.count, 'subscription')}"
    if e.gifted_usernames:
        words += " to " + ", ".join(e.gifted_usernames)
    return e.gifter_username, e.gifter.id if e.gifter else None, words, e.count


def _kicks(e: KicksGifted) -> tuple[Any, ...]:
    sender = e.sender
    words = "somebody " if sender is None else ""
    words += f"gave {amount(e.gift.amount, 'Kick')}" + (f": {e.message}" if e.message else "")
    return sender and sender.username, sender.id if sender else None, words, e.gift.amount


def _subscribed(e: Subscription) -> tuple[Any, ...]:
    more = f" for {amount(e.months, 'month')}" if e.months is not None and e.months > 1 else ""
    return e.username, None, "subscribed" + more, e.months


def _announced(e: SubscriptionAnnouncement) -> tuple[Any, ...]:
    words = "gave subscriptions" if e.action == "gift" else "says on subscribing"
    return e.user.username, e.user.id, words + (f": {e.text}" if e.text else ""), None


def _poll(e: PollUpdate) -> tuple[Any, ...]:
    return None, None, together(poll_pieces(e.poll)), e.poll.total_votes


def _goal(e: GoalEvent) -> tuple[Any, ...]:
    what = {GoalAchieved: " reached", GoalCanceled: " given up", GoalCreated: " set"}
    words = "goal" + what.get(type(e), "")
    if e.current_value is not None or e.target_value is not None:
        current = "?" if e.current_value is None else f"{e.current_value:,}"
        words += f": {current}"
        if e.target_value is not None:
            words += f" of {e.target_value:,}"
        words += f" {e.type}" if e.type else ""
    return None, None, words, e.current_value


def _connected(e: Connected) -> tuple[Any, ...]:
    names = ", ".join(channel.slug for channel in e.channels)
    return None, None, f"connected to {names}", None


def _reconnected(e: Reconnected) -> tuple[Any, ...]:
    rest = "nothing is missing" if e.complete else "messages may be missing"
    words = f"back after {span(e.gap)}, {amount(e.recovered, 'event')} recovered"
    return None, None, f"{words}, {rest}", e.recovered


def _hosts(e: StreamHost | StreamHosted) -> tuple[Any, ...]:
    words = "hosts this stream"
    if e.viewers is not None:
        words += f" with {amount(e.viewers, 'viewer')}"
    message = host_message(e)
    return e.username, None, words + (f": {message}" if message else ""), e.viewers


def _reconnecting(e: Reconnecting) -> tuple[Any, ...]:
    return None, None, f"reconnecting in {span(e.delay)}, attempt {e.attempt}", None


def _rules(e: ChatroomUpdated | ChatSettingsChanged) -> tuple[Any, ...]:
    return None, None, rules(e), None


def _unknown(e: UnknownEvent) -> tuple[Any, ...]:
    # A payload may be as long as a frame, and a message is for people: ``data`` has all of it.
    short = e.raw if len(e.raw) <= _PAYLOAD_SHOWN else e.raw[: _PAYLOAD_SHOWN - 1] + "…"
    return None, None, f"{e.name} {short}".rstrip(), None


_TELL: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    ChatMessage: lambda e: (e.sender.username, e.sender.id, e.content, None),
    MessageDeleted: lambda e: (None, None, deletion(e), None),
    PinnedMessageCreated: _pinned,
    PinnedMessageDeleted: lambda e: (None, None, "the pinned message was taken down", None),
    UserBanned: _banned,
    UserUnbanned: lambda e: (e.user.username, e.user.id, "may chat again", None),
    ChatroomClear: lambda e: (None, None, "the chat was cleared", None),
    ChatroomUpdated: _rules,
    ChatSettingsChanged: _rules,
    Subscription: _subscribed,
    SubscriptionAnnouncement: _announced,
    GiftedSubscriptions: _gifted,
    KicksGifted: _kicks,
    RewardRedeemed: lambda e: (
        e.username,
        e.user_id,
        f"redeemed {e.reward_title}" + (f": {e.user_input}" if e.user_input else ""),
        None,
    ),
    PollUpdate: _poll,
    GoalEvent: _goal,
    PollDelete: lambda e: (None, None, "the poll was taken down", None),
    PredictionEvent: lambda e: (None, None, together(prediction_pieces(e.prediction)), None),
    PredictionDeleted: lambda e: (None, None, "the prediction was removed", None),
    StreamerIsLive: lambda e: (None, None, f"live now: {e.title or ''}".rstrip(": "), None),
    StreamEnd: lambda e: (None, None, "the stream ended", None),
    StreamHost: _hosts,
    StreamHosted: _hosts,
    ChatMoveToSupportedChannel: lambda e: (
        None,
        None,
        f"the stream moves on to {e.hosted.username or e.slug or 'another channel'}",
        None,
    ),
    FollowersUpdated: lambda e: (e.username, None, "followers changed", e.followers_count),
    ViewerCount: lambda e: (None, None, amount(e.viewers, "viewer"), e.viewers),
    Connected: _connected,
    Disconnected: lambda e: (None, None, f"disconnected: {e.reason}", None),
    Reconnecting: _reconnecting,
    Reconnected: _reconnected,
    EventsDropped: lambda e: (None, None, f"{amount(e.count, 'event')} missing here", e.count),
    ErrorOccurred: lambda e: (None, None, f"error: {e.error}", None),
    UnknownEvent: _unknown,
    UndecodableEvent: lambda e: (None, None, f"unreadable {e.name}: {e.error}", None),
}
