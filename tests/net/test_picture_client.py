"""Pictures come from the servers of pictures, in small numbers and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kick_live.errors import Blocked, InvalidResponse, NotFound, RateLimited, Unreachable
from kick_live.net.endpoints import Endpoints
from kick_live.net.pictures import PictureClient
from kick_live.testing import KickSimulator

EMOTE = "https://files.kick.com/emotes/39001/fullsize"
BADGE = "https://ext.cdn.kick.com/chat/badges/55.png"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        yield simulator


@pytest.fixture
def client(sim: KickSimulator) -> Iterator[PictureClient]:
    client = PictureClient(sim.endpoints)
    yield client
    client.close()


def asked(sim: KickSimulator) -> list[str]:
    return [request.path for request in sim.requests]


def test_both_kinds_come_from_their_servers(sim: KickSimulator, client: PictureClient) -> None:
    """What Kick has at an address is fetched where the endpoints say."""
    assert client.get(EMOTE).startswith(PNG)
    assert client.get(BADGE).startswith(PNG)
    assert asked(sim) == ["/emotes/39001/fullsize", "/chat/badges/55.png"]
    assert "image/" in sim.requests[0].headers["accept"]


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (403, Blocked), (429, RateLimited)])
def test_a_refusal_is_told_and_not_repeated(
    sim: KickSimulator, client: PictureClient, status: int, error: type[Exception]
) -> None:
    """One request, one error."""
    sim.fail("/emotes/", status)
    with pytest.raises(error):
        client.get(EMOTE)
    assert len(sim.requests) == 1


def test_a_large_picture_is_not_read(sim: KickSimulator) -> None:
    """What is beyond the limit is refused."""
    sim.fail("/emotes/", 200, body="x" * 2000)
    client = PictureClient(sim.endpoints, max_bytes=1999)
    with pytest.raises(InvalidResponse, match="more than 1999 bytes"):
        client.get(EMOTE)
    client.close()


def test_a_redirect_is_followed_within_the_servers(
    sim: KickSimulator, client: PictureClient
) -> None:
    """To another path of theirs."""
    sim.fail("/emotes/39001", 302, headers={"Location": "/emotes/7/fullsize"})
    assert client.get(EMOTE).startswith(PNG)
    assert asked(sim)[-1] == "/emotes/7/fullsize"


@pytest.mark.parametrize("target", ["http://localhost:1/x", "https://example.org/x", ""])
def test_a_redirect_to_elsewhere_is_not_followed(
    sim: KickSimulator, client: PictureClient, target: str
) -> None:
    """Not even to another port of this machine, and no further than the first request."""
    sim.fail("/emotes/", 302, headers={"Location": target} if target else {})
    with pytest.raises(InvalidResponse):
        client.get(EMOTE)
    assert len(sim.requests) == 1


def test_a_redirect_in_a_circle_ends(sim: KickSimulator, client: PictureClient) -> None:
    """After four requests."""
    sim.fail("/emotes/", 302, headers={"Location": "/emotes/39001/fullsize"})
    with pytest.raises(InvalidResponse, match="more than 3 times"):
        client.get(EMOTE)
    assert len(sim.requests) == 4


@pytest.mark.parametrize(
    "url", ["https://example.org/emotes/1/fullsize", "http://files.kick.com/emotes/1/fullsize"]
)
def test_nothing_but_pictures_is_asked_for(client: PictureClient, url: str) -> None:
    """An address that is none of Kick's pictures is a mistake of the caller."""
    with pytest.raises(ValueError, match="no address of a picture"):
        client.get(url)


def test_other_machines_are_asked_through_tls_only() -> None:
    """Plain http is for this machine; nothing is sent."""
    client = PictureClient(Endpoints.at("http://pictures.example"))
    with pytest.raises(InvalidResponse, match="neither https nor this machine"):
        client.get(EMOTE)
    client.close()


class _Server:
    """Answers every request at once, and keeps a clock that only waiting moves."""

    def __init__(self) -> None:
        self.time = 100.0
        self.asked: list[tuple[str, float]] = []

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.asked.append((url, self.time))
        return SimpleNamespace(status_code=200, headers={}, content=b"GIF89a")

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_requests_to_one_server_keep_their_distance() -> None:
    """A tenth of a second; each server by itself."""
    server = _Server()
    client = PictureClient(
        Endpoints(), session=server, clock=lambda: server.time, sleep=server.sleep
    )
    for url in (EMOTE, BADGE, EMOTE, EMOTE):
        assert client.get(url) == b"GIF89a"
    assert server.asked == [
        (EMOTE, 100.0),
        (BADGE, 100.0),
        (EMOTE, pytest.approx(100.1)),
        (EMOTE, pytest.approx(100.2)),
    ]


def test_a_server_that_is_not_there() -> None:
    """The error is the library's own."""
    client = PictureClient(Endpoints.at("http://127.0.0.1:1"), timeout=2)
    with pytest.raises(Unreachable):
        client.get(EMOTE)
    client.close()
