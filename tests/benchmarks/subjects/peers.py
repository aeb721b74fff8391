"""Other Python libraries as subjects, each with one listener that counts.

Run by the interpreter of the environment in which they are installed. Where a library has the
address of Kick's servers built in, the few lines here put the load source in their place; nothing
else about it is changed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from meter import Meter, Task, read_task

_ROOM = 7712045
_CHANNEL = 7733190
_TOPIC = f"chatrooms.{_ROOM}.v2"


def _url(task: Task) -> str:
    scheme = "wss" if task.ca else "ws"
    return (
        f"{scheme}://127.0.0.1:{task.port}/app/key?protocol=7&client=js&version=8.4.0&flash=false"
    )


def _count(meter: Meter, task: Task, content: Any) -> None:
    if task.marker:
        last = meter.count_to_marker(content())
    else:
        last = meter.count(content() if task.timed else "")
    if last:
        meter.report_and_exit()


def kickforge(task: Task) -> None:
    """kickforge: dataclasses over asyncio."""
    from kickforge_core.events import EventBus
    from kickforge_core.websocket import PusherClient

    meter, bus = Meter(task), EventBus()

    @bus.on_all() if task.listen == "any" else bus.on("chat.message.sent")
    async def listen(event: Any) -> None:
        _count(meter, task, lambda: getattr(event, "message", ""))

    client = PusherClient(bus, _ROOM, _CHANNEL, ws_url=_url(task))
    asyncio.run(client.run())


def kickzero(task: Task) -> None:
    """kickzero: a bot over asyncio; its console output is switched off."""
    import kickzero as library
    import websockets

    meter = Meter(task)

    async def connect(bot: Any) -> Any:
        return await websockets.connect(_url(task), open_timeout=30)

    library.engine.connect = staticmethod(connect)
    bot = library.kickbot("bench", "none", app_key="key", display_live_chat=False)
    bot.add_channel("amber-quokka", _CHANNEL, _ROOM)

    @bot.on_message()
    async def listen(context: Any) -> None:
        _count(meter, task, lambda: context.content)

    bot.run()


def kick_chat(task: Task) -> None:
    """kick-chat: synchronous; its printing method is its only hook and is replaced."""
    from kick_chat import client as library

    meter = Meter(task)

    class Client(library.Client):
        def username_to_id(self, username: str) -> int:
            return _ROOM

        def messageEvent(self, ws: Any, data: dict[str, Any]) -> None:
            _count(meter, task, lambda: data["content"])

    library.SOCKET_URL = _url(task)
    Client(username="amber-quokka").listen()


def kicksdk(task: Task) -> None:
    """kicksdk-py: a compiled core behind an asyncio WebSocket; without a limit to its queue."""
    from kicksdk import aio

    meter = Meter(task)
    listens_to_any = task.listen == "any"
    endpoints = {"realtime": f"http://127.0.0.1:{task.port}/api/v1/realtime"}

    async def run() -> None:
        feed = aio.connect_chat(_ROOM, _CHANNEL, endpoints=endpoints, max_queue=None)
        async with feed as chat:
            async for event in chat:
                if listens_to_any or event["event"]["type"] == "chat_message":
                    _count(meter, task, lambda event=event: event["event"].get("content", ""))

    asyncio.run(run())


def pysher(task: Task) -> None:
    """Pysher: any Pusher server, threaded; the payload stays text."""
    import pysher as library

    meter = Meter(task)
    pusher = library.Pusher(
        "key",
        custom_host="127.0.0.1",
        port=task.port,
        secure=task.ca is not None,
        log_level=logging.WARNING,
    )

    def content(data: str) -> str:
        if task.marker:
            return task.marker if task.marker in data else ""
        return str(json.loads(data)["content"])

    def listen(data: str) -> None:
        _count(meter, task, lambda: content(data))

    def subscribe(data: str) -> None:
        pusher.subscribe(_TOPIC).bind("App\\Events\\ChatMessageEvent", listen)

    pusher.connection.bind("pusher:connection_established", subscribe)
    pusher.connect()
    pusher.connection.join()


_SUBJECTS = {
    "kickforge": kickforge,
    "kickzero": kickzero,
    "kick-chat": kick_chat,
    "kicksdk-py": kicksdk,
    "pysher": pysher,
}


def main() -> None:
    """Run the library that is named on the command line."""
    task = read_task()
    _SUBJECTS[task.subject](task)


if __name__ == "__main__":
    main()
