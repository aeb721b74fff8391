"""What a simulated channel is and remembers; its actions build on this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kick_live.testing.payloads import Payload
from kick_live.testing.payloads.chat import Person
from kick_live.testing.payloads.stream import channel_object
from kick_live.testing.world import World

__all__ = ["ChannelBase"]


class ChannelBase:
    """Identity, topics and publishing.

    Args:
        world: The simulator it belongs to.
        slug: The name in the channel's address.
        username: The streamer's name as displayed.
        channel_id: The channel's id.
        chatroom_id: The chatroom's id.
        user_id: The streamer's user id.
        is_banned: Whether Kick has banned the streamer.
    """

    def __init__(
        self,
        world: World,
        *,
        slug: str,
        username: str,
        channel_id: int,
        chatroom_id: int,
        user_id: int,
        is_banned: bool = False,
    ) -> None:
        self.slug = slug
        self.username = username
        self.channel_id = channel_id
        self.chatroom_id = chatroom_id
        self.user_id = user_id
        self.is_banned = is_banned
        self.followers = 18233
        self.subscribers = 1109
        self.modes: dict[str, Any] = {
            "slow_mode_seconds": None,
            "followers_only_minutes": None,
            "subscribers_only": False,
            "emotes_only": False,
            "allow_links": True,
            "account_age_minutes": None,
            "rules": "",
        }
        self._world = world

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.slug} channel_id={self.channel_id} "
            f"chatroom_id={self.chatroom_id}>"
        )

    @property
    def chat_topic(self) -> str:
        """Chat, moderation, polls, subscriptions, incoming hosts: ``chatrooms.R.v2``."""
        return f"chatrooms.{self.chatroom_id}.v2"

    @property
    def topics(self) -> tuple[str, ...]:
        """The six public topics of this channel."""
        room, channel = self.chatroom_id, self.channel_id
        return (
            self.chat_topic,
            f"chatrooms.{room}",
            f"chatroom_{room}",
            f"channel.{channel}",
            f"channel_{channel}",
            f"predictions-channel-{channel}",
        )

    def publish(self, event: str, payload: Any, topic: str | None = None) -> int:
        r"""Publish anything at all.

        Args:
            event: The wire name, for example ``"App\\Events\\ChatMessageEvent"``.
            payload: What is inside: written as JSON, or taken literally if it is text.
            topic: Where; the chat topic if not given.

        Returns:
            How many sockets it was queued for.
        """
        return self._world.publish(topic or self.chat_topic, event, payload)

    @property
    def streamer(self) -> Person:
        """The streamer as a person."""
        return Person(self.user_id, self.username)

    def embedded(self) -> Payload:
        """The channel object as events embed it."""
        modes: Mapping[str, Any] = self.modes
        return channel_object(self.channel_id, self.chatroom_id, self.user_id, self.slug, modes)

    def _room(self, name: str, payload: Any) -> None:
        self.publish(f"App\\Events\\{name}", payload)
