"""centrifuge-python against any Centrifugo server.

``python centrifuge_python_client.py --url ws://127.0.0.1:8000/connection/websocket --topics a,b``
with ``--token TOKEN`` or ``--token-url URL``, which is asked as Kick's is: POST
``{"client_id": ...}``, answered by ``{"data": {"token": ...}}``. That library is written with
asyncio, hence this script too; nothing of it is ever imported by the package.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import uuid
from urllib.request import ProxyHandler, Request, build_opener

from centrifuge import (
    CentrifugeError,
    Client,
    ClientEventHandler,
    ConnectedContext,
    ConnectingContext,
    DisconnectedContext,
    ErrorContext,
    PublicationContext,
    SubscribedContext,
    SubscriptionErrorContext,
    SubscriptionEventHandler,
    UnsubscribedContext,
)
from report import Progress, say, with_common_options


class ClientEvents(ClientEventHandler):
    """Reports what happens to the connection."""

    async def on_connecting(self, ctx: ConnectingContext) -> None:
        say("connecting", code=ctx.code, reason=ctx.reason)

    async def on_connected(self, ctx: ConnectedContext) -> None:
        say("connected", client=ctx.client, version=ctx.version)

    async def on_disconnected(self, ctx: DisconnectedContext) -> None:
        say("disconnected", code=ctx.code, reason=ctx.reason)

    async def on_error(self, ctx: ErrorContext) -> None:
        say("error", code=ctx.code, message=str(ctx.error))


class TopicEvents(SubscriptionEventHandler):
    """Reports what happens to one subscription."""

    def __init__(self, topic: str, progress: Progress) -> None:
        self._topic = topic
        self._progress = progress

    async def on_subscribed(self, ctx: SubscribedContext) -> None:
        self._progress.subscribed(self._topic)

    async def on_unsubscribed(self, ctx: UnsubscribedContext) -> None:
        say("unsubscribed", topic=self._topic, code=ctx.code, reason=ctx.reason)

    async def on_error(self, ctx: SubscriptionErrorContext) -> None:
        say("refused", topic=self._topic, code=ctx.code, message=str(ctx.error))

    async def on_publication(self, ctx: PublicationContext) -> None:
        data = ctx.pub.data
        wrapped = data if isinstance(data, dict) else {"data": data}
        self._progress.event(self._topic, wrapped.get("event"), wrapped.get("data"))


def fetch_token(url: str, client_id: str) -> str:
    """Ask for a token, blocking, past any proxy of the environment."""
    body = json.dumps({"client_id": client_id}).encode()
    request = Request(url, body, {"Content-Type": "application/json"}, method="POST")
    with build_opener(ProxyHandler({})).open(request, timeout=5) as answer:
        say("token", status=answer.status)
        return str(json.load(answer)["data"]["token"])


async def run(options: argparse.Namespace) -> int:
    """Connect, subscribe, report."""
    progress = Progress(options.topics, options.events)
    client_id = str(uuid.uuid4())

    async def get_token() -> str:
        if not options.token_url:
            return str(options.token)
        return await asyncio.to_thread(fetch_token, options.token_url, client_id)

    client = Client(
        options.url,
        events=ClientEvents(),
        get_token=get_token if options.token or options.token_url else None,
        proxy=None,
    )
    for topic in options.topics:
        subscription = client.new_subscription(topic, events=TopicEvents(topic, progress))
        await subscription.subscribe()
    with contextlib.suppress(CentrifugeError):
        await client.connect()
    await asyncio.to_thread(progress.done.wait, options.seconds)
    status = progress.end()
    with contextlib.suppress(CentrifugeError):
        await client.disconnect()
    return status


def main() -> int:
    """Read the arguments and run."""
    parser = with_common_options(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--token-url", default="")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
