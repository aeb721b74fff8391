"""The routes of ``https://web.kick.com``: history, settings, Kicks, negotiation and tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from werkzeug.exceptions import UnprocessableEntity
from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from kick_live.testing.payloads import Payload, support
from kick_live.testing.payloads.chat import history_item
from kick_live.testing.payloads.stream import chat_settings
from kick_live.testing.settings import CENTRIFUGO_PATH
from kick_live.testing.texts import utc_now
from kick_live.testing.world import World

__all__ = ["WebRoutes"]


class WebRoutes:
    """Answers as the services behind ``web.kick.com`` do.

    Args:
        world: The simulator.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def rules(self) -> list[Rule]:
        """The routes, with what answers each."""
        gets: dict[str, Callable[..., Any]] = {
            "/api/v1/chat/<channel_id>/history": self.history,
            "/api/v2/channels/<channel_id>/messages": self.history,
            "/api/v1/channels/<channel_id>/chat/settings": self.settings,
            "/api/v1/kicks/<channel_id>/leaderboard": self.kicks_leaderboard,
            "/api/v1/kicks/<channel_id>/pinned-gifts": self.pinned_gifts,
            "/api/v1/kicks/gifts": self.gifts,
        }
        posts: dict[str, Callable[..., Any]] = {
            "/api/v1/realtime/connection": self.connection,
            "/api/v1/realtime/channels/<channel_id>/chat/connection": self.connection,
            "/api/v1/realtime/auth/connection": self.connection_token,
            "/api/v1/realtime/auth/channel": self.channel_token,
        }
        return [
            Rule(path, endpoint=function, methods=["GET"]) for path, function in gets.items()
        ] + [Rule(path, endpoint=function, methods=["POST"]) for path, function in posts.items()]

    def history(self, request: Request, channel_id: str) -> Payload:
        """A page of chat, newest first; empty for an id that is no channel's."""
        channel = self._world.by_channel_id(_number(channel_id))
        if channel is None:
            return {
                "data": {"messages": [], "cursor": None, "pinned_message": None},
                "message": "OK",
            }
        entries = channel.history_entries()
        size = self._world.settings.history_page_size
        if start := request.args.get("start_time"):
            since = _moment(start)
            page = [entry for entry in entries if entry.when >= since][:size]
        else:
            cursor = request.args.get("cursor")
            if cursor:
                before = _number(cursor)
                entries = [entry for entry in entries if _micros(entry.when) < before]
            page = entries[-size:]
        more = bool(page) and page[0].when > entries[0].when
        items = [
            history_item(
                entry.message, channel.channel_id, entry.when, _as_text(entry.message["metadata"])
            )
            for entry in reversed(page)
        ]
        pinned: Payload | None = None
        if channel.pinned is not None:
            message = channel.pinned["message"]
            pinned = {
                "message": {**message, "metadata": _as_text(message["metadata"])},
                "pinned_by": channel.pinned["pinnedBy"],
            }
        return {
            "data": {
                "messages": items,
                "cursor": str(_micros(page[0].when)) if more else None,
                "pinned_message": pinned,
            },
            "message": "OK",
        }

    def settings(self, request: Request, channel_id: str) -> Payload:
        """The settings of the chat, all in seconds."""
        channel = self._world.by_channel_id(_number(channel_id))
        if channel is None:
            return {"data": None, "message": "Not Found"}
        return {"data": chat_settings(channel.channel_id, channel.modes), "message": "OK"}

    def kicks_leaderboard(self, request: Request, channel_id: str) -> Payload:
        """Who has given the most Kicks."""
        channel = self._world.by_channel_id(_number(channel_id))
        if channel is None:
            return {"data": {"type": "Not Found"}, "message": "Not Found"}
        board = support.ranking(channel.kicks_totals, self._world.people_ids)
        data: Payload = {}
        for period in ("lifetime", "week", "month"):
            data[f"kicks_gifts_{period}"] = board
            data[f"kicks_gifts_{period}_enabled"] = True
        return {"data": data, "message": "OK"}

    def pinned_gifts(self, request: Request, channel_id: str) -> Payload:
        """The Kicks gifts whose time has not run out."""
        channel = self._world.by_channel_id(_number(channel_id))
        now = utc_now()
        gifts = [] if channel is None else [g for end, g in channel.pinned_gifts if end > now]
        return {"data": {"pinned_gifts": gifts}, "message": "OK"}

    def gifts(self, request: Request) -> Payload:
        """The catalogue of Kicks gifts."""
        rows = [
            {
                "gift_id": gift_id,
                "name": name,
                "amount": amount,
                "type": kind,
                "tier": tier,
                "character_limit": limit,
                "pinned_time": pinned * 10**9,
            }
            for gift_id, (name, amount, kind, tier, limit, pinned) in (
                support.GIFT_CATALOGUE.items()
            )
        ]
        return {"data": rows, "message": "OK"}

    def connection(self, request: Request, channel_id: str | None = None) -> Payload:
        """Which realtime service to use, by the client's list and the simulator's preference."""
        body = _body(request)
        client = body.get("client")
        if not isinstance(client, dict) or not client.get("id"):
            raise UnprocessableEntity("The client id is missing.")
        capabilities = body.get("capabilities")
        accepted = (
            capabilities.get("accepted_providers") if isinstance(capabilities, dict) else None
        )
        names = [row.get("provider") for row in accepted or [] if isinstance(row, dict)]
        preferred = self._world.settings.provider
        chosen = (
            preferred
            if preferred in names
            else next((name for name in ("centrifugo", "pusher") if name in names), None)
        )
        connections = []
        if chosen == "centrifugo":
            url = f"ws{self._world.url.removeprefix('http')}{CENTRIFUGO_PATH}"
            connections = [{"provider": "centrifugo", "credentials": {"url": url}}]
        elif chosen == "pusher":
            key = self._world.settings.pusher_key
            credentials = {"app_key": key, "cluster": "us2"}
            connections = [{"provider": "pusher", "credentials": credentials}]
        return {"data": {"connections": connections, "mode": "websocket"}, "message": "success"}

    def connection_token(self, request: Request) -> Payload:
        """A guest token for a client."""
        client_id = _body(request).get("client_id")
        if not isinstance(client_id, str) or not client_id:
            raise UnprocessableEntity("The client id is missing.")
        return {"data": {"token": self._world.tokens.issue(client_id)}, "message": "success"}

    def channel_token(self, request: Request) -> Payload:
        """A token for a protected topic, which no public topic needs."""
        topic = _body(request).get("channel")
        if not isinstance(topic, str) or not topic:
            raise UnprocessableEntity("The channel is missing.")
        return {"data": {"token": self._world.tokens.issue(topic)}, "message": "success"}


def _body(request: Request) -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise UnprocessableEntity("The body is not a JSON object.")
    return body


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UnprocessableEntity(f"{text} is not a number.") from None


def _moment(text: str) -> datetime:
    try:
        # A plus sign that was not escaped in the query has become a space.
        zone = text[11:].replace("Z", "+00:00").replace(" ", "+")
        when = datetime.fromisoformat(text[:11] + zone)
    except ValueError:
        raise UnprocessableEntity(f"{text} is not a time.") from None
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)


def _micros(when: datetime) -> int:
    return int(when.timestamp()) * 10**6 + when.microsecond


def _as_text(metadata: Any) -> str:
    if isinstance(metadata, str):
        return metadata
    # An empty PHP array is written as a list.
    return json.dumps(metadata, separators=(",", ":")) if metadata != {} else "[]"
