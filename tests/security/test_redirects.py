"""Redirects to other hosts are not followed, on any path."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kick_live import Endpoints, KickAPI
from kick_live.errors import APIError, InvalidResponse, TransportError
from kick_live.net.http_session import MAX_BODY
from kick_live.net.negotiation import fetch_token, negotiate
from kick_live.net.pictures import PictureClient
from kick_live.net.websocket import WebSocket

Server = Callable[[bytes], str]


def redirect(location: bytes, status: int = 302) -> bytes:
    """A redirect as it stands on the wire."""
    return (
        b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        % (status, location)
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_realtime_calls_follow_no_redirect(raw_server: Server, status: int) -> None:
    """Neither the negotiation nor the token's request goes anywhere else, not even nearby."""
    elsewhere = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    server = raw_server(redirect(f"http://{elsewhere}/x".encode(), status))
    with KickAPI(Endpoints.at(f"http://{server}")) as api:
        for call in (negotiate, fetch_token):
            with pytest.raises(InvalidResponse) as caught:
                call(api, "client")
            assert caught.value.status == status


ELSEWHERE = [
    b"http://localhost:1/x",
    b"http://192.0.2.1/",
    b"https://evil.example/",
    b"//evil.example/",
    b"http://127.0.0.1@evil.example/",
    b"http://user:secret@127.0.0.1/",
    b"http://[bad/",
    b"http://127.0.0.1:port/",
    b"file:///etc/passwd",
    b"ftp://127.0.0.1/",
    b"http://evil\x1b[2J.example/",
    b"http://evil.example/\xff",
    b"\\\\evil.example\\x",
]


@pytest.mark.parametrize("location", ELSEWHERE)
def test_a_lookup_follows_no_redirect_to_another_host(raw_server: Server, location: bytes) -> None:
    """It ends in an APIError whose words hold nothing that a terminal obeys, and no password."""
    endpoints = Endpoints.at(f"http://{raw_server(redirect(location))}")
    with KickAPI(endpoints, min_interval=0, retries=0) as api, pytest.raises(APIError) as caught:
        api.channel("amber-quokka")
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)


def test_a_redirect_with_an_endless_body_is_not_read_to_its_end(raw_server: Server) -> None:
    """The limit for answers counts for redirects too."""
    head = redirect(b"/again").replace(b"Length: 0", b"Length: %d" % (1 << 40))
    endpoints = Endpoints.at(f"http://{raw_server(head + b'x' * (MAX_BODY + (1 << 20)))}")
    with (
        KickAPI(endpoints, min_interval=0, retries=0) as api,
        pytest.raises(InvalidResponse, match="more than"),
    ):
        api.channel("amber-quokka")


def test_redirects_in_a_circle_end(raw_server: Server) -> None:
    """After a few rounds it gives up."""
    endpoints = Endpoints.at(f"http://{raw_server(redirect(b'/again'))}")
    with (
        KickAPI(endpoints, min_interval=0, retries=0) as api,
        pytest.raises(InvalidResponse, match="redirects more than"),
    ):
        api.channel("amber-quokka")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_websocket_follows_no_redirect(raw_server: Server, status: int) -> None:
    """The handshake fails; what comes after the redirect's headers is not taken for frames."""
    other = raw_server(b"")
    answer = redirect(f"ws://{other}/".encode(), status) + b"\x81\x02hi"
    websocket = WebSocket(f"ws://{raw_server(answer)}/")
    with pytest.raises(TransportError):
        websocket.open(5)
    websocket.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 No\r\nContent-Length: 99999999999999\r\n\r\n",
        b"HTTP/1.1 403 No\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 403 No\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
        b"HTTP/1.1 \xff\xfe\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"\r\n\r\n",
        b"\x00" * 100,
        b"HTTP/1.1 101 Switching\r\nno colon\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 \x1b[2J\r\nSet-Cookie: \x1b[31m\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_handshake_without_sense_is_a_transport_error(raw_server: Server, answer: bytes) -> None:
    """Whatever the answer is, one kind of error comes out, with words for people."""
    websocket = WebSocket(f"ws://{raw_server(answer)}/")
    with pytest.raises(TransportError) as caught:
        websocket.open(5)
    websocket.close()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("location", ELSEWHERE)
def test_a_picture_is_fetched_from_no_other_host(raw_server: Server, location: bytes) -> None:
    """It ends in an APIError of the same kind."""
    client = PictureClient(Endpoints.at(f"http://{raw_server(redirect(location))}"))
    with pytest.raises(APIError) as caught:
        client.get("https://files.kick.com/emotes/39001/fullsize")
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)
    client.close()
