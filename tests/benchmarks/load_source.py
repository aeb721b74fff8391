"""A server that is never the bottleneck: ready-made frames, sent as fast as the socket takes them.

A process of its own, with plain sockets and threads:

    python -m tests.benchmarks.load_source --protocol pusher --events 100000

It prints its port as a line of JSON. A client that subscribes to the chat topic gets one event to
warm up, half a second of silence, and then the load; a second line tells when the load began and
ended, on the monotonic clock, which all processes of a machine share. With ``--rate`` the load is
paced and each message begins with the nanoseconds of that clock at which it was sent.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import socket
import ssl
import sys
import threading
import time
from typing import Any

from . import kinds
from .events import CHANNEL_ID, CHAT_TOPIC, CHATROOM_ID, SLUG, STAMP, chat, mixed
from .frames import frame, frames

__all__ = ["MIXTURES", "LoadSource", "Subscriber", "main", "say"]

#: What a load consists of; those of ``kinds`` end with a message of their own.
MIXTURES = ("plain", "usual", *kinds.MIXTURES)

#: How many different events are sent over and over; more than a client remembers for doubles.
_POOL = 4000
#: In a mixture a third of the events have an id that is remembered.
_MIXTURE_POOL = 12_000
_CHUNK = 1 << 20
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SETTLE = 0.3
_REST = 0.5


def main(arguments: list[str] | None = None) -> None:
    """Serve until standard input is closed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--protocol", choices=("pusher", "centrifugo"), default="pusher")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=0.0, help="events a second; 0: no pause")
    parser.add_argument("--mixture", choices=MIXTURES, default="plain")
    parser.add_argument("--certificate", help="a PEM file with chain and key: speak TLS")
    source = LoadSource(**vars(parser.parse_args(arguments)))
    threading.Thread(target=source.serve, daemon=True).start()
    say(port=source.port)
    sys.stdin.read()


class LoadSource:
    """Listens on loopback; each connection has a thread."""

    def __init__(
        self, protocol: str, events: int, rate: float, mixture: str, certificate: str | None = None
    ) -> None:
        self.protocol = protocol
        self.tls = None
        if certificate is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self._events = events
        self._rate = rate
        self._first, *self._frames = _pool(protocol, mixture)
        self._end = frames([kinds.marker()], protocol) if mixture in kinds.MIXTURES else []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Accept connections for ever."""
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as reader:
            try:
                while head := _head(reader):
                    if "sec-websocket-key" in head:
                        _shake_hands(connection, head)
                        self.make_subscriber(connection, reader).run()
                        return
                    reader.read(int(head.get("content-length", "0")))
                    _answer(connection, self._rest(head["path"]))
            except OSError:
                return  # the client has what it came for

    def _rest(self, path: str) -> Any:
        """The few answers that clients ask for before they open the socket."""
        if path.endswith("/auth/connection"):
            return {"data": {"token": "header.payload.signature"}, "message": "success"}
        if path.endswith("/connection"):
            url = f"ws://127.0.0.1:{self.port}/connection/websocket"
            offer = {"provider": "centrifugo", "credentials": {"url": url}}
            return {"data": {"connections": [offer], "mode": "websocket"}, "message": "success"}
        return {"id": CHANNEL_ID, "slug": SLUG, "chatroom": {"id": CHATROOM_ID}}

    def make_subscriber(self, connection: socket.socket, reader: Any) -> Subscriber:
        """Who serves one WebSocket."""
        return Subscriber(connection, reader, self)

    def send_load(self, connection: socket.socket, lock: threading.Lock) -> None:
        """Send one event, pause, send all."""
        with lock:
            connection.sendall(self._first)
        time.sleep(_REST)
        started, cpu = time.monotonic(), time.process_time()
        send = self._send_paced if self._rate else self._send_fast
        size = send(connection, lock)
        finished = time.monotonic()
        say(started=started, finished=finished, bytes=size, cpu=time.process_time() - cpu)

    def _send_fast(self, connection: socket.socket, lock: threading.Lock) -> int:
        rounds, rest = divmod(self._events - len(self._end), len(self._frames))
        whole = memoryview(b"".join(self._frames))
        last = memoryview(b"".join((*self._frames[:rest], *self._end)))
        for data in (*[whole] * rounds, last):
            for start in range(0, len(data), _CHUNK):
                with lock:
                    connection.sendall(data[start : start + _CHUNK])
        return len(whole) * rounds + len(last)

    def _send_paced(self, connection: socket.socket, lock: threading.Lock) -> int:
        size = 0
        begin = time.monotonic()
        for index in range(self._events):
            wait = begin + index / self._rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            ready = self._frames[index % len(self._frames)]
            stamp = f"{time.monotonic_ns():019d}".encode()
            with lock:
                connection.sendall(ready.replace(STAMP.encode(), stamp))
            size += len(ready)
        return size


class Subscriber:
    """One WebSocket: greeting, acknowledgements, then the load."""

    def __init__(self, connection: socket.socket, reader: Any, source: Any) -> None:
        self._connection = connection
        self._reader = reader
        self._source = source
        self._lock = threading.Lock()
        self._loaded = False

    def run(self) -> None:
        """Serve until the client goes away."""
        if self._source.protocol == "pusher":
            greeting = json.dumps({"socket_id": "318457.2290614", "activity_timeout": 120})
            self._say({"event": "pusher:connection_established", "data": greeting})
        while (received := _receive(self._reader)) is not None:
            opcode, payload = received
            if opcode == 0x8:
                self._send(frame(payload, 0x8))
                return
            if opcode == 0x9:
                self._send(frame(payload, 0xA))
            if opcode == 0x1:
                for line in payload.decode().splitlines():
                    self._act(json.loads(line))

    def _act(self, command: dict[str, Any]) -> None:
        topic = None
        if command.get("event") == "pusher:subscribe":
            topic = command["data"]["channel"]
            name = "pusher_internal:subscription_succeeded"
            self._say({"event": name, "data": "{}", "channel": topic})
        elif command.get("event") == "pusher:ping":
            self._say({"event": "pusher:pong", "data": {}})
        elif "connect" in command:
            reply = {"client": "c1", "version": "6.9.6 PRO", "expires": True, "ttl": 2700}
            self._say({"id": command["id"], "connect": {**reply, "ping": 25, "pong": True}})
        elif "subscribe" in command:
            topic = command["subscribe"]["channel"]
            self._say({"id": command["id"], "subscribe": {}})
        elif command.get("event") == "pusher:unsubscribe":
            self.unsubscribed(command["data"]["channel"])
        elif "unsubscribe" in command:
            self._say({"id": command["id"], "unsubscribe": {}})
            self.unsubscribed(command["unsubscribe"]["channel"])
        if topic is not None:
            self.subscribed(topic)

    def subscribed(self, topic: str) -> None:
        """A topic was asked for and acknowledged: the chat topic starts the load, once."""
        if topic == CHAT_TOPIC and not self._loaded:
            self._loaded = True
            if self._source.tls is not None:
                self._load()  # OpenSSL cannot be read by one thread while another one writes
            else:
                threading.Thread(target=self._load, daemon=True).start()

    def unsubscribed(self, topic: str) -> None:
        """A topic was given up."""

    def _load(self) -> None:
        try:
            # The other topics are acknowledged first.
            time.sleep(_SETTLE)
            self._source.send_load(self._connection, self._lock)
        except OSError:
            return  # the client left early; who runs the benchmark will notice

    def _say(self, document: dict[str, Any]) -> None:
        self._send(frame(json.dumps(document, separators=(",", ":")).encode()))

    def _send(self, data: bytes) -> None:
        with self._lock:
            self._connection.sendall(data)


def _pool(protocol: str, mixture: str) -> list[bytes]:
    if mixture in kinds.MIXTURES:
        return frames(kinds.mixture(mixture, _MIXTURE_POOL + 1), protocol)
    make = mixed if mixture == "usual" else chat
    return frames(make(_POOL + 1), protocol)


def _head(reader: Any) -> dict[str, str]:
    first = reader.readline().decode("latin-1").split()
    if len(first) < 2:
        return {}
    head = {"path": first[1].partition("?")[0]}
    while line := reader.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        head[name.lower()] = value.strip()
    return head


def _shake_hands(connection: socket.socket, head: dict[str, str]) -> None:
    digest = hashlib.sha1((head["sec-websocket-key"] + _GUID).encode()).digest()
    accept = base64.b64encode(digest).decode()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept}",
    )
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())


def _answer(connection: socket.socket, document: Any) -> None:
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)


def _receive(reader: Any) -> tuple[int, bytes] | None:
    """A client's frame, which is masked and, with what these clients send, whole."""
    head = reader.read(2)
    if len(head) < 2:
        return None
    length = head[1] & 0x7F
    if length >= 126:
        length = int.from_bytes(reader.read(2 if length == 126 else 8), "big")
    mask = reader.read(4)
    payload = reader.read(length)
    return head[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def say(**facts: Any) -> None:
    """Print a line of JSON."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
