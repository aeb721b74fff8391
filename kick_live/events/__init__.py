"""Typed events, one module a family, and the decoder that makes them."""

from kick_live.events.base import Event
from kick_live.events.chat import (
    Celebration,
    ChatMessage,
    Clip,
    MessageDeleted,
    PinnedMessageCreated,
    PinnedMessageDeleted,
    Reply,
)
from kick_live.events.chatroom import ChatroomClear, ChatroomUpdated, ChatSettingsChanged
from kick_live.events.decoder import Decoder, decode
from kick_live.events.gifts import (
    GiftedSubscriptions,
    GiftsLeaderboardUpdated,
    KicksGifted,
    KicksLeaderboardUpdated,
    LuckyUsersWhoGotGiftSubscriptions,
    RewardRedeemed,
)
from kick_live.events.goals import (
    GoalAchieved,
    GoalCanceled,
    GoalCreated,
    GoalEvent,
    GoalProgress,
    GoalUpdated,
)
from kick_live.events.lifecycle import (
    Connected,
    Disconnected,
    ErrorOccurred,
    EventsDropped,
    LifecycleEvent,
    Reconnected,
    Reconnecting,
)
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.polls import Poll, PollDelete, PollOption, PollUpdate
from kick_live.events.predictions import (
    PredictionCreated,
    PredictionDeleted,
    PredictionEvent,
    PredictionUpdated,
)
from kick_live.events.registry import EVENT_CLASSES, event_class
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    FollowersUpdated,
    LivestreamUpdated,
    PointsUpdated,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
    StreamHosted,
    VideoPrivated,
    ViewerCount,
)
from kick_live.events.subscriptions import (
    ActivityFeed,
    ChannelSubscription,
    NewSubscriberUpdated,
    Subscription,
    SubscriptionAnnouncement,
)
from kick_live.events.unknown import UndecodableEvent, UnknownEvent

__all__ = [
    "EVENT_CLASSES",
    "ActivityFeed",
    "Celebration",
    "ChannelSubscription",
    "ChatMessage",
    "ChatMoveToSupportedChannel",
    "ChatSettingsChanged",
    "ChatroomClear",
    "ChatroomUpdated",
    "Clip",
    "Connected",
    "Decoder",
    "Disconnected",
    "ErrorOccurred",
    "Event",
    "EventsDropped",
    "FollowersUpdated",
    "GiftedSubscriptions",
    "GiftsLeaderboardUpdated",
    "GoalAchieved",
    "GoalCanceled",
    "GoalCreated",
    "GoalEvent",
    "GoalProgress",
    "GoalUpdated",
    "KicksGifted",
    "KicksLeaderboardUpdated",
    "LifecycleEvent",
    "LivestreamUpdated",
    "LuckyUsersWhoGotGiftSubscriptions",
    "MessageDeleted",
    "NewSubscriberUpdated",
    "PinnedMessageCreated",
    "PinnedMessageDeleted",
    "PointsUpdated",
    "Poll",
    "PollDelete",
    "PollOption",
    "PollUpdate",
    "PredictionCreated",
    "PredictionDeleted",
    "PredictionEvent",
    "PredictionUpdated",
    "Reconnected",
    "Reconnecting",
    "Reply",
    "RewardRedeemed",
    "StreamEnd",
    "StreamHost",
    "StreamHosted",
    "StreamerIsLive",
    "Subscription",
    "SubscriptionAnnouncement",
    "UndecodableEvent",
    "UnknownEvent",
    "UserBanned",
    "UserUnbanned",
    "VideoPrivated",
    "ViewerCount",
    "decode",
    "event_class",
]
