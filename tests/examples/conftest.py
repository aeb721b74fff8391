"""A channel of a simulator, a client for it, and the folder of the examples to import from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kick_live import ChatMessage, Connected, KickAPI, KickClient
from kick_live.testing import KickSimulator, SimulatedChannel

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
LAST = "that is all"

Play = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def _examples_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))


@pytest.fixture
def simulator() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        yield simulator


@pytest.fixture
def channel(simulator: KickSimulator) -> SimulatedChannel:
    return simulator.add_channel("amber-quokka", live=True)


@pytest.fixture
def client(simulator: KickSimulator, channel: SimulatedChannel) -> Iterator[KickClient]:
    with (
        KickAPI(simulator.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api, remember_ids=False) as client,
    ):
        yield client


@pytest.fixture
def play(client: KickClient, channel: SimulatedChannel) -> Play:
    """Let things happen once the example has connected; after the last of them, close the client.

    Other listeners for the last message still hear it: closing does not stop what is being fired.
    """

    def play(happen: Callable[[], object]) -> None:
        def begin(_: Connected) -> None:
            happen()
            channel.chat(LAST, username="pebble")

        def end(message: ChatMessage) -> None:
            if message.content == LAST:
                client.close()

        client.on(Connected, begin)
        client.on(ChatMessage, end)

    return play
