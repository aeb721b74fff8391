"""The channel itself: its objects, broadcasts, raids, polls, predictions and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kick_live.testing.payloads import Payload
from kick_live.testing.payloads.chat import Person
from kick_live.testing.texts import Ids, microseconds, seconds_z, slug_of

__all__ = [
    "channel_object",
    "chat_settings",
    "hosted_channel",
    "poll",
    "prediction",
    "room_settings",
    "stream_hosted",
]


def channel_object(
    channel: int, room: int, user: int, slug: str, modes: Mapping[str, Any]
) -> Payload:
    """The channel as it is embedded in events."""
    return {
        "id": channel,
        "user_id": user,
        "slug": slug,
        "is_banned": False,
        "playback_url": "https://example.org/api/video/v1/stream.m3u8",
        "name_updated_at": None,
        "vod_enabled": True,
        "subscription_enabled": True,
        "is_affiliate": False,
        "can_host": True,
        "chatroom": {
            "id": room,
            "chatable_type": "App\\Models\\Channel",
            "channel_id": channel,
            "created_at": "2023-03-04T10:11:12.000000Z",
            "updated_at": "2026-09-01T08:00:00.000000Z",
            "chat_mode_old": "public",
            "chat_mode": "public",
            "slow_mode": modes["slow_mode_seconds"] is not None,
            "chatable_id": channel,
            "followers_mode": modes["followers_only_minutes"] is not None,
            "subscribers_mode": modes["subscribers_only"],
            "emotes_mode": modes["emotes_only"],
            "message_interval": modes["slow_mode_seconds"] or 5,
            "following_min_duration": modes["followers_only_minutes"] or 0,
        },
    }


def room_settings(room: int, modes: Mapping[str, Any]) -> Payload:
    """Build the payload of ChatroomUpdatedEvent: an interval in seconds, a duration in minutes."""
    slow, followers = modes["slow_mode_seconds"], modes["followers_only_minutes"]
    age = modes["account_age_minutes"]
    return {
        "id": room,
        "slow_mode": {"enabled": slow is not None, "message_interval": slow or 5},
        "subscribers_mode": {"enabled": modes["subscribers_only"]},
        "followers_mode": {"enabled": followers is not None, "min_duration": followers or 0},
        "emotes_mode": {"enabled": modes["emotes_only"]},
        "account_age": {"enabled": age is not None, "min_duration": age or 0},
    }


def chat_settings(channel: int, modes: Mapping[str, Any]) -> Payload:
    """The settings of ChatSettingsChanged and of the REST route: all in seconds."""
    slow, followers = modes["slow_mode_seconds"], modes["followers_only_minutes"]
    age = modes["account_age_minutes"]
    # Evidence: 1 second here is 0 minutes, "any follower", in the older event (September 2026).
    follower_seconds = 0 if followers is None else followers * 60 or 1
    return {
        "channel_id": channel,
        "rules": modes["rules"],
        "allow_links": {"enabled": modes["allow_links"]},
        "emotes_only_mode": {"enabled": modes["emotes_only"]},
        "followers_only_mode": {
            "duration_seconds": follower_seconds,
            "enabled": followers is not None,
        },
        "minimum_account_age": {
            "duration_seconds": (age or 0) * 60,
            "enabled": age is not None,
        },
        "slow_mode": {"duration_seconds": slow or 0, "enabled": slow is not None},
        "subscribers_only_mode": {"enabled": modes["subscribers_only"]},
    }


def settings_changed(
    ids: Ids, channel: int, slug: str, modes: Mapping[str, Any], when: datetime
) -> Payload:
    """Build the payload of ChatSettingsChanged."""
    return {
        "id": ids.uuid(),
        "channel": {"id": channel, "slug": slug},
        "settings": chat_settings(channel, modes),
        "created_at": seconds_z(when),
    }


def poll(
    title: str,
    options: Sequence[str],
    votes: Sequence[int],
    duration: int,
    remaining: int,
    *,
    first: bool,
) -> Payload:
    """Build the payload of PollUpdateEvent."""
    body: Payload = {
        "title": title,
        "options": [
            {"id": index, "label": label, "votes": count}
            for index, (label, count) in enumerate(zip(options, votes, strict=True))
        ],
        "duration": duration,
        "remaining": remaining,
        "result_display_duration": 15,
    }
    if first:
        body.update(has_voted=False, voted_option_id=None)
    return {"poll": body}


def prediction(
    ids: Ids, channel: int, title: str, outcomes: Sequence[str], duration: int, when: datetime
) -> Payload:
    """Begin a prediction: the object inside PredictionCreated and PredictionUpdated."""
    return {
        "id": ids.uuid(),
        "channel_id": channel,
        "title": title,
        "state": "ACTIVE",
        "outcomes": [
            {
                "id": ids.uuid(),
                "title": label,
                "total_vote_amount": 0,
                "vote_count": 0,
                "return_rate": 0,
                "top_users": [],
            }
            for label in outcomes
        ],
        "duration": duration,
        "created_at": microseconds(when),
        "updated_at": microseconds(when),
    }


def stream_hosted(
    ids: Ids, host: Person, viewers: int, message: str | None, when: datetime
) -> Payload:
    """Build the payload of StreamHostedEvent, the sibling that has ids."""
    return {
        "message": {
            "id": ids.uuid(),
            "numberOfViewers": viewers,
            "optionalMessage": message,
            "createdAt": microseconds(when),
        },
        "user": {
            "id": host.id,
            "username": host.username,
            "isSuperAdmin": False,
            "verified": False,
        },
    }


def hosted_channel(target: Person, viewers: int) -> Payload:
    """The channel that viewers are sent to."""
    return {
        "id": target.id,
        "username": target.username,
        "slug": slug_of(target.username),
        "viewers_count": viewers,
        "is_live": True,
        "profile_pic": None,
        "category": "Just Chatting",
        "preview_thumbnail": {"srcset": "", "src": "https://example.org/preview.webp"},
    }
