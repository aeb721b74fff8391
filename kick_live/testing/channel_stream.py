"""Broadcasts and raids of a simulated channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import frozen

from kick_live.testing.channel_base import ChannelBase
from kick_live.testing.payloads import Payload, stream
from kick_live.testing.payloads.chat import Person
from kick_live.testing.texts import microseconds, site_time, slug_of, utc_now

__all__ = ["Broadcast", "StreamActions"]


@frozen
class Broadcast:
    """A running livestream.

    Attributes:
        id: The livestream id.
        title: Its title.
        started: When it began.
    """

    id: int
    title: str
    started: datetime


class StreamActions(ChannelBase):
    """Going live, ending, viewers, and hosts in both directions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.broadcast: Broadcast | None = None
        self.viewers: int | None = 0

    @property
    def is_live(self) -> bool:
        """Whether a broadcast is running."""
        return self.broadcast is not None

    def go_live(self, title: str = "late ride", viewers: int | None = 10) -> Payload:
        """Begin a broadcast.

        Args:
            title: Its title.
            viewers: The viewers at first; ``None`` where Kick does not say yet.
        """
        now = utc_now()
        self.broadcast = Broadcast(self._world.invent("livestream"), title, now)
        self.viewers = viewers
        payload = {
            "livestream": {
                "id": self.broadcast.id,
                "channel_id": self.channel_id,
                "session_title": title,
                "source": None,
                "created_at": microseconds(now),
            }
        }
        self._outside("StreamerIsLive", payload)
        return payload

    def go_offline(self, *, is_banned: bool = False) -> Payload:
        """End the broadcast; one that is not running ends as well, under a new id."""
        running = self.broadcast
        self.broadcast, self.viewers = None, 0
        payload = {
            "livestream": {
                "id": running.id if running else self._world.invent("livestream"),
                "channel": {"id": self.channel_id, "is_banned": is_banned},
            }
        }
        self._outside("StopStreamBroadcast", payload)
        return payload

    def set_viewers(self, count: int | None) -> None:
        """Set the number of viewers; no event carries it, only REST does."""
        self.viewers = count

    def host(self, username: str, viewers: int, message: str | None = None) -> Payload:
        """Be hosted (raided) by another channel: one frame on each of two topics.

        Returns:
            The payload of StreamHostEvent.
        """
        payload = {
            "chatroom_id": self.chatroom_id,
            "optional_message": message,
            "number_viewers": viewers,
            "host_username": username,
        }
        person = self._world.person(username)
        hosted = stream.stream_hosted(self._world.ids, person, viewers, message, utc_now())
        frames = [
            ("App\\Events\\StreamHostEvent", payload, self.chat_topic),
            ("App\\Events\\StreamHostedEvent", hosted, f"chatrooms.{self.chatroom_id}"),
        ]
        self._world.random.shuffle(frames)
        for event, body, topic in frames:
            self.publish(event, body, topic)
        return payload

    def move_to(self, slug: str, viewers: int = 88) -> Payload:
        """Send the viewers on to another channel.

        Args:
            slug: The target.
            viewers: How many were there before.
        """
        known = self._world.find(slug)
        target: Person = known.streamer if known else self._world.person(slug.replace("-", "_"))
        payload = {
            "channel": {**self.embedded(), "current_livestream": self.livestream_object()},
            "slug": known.slug if known else slug_of(slug),
            "hosted": stream.hosted_channel(target, viewers),
        }
        self._outside("ChatMoveToSupportedChannelEvent", payload)
        return payload

    def livestream_object(self) -> Payload | None:
        """The broadcast as the channel object shows it, or ``None`` while offline."""
        if self.broadcast is None:
            return None
        started = site_time(self.broadcast.started)
        return {
            "id": self.broadcast.id,
            "slug": slug_of(self.broadcast.title.replace(" ", "-")),
            "channel_id": self.channel_id,
            "created_at": started,
            "session_title": self.broadcast.title,
            "is_live": True,
            "risk_level_id": None,
            "start_time": started,
            "source": None,
            "twitch_channel": None,
            "duration": 0,
            "language": "English",
            "is_mature": False,
            "viewer_count": self.viewers,
        }

    def _outside(self, name: str, payload: Payload) -> None:
        self.publish(f"App\\Events\\{name}", payload, f"channel.{self.channel_id}")
