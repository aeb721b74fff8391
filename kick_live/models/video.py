"""Videos of past broadcasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from kick_live.models.channel import Channel
from kick_live.models.livestream import Category
from kick_live.models.time import Time

__all__ = ["Video"]


@frozen(kw_only=True)
class Video:
    """The video of a past broadcast (forms of 2025 and 2026).

    Attributes:
        uuid: Identifies the video; what its address ends in.
        channel_id: The channel's id.
        start_time: When the broadcast began.
        duration: How long it is (Kick sends milliseconds); ``None`` while the broadcast runs, or
            where Kick did not say.
        id: The video's number.
        livestream_id: The id of the broadcast.
        channel_slug: The streamer's name in addresses; ``None`` where Kick did not say.
        chatroom_id: The chatroom's id; ``None`` where Kick did not say, which is usual.
        user_id: The streamer's user id.
        session_title: The title.
        created_at: When the video was made.
        views: How often it was watched.
        language: As Kick writes it, for instance ``English``.
        is_mature: Whether it is marked for adults.
        categories: What is played or shown.
        thumbnail_url: A picture of it.
        playback_url: The video, an HLS playlist.
    """

    uuid: str
    channel_id: int
    start_time: Time
    duration: timedelta | None = None
    id: int | None = None
    livestream_id: int | None = None
    channel_slug: str | None = None
    chatroom_id: int | None = None
    user_id: int | None = None
    session_title: str = ""
    created_at: Time | None = None
    views: int | None = None
    language: str | None = None
    is_mature: bool | None = None
    categories: tuple[Category, ...] = ()
    thumbnail_url: str | None = None
    playback_url: str | None = None

    @property
    def title(self) -> str:
        """The title."""
        return self.session_title

    @property
    def end_time(self) -> datetime | None:
        """When the broadcast ended, or ``None`` while it runs."""
        return None if self.duration is None else self.start_time + self.duration

    @property
    def channel(self) -> Channel | None:
        """The channel, or ``None`` where Kick did not send all of its ids."""
        if self.channel_slug is None or self.chatroom_id is None:
            return None
        return Channel(
            slug=self.channel_slug,
            channel_id=self.channel_id,
            chatroom_id=self.chatroom_id,
            user_id=self.user_id,
        )

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Bring the two forms together: a video around its broadcast, and the other way round."""
        inner, outer = payload.get("livestream"), payload.get("video")
        video = payload if isinstance(inner, dict) else outer if isinstance(outer, dict) else {}
        live = inner if isinstance(inner, dict) else payload
        channel = live.get("channel")
        channel = channel if isinstance(channel, dict) else {}
        chatroom = channel.get("chatroom")
        thumbnail = live.get("thumbnail")
        if isinstance(thumbnail, dict):
            thumbnail = thumbnail.get("url") or thumbnail.get("src")
        categories = live.get("categories")
        return {
            "uuid": video.get("uuid"),
            "id": video.get("id"),
            "livestream_id": video.get("live_stream_id") or live.get("id"),
            "channel_id": live.get("channel_id") or channel.get("id"),
            "channel_slug": channel.get("slug"),
            "chatroom_id": chatroom.get("id") if isinstance(chatroom, dict) else None,
            "user_id": channel.get("user_id"),
            "session_title": live.get("session_title"),
            "start_time": live.get("start_time") or live.get("created_at"),
            "duration": _duration(live.get("duration")),
            "created_at": video.get("created_at"),
            "views": video.get("views") if video.get("views") is not None else live.get("views"),
            "language": live.get("language"),
            "is_mature": live.get("is_mature"),
            "categories": [
                Category.reshape(item)
                for item in (categories if isinstance(categories, list) else ())
                if isinstance(item, dict)
            ],
            "thumbnail_url": thumbnail,
            "playback_url": video.get("source") or live.get("source"),
        }


def _duration(milliseconds: Any) -> float | None:
    """Seconds; nothing for the 0 of a broadcast that still runs."""
    try:
        return float(milliseconds) / 1000 or None
    except (TypeError, ValueError, OverflowError):
        return None
