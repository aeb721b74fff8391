"""A hostile Kick that shares no code with the simulator: raw sockets, frames written by hand."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from kick_live import ChannelRef, Endpoints, KickAPI, KickClient

__all__ = ["TOPIC", "Breaker", "Peer", "close_frame", "frame", "message", "row"]

CHANNEL, ROOM = 7, 8
TOPIC = f"chatrooms.{ROOM}.v2"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(payload: bytes | str, first: int = 0x81) -> bytes:
    """A frame as a server writes it; the first byte is FIN, reserved bits and opcode."""
    data = payload.encode() if isinstance(payload, str) else payload
    if len(data) < 126:
        return bytes([first, len(data)]) + data
    if len(data) < 1 << 16:
        return bytes([first, 126]) + struct.pack("!H", len(data)) + data
    return bytes([first, 127]) + struct.pack("!Q", len(data)) + data


def close_frame(code: int, reason: str = "") -> bytes:
    """A closing frame."""
    return frame(struct.pack("!H", code) + reason.encode(), 0x88)


def row(number: int, second: float | None = None) -> dict[str, Any]:
    """A message as history has it; numbered, and a second apart."""
    at = 1_790_000_000 + (number if second is None else second)
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return {
        "id": f"id-{number}",
        "chat_id": CHANNEL,
        "chatroom_id": ROOM,
        "user_id": 5,
        "type": "message",
        "content": str(number),
        "created_at": f"{moment}.{int(at % 1 * 1000):03d}000Z",
        "sender": {"id": 5, "username": "Marmot", "slug": "marmot", "identity": {}},
    }


class Peer:
    """One WebSocket, seen from the server.

    Attributes:
        pongs: How many answers to pings of the protocol came.
    """

    def __init__(self, sock: socket.socket, transport: str, stop: threading.Event) -> None:
        self.sock = sock
        self.transport = transport
        self.stop = stop
        self.pongs = 0
        self._buffer = b""

    def text(self, value: Any) -> None:
        """Send JSON as one text frame."""
        self.sock.sendall(frame(json.dumps(value)))

    def publish(self, data: dict[str, Any]) -> None:
        """Send a message of chat."""
        self.sock.sendall(message(self.transport, data))

    def ping(self) -> None:
        """Ask for a sign of life."""
        self.text({"event": "pusher:ping", "data": {}} if self.transport == "pusher" else {})

    def commands(self) -> list[Any]:
        """What the client sent next; empty when nothing comes for a moment.

        Raises:
            OSError: The client has gone.
        """
        if not self._complete():
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                return []
            if not data:
                raise ConnectionResetError
            self._buffer += data
        found = []
        while self._complete():
            length, skip = self._lengths()
            mask = self._buffer[skip - 4 : skip]
            opcode = self._buffer[0] & 0xF
            body = bytes(
                byte ^ mask[at % 4] for at, byte in enumerate(self._buffer[skip : skip + length])
            )
            self._buffer = self._buffer[skip + length :]
            if opcode == 8:
                raise ConnectionResetError
            if opcode == 1:
                found += [json.loads(line) for line in body.splitlines()]
        return found

    def _lengths(self) -> tuple[int, int]:
        length = self._buffer[1] & 0x7F
        if length == 126:
            return struct.unpack("!H", self._buffer[2:4])[0], 8
        return length, 6

    def _complete(self) -> bool:
        if len(self._buffer) < 8:
            return (
                len(self._buffer) >= 6
                and self._buffer[1] & 0x7F < 126
                and (len(self._buffer) >= sum(self._lengths()))
            )
        return len(self._buffer) >= sum(self._lengths())

    def greet(self) -> None:
        """Behave until the chat's topic is acknowledged."""
        if self.transport == "pusher":
            data = json.dumps({"socket_id": "1.1", "activity_timeout": 120})
            self.text({"event": "pusher:connection_established", "data": data})
        while not self.stop.is_set():
            for command in self.commands():
                if self.answer(command) == TOPIC:
                    return

    def serve(self) -> None:
        """Behave for ever."""
        while not self.stop.is_set():
            for command in self.commands():
                self.answer(command)

    def answer(self, command: Any) -> str | None:
        """Answer as a server does; gives the topic that was acknowledged."""
        if self.transport == "pusher":
            if command.get("event") == "pusher:subscribe":
                topic: str = command["data"]["channel"]
                name = "pusher_internal:subscription_succeeded"
                self.text({"event": name, "channel": topic, "data": "{}"})
                return topic
            if command.get("event") == "pusher:ping":
                self.text({"event": "pusher:pong", "data": {}})
            self.pongs += command.get("event") == "pusher:pong"
            return None
        if command == {}:
            self.pongs += 1
        elif "connect" in command:
            self.text({"id": command["id"], "connect": {"client": "c", "ping": 25, "pong": True}})
        elif "subscribe" in command:
            self.text({"id": command["id"], "subscribe": {}})
            return str(command["subscribe"]["channel"])
        return None


def message(transport: str, data: dict[str, Any]) -> bytes:
    """A frame with a message of chat."""
    event = {"event": "App\\Events\\ChatMessageEvent", "data": json.dumps(data)}
    if transport == "pusher":
        return frame(json.dumps({**event, "channel": TOPIC}))
    return frame(json.dumps({"push": {"channel": TOPIC, "pub": {"data": event}}}))


class Breaker:
    """A server on loopback for one client, which does what a test says.

    Args:
        transport: Which protocol it speaks.

    Attributes:
        play: What is done with the n-th WebSocket, from 0, once it is open.
        instead: Done with the n-th raw connection for a WebSocket, instead of opening it.
        rest: Answers a request by its path: a status, and JSON or bytes.
        attempts: When WebSockets were asked for.
        requests: When requests came, and their paths.
    """

    def __init__(self, transport: str) -> None:
        self.transport = transport
        self.play: Callable[[Peer, int], object] = lambda peer, _: (peer.greet(), peer.serve())
        self.instead: Callable[[socket.socket, int], bool] = lambda sock, number: False
        self.rest: Callable[[str], tuple[int, Any] | None] = lambda path: None
        self.attempts: list[float] = []
        self.requests: list[tuple[float, str]] = []
        self.peers: list[Peer] = []
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._spawn(self._accept)
        self._api = KickAPI(self.endpoints, min_interval=0, retries=0)

    @property
    def endpoints(self) -> Endpoints:
        """Where it is."""
        return Endpoints.at(f"http://127.0.0.1:{self.port}")

    def client(self, **options: Any) -> KickClient:
        """A client of it."""
        ref = ChannelRef("amber-quokka", CHANNEL, ROOM)
        transport: Any = self.transport
        return KickClient(ref, transport=transport, api=self._api, **options)

    def __enter__(self) -> Breaker:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._api.close()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._spawn(self._serve, self._listener.accept()[0])

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            sock.settimeout(0.2)
            while not self._stop.is_set():
                head = self._head(sock)
                if b"upgrade: websocket" in head.lower():
                    return self._open(sock, head)
                self._request(sock, head)

    def _head(self, sock: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more(sock)
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += self._more(sock)
        return head

    def _more(self, sock: socket.socket) -> bytes:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                if data := sock.recv(65536):
                    return data
                break
        raise ConnectionResetError

    def _request(self, sock: socket.socket, head: bytes) -> None:
        path = head.split(b" ")[1].decode()
        self.requests.append((time.monotonic(), path))
        status, answer = self.rest(path) or (200, self._usual(path))
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        first = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        sock.sendall(f"{first}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _usual(self, path: str) -> Any:
        if path.endswith("/auth/connection"):
            return {"data": {"token": "t"}}
        if path.endswith("/connection"):
            url = f"ws://127.0.0.1:{self.port}/connection/websocket"
            offer = {"provider": "centrifugo", "credentials": {"url": url}}
            return {"data": {"connections": [offer], "mode": "websocket"}}
        return {"data": {"messages": [], "cursor": None}}

    def _open(self, sock: socket.socket, head: bytes) -> None:
        number = len(self.attempts)
        self.attempts.append(time.monotonic())
        if self.instead(sock, number):
            return
        key = head[head.lower().index(b"sec-websocket-key:") + 18 :].split(b"\r\n")[0].strip()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
        sock.sendall(
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        peer = Peer(sock, self.transport, self._stop)
        self.peers.append(peer)
        self.play(peer, number)
