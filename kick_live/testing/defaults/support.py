"""Subscriptions, gifts and goals."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from kick_live.events import gifts, goals, subscriptions
from kick_live.testing.defaults.base import (
    IDS,
    LIFETIME_TOTAL,
    Defaults,
    Fields,
    Moment,
    acorns,
    invented_id,
    person,
)

__all__ = ["DEFAULTS"]


def _gifted(at: Moment) -> Fields:
    return {
        "count": 2,
        "gifter_username": "big_spruce",
        "gifted_usernames": acorns(2),
        "gifter_lifetime_total": LIFETIME_TOTAL,
        "correlation_id": IDS.digits(),
        "chatroom_id": at.channel.chatroom_id,
    }


def _rows(*rows: tuple[str, int]) -> tuple[gifts.LeaderboardEntry, ...]:
    return tuple(
        gifts.LeaderboardEntry(user_id=invented_id(name), username=name, quantity=quantity)
        for name, quantity in rows
    )


def _gift_ranking(at: Moment) -> Fields:
    return {
        "leaderboard": _rows(("big_spruce", LIFETIME_TOTAL), ("tall_cedar", 12)),
        "weekly_leaderboard": _rows(("big_spruce", 2)),
        "monthly_leaderboard": _rows(("big_spruce", 7)),
        "gifter_id": invented_id("big_spruce"),
        "gifter_username": "big_spruce",
        "gifted_quantity": 2,
    }


def _kicks(at: Moment) -> Fields:
    return {
        "gift": gifts.KicksGift(
            gift_id="hell_yeah",
            name="Hell Yeah",
            amount=500,
            type="BASIC",
            tier="MID",
            character_limit=200,
            pinned_time=timedelta(minutes=10),
        ),
        "sender": person("golden_moth"),
        "message": "well done",
        "gift_transaction_id": IDS.uuid(),
        "created_at": at.when,
        "expires_at": at.when + timedelta(minutes=10),
    }


def _kicks_ranking(at: Moment) -> Fields:
    return {
        "gifts_lifetime": _rows(("golden_moth", 5200), ("pebble", 300)),
        "gifts_week": _rows(("golden_moth", 500)),
        "gifts_month": _rows(("golden_moth", 900)),
        "gifts_lifetime_enabled": True,
        "gifts_week_enabled": True,
        "gifts_month_enabled": True,
    }


def _reward(at: Moment) -> Fields:
    return {
        "reward_title": "Song request",
        "username": "pebble",
        "user_input": "the sea song",
        "user_id": invented_id("pebble"),
        "channel_id": at.channel.channel_id,
        "reward_background_color": "#1475e1",
    }


def _announcement(at: Moment) -> Fields:
    return {
        "message": subscriptions.AnnouncedMessage(
            id=IDS.uuid(),
            action="subscribe",
            optional_message="still here, still happy",
            months_subscribed=13,
            subscriptions_count=0,
            created_at=at.when,
            chatroom_id=at.channel.chatroom_id,
            type="info",
            role="user",
            is_info=True,
        ),
        "user": subscriptions.AnnouncingUser(
            id=invented_id("copperkite"), username="copperkite", role="user", verified=False
        ),
    }


def _goal(at: Moment) -> Fields:
    return {
        "id": IDS.ulid("chgoal_"),
        "channel_id": IDS.ulid("ch_"),
        "type": "followers",
        "target_value": 300,
        "current_value": 241,
        "status": "active",
        "created_at": at.when - timedelta(hours=2),
        "updated_at": at.when,
        "count_from_creation": True,
    }


def _reached(at: Moment) -> Fields:
    return {**_goal(at), "current_value": 300, "achieved_at": at.when}


def _feed(at: Moment) -> Fields:
    return {
        "type": "gift",
        "username": "big_spruce",
        "metadata": {"quantity": 2},
        "created_at": at.when,
        "channel_id": at.channel.channel_id,
    }


DEFAULTS: Final[Defaults] = {
    subscriptions.Subscription: lambda at: {
        "username": "copperkite",
        "months": 13,
        "chatroom_id": at.channel.chatroom_id,
    },
    subscriptions.ChannelSubscription: lambda at: {
        "user_ids": (invented_id("copperkite"),),
        "username": "copperkite",
        "channel_id": at.channel.channel_id,
    },
    subscriptions.SubscriptionAnnouncement: _announcement,
    subscriptions.NewSubscriberUpdated: lambda at: {
        "count": 1110,
        "last_subscriber": "copperkite",
        "channel_id": at.channel.channel_id,
    },
    subscriptions.ActivityFeed: _feed,
    gifts.GiftedSubscriptions: _gifted,
    gifts.LuckyUsersWhoGotGiftSubscriptions: lambda at: {
        "usernames": acorns(2)[::-1],
        "gifter_username": "big_spruce",
    },
    gifts.GiftsLeaderboardUpdated: _gift_ranking,
    gifts.KicksGifted: _kicks,
    gifts.KicksLeaderboardUpdated: _kicks_ranking,
    gifts.RewardRedeemed: _reward,
    goals.GoalEvent: _goal,
    goals.GoalAchieved: _reached,
    goals.GoalCanceled: lambda at: {**_goal(at), "status": "canceled"},
}
