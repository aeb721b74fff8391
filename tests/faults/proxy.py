"""A TCP proxy on loopback whose two directions can be broken, each by itself."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from types import TracebackType

__all__ = ["Direction", "FaultProxy"]

_CHUNK = 1 << 14


class Direction:
    """How the bytes of one direction are treated; may be changed at any time from any thread.

    Bytes that are held arrive after ``heal``, as after an interruption that TCP survives. Bytes
    that are swallowed or garbled never do, so their connections are reset by it.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.mode = "pass"
        self.seconds = 0.0
        self.bytes_per_second = 0.0
        self.cut_after: int | None = None

    def _set(self, mode: str) -> None:
        with self.changed:
            self.mode = mode
            self.changed.notify_all()

    def swallow(self) -> None:
        """Accept everything and pass nothing on."""
        self._set("swallow")

    def hold(self) -> None:
        """Read nothing, so that the sender's buffers fill, until ``heal``."""
        self._set("hold")

    def delay(self, seconds: float) -> None:
        """Pass everything on late by some seconds."""
        self.seconds = seconds
        self._set("delay")

    def throttle(self, bytes_per_second: float) -> None:
        """Pass on so many bytes a second."""
        self.bytes_per_second = bytes_per_second
        self._set("throttle")

    def cut(self, after: int = 3) -> None:
        """Pass on so many bytes of the next portion, then end the connection."""
        self.cut_after = after
        self._set("cut")

    def garble(self) -> None:
        """Pass on as many bytes, but others."""
        self._set("garble")

    def heal(self) -> None:
        """Pass everything on again."""
        self._set("pass")


class _Pipe:
    """One connection through the proxy: two sockets, and a thread for each direction."""

    def __init__(self, proxy: FaultProxy, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.ended = threading.Event()
        self.broken = False
        self._pumping = 2
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._pump, args=arguments, daemon=True)
            for arguments in ((near, far, proxy.up), (far, near, proxy.down))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def is_alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(5)

    def end(self, *, reset: bool = False) -> None:
        """End both sides, by a reset or in good order."""
        self.ended.set()
        for sock in (self.near, self.far):
            with contextlib.suppress(OSError):
                if reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    # A pending recv of the other thread keeps the descriptor open, and only
                    # the last close sends the reset: end the recv first.
                    sock.shutdown(socket.SHUT_RD)
                else:
                    sock.shutdown(socket.SHUT_RDWR)

    def _pump(self, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        try:
            while not self.ended.is_set():
                with direction.changed:
                    while direction.mode == "hold" and not self.ended.is_set():
                        direction.changed.wait(0.1)
                data = source.recv(_CHUNK)
                if not data:
                    with contextlib.suppress(OSError):
                        target.shutdown(socket.SHUT_WR)
                    return
                self._pass_on(data, target, direction)
        except OSError:
            self.end()
        finally:
            self._close_when_both_ended()

    def _pass_on(self, data: bytes, target: socket.socket, direction: Direction) -> None:
        with direction.changed:
            # What was read while the direction began to hold belongs to what is held.
            while direction.mode == "hold" and not self.ended.is_set():
                direction.changed.wait(0.1)
            mode = direction.mode
        if mode == "swallow":
            self.broken = True
        elif mode == "garble":
            self.broken = True
            target.sendall(bytes(byte ^ 0xA5 for byte in data))
        elif mode == "cut":
            direction.heal()
            target.sendall(data[: direction.cut_after])
            self.end()
        elif mode == "throttle":
            for start in range(0, len(data), 16):
                if self.ended.wait(16 / direction.bytes_per_second):
                    return
                target.sendall(data[start : start + 16])
        else:
            if mode == "delay":
                self.ended.wait(direction.seconds)
            target.sendall(data)

    def _close_when_both_ended(self) -> None:
        with self._lock:
            self._pumping -= 1
            last = self._pumping == 0
        if self.ended.is_set() or last:
            self.ended.set()
            # Closing while the other thread is inside recv would free its descriptor; it has been
            # shut down, so it comes out at once.
            self.near.close()
            self.far.close()


class FaultProxy:
    """Stands between a client and a server on this machine.

    Args:
        target_port: The server's port.

    Attributes:
        up: The direction to the server.
        down: The direction to the client.
    """

    def __init__(self, target_port: int) -> None:
        self.up = Direction()
        self.down = Direction()
        self.accepted: list[float] = []
        self.refusing = False
        self._target_port = target_port
        self._pipes: list[_Pipe] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        for pipe in self._pipes:
            pipe.end()
        self.heal()
        for pipe in self._pipes:
            pipe.join()

    def heal(self) -> None:
        """Pass everything on again; connections that have lost bytes are reset."""
        self.refusing = False
        for pipe in self._pipes:
            if pipe.broken:
                pipe.end(reset=True)
        self.up.heal()
        self.down.heal()

    def reset(self) -> None:
        """Reset every connection."""
        for pipe in self._pipes:
            pipe.end(reset=True)

    def reset_some(self, source: random.Random) -> None:
        """Reset about half of the connections."""
        for pipe in [pipe for pipe in self._pipes if not pipe.ended.is_set()]:
            if source.random() < 0.5:
                pipe.end(reset=True)

    def half_close(self) -> None:
        """Tell every client that the server will send no more, and go on reading."""
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.near.shutdown(socket.SHUT_WR)

    @property
    def open_connections(self) -> int:
        """How many connections stand."""
        return sum(not pipe.ended.is_set() for pipe in self._pipes)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.accepted.append(time.monotonic())
            if self.refusing:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target_port), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe = _Pipe(self, near, far)
            self._pipes = [old for old in self._pipes if old.is_alive]
            self._pipes.append(pipe)
            pipe.start()
