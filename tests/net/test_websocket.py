"""WebSocket against a peer on loopback that plays by script."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers.tls import write_tls_files
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Pong, TextMessage

from kick_live.errors import TransportError
from kick_live.net import websocket as module
from kick_live.net.websocket import WebSocket

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ACCEPTED = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: {accept}\r\n\r\n"
)


class Peer:
    """A server for one connection, driven by the test's thread once the handshake is over.

    Args:
        answer: The HTTP answer, in which ``{accept}`` stands for the key's hash; none at all if
            it is ``None``.
    """

    def __init__(
        self, answer: str | None = _ACCEPTED, context: ssl.SSLContext | None = None
    ) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.sock: Any = None
        self.request = b""
        self.accepted = threading.Event()
        self._answer, self._context = answer, context
        self._wire = Connection(ConnectionType.SERVER)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where to connect."""
        scheme = "ws" if self._context is None else "wss"
        return f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}/socket"

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            sock: socket.socket = self.listener.accept()[0]
            sock.settimeout(10)
            self.sock = sock
            if self._context is not None:
                self.sock = self._context.wrap_socket(sock, server_side=True)
            self.accepted.set()
            if self._answer is None:
                return
            while b"\r\n\r\n" not in self.request and (data := self.sock.recv(4096)):
                self.request += data
            self.sock.sendall(self._answer.replace("{accept}", self._accept_key()).encode())

    def _accept_key(self) -> str:
        head, _, key = self.request.lower().partition(b"sec-websocket-key: ")
        key = self.request[len(head) + 19 :].split(b"\r\n")[0]
        return base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()

    def join(self) -> None:
        """Wait for the handshake's end."""
        self._thread.join(10)

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        self.sock.sendall(data)

    def next(self) -> Any:
        """The next thing that the client sends; ``None`` at the end of the connection."""
        while True:
            for event in self._wire.events():
                return event
            data = self.sock.recv(65536)
            if not data:
                return None
            self._wire.receive_data(data)

    def stop(self) -> None:
        """Let go of everything."""
        self.listener.close()
        if self.sock is not None:
            self.sock.close()
        self.join()
        if self.sock is not None:
            self.sock.close()


@pytest.fixture
def peer_of() -> Iterator[Callable[..., Peer]]:
    """Makes peers that are stopped at the end."""
    peers: list[Peer] = []

    def make(*args: Any, **kwargs: Any) -> Peer:
        peers.append(Peer(*args, **kwargs))
        return peers[-1]

    yield make
    for peer in peers:
        peer.stop()


@pytest.fixture
def opened(peer_of: Callable[..., Peer]) -> Iterator[tuple[WebSocket, Peer]]:
    """An open WebSocket and its peer."""
    peer = peer_of()
    ws = WebSocket(peer.url, send_timeout=0.3)
    ws.open(5.0)
    peer.join()
    yield ws, peer
    ws.close(timeout=0)


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A short frame as a server writes it."""
    return bytes([0x80 | opcode, len(payload)]) + payload


def close_frame(code: int, reason: bytes = b"") -> bytes:
    """A closing frame as a server writes it."""
    return frame(0x8, code.to_bytes(2, "big") + reason)


def received(ws: WebSocket, enough: Callable[[list[str]], bool]) -> list[str]:
    """Read until there is enough; fails after five seconds."""
    texts: list[str] = []
    deadline = time.monotonic() + 5
    while not enough(texts):
        assert time.monotonic() < deadline
        try:
            texts += [text.decode() for text in ws.receive()]
        finally:
            ws.answer()
        threading.Event().wait(0.001)
    return texts


def broken(ws: WebSocket) -> TransportError:
    """Read until the connection is over; the error that says so."""
    with pytest.raises(TransportError) as caught:
        received(ws, lambda _: False)
    return caught.value


# -- opening


def test_the_handshake_has_a_user_agent_and_no_origin(opened: tuple[WebSocket, Peer]) -> None:
    """Kick refuses foreign origins, so none is sent."""
    request = opened[1].request.lower()
    assert b"user-agent: mozilla/5.0\r\n" in request
    assert b"origin:" not in request
    assert request.startswith(b"get /socket http/1.1\r\n")


@pytest.mark.parametrize("status", [403, 404, 426, 429, 500, 503])
def test_a_refused_upgrade_tells_its_status(peer_of: Callable[..., Peer], status: int) -> None:
    """The HTTP status is in the error's code."""
    peer = peer_of(f"HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\nno")
    with pytest.raises(TransportError, match=str(status)) as caught:
        WebSocket(peer.url).open(5.0)
    assert caught.value.code == status


@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 301 Moved\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        _ACCEPTED.replace("{accept}", "wrong"),
        "nonsense\r\n\r\n",
        "",
    ],
)
def test_a_strange_answer_is_an_error_of_ours(peer_of: Callable[..., Peer], answer: str) -> None:
    """Redirects are not followed, and a false handshake is not believed."""
    peer = peer_of(answer)
    with pytest.raises(TransportError):
        WebSocket(peer.url).open(0.5)


def test_an_address_where_nobody_listens_is_an_error_of_ours() -> None:
    """The system's error is chained, not raised."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError, match="could not be opened") as caught:
        WebSocket(f"ws://127.0.0.1:{port}/").open(2.0)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.code is None


@pytest.mark.parametrize("url", ["ws://", "http://127.0.0.1/", "nonsense", "ws://127.0.0.1:99999/"])
def test_an_address_that_is_none_is_an_error_of_ours(url: str) -> None:
    """Nothing of websocket-client's leaks."""
    with pytest.raises(TransportError):
        WebSocket(url).open(0.5)


def test_a_server_that_says_nothing_is_given_up(peer_of: Callable[..., Peer]) -> None:
    """The time-out holds for the handshake, too."""
    peer = peer_of(None)
    began = time.monotonic()
    with pytest.raises(TransportError):
        WebSocket(peer.url).open(0.2)
    assert time.monotonic() - began < 3


def test_abort_ends_a_blocked_open_at_once(peer_of: Callable[..., Peer]) -> None:
    """Another thread need not wait for the time-out of the handshake."""
    peer = peer_of(None)
    ws = WebSocket(peer.url)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            ws.open(30.0)
        except TransportError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert peer.accepted.wait(5)
    deadline = time.monotonic() + 5
    while thread.is_alive():
        assert time.monotonic() < deadline
        ws.abort()
        thread.join(0.02)
    assert len(errors) == 1
    ws.close()


# -- reading


def test_nothing_to_read_is_no_error(opened: tuple[WebSocket, Peer]) -> None:
    """Reading never blocks."""
    assert opened[0].receive() == []
    assert not opened[0].has_pending()
    assert opened[0].fileno() >= 0


def test_all_messages_of_a_read_come_at_once(opened: tuple[WebSocket, Peer]) -> None:
    """Whole messages come in order; a part waits for the rest."""
    ws, peer = opened
    peer.send(frame(1, b"one") + frame(1, b"two") + b"\x81\x05th")
    assert received(ws, lambda texts: len(texts) == 2) == ["one", "two"]
    peer.send(b"ree")
    assert received(ws, lambda texts: len(texts) == 1) == ["three"]


def test_more_than_one_read_holds_is_read_whole(opened: tuple[WebSocket, Peer]) -> None:
    """Half a megabyte arrives without loss, in several goes."""
    ws, peer = opened
    sender = threading.Thread(target=peer.send, args=(frame(1, b"x" * 100) * 5000,))
    sender.start()
    assert received(ws, lambda texts: len(texts) >= 5000) == ["x" * 100] * 5000
    sender.join(5)


def test_a_ping_is_answered_with_its_payload(opened: tuple[WebSocket, Peer]) -> None:
    """Pings are the transport's business and reach nobody else."""
    ws, peer = opened
    peer.send(frame(9, b"abc") + frame(1, b"x"))
    assert received(ws, bool) == ["x"]
    pong = peer.next()
    assert isinstance(pong, Pong)
    assert bytes(pong.payload) == b"abc"


def test_messages_before_a_close_come_first(opened: tuple[WebSocket, Peer]) -> None:
    """The close is raised by the next call, as often as it is asked; the peer is answered."""
    ws, peer = opened
    peer.send(frame(1, b"last") + close_frame(4200, b"come again"))
    assert received(ws, bool) == ["last"]
    for _ in range(2):
        with pytest.raises(TransportError, match="come again") as caught:
            ws.receive()
        assert (caught.value.code, caught.value.reason) == (4200, "come again")
    answer = peer.next()
    assert isinstance(answer, CloseConnection)
    assert answer.code == 4200


def test_what_a_peer_is_owed_is_sent_before_the_end(opened: tuple[WebSocket, Peer]) -> None:
    """Though nothing was answered between."""
    ws, peer = opened
    peer.send(close_frame(4200))
    assert select.select([ws], [], [], 5)[0]
    with pytest.raises(TransportError):
        ws.receive()
    ws.close(timeout=0)
    answer = peer.next()
    assert isinstance(answer, CloseConnection)
    assert answer.code == 4200


def test_a_close_without_a_code_has_none(opened: tuple[WebSocket, Peer]) -> None:
    """An empty closing frame is legal."""
    ws, peer = opened
    peer.send(frame(8))
    error = broken(ws)
    assert (error.code, error.reason) == (None, "")


def test_an_end_without_a_close_has_the_code_for_that(opened: tuple[WebSocket, Peer]) -> None:
    """What was read before is returned first."""
    ws, peer = opened
    peer.send(frame(1, b"last"))
    peer.sock.close()
    assert received(ws, bool) == ["last"]
    assert broken(ws).code == 1006


def test_a_reset_is_an_error_of_ours(opened: tuple[WebSocket, Peer]) -> None:
    """A connection that is torn down has the same code."""
    ws, peer = opened
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()
    assert broken(ws).code == 1006


def test_a_peer_that_breaks_the_protocol_is_told(opened: tuple[WebSocket, Peer]) -> None:
    """The error's code is that of the closing frame that the peer gets."""
    ws, peer = opened
    peer.send(b"\xc1\x00")
    assert broken(ws).code == 1002
    ws.close()
    answer = peer.next()
    assert isinstance(answer, CloseConnection)
    assert answer.code == 1002
    assert peer.next() is None


@pytest.mark.parametrize(
    ("after", "code"),
    [(b"\xc1\x00", 1002), (b"\x81\x01\xff", 1007), (b"\x81\x7f" + b"\x00" * 3 + b"\xff" * 5, 1009)],
)
def test_messages_before_a_broken_frame_come_first(
    opened: tuple[WebSocket, Peer], after: bytes, code: int
) -> None:
    """Though they arrived together; what is wrong is raised next, and is there to be received."""
    ws, peer = opened
    peer.send(frame(1, b"one") + frame(1, b"two") + after)
    assert received(ws, bool) == ["one", "two"]
    assert ws.has_pending()
    for _ in range(2):
        with pytest.raises(TransportError) as caught:
            ws.receive()
        assert caught.value.code == code


def test_messages_before_a_close_need_no_more_bytes(opened: tuple[WebSocket, Peer]) -> None:
    """A peer that closes but keeps the line open is not waited for."""
    ws, peer = opened
    peer.send(frame(1, b"last") + close_frame(4200))
    assert received(ws, bool) == ["last"]
    assert ws.has_pending()


def test_messages_before_a_pong_that_fails_come_first(opened: tuple[WebSocket, Peer]) -> None:
    """Not being able to answer does not undo what was read."""
    ws, peer = opened
    peer.send(frame(1, b"one") + frame(9, b"x"))
    sent = ws._ws.send
    ws._ws.send = lambda *_: (_ for _ in ()).throw(BrokenPipeError("gone"))
    assert select.select([ws], [], [], 5)[0]
    assert ws.receive() == [b"one"]
    ws.answer()
    assert ws.has_pending()
    with pytest.raises(TransportError, match="Sending failed"):
        ws.receive()
    ws._ws.send = sent


def test_a_close_that_cannot_be_answered_keeps_its_code(opened: tuple[WebSocket, Peer]) -> None:
    """The code says what to do next, which a peer that is gone already does not change."""
    ws, peer = opened
    peer.send(frame(1, b"one") + close_frame(4001, b"who are you"))
    assert select.select([ws], [], [], 5)[0]
    ws._ws.send = lambda *_: (_ for _ in ()).throw(BrokenPipeError("gone"))
    assert ws.receive() == [b"one"]
    ws.answer()
    with pytest.raises(TransportError, match="who are you") as caught:
        ws.receive()
    assert caught.value.code == 4001


def test_a_message_over_the_limit_is_refused(peer_of: Callable[..., Peer]) -> None:
    """The limit is the caller's."""
    peer = peer_of()
    ws = WebSocket(peer.url, max_size=1000)
    ws.open(5.0)
    peer.join()
    peer.send(b"\x81\x7e\x03\xe9")
    assert broken(ws).code == 1009
    ws.close()


# -- writing


def test_a_text_arrives_masked_and_whole(opened: tuple[WebSocket, Peer]) -> None:
    """A peer that insists on masks, as the standard wants, reads it."""
    ws, peer = opened
    ws.send("héllo " + "x" * 70_000)
    text = ""
    while not text.endswith("x") or len(text) < 70_006:
        event = peer.next()
        assert isinstance(event, TextMessage)
        text += event.data
    assert text == "héllo " + "x" * 70_000


def test_a_peer_that_takes_nothing_fails_the_send(opened: tuple[WebSocket, Peer]) -> None:
    """The wait is bounded by send_timeout."""
    ws, _ = opened
    began = time.monotonic()
    with pytest.raises(TransportError, match="Sending failed"):
        ws.send("x" * 50_000_000)
    assert time.monotonic() - began < 5


# -- closing


def test_close_says_goodbye_and_waits_for_the_answer(opened: tuple[WebSocket, Peer]) -> None:
    """The closing handshake is done in order, and doing it twice changes nothing."""
    ws, peer = opened
    seen: list[Any] = []

    def answer() -> None:
        seen.append(peer.next())
        peer.send(frame(1, b"crossing") + close_frame(1000))

    thread = threading.Thread(target=answer)
    thread.start()
    ws.close(timeout=5.0)
    ws.close()
    thread.join(5)
    assert [(type(event), event.code) for event in seen] == [(CloseConnection, 1000)]


def test_close_does_not_wait_for_a_silent_peer(opened: tuple[WebSocket, Peer]) -> None:
    """The wait for the answer has a limit."""
    began = time.monotonic()
    opened[0].close(timeout=0.1)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("farewell", [b"", b"\xc1\x00", b"RST"])
def test_close_never_raises(opened: tuple[WebSocket, Peer], farewell: bytes) -> None:
    """A peer that hangs up, breaks the protocol or resets meanwhile is as good as closed."""
    ws, peer = opened
    if farewell == b"RST":
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        peer.send(farewell)
    peer.sock.close()
    ws.close(timeout=1.0)


def test_close_after_the_peer_closed_sends_nothing_more(opened: tuple[WebSocket, Peer]) -> None:
    """One answer is enough."""
    ws, peer = opened
    peer.send(close_frame(3001))
    assert broken(ws).code == 3001
    ws.close()
    assert isinstance(peer.next(), CloseConnection)
    assert peer.next() is None


def test_close_and_abort_before_open_do_nothing() -> None:
    """There is nothing to let go of."""
    ws = WebSocket("ws://127.0.0.1:1/")
    ws.abort()
    ws.close()
    ws.close()


def test_close_after_a_failed_open_lets_go(peer_of: Callable[..., Peer]) -> None:
    """A socket of which the handshake failed is closed."""
    peer = peer_of("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    ws = WebSocket(peer.url)
    with pytest.raises(TransportError):
        ws.open(5.0)
    ws.close()
    assert peer.sock.recv(1) == b""


def test_abort_ends_a_blocked_send(peer_of: Callable[..., Peer]) -> None:
    """Closing afterwards is quick, and says no goodbye."""
    peer = peer_of()
    ws = WebSocket(peer.url, send_timeout=30.0)
    ws.open(5.0)
    peer.join()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            ws.send("x" * 50_000_000)
        except TransportError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    peer.sock.recv(1, socket.MSG_PEEK)
    ws.abort()
    thread.join(5)
    assert len(errors) == 1
    ws.close()


# -- TLS


@pytest.fixture
def tls_peer(peer_of: Callable[..., Peer], tmp_path: Path) -> tuple[Peer, str]:
    """A peer that speaks TLS, and the file of its authority."""
    files = write_tls_files(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)
    return peer_of(context=context), str(files.ca)


@pytest.fixture
def opened_tls(tls_peer: tuple[Peer, str]) -> Iterator[tuple[WebSocket, Peer]]:
    """An open WebSocket over TLS, and its peer."""
    peer, authority = tls_peer
    ws = WebSocket(peer.url, ca_bundle=authority)
    ws.open(5.0)
    peer.join()
    yield ws, peer
    ws.close(timeout=0)


def test_small_records_of_tls_are_read_together(
    opened_tls: tuple[WebSocket, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers send a record a message; where one read follows another closely, all are taken."""
    monkeypatch.setattr(module, "_SOON", 60.0)
    ws, peer = opened_tls
    peer.send(frame(1, b"first"))
    assert received(ws, bool) == ["first"]
    for number in range(50):
        peer.send(frame(1, b"%d" % number))
    texts: list[bytes] = []
    reads = 0
    while len(texts) < 50:
        assert select.select([ws], [], [], 5)[0]
        texts += ws.receive()
        reads += 1
    assert texts == [b"%d" % number for number in range(50)]
    assert reads < 10


def test_tls_is_checked_against_the_given_authority(opened_tls: tuple[WebSocket, Peer]) -> None:
    """With the right authority it opens and reads; what TLS holds back is seen."""
    ws, peer = opened_tls
    peer.send(frame(1, b"x" * 100) * 300)
    assert len(received(ws, lambda texts: len(texts) >= 300)) == 300
    assert not ws.has_pending()


def test_a_stranger_is_not_trusted(tls_peer: tuple[Peer, str]) -> None:
    """The error says what to do about a private authority."""
    peer, _ = tls_peer
    with pytest.raises(TransportError, match="ca_bundle"):
        WebSocket(peer.url).open(5.0)


@pytest.mark.parametrize("content", [None, "no certificates"])
def test_a_bad_file_of_certificates_is_an_error_of_ours(
    tmp_path: Path, content: str | None
) -> None:
    """Missing or unreadable: the message names the file, and another try would not help."""
    bundle = tmp_path / "authority.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(TransportError, match=r"authority\.pem") as caught:
        WebSocket("wss://127.0.0.1:1/", ca_bundle=str(bundle)).open(1.0)
    assert caught.value.lasting


def test_a_directory_of_certificates_is_taken(tmp_path: Path) -> None:
    """OpenSSL's hashed directories work as well; here nobody listens."""
    with pytest.raises(TransportError, match="could not be opened"):
        WebSocket("wss://127.0.0.1:1/", ca_bundle=str(tmp_path)).open(1.0)
