"""A simulator, a client of it, a path to record to, and a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kick_live import KickAPI, KickClient
from kick_live.recording import ChatStore
from kick_live.testing import KickSimulator

SLUG = "amber-quokka"


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        simulator.add_channel(SLUG)
        yield simulator


@pytest.fixture
def channel(sim: KickSimulator) -> Any:
    return sim.channel(SLUG)


@pytest.fixture
def client(sim: KickSimulator) -> Iterator[KickClient]:
    with KickAPI(sim.endpoints, min_interval=0) as api, KickClient(SLUG, api=api) as client:
        yield client


@pytest.fixture(params=["chat.jsonl", "chat.jsonl.gz", "chat.jsonl.zst"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param.endswith(".zst"):
        pytest.importorskip("zstandard")
    return tmp_path / request.param


@pytest.fixture
def take_until(client: KickClient) -> Callable[[str], list[Any]]:
    """Takes the client's events up to the message that says so."""

    def take(content: str) -> list[Any]:
        taken = []
        for event in client.events(timeout=20):
            taken.append(event)
            if getattr(event, "content", None) == content:
                return taken
        pytest.fail(f"no message {content!r} came")

    return take


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    with ChatStore(tmp_path / "chat.db") as store:
        yield store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chat.jsonl"
