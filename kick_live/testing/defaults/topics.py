"""Where Kick publishes which event."""

from __future__ import annotations

from typing import Final

from kick_live.events import chatroom, gifts, goals, predictions, stream, subscriptions
from kick_live.events.base import Event

__all__ = ["topic_for"]

_CHAT: Final = "chatrooms.{room}.v2"
#: On which topic Kick sends a class, as seen in autumn 2026; what is missing here comes with chat.
_TOPICS: Final[dict[type[Event], str]] = {
    gifts.GiftedSubscriptions: "chatroom_{room}",
    gifts.RewardRedeemed: "chatroom_{room}",
    subscriptions.SubscriptionAnnouncement: "chatroom_{room}",
    stream.StreamHosted: "chatrooms.{room}",
    stream.StreamerIsLive: "channel.{channel}",
    stream.StreamEnd: "channel.{channel}",
    stream.ChatMoveToSupportedChannel: "channel.{channel}",
    stream.FollowersUpdated: "channel.{channel}",
    gifts.LuckyUsersWhoGotGiftSubscriptions: "channel.{channel}",
    gifts.KicksGifted: "channel_{channel}",
    gifts.KicksLeaderboardUpdated: "channel_{channel}",
    gifts.GiftsLeaderboardUpdated: "channel_{channel}",
    goals.GoalEvent: "channel_{channel}",
    chatroom.ChatSettingsChanged: "channel_{channel}",
    subscriptions.ChannelSubscription: "channel_{channel}",
    subscriptions.NewSubscriberUpdated: "channel_{channel}",
    subscriptions.ActivityFeed: "channel_{channel}",
    predictions.PredictionEvent: "predictions-channel-{channel}",
    predictions.PredictionDeleted: "predictions-channel-{channel}",
}


def topic_for(cls: type[Event], *, channel_id: int, chatroom_id: int) -> str:
    """The topic on which Kick sent a class in autumn 2026.

    Args:
        cls: An event class.
        channel_id: The channel's id.
        chatroom_id: The chatroom's id.

    Example:
        >>> topic_for(gifts.KicksGifted, channel_id=7733190, chatroom_id=7712045)
        'channel_7733190'
    """
    form = next((_TOPICS[base] for base in cls.__mro__ if base in _TOPICS), _CHAT)
    return form.format(room=chatroom_id, channel=channel_id)
