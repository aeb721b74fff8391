"""What goes in and out over one open socket, turn by turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

from kick_live.protocols.base import (
    Established,
    Failed,
    Protocol,
    Publication,
    Subscribed,
    TokenWanted,
    TopicInterrupted,
    TopicLost,
    earliest,
)
from kick_live.session.connection_listener import ConnectionListener
from kick_live.session.selector import Selector
from kick_live.session.wake import Wake

if TYPE_CHECKING:
    from kick_live.net.websocket import WebSocket
    from kick_live.session.connection import Connection

__all__ = ["LONGEST_WAIT", "Exchange"]

_logger = logging.getLogger(__name__)

#: Seconds: a wait of weeks overflows the system's timers.
LONGEST_WAIT: Final = 3600.0
#: Texts in one read, after which a connection counts as busy until its next.
_MANY: Final = 8
#: Seconds; with a tenth of it, 63 busy connections gave up so often that nothing was won.
_LONGEST_TURN: Final = 0.2


class Exchange:
    """Reads a socket into a protocol, sends what that answers, and tells what happened.

    Used by the connection's thread.

    Args:
        connection: Whose socket it is.
        websocket: The socket.
        protocol: Understands what it brings.
        listener: Told what happens.
        wake: Ends a wait, for instance because the inbox has room again.
        clock: Seconds on the monotonic clock.
        turns: Held by a busy connection while it takes in what arrived. Of several that read at once,
            each gives Python's lock (GIL) to another at every call of the system, and waits for it
            again: a sixth of the CPU time with 63 sockets (November 2026). Nothing depends on it, so
            it is not waited for for long: whoever has it may wait for something itself.
    """

    def __init__(
        self,
        connection: Connection,
        websocket: WebSocket,
        protocol: Protocol,
        listener: ConnectionListener,
        wake: Wake,
        clock: Callable[[], float],
        turns: threading.Lock,
    ) -> None:
        self._connection = connection
        self._websocket = websocket
        self._protocol = protocol
        self._listener = listener
        self._wake = wake
        self._clock = clock
        self._turns = turns
        self._watching = True
        self._is_busy = False

    def begin(self) -> None:
        """The socket is open."""
        self._protocol.start(self._clock())
        self._selector = Selector(self._wake, self._websocket)
        self._waking, self._incoming = self._wake.fileno(), self._websocket.fileno()

    def send(self) -> None:
        """Send what the protocol has to say.

        Raises:
            TransportError: The connection broke.
        """
        for text in self._protocol.texts_to_send():
            self._websocket.send(text)

    def take_turn(self, until: float | None) -> Failed | None:
        """Wait for bytes, a wake-up or a deadline, act on it, and tell what happened.

        Args:
            until: When to come back at the latest; ``None`` for no limit.

        Returns:
            Why the connection is of no more use, if it is.

        Raises:
            TransportError: The connection broke, or was closed.
        """
        planned, due = self._protocol.deadline(), self._listener.deadline(self._connection)
        # Once: another thread sets it when the inbox has room again.
        reading = self._connection.reading
        ready = self._wait(earliest((planned, due, until)), reading)
        # Before the turn: what comes while that is waited for is not in ``ready``, and no silence.
        now = self._clock()
        has_turn = self._is_busy and self._turns.acquire(timeout=_LONGEST_TURN)
        try:
            self._read(ready, reading, now)
            self._keep_time(planned, due, now)
            failure = self.report()
        finally:
            if has_turn:
                self._turns.release()
        self._websocket.answer()
        return failure

    def _wait(self, deadline: float | None, reading: bool) -> Collection[int]:
        if reading and self._websocket.has_pending():
            timeout = 0.0
        elif deadline is None:
            timeout = LONGEST_WAIT
        else:
            timeout = min(max(0.0, deadline - self._clock()), LONGEST_WAIT)
        # A full inbox asks to be spared: the socket is left alone until it has room.
        if reading is not self._watching:
            if reading:
                self._selector.add(self._websocket)
            else:
                self._selector.remove(self._websocket)
            self._watching = reading
        return self._selector.wait(timeout)

    def _read(self, ready: Collection[int], reading: bool, now: float) -> None:
        protocol, websocket = self._protocol, self._websocket
        if self._waking in ready:
            self._wake.clear()
        if self._incoming in ready or (reading and websocket.has_pending()):
            texts = websocket.receive()
            self._is_busy = len(texts) >= _MANY
            if texts:
                protocol.receive(texts, now)
            else:
                protocol.alive(now)
        elif not reading:
            protocol.alive(now)

    def _keep_time(self, planned: float | None, due: float | None, now: float) -> None:
        protocol = self._protocol
        if planned is not None and now >= planned:
            deadline = protocol.deadline()  # a later one, perhaps, after what arrived
            if deadline is not None and now >= deadline:
                protocol.tick(now)
        if due is not None and now >= due:
            self._listener.due(self._connection, now)

    def report(self) -> Failed | None:
        """Tell what happened, publications in bulk; returns the failure among it."""
        happenings = self._protocol.happenings()
        failure: Failed | None = None
        if set(map(type, happenings)) == {Publication}:  # nearly always
            self._publish(happenings)  # type: ignore[arg-type]
            return None
        batch: list[Publication] = []
        for happening in happenings:
            if isinstance(happening, Publication):
                batch.append(happening)
                continue
            self._publish(batch)
            batch = []
            if isinstance(happening, Subscribed):
                self._listener.subscribed(self._connection, happening.topic)
            elif isinstance(happening, TopicInterrupted):
                self._listener.topic_interrupted(self._connection, happening.topic)
            elif isinstance(happening, TopicLost):
                self._listener.topic_lost(self._connection, happening)
            elif isinstance(happening, TokenWanted):
                self._listener.token_wanted(self._connection)
            elif isinstance(happening, Failed):
                failure = failure or happening
            elif isinstance(happening, Established):
                _logger.debug("the server accepted the connection")
        self._publish(batch)
        return failure

    def _publish(self, batch: list[Publication]) -> None:
        if not batch:
            return
        connection = self._connection
        # Before the events are handed over: when the inbox has room again, another thread calls
        # resume(), perhaps before this call is back.
        connection.reading = False
        if self._listener.published(connection, batch, self._clock()):
            connection.reading = True
