"""Four Kicks to hold the client against, behind one face: two simulated, two by others.

The simulated ones are ``KickSimulator`` with each provider. The others are soketi and the Go
server, behind ``KickRestStub``. A contract test takes a stage and must not know which one it has.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from servers.centrifugo import CentrifugoServer
from servers.kick_rest import KickRestStub
from servers.process import wait_until
from servers.soketi import KEY, SoketiServer

from kick_live import ChannelRef, KickAPI, KickClient
from kick_live.net.endpoints import Endpoints
from kick_live.testing import KickSimulator

__all__ = [
    "CHAT",
    "CentrifugoStage",
    "PusherStage",
    "ServerStage",
    "SimulatedStage",
    "Stage",
    "chat_payload",
    "opened",
    "topics_of",
]

CHAT = "App\\Events\\ChatMessageEvent"

_numbers = itertools.count(1)


def topics_of(channel: ChannelRef) -> list[str]:
    """The six topics, the chat's first; written out here, not taken from the package."""
    room, number = channel.chatroom_id, channel.channel_id
    return [
        f"chatrooms.{room}.v2",
        f"chatrooms.{room}",
        f"chatroom_{room}",
        f"channel.{number}",
        f"channel_{number}",
        f"predictions-channel-{number}",
    ]


def chat_payload(channel: ChannelRef, content: str, message_id: str | None = None) -> str:
    """A chat line as Kick writes it on the socket."""
    return json.dumps(
        {
            "id": message_id or str(uuid.uuid4()),
            "chatroom_id": channel.chatroom_id,
            "content": content,
            "type": "message",
            "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "sender": {
                "id": 880017,
                "username": "Maple_Harbor",
                "slug": "maple-harbor",
                "identity": {"color": "#31D6C2", "badges": [], "badges_v2": []},
            },
            "metadata": {"message_ref": "1790000000000"},
        }
    )


class Stage:
    """What a contract test may do to a Kick.

    Attributes:
        provider: ``pusher`` or ``centrifugo``.
    """

    provider: str

    @property
    def endpoints(self) -> Endpoints:
        """Where the client finds it."""
        raise NotImplementedError

    def add_channel(self) -> ChannelRef:
        """Make a channel that no test has had; gives its name and ids."""
        number = next(_numbers)
        channel = ChannelRef(f"heron-{number}", 610_000 + 3 * number, 720_000 + 7 * number)
        self.make(channel)
        return channel

    def add_channels(self, count: int) -> list[ChannelRef]:
        """Make several."""
        return [self.add_channel() for _ in range(count)]

    def make(self, channel: ChannelRef) -> None:
        """Make a channel with this name and these ids."""
        raise NotImplementedError

    def publish(self, topic: str, event: str, payload: str) -> None:
        """Send an event to the subscribers of a topic."""
        raise NotImplementedError

    def chat(self, channel: ChannelRef, content: str) -> None:
        """Publish a chat line; as on Kick it enters the history, too."""
        raise NotImplementedError

    def chat_unheard(self, channel: ChannelRef, content: str) -> None:
        """Put a chat line into the history alone, as if nobody had been connected."""
        raise NotImplementedError

    def subscribers(self, topic: str) -> int:
        """How many sockets are subscribed to a topic."""
        raise NotImplementedError

    def stop(self) -> None:
        """Shut the realtime server down, as on a planned restart."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it again on the same port."""
        raise NotImplementedError

    def wait_for_subscribers(self, topics: list[str], count: int = 1) -> None:
        """Wait until each topic has this many sockets."""
        for topic in topics:
            wait_until(
                lambda topic=topic: self.subscribers(topic) == count,
                10,
                f"{count} subscribers of {topic}",
            )

    @contextmanager
    def client(self, *channels: Any, **options: Any) -> Iterator[KickClient]:
        """A client of this stage that does not pause between requests; closed at the end."""
        with opened(self.endpoints, *channels, **options) as client:
            yield client


@contextmanager
def opened(endpoints: Endpoints, *channels: Any, **options: Any) -> Iterator[KickClient]:
    """A client with an API of its own, without pauses; both are closed at the end."""
    options.setdefault("remember_ids", False)
    with (
        KickAPI(endpoints, min_interval=0) as api,
        KickClient(*channels, api=api, **options) as client,
    ):
        yield client


class SimulatedStage(Stage):
    """The simulator with one provider."""

    def __init__(self, simulator: KickSimulator, provider: str) -> None:
        self.provider = provider
        self.simulator = simulator

    @property
    def endpoints(self) -> Endpoints:
        return self.simulator.endpoints

    def make(self, channel: ChannelRef) -> None:
        self.simulator.add_channel(channel.slug, channel.channel_id, channel.chatroom_id)

    def publish(self, topic: str, event: str, payload: str) -> None:
        any_channel = next(iter(self.simulator.channels.values()))
        any_channel.publish(event, payload, topic)

    def chat(self, channel: ChannelRef, content: str) -> None:
        self.simulator.channel(channel.slug).chat(content)

    def chat_unheard(self, channel: ChannelRef, content: str) -> None:
        self.simulator.channel(channel.slug).chat(content, live=False)

    def subscribers(self, topic: str) -> int:
        return sum(topic in connection.topics for connection in self.simulator.connections)

    def stop(self) -> None:
        self.simulator.stop()

    def start(self) -> None:
        self.simulator.start()


class ServerStage(Stage):
    """A server by others behind the REST stub."""

    def __init__(self, server: SoketiServer | CentrifugoServer, rest: KickRestStub) -> None:
        self.server = server
        self.rest = rest

    def make(self, channel: ChannelRef) -> None:
        self.rest.add_channel(channel.slug, channel.channel_id, channel.chatroom_id)

    def publish(self, topic: str, event: str, payload: str) -> None:
        self.server.publish(topic, event, payload)

    def chat(self, channel: ChannelRef, content: str) -> None:
        payload = chat_payload(channel, content)
        self._remember(channel, payload)
        self.publish(topics_of(channel)[0], CHAT, payload)

    def chat_unheard(self, channel: ChannelRef, content: str) -> None:
        self._remember(channel, chat_payload(channel, content))

    def _remember(self, channel: ChannelRef, payload: str) -> None:
        row = json.loads(payload)
        del row["chatroom_id"]
        row |= {
            "chat_id": channel.channel_id,
            "user_id": row["sender"]["id"],
            "metadata": json.dumps(row["metadata"]),
            "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        rows = self.rest.history.get(channel.channel_id, ())
        self.rest.history[channel.channel_id] = [row, *rows]

    def subscribers(self, topic: str) -> int:
        return self.server.subscribers(topic)

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.start()


class PusherStage(ServerStage):
    """soketi; the negotiation names it."""

    provider = "pusher"

    def __init__(self, server: SoketiServer, rest: KickRestStub) -> None:
        super().__init__(server, rest)
        rest.pusher = (KEY, "us2")

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(site=self.rest.url, web=self.rest.url, pusher=self.server.pusher_url)


class CentrifugoStage(ServerStage):
    """The Go server; the negotiation names it, and no Pusher answers."""

    provider = "centrifugo"

    def __init__(self, server: CentrifugoServer, rest: KickRestStub) -> None:
        super().__init__(server, rest)
        rest.centrifugo_url = server.url

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(site=self.rest.url, web=self.rest.url, pusher="ws://127.0.0.1:1/app/none")
