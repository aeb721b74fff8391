"""A proxy on loopback that speaks HTTP CONNECT, SOCKS 4, 4a and 5, and relays."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["ProxyServer"]


class ProxyServer:
    """Takes whatever is asked for to one target, and notes what was asked for.

    Args:
        target: A port on loopback.
        credentials: What must be presented; ``None`` for nothing.
        refusal: The status with which every HTTP request is refused.
    """

    def __init__(
        self,
        target: int,
        credentials: tuple[str, str] | None = None,
        refusal: str | None = None,
    ) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self._refusal = refusal
        self._target, self._credentials = target, credentials
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._spawn(self._accept)

    def stop(self) -> None:
        """End everything; clients must have closed their connections before."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, target: Callable[..., None], *args: Any) -> threading.Thread:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._spawn(self._serve, self._listener.accept()[0])

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, client.makefile("rb", 0) as stream:
            client.settimeout(10)
            first = stream.read(1)
            if self._refusal is not None:
                self._refuse(client, stream, first)
                return
            speak = {b"\5": self._socks5, b"\4": self._socks4, b"C": self._http}[first]
            if not speak(client, stream):
                return
            with socket.create_connection(("127.0.0.1", self._target)) as target:
                other = self._spawn(self._relay, target, client)
                self._relay(client, target)
                other.join(10)

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _refuse(self, client: socket.socket, stream: Any, head: bytes) -> None:
        while not head.endswith(b"\r\n\r\n"):
            head += stream.read(1)
        self.asked.append(("http", head.split()[1].decode(), 0))
        client.sendall(f"HTTP/1.1 {self._refusal}\r\nContent-Length: 0\r\n\r\n".encode())

    def _http(self, client: socket.socket, stream: Any) -> bool:
        head = b"C"
        while not head.endswith(b"\r\n\r\n"):
            head += stream.read(1)
        host, _, port = head.split()[1].decode().rpartition(":")
        self.asked.append(("http", host, int(port)))
        if self._credentials is not None:
            secret = base64.b64encode(":".join(self._credentials).encode())
            if b"Proxy-Authorization: Basic " + secret + b"\r\n" not in head:
                client.sendall(b"HTTP/1.1 407 Authentication Required\r\n\r\n")
                return False
        client.sendall(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
        return True

    def _socks4(self, client: socket.socket, stream: Any) -> bool:
        stream.read(1)
        port = int.from_bytes(stream.read(2), "big")
        host = socket.inet_ntoa(stream.read(4))
        user = self._until_zero(stream)
        if host == "0.0.0.1":
            host = self._until_zero(stream)
        self.asked.append(("socks4", host, port))
        if self._credentials is not None and user != self._credentials[0]:
            client.sendall(b"\0\x5d" + bytes(6))
            return False
        client.sendall(b"\0\x5a" + bytes(6))
        return True

    def _socks5(self, client: socket.socket, stream: Any) -> bool:
        methods = stream.read(stream.read(1)[0])
        wanted = 0 if self._credentials is None else 2
        if wanted not in methods:
            client.sendall(b"\5\xff")
            return False
        client.sendall(bytes([5, wanted]))
        if self._credentials is not None:
            stream.read(1)
            given = tuple(stream.read(stream.read(1)[0]).decode() for _ in range(2))
            client.sendall(b"\1" + (b"\0" if given == self._credentials else b"\1"))
            if given != self._credentials:
                return False
        kind = stream.read(4)[3]
        if kind == 3:
            host = stream.read(stream.read(1)[0]).decode()
        else:
            family, length = {1: (socket.AF_INET, 4), 4: (socket.AF_INET6, 16)}[kind]
            host = socket.inet_ntop(family, stream.read(length))
        port = int.from_bytes(stream.read(2), "big")
        self.asked.append(("socks5", host, port))
        # The address in the answer may be of any kind; a name is the most awkward one.
        client.sendall(b"\5\0\0\3\x04away\0\1")
        return True

    @staticmethod
    def _until_zero(stream: Any) -> str:
        text = b""
        while (byte := stream.read(1)) != b"\0":
            text += byte
        return text.decode()
