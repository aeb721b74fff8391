"""A server for many channels on many sockets, which sends its load when it is told to.

A process of its own:

    python -m tests.benchmarks.scale_source --protocol pusher

It prints its port as a line of JSON and then obeys its standard input. ``report`` tells how many
sockets are open, how many topics were asked for, and how quickly; ``load EVENTS RATE`` sends all chat
topics their share of the events, without pause or at so many a second, and tells when it began and
ended.
"""

from __future__ import annotations

import argparse
import itertools
import selectors
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from .events import CHATROOM_ID, WireEvent, chat
from .frames import frames
from .load_source import LoadSource, Subscriber, say

#: Different events a channel, sent over and over; more than a client remembers for doubles.
_POOL = 2001
#: In one go to one socket, so that all sockets have something to read at once.
_PIECE = 1 << 14


class ScaleSource(LoadSource):
    """Acknowledges every topic, and remembers which socket has it."""

    def __init__(self, protocol: str) -> None:
        super().__init__(protocol, events=1, rate=0.0, mixture="plain")
        self.asked: list[float] = []
        self.sockets: set[socket.socket] = set()
        self._owners: dict[str, tuple[socket.socket, threading.Lock]] = {}
        self._loads = 0

    def subscribed(self, topic: str, connection: socket.socket, lock: threading.Lock) -> None:
        """A client asked for a topic."""
        self.asked.append(time.monotonic())
        self.sockets.add(connection)
        self._owners[topic] = (connection, lock)

    def unsubscribed(self, topic: str) -> None:
        """A client gave a topic up."""
        self._owners.pop(topic, None)

    def report(self) -> None:
        """Say what clients asked for so far."""
        asked = sorted(self.asked)
        most = max((_within(asked, index, 1.0) for index in range(len(asked))), default=0)
        topics = len(self._owners)
        say(sockets=len(self.sockets), topics=topics, asked=len(asked), most_asked_per_s=most)

    def load(self, events: int, rate: float) -> None:
        """Send all chat topics their share, without pause or at a rate."""
        topics = sorted(topic for topic in self._owners if topic.endswith(".v2"))
        self._loads += 1
        shares = _shares(topics, events, self.protocol, seed=self._loads)
        started = time.monotonic()
        if rate:
            self._send_paced(shares, rate)
        else:
            self._send_fast_to_all(shares)
        say(started=started, finished=time.monotonic())

    def _send_paced(self, shares: Sequence[tuple[str, bytes]], rate: float) -> None:
        begin = time.monotonic()
        for index, (topic, data) in enumerate(shares):
            wait = begin + index / rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            connection, lock = self._owners[topic]
            with lock:
                connection.sendall(data)

    def _send_fast_to_all(self, shares: Sequence[tuple[str, bytes]]) -> None:
        queues: dict[socket.socket, list[bytes]] = {}
        for topic, data in shares:
            queues.setdefault(self._owners[topic][0], []).append(data)
        with selectors.DefaultSelector() as selector:
            for connection, parts in queues.items():
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_WRITE, [memoryview(b"".join(parts))])
            while selector.get_map():
                for key, _ in selector.select():
                    rest = key.data[0]
                    try:
                        sent = key.fileobj.send(rest[:_PIECE])  # type: ignore[union-attr]
                    except BlockingIOError:
                        continue
                    key.data[0] = rest[sent:]
                    if sent == len(rest):
                        selector.unregister(key.fileobj)
                        key.fileobj.setblocking(True)  # type: ignore[union-attr]

    def make_subscriber(self, connection: socket.socket, reader: Any) -> Subscriber:
        """One socket."""
        return _ScaleSubscriber(connection, reader, self)


class _ScaleSubscriber(Subscriber):
    """Acknowledges; the load comes from elsewhere."""

    def subscribed(self, topic: str) -> None:
        self._source.subscribed(topic, self._connection, self._lock)

    def unsubscribed(self, topic: str) -> None:
        self._source.unsubscribed(topic)


def _within(times: Sequence[float], start: int, seconds: float) -> int:
    end = start
    while end < len(times) and times[end] - times[start] < seconds:
        end += 1
    return end - start


def _moved(events: Sequence[WireEvent], topic: str) -> Iterator[WireEvent]:
    room = topic.split(".")[1]
    for event in events:
        yield WireEvent(event.name, topic, event.data.replace(str(CHATROOM_ID), room))


def _shares(
    topics: Sequence[str], events: int, protocol: str, seed: int
) -> list[tuple[str, bytes]]:
    """Which frame goes to which topic: the topics take turns."""
    each = -(-events // len(topics))
    pool = list(chat(min(each, _POOL), seed))
    ready = {topic: frames(_moved(pool, topic), protocol) for topic in topics}
    turns = ((topic, ready[topic][turn % len(pool)]) for turn in range(each) for topic in topics)
    return list(itertools.islice(turns, events))


def main() -> None:
    """Obey standard input until it is closed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--protocol", choices=("pusher", "centrifugo"), default="pusher")
    source = ScaleSource(parser.parse_args().protocol)
    threading.Thread(target=source.serve, daemon=True).start()
    say(port=source.port)
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "report":
            source.report()
        elif command == "load":
            source.load(int(rest[0]), float(rest[1]))


if __name__ == "__main__":
    main()
