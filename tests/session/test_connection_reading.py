"""Connection: reading stops when the inbox is full, and goes on, whoever is first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers.process import wait_until

from kick_live import KickAPI
from kick_live.protocols.base import Publication
from kick_live.session.connection import Connection
from kick_live.session.connection_settings import ConnectionSettings
from kick_live.session.connector import Connector
from kick_live.testing import KickSimulator


class Recipient:
    """Takes publications; ``answer`` decides whether the connection may go on reading."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.topics: list[str] = []
        self.answer: Callable[[Connection], bool] = lambda connection: True

    def published(self, connection: Connection, items: list[Publication], now: float) -> bool:
        self.texts += [str(item.data) for item in items]
        return self.answer(connection)

    def subscribed(self, connection: Connection, topic: str) -> None:
        self.topics.append(topic)

    def deadline(self, connection: Connection) -> float | None:
        return None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args: None


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        yield simulator


@pytest.fixture(params=["pusher", "centrifugo"])
def line(request: Any, sim: KickSimulator) -> Iterator[tuple[Connection, Recipient]]:
    """A connection that follows the channel's chat, and who is told."""
    recipient = Recipient()
    topic = sim.channel("amber-quokka").chat_topic
    with KickAPI(sim.endpoints, min_interval=0) as api:
        connector = Connector(api, request.param, time.monotonic)
        connection = Connection(1, connector, recipient, ConnectionSettings())
        connection.add_topics([topic])
        connection.start()
        wait_until(lambda: topic in recipient.topics, 10, "the subscription")
        yield connection, recipient
        connection.stop()
        connection.thread.join(5)
        assert not connection.thread.is_alive()


def test_room_that_is_made_before_the_refusal_is_told(
    sim: KickSimulator, line: tuple[Connection, Recipient]
) -> None:
    """Between a refusal and its arrival at the connection another thread may have made room."""
    _, recipient = line

    def refuse(connection: Connection) -> bool:
        # The inbox has refused, been emptied, and asked for more, all before this call is back.
        maker = threading.Thread(target=connection.resume)
        maker.start()
        maker.join()
        return False

    recipient.answer = refuse
    for number in range(3):
        sim.channel("amber-quokka").chat(f"text {number}")
        wait_until(
            lambda number=number: any(f"text {number}" in text for text in recipient.texts),
            5,
            "a message after a refusal that is over",
        )


def test_room_that_is_made_later(sim: KickSimulator, line: tuple[Connection, Recipient]) -> None:
    """After a refusal nothing is read until there is room; then nothing is missing."""
    connection, recipient = line
    refused = threading.Event()

    def refuse(connection: Connection) -> bool:
        refused.set()
        return False

    recipient.answer = refuse
    channel = sim.channel("amber-quokka")
    channel.chat("first")
    assert refused.wait(5)
    for number in range(20):
        channel.chat(f"later {number}")
    assert len(recipient.texts) == 1
    recipient.answer = lambda connection: True
    connection.resume()
    wait_until(lambda: len(recipient.texts) == 21, 5, "the rest")
    assert "later 19" in recipient.texts[-1]
