"""Past broadcasts of a simulated channel, with their chat."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from kick_live.testing.channel_chat import ChatActions, HistoryEntry
from kick_live.testing.payloads import Payload, chat
from kick_live.testing.texts import microseconds, site_time, slug_of

__all__ = ["VideoActions"]


class VideoActions(ChatActions):
    """Videos, and what was said while they were live."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.videos: list[Payload] = []
        self._past: list[HistoryEntry] = []

    def add_video(
        self,
        title: str = "late ride",
        start: datetime | None = None,
        duration: timedelta | float = 3600.0,
        messages: Iterable[tuple[timedelta | float, str, str]] = (),
    ) -> Payload:
        """Add a past broadcast; its chat is served by the history alone, never published.

        Args:
            title: Its title.
            start: When it began; 1 October 2026, 18:00 UTC, if not given. Without a zone, UTC.
            duration: How long it was, as a duration or in seconds.
            messages: What was said: the moment as an offset from the start (a duration, or seconds),
                the name, and the text. Offsets may lie outside of the video.

        Returns:
            What ``/api/v1/video/{uuid}`` answers.
        """
        start = datetime(2026, 10, 1, 18, tzinfo=timezone.utc) if start is None else start
        start = start.replace(tzinfo=timezone.utc) if start.tzinfo is None else start
        entries = []
        for offset, username, content in messages:
            when = start + _span(offset)
            person = self._world.person(username)
            ids, room = self._world.ids, self.chatroom_id
            metadata = chat.metadata(when)
            payload = chat.message(ids, room, person, content, when, metadata=metadata)
            entries.append(HistoryEntry(when, payload))
        with self._history_lock:
            self._past = sorted([*self._past, *entries], key=lambda entry: entry.when)
        livestream_id = self._world.invent("livestream")
        began = site_time(start.astimezone(timezone.utc))
        video = {
            "id": livestream_id + 1,
            "live_stream_id": livestream_id,
            "slug": None,
            "uuid": self._world.ids.uuid(),
            "created_at": microseconds(start),
            "source": "https://example.org/vod/master.m3u8",
            "views": 31,
            "livestream": {
                "id": livestream_id,
                "slug": slug_of(title.replace(" ", "-")),
                "channel_id": self.channel_id,
                "created_at": began,
                "session_title": title,
                "is_live": False,
                "start_time": began,
                "duration": round(_span(duration).total_seconds() * 1000),
                "language": "English",
                "is_mature": False,
                "viewer_count": 0,
                "thumbnail": "https://example.org/thumbnail.webp",
                "channel": {
                    "id": self.channel_id,
                    "user_id": self.user_id,
                    "slug": self.slug,
                    "is_banned": self.is_banned,
                },
                "categories": [],
            },
        }
        self.videos.append(video)
        return video

    def history_entries(self) -> list[HistoryEntry]:
        """The history so far, oldest first; that of past broadcasts belongs to it."""
        recent = super().history_entries()
        if not self._past:
            return recent
        return sorted([*self._past, *recent], key=lambda entry: entry.when)


def _span(value: timedelta | float) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=value)
