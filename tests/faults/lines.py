"""Lines to a Kick that lead through a fault proxy: two simulated Kicks, two servers by others."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timezone
from typing import Any

from servers.centrifugo import CentrifugoServer
from servers.kick_rest import KickRestStub
from servers.soketi import KEY, SoketiServer

from kick_live import ChannelRef
from kick_live.net.endpoints import Endpoints

from .matrix import Stage
from .proxy import FaultProxy

__all__ = ["Line", "RealLine", "SimulatedLine"]

CHAT = "App\\Events\\ChatMessageEvent"


class Line:
    """A Kick behind a proxy.

    Attributes:
        transport: The protocol.
        proxy: Where the socket leads through.
        channel: The channel to follow.
        endpoints: Where a client finds it all.
    """

    transport: str
    proxy: FaultProxy
    channel: ChannelRef
    endpoints: Endpoints

    def say(self, content: str) -> None:
        """Publish a chat line, which enters the history as well."""
        raise NotImplementedError


class SimulatedLine(Line):
    """To the simulator."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.transport = stage.transport
        self.proxy = stage.proxy
        channel = stage.channel
        self.channel = ChannelRef(channel.slug, channel.channel_id, channel.chatroom_id)
        self.endpoints = stage.endpoints

    def say(self, content: str) -> None:
        self._stage.channel.chat(content)


class RealLine(Line):
    """To soketi or the Go server, with a stub for the REST side."""

    def __init__(
        self, server: SoketiServer | CentrifugoServer, rest: KickRestStub, proxy: FaultProxy
    ) -> None:
        self._server = server
        self._rest = rest
        self.proxy = proxy
        self.transport = "pusher" if isinstance(server, SoketiServer) else "centrifugo"
        # Other tests use the same server, and may leave sockets on their own topics.
        number = uuid.uuid4().int % 10**6
        self.channel = ChannelRef(f"heron-{number}", 10**6 + number, 3 * 10**6 + number)
        base = f"ws://127.0.0.1:{proxy.port}"
        self.endpoints = Endpoints(site=rest.url, web=rest.url, pusher=f"{base}/app/{KEY}")
        rest.centrifugo_url = f"{base}/connection/websocket"
        rest.add_channel(self.channel.slug, self.channel.channel_id, self.channel.chatroom_id)

    def say(self, content: str) -> None:
        now = datetime.now(timezone.utc)
        sender = {
            "id": 880017,
            "username": "Maple_Harbor",
            "slug": "maple-harbor",
            "identity": {"color": "#31D6C2", "badges": [], "badges_v2": []},
        }
        row: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "content": content,
            "type": "message",
            "sender": sender,
        }
        number = self.channel.channel_id
        assert number is not None
        item = {
            **row,
            "chat_id": number,
            "user_id": sender["id"],
            "metadata": "[]",
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        self._rest.history[number] = [item, *self._rest.history.get(number, ())]
        live = {
            **row,
            "chatroom_id": self.channel.chatroom_id,
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        }
        topic = f"chatrooms.{self.channel.chatroom_id}.v2"
        self._server.publish(topic, CHAT, json.dumps(live))
