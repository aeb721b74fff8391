"""What both protocols share: one thread that alone touches one socket, its queue and its timers."""

from __future__ import annotations

import abc
import contextlib
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from kick_live.testing.faults import ConnectionRefusal, SocketFaults
from kick_live.testing.hub import Hub
from kick_live.testing.settings import Settings
from kick_live.testing.tokens import TokenStore
from kick_live.testing.websocket import Closed, Message, Pinged, ServerSocket

__all__ = ["Connection"]

#: Seconds that a peer has to answer a close frame.
_CLOSE_TIMEOUT = 2.0


class Connection(abc.ABC):
    """One accepted socket.

    :meth:`send` and :meth:`call` may be used from any thread; everything else belongs to the
    thread inside :meth:`run`.

    Args:
        socket: The accepted socket.
        hub: Where it is registered while it is open.
        settings: The intervals.
        faults: The scripted misbehaviour.
        tokens: The guest tokens that exist.
    """

    protocol: ClassVar[str]

    def __init__(
        self,
        socket: ServerSocket,
        hub: Hub,
        settings: Settings,
        faults: SocketFaults,
        tokens: TokenStore,
    ) -> None:
        self.id = ""
        self.topics: set[str] = set()
        self.opened_at = time.monotonic()
        self._socket = socket
        self._hub = hub
        self._settings = settings
        self._faults = faults
        self._tokens = tokens
        self._queue: deque[str | bytes | Callable[[], None]] = deque()
        self._unsent: list[str] = []
        self._timers: dict[str, tuple[float, Callable[[], None]]] = {}
        self.refusal: ConnectionRefusal | None = None
        self._closing = self._finished = False
        self._wake_in, self._wake_out = _socket_pair()

    # What a protocol defines.

    @abc.abstractmethod
    def opened(self) -> None:
        """Begin: greet, set timers."""

    @abc.abstractmethod
    def received(self, message: Message) -> None:
        """Take in a whole message of the client."""

    @abc.abstractmethod
    def publication(self, topic: str, event: str, data: str) -> str:
        """Write a publication as a frame of this protocol; called from any thread."""

    @abc.abstractmethod
    def ping(self) -> None:
        """Send the protocol's own ping."""

    @abc.abstractmethod
    def shut_down(self) -> None:
        """Say goodbye as the real server does when it stops."""

    def heard(self) -> None:  # noqa: B027 (optional for a protocol)
        """Note a sign of life."""

    def combine(self, texts: list[str]) -> list[str]:
        """Turn queued frames into WebSocket messages."""
        return texts

    # For any thread.

    def send(self, text: str) -> None:
        """Queue a frame."""
        self._queue.append(text)
        self._wake()

    def send_bytes(self, data: bytes) -> None:
        """Queue raw bytes for the TCP connection."""
        self._queue.append(data)
        self._wake()

    def call(self, function: Callable[[], None]) -> None:
        """Queue a call on this connection's own thread, in order with the frames."""
        self._queue.append(function)
        self._wake()

    def interrupt(self) -> None:
        """Break the connection from outside, even if its thread is blocked in a write."""
        self._finished = True
        self._socket.interrupt()
        self._wake()

    # For its own thread.

    def run(self) -> None:
        """Serve the connection until it is over; the socket is closed by the caller."""
        self._hub.add(self)
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket.socket, selectors.EVENT_READ)
            selector.register(self._wake_in, selectors.EVENT_READ)
            try:
                self.opened()
                while True:
                    self._drain()
                    self._run_timers()
                    if self._finished:
                        break
                    if not self._queue:
                        self._wait(selector)
            except OSError:
                pass  # the peer is gone; there is nobody left to tell
            finally:
                self._hub.remove(self)
                self._wake_in.close()
                self._wake_out.close()

    def set_timer(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Run an action later, in place of the timer of the same name."""
        self._timers[name] = (time.monotonic() + seconds, action)

    def cancel_timer(self, name: str) -> None:
        """Forget a timer, if it exists."""
        self._timers.pop(name, None)

    def close(self, code: int, reason: str = "") -> None:
        """Send what is queued, then a close frame, and give the peer a moment to answer."""
        while self._queue and isinstance(self._queue[0], str):
            self._unsent.append(str(self._queue.popleft()))
        self._flush()
        self._hub.remove(self)
        self._socket.close(code, reason)
        self._closing = True
        self._timers.clear()
        self.set_timer("closing", _CLOSE_TIMEOUT, self.finish)

    def abort(self) -> None:
        """End the connection by a TCP reset."""
        self._socket.abort()
        self._finished = True

    def finish(self) -> None:
        """End the connection without a word."""
        self._finished = True

    def _wait(self, selector: selectors.BaseSelector) -> None:
        times = [when for when, _ in self._active_timers().values()]
        timeout = max(0.0, min(times) - time.monotonic()) if times else None
        if self._socket.pending():
            timeout = 0.0
        ready = {key.fileobj for key, _ in selector.select(timeout)}
        if self._wake_in in ready:
            self._wake_in.recv(4096)
        if self._socket.socket in ready or self._socket.pending():
            for event in self._socket.read():
                self._handle(event)

    def _handle(self, event: Message | Pinged | Closed) -> None:
        if isinstance(event, Closed):
            if event.code is None or self._closing:
                self.finish()
            elif not self._faults.silent:
                self._flush()
                # 1005 means "no code was given" and may not be sent back.
                self._socket.close(1000 if event.code == 1005 else event.code, event.reason)
                self.finish()
        elif self._closing or self._finished:
            return
        else:
            self.heard()
            if isinstance(event, Message):
                self.received(event)
            elif not self._faults.silent:
                self._flush()
                self._socket.write(event.answer)

    def _drain(self) -> None:
        while self._queue and not self._finished:
            item = self._queue.popleft()
            if isinstance(item, str):
                self._unsent.append(item)
            elif isinstance(item, bytes):
                self._flush()
                self._socket.write(item)
            else:
                self._flush()
                item()
        self._flush()

    def _flush(self) -> None:
        # While the server plays dead, frames stay queued and go out when it wakes.
        if self._unsent and not self._faults.silent and not self._finished:
            texts, self._unsent = self._unsent, []
            self._socket.send(self.combine(texts))

    def _run_timers(self) -> None:
        now = time.monotonic()
        for name, (when, action) in self._active_timers().items():
            if when <= now and self._timers.get(name) == (when, action):
                del self._timers[name]
                action()
        self._drain()

    def _active_timers(self) -> dict[str, tuple[float, Callable[[], None]]]:
        names = self._timers.keys() & {"closing"} if self._faults.silent else self._timers.keys()
        return {name: self._timers[name] for name in names}

    def _wake(self) -> None:
        # The pipe may be full (then the thread is awake anyway) or closed (then it is over).
        with contextlib.suppress(OSError):
            self._wake_out.send(b"\0")


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    return reader, writer
