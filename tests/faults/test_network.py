"""A bad network between the client and four Kicks: two simulated, two by others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers.centrifugo import CentrifugoServer
from servers.fixtures import running
from servers.kick_rest import KickRestStub
from servers.process import wait_until

from kick_live import ChatMessage, Disconnected, Event, KickAPI, KickClient, Reconnected

from .lines import Line, RealLine, SimulatedLine
from .matrix import staged
from .proxy import FaultProxy

OPTIONS: dict[str, Any] = {"activity_timeout": 0.5, "pong_timeout": 0.5, "ping_margin": 0.5}
#: After so long a silent peer has been noticed: 0.5 + 0.5 s, or a ping of 1 s + 0.5 s; and slack.
NOTICED = 1.5 + 1.0
LINES = (
    "simulated pusher",
    "simulated centrifugo",
    pytest.param("soketi", marks=pytest.mark.servers),
    pytest.param("centrifugo", marks=pytest.mark.servers),
)


@pytest.fixture(scope="module")
def pinging() -> Iterator[CentrifugoServer]:
    """A Go server that pings every second, and wants its pong within half of one."""
    with running(lambda: CentrifugoServer(ping=1, pong=0.5)) as server:
        yield server


@pytest.fixture(params=LINES)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    name = request.param
    if name.startswith("simulated"):
        with staged(name.split()[1], ping_interval=1, pong_timeout=0.5) as stage:
            yield SimulatedLine(stage)
        return
    server = request.getfixturevalue("soketi" if name == "soketi" else "pinging")
    with KickRestStub() as rest, FaultProxy(server.port) as proxy:
        yield RealLine(server, rest, proxy)


@pytest.fixture
def client(line: Line) -> Iterator[KickClient]:
    with (
        KickAPI(line.endpoints, min_interval=0, timeout=3) as api,
        KickClient(line.channel, transport=line.transport, api=api, **OPTIONS) as client,
    ):
        client.seen = []
        client.on(Event, client.seen.append)
        client.connect(10)
        line.say("before")
        client.wait_for(ChatMessage, timeout=5)
        yield client
        begin = time.monotonic()
        client.close()
        assert time.monotonic() - begin < 2


def texts(client: KickClient) -> list[str]:
    return [event.content for event in client.seen if isinstance(event, ChatMessage)]


def take(client: KickClient, until: Callable[[], Any], what: str, timeout: float = 10) -> None:
    def polled() -> Any:
        client.poll(0.05)
        return until()

    wait_until(polled, timeout, what)


def all_arrives(line: Line, client: KickClient, said: list[str]) -> None:
    """Everything that was said comes once and in order, and then what is said next."""
    line.say("after")
    take(client, lambda: "after" in texts(client), "the next message")
    found = texts(client)
    assert found == ["before", *said, "after"]


def say_during(line: Line, client: KickClient, seconds: float) -> list[str]:
    """Say something every tenth of a second, and let the client take events meanwhile."""
    said = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        said.append(f"line {len(said)}")
        line.say(said[-1])
        client.poll(0.1)
    return said


def test_reset(line: Line, client: KickClient) -> None:
    """A connection that is reset is replaced, and the gap is filled."""
    line.proxy.reset()
    said = say_during(line, client, 0.3)
    all_arrives(line, client, said)
    assert client.stats.reconnects == 1


def test_half_closed(line: Line, client: KickClient) -> None:
    """A server that says it will send no more is left at once."""
    line.proxy.half_close()
    said = say_during(line, client, 0.3)
    all_arrives(line, client, said)


def test_delay(line: Line, client: KickClient) -> None:
    """A tenth of a second each way is no reason to reconnect."""
    line.proxy.down.delay(0.1)
    line.proxy.up.delay(0.1)
    said = say_during(line, client, 1.5)
    all_arrives(line, client, said)
    assert len(line.proxy.accepted) == 1


def test_a_short_stall(line: Line, client: KickClient) -> None:
    """What TCP repeats after lost packets comes late, on the same connection."""
    line.proxy.down.hold()
    said = say_during(line, client, 0.3)
    line.proxy.heal()
    all_arrives(line, client, said)
    assert len(line.proxy.accepted) == 1


def test_silence_is_noticed(line: Line, client: KickClient) -> None:
    """A half-open socket is left in time, and what it would have brought is read back."""
    line.proxy.down.hold()
    line.proxy.up.hold()
    begin = time.monotonic()
    line.say("unheard")
    take(client, lambda: any(isinstance(e, Disconnected) for e in client.seen), "the loss")
    assert time.monotonic() - begin < NOTICED
    line.proxy.heal()
    all_arrives(line, client, ["unheard"])


def test_a_black_hole_on_the_way_down(line: Line, client: KickClient) -> None:
    """Bytes of the server vanish, ours arrive: noticed in time."""
    line.proxy.down.swallow()
    begin = time.monotonic()
    said = ["unheard"]
    line.say("unheard")
    take(client, lambda: any(isinstance(e, Disconnected) for e in client.seen), "the loss")
    assert time.monotonic() - begin < NOTICED
    line.proxy.heal()
    all_arrives(line, client, said)


def test_a_black_hole_on_the_way_up(line: Line, client: KickClient) -> None:
    """Our bytes vanish: either side notices that pings or pongs are missing."""
    line.proxy.up.swallow()
    take(client, lambda: any(isinstance(e, Disconnected) for e in client.seen), "the loss", 5)
    line.say("unheard")
    line.proxy.heal()
    all_arrives(line, client, ["unheard"])


def test_throttling(line: Line, client: KickClient) -> None:
    """A line of 12 kB a second cuts frames into crumbs; they are put together again."""
    line.proxy.down.throttle(12_000)
    said = say_during(line, client, 1.0)
    take(client, lambda: len(texts(client)) > len(said), "the crumbs", 15)
    line.proxy.heal()
    all_arrives(line, client, said)
    assert len(line.proxy.accepted) == 1


def test_a_frame_cut_in_the_middle(line: Line, client: KickClient) -> None:
    """Half a frame and then the end: the whole of it comes from history."""
    line.proxy.down.cut(7)
    line.say("cut")
    take(client, lambda: any(isinstance(e, Reconnected) for e in client.seen), "it back")
    all_arrives(line, client, ["cut"])


def test_a_slow_program(line: Line, client: KickClient) -> None:
    """While the program takes no events, the connection is kept; then all are there."""
    idle = threading.Event()
    said = []
    for number in range(30):
        said.append(f"line {number}")
        line.say(said[-1])
        idle.wait(0.06)
    all_arrives(line, client, said)
    assert len(line.proxy.accepted) == 1


def test_a_line_that_keeps_breaking(line: Line, client: KickClient) -> None:
    """Five breaks, with talk going on, lose nothing and double nothing."""
    said = []
    for number in range(5):
        for part in range(3):
            said.append(f"line {number}.{part}")
            line.say(said[-1])
            client.poll(0.02)
        line.proxy.reset()
        client.poll(0.15)
    all_arrives(line, client, said)
