"""Forward a chat to a Discord channel through a webhook.

DISCORD_WEBHOOK_URL=https://... python discord_forwarder.py NAME

The address is a secret, so it comes from the environment and is never printed. Without it, the
program prints what it would post.
"""

from __future__ import annotations

import os
import queue
import re
import threading
from collections.abc import Callable
from typing import Any

import requests
from chat_source import arguments, open_client, printable, words

from kick_live import ChatMessage, KickClient

EVERY = 2.0  # seconds: a post holds what came meanwhile
LONGEST = 2000  # characters, Discord's limit
LONGEST_LINE = 910  # what line_of makes at most
ATTEMPTS = 5
MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<@:-])")

Post = Callable[[dict[str, Any]], requests.Response]


def line_of(message: ChatMessage) -> str:
    """A message as a line in which nothing is markup or a link in disguise."""
    name, text = printable(message.sender.username)[:50], words(message)[:400]
    return f"**{plain(name)}** {plain(text)}"


def plain(text: str) -> str:
    """Text in which Discord sees no markup; it becomes twice as long at most."""
    return MARKDOWN.sub(r"\\\1", text)


class Forwarder:
    """Posts lines in batches, on a thread of its own."""

    def __init__(self, post: Post, every: float = EVERY) -> None:
        self._post = post
        self._every = every
        self._lines: queue.Queue[str] = queue.Queue(maxsize=1000)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="discord", daemon=True)
        self.lost = 0

    def start(self) -> None:
        """Begin to post."""
        self._thread.start()

    def add(self, line: str) -> None:
        """Queue a line; never waits, so Discord cannot hold up the chat."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self.lost += 1

    def close(self, timeout: float = 10.0) -> None:
        """Post what waits, without pauses and only once, and end."""
        self._stop.set()
        self._thread.join(timeout)

    def _work(self) -> None:
        while not self._stop.wait(self._every) or not self._lines.empty():
            if batch := self._batch():
                self._send(batch)

    def _batch(self) -> list[str]:
        batch: list[str] = []
        room = LONGEST
        while not self._lines.empty() and room > LONGEST_LINE:
            batch.append(self._lines.get_nowait())
            room -= len(batch[-1]) + 1
        return batch

    def _send(self, batch: list[str]) -> None:
        # No mention in the text notifies anybody.
        body = {"content": "\n".join(batch), "allowed_mentions": {"parse": []}}
        for attempt in range(ATTEMPTS):
            pause = 2.0**attempt
            try:
                answer = self._post(body)
            except requests.RequestException as error:
                # Its text would contain the address.
                print(f"Discord cannot be reached: {type(error).__name__}", flush=True)
            else:
                if answer.ok:
                    if answer.headers.get("X-RateLimit-Remaining") == "0":
                        self._stop.wait(_seconds(answer.headers.get("X-RateLimit-Reset-After"), 0))
                    return
                if answer.status_code == 429:
                    pause = _seconds(answer.headers.get("Retry-After"), pause)
                elif answer.status_code < 500:
                    print(f"Discord refuses the post: {answer.status_code}", flush=True)
                    break
            if self._stop.wait(pause):
                break
        self.lost += len(batch)


def _seconds(value: str | None, default: float) -> float:
    try:
        return min(max(float(value or default), 0.0), 300.0)
    except ValueError:
        return default


def main(client: KickClient, post: Post, every: float = EVERY) -> None:
    """Forward until the client is closed, or until Ctrl-C."""
    forwarder = Forwarder(post, every)
    client.on(ChatMessage, lambda message: forwarder.add(line_of(message)))
    forwarder.start()
    try:
        client.run()
    finally:
        forwarder.close()
        if forwarder.lost:
            print(f"{forwarder.lost} lines were not forwarded")


def post_to(url: str) -> Post:
    """Post to a webhook."""
    session = requests.Session()
    return lambda body: session.post(url, json=body, timeout=10, allow_redirects=False)


def pretend(body: dict[str, Any]) -> requests.Response:
    """Print instead of posting."""
    print(body["content"], flush=True)
    answer = requests.Response()
    answer.status_code = 204
    return answer


if __name__ == "__main__":
    options = arguments(__doc__).parse_args()
    address = os.environ.get("DISCORD_WEBHOOK_URL")
    with open_client(options) as client:
        main(client, post_to(address) if address else pretend)
