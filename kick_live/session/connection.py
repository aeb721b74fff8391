"""One socket and the thread that owns it: connect, subscribe, heartbeat, refresh, reconnect."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from kick_live.errors import (
    APIError,
    Blocked,
    ClientClosed,
    KickLiveError,
    RateLimited,
    RealtimeError,
    TransportError,
)
from kick_live.latch import Latch, is_held
from kick_live.protocols.base import (
    Action,
    Failed,
    Protocol,
    Provider,
    State,
    TopicState,
)
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol
from kick_live.session.backoff import Backoff
from kick_live.session.connection_listener import ConnectionListener
from kick_live.session.connection_settings import ConnectionSettings
from kick_live.session.connector import Connector, Plan
from kick_live.session.exchange import LONGEST_WAIT, Exchange
from kick_live.session.pace import Pace
from kick_live.session.selector import Selector
from kick_live.session.wake import Wake

if TYPE_CHECKING:
    from kick_live.net.websocket import WebSocket

__all__ = ["Connection", "Stage"]

_logger = logging.getLogger(__name__)

_MOST_TOPICS: Final = 100
#: Seconds from the opening of a socket to the first acknowledgement of a topic.
_SUBSCRIBE_TIMEOUT: Final = 30.0
#: Kick's protection lets a refused address in again after minutes, not seconds.
_BLOCKED_WAIT: Final = 120.0


class Stage:
    """How far a connection got; compared by order."""

    NEGOTIATE: Final = "negotiate"
    OPEN: Final = "open"
    SUBSCRIBE: Final = "subscribe"


class Connection:
    """A connection that keeps itself up until it is closed or nothing is left to try.

    Args:
        number: Distinguishes the threads' names.
        connector: Chooses where to go.
        listener: Told what happens.
        settings: How to behave.
        clock: Seconds on the monotonic clock.
        pace: Spreads the attempts of several connections.
        turns: Lets one of several connections read at a time; see ``Exchange``.

    Attributes:
        reading: Whether what arrives is read, or left in the socket until the inbox has room.
    """

    def __init__(
        self,
        number: int,
        connector: Connector,
        listener: ConnectionListener,
        settings: ConnectionSettings,
        clock: Callable[[], float] = time.monotonic,
        pace: Pace | None = None,
        turns: threading.Lock | None = None,
    ) -> None:
        self.number = number
        self.connector = connector
        self.stage = Stage.NEGOTIATE
        self.provider: Provider | None = None
        self.last_error: KickLiveError | None = None
        self._listener = listener
        self._settings = settings
        self._clock = clock
        self._pace = pace
        self._turns = turns or threading.Lock()
        self._backoff = Backoff()
        self._topics: dict[str, None] = {}
        self._most_topics = _MOST_TOPICS
        self._was_subscribed = False
        self._commands: deque[Callable[[Protocol], None]] = deque()
        self._lock = threading.RLock()
        self._entry = threading.Condition(self._lock)
        self._stop = Latch()
        self.reading = True
        self._failure: Failed | None = None
        self._protocol: Protocol | None = None
        self._socket: WebSocket | None = None
        self._wake = Wake()
        self._thread = threading.Thread(
            target=self._run, name=f"kick-live-connection-{number}", daemon=True
        )

    # -- called from other threads

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def thread(self) -> threading.Thread:
        """The thread that owns the socket."""
        return self._thread

    @property
    def room(self) -> int:
        """How many more topics fit."""
        return self._most_topics - len(self._topics)

    def limit_topics(self) -> None:
        """The server takes no more topics than there are now."""
        self._most_topics = len(self._topics)

    @property
    def topic_states(self) -> dict[str, TopicState]:
        """Where each topic stands."""
        with self._lock:
            states = dict.fromkeys(self._topics, TopicState.WAITING)
            protocol = self._protocol
            if protocol is not None and protocol.state is State.READY and self.is_open:
                states.update(protocol.topics)
            return states

    @property
    def is_open(self) -> bool:
        """Whether it has an open socket."""
        return self.stage == Stage.SUBSCRIBE and self._socket is not None

    @property
    def is_entered(self) -> bool:
        """Whether the calling thread is in here already, interrupted by a signal's handler."""
        return is_held(self._entry) or self._wake.is_entered

    @property
    def undecodable(self) -> int:
        """Frames of the present socket that made no sense."""
        return 0 if self._protocol is None else self._protocol.undecodable

    def add_topics(self, topics: Iterable[str]) -> None:
        """Subscribe to more topics, now and after every reconnection."""
        topics = list(topics)
        with self._lock:
            self._topics.update(dict.fromkeys(topics))
            self._commands.append(lambda protocol: protocol.subscribe(topics))
        self._wake.set()

    def remove_topics(self, topics: Iterable[str]) -> bool:
        """Give topics up; false if it has none of them."""
        with self._lock:
            held = [topic for topic in topics if topic in self._topics]
            if not held:
                return False
            for topic in held:
                del self._topics[topic]
            self._commands.append(lambda protocol: protocol.unsubscribe(held))
        self._wake.set()
        return True

    @property
    def is_idle(self) -> bool:
        """Whether it has no topics."""
        return not self._topics

    def refresh(self, token: str) -> None:
        """Hand a new token to the server."""
        with self._lock:
            self._commands.append(lambda protocol: protocol.refresh(token, self._clock()))
        self._wake.set()

    def resume(self) -> None:
        """Read again, after ``published`` returned false."""
        self.reading = True
        self._wake.set()

    def stop(self) -> None:
        """Close the socket with a handshake and end the thread; does not wait."""
        self._stop.set()
        self._wake.set()
        if self.stage != Stage.SUBSCRIBE:
            self.abort()

    def abort(self) -> None:
        """Break whatever the thread is blocked in."""
        self._stop.set()
        websocket = self._socket
        if websocket is not None:
            websocket.abort()
        self._wake.set()

    # -- the thread

    def _run(self) -> None:
        error: KickLiveError | None = None
        try:
            while not self._stop.is_set():
                if self._pace is not None:
                    self._wait(self._pace.wait(self._clock()))
                    if self._stop.is_set():
                        break
                self._backoff.attempted(self._clock())
                delay = self._attempt()
                if self._stop.is_set():
                    break
                self._listener.waiting(self, self._backoff.failures, delay)
                self._wait(delay)
        except KickLiveError as fatal:
            error = fatal
        except Exception as unexpected:
            _logger.exception("the connection's thread failed")
            error = RealtimeError(
                f"The connection failed for an unexpected reason ({unexpected!r}). This is a bug in "
                "kick-live; please report it."
            )
            error.__cause__ = unexpected
        finally:
            self._wake.close()
            self._listener.ended(self, error)

    def _attempt(self) -> float:
        """Connect and serve; returns the wait before the next attempt, or raises what is final."""
        self.stage = Stage.NEGOTIATE
        last = self._failure
        try:
            plan = self.connector.plan()
        except ClientClosed:
            self._stop.set()
            return 0.0
        except (APIError, RealtimeError) as error:
            self.last_error = error
            _logger.info("negotiation failed: %s", error)
            self.connector.negotiation_failed(error, last)
            return self._backoff.delay(self._clock(), least=self._least_wait(error))
        provider = self.provider = plan.route.provider
        failure = self._failure = self._serve(plan)
        if self._stop.is_set():
            return 0.0
        least = self.connector.failed(provider, failure)
        at_once = failure.action in (Action.RECONNECT, Action.RENEGOTIATE)
        return self._backoff.delay(self._clock(), at_once=at_once, least=least)

    def _least_wait(self, error: KickLiveError) -> float:
        self._give_up_on(error)
        if isinstance(error, Blocked):
            return _BLOCKED_WAIT
        return error.retry_after or 0.0 if isinstance(error, RateLimited) else 0.0

    def _give_up_on(self, error: KickLiveError) -> None:
        """Raise what waiting does not cure; but what was well before may be so again."""
        lasting = isinstance(error, Blocked) or getattr(error, "lasting", False)
        if lasting and not self._was_subscribed:
            raise error

    def _wait(self, seconds: float) -> None:
        deadline = self._clock() + seconds
        selector = Selector(self._wake)
        while not self._stop.is_set():
            now = self._clock()
            due = self._listener.deadline(self)
            if due is not None and due <= now:
                self._listener.due(self, now)
                continue
            until = min(deadline, due) if due is not None else deadline
            if now >= deadline:
                return
            if selector.wait(min(until - now, LONGEST_WAIT)):
                self._wake.clear()

    def _make_protocol(self, plan: Plan) -> Protocol:
        with self._lock:
            topics = list(self._topics)
            self._commands.clear()
            if plan.route.provider == "pusher":
                self._protocol = PusherProtocol(
                    topics,
                    activity_timeout=self._settings.activity_timeout,
                    pong_timeout=self._settings.pong_timeout,
                    greeting_timeout=self._settings.open_timeout,
                )
            else:
                self._protocol = CentrifugoProtocol(
                    topics,
                    token=plan.token.value if plan.token is not None else "",
                    ping_margin=self._settings.ping_margin,
                    greeting_timeout=self._settings.open_timeout,
                )
            return self._protocol

    def _serve(self, plan: Plan) -> Failed:
        """Open a socket and read it until it is lost."""
        from kick_live.net.websocket import WebSocket  # on first use: it imports ssl

        self.stage = Stage.OPEN
        settings = self._settings
        websocket = WebSocket(
            plan.route.url,
            proxy=settings.proxy,
            ca_bundle=settings.ca_bundle,
            user_agent=settings.user_agent,
            max_size=settings.max_message_size,
        )
        self._socket = websocket
        if self._stop.is_set():
            return Failed(Action.BACK_OFF)
        protocol = self._make_protocol(plan)
        exchange = Exchange(
            self, websocket, protocol, self._listener, self._wake, self._clock, self._turns
        )
        subscribed_at: float | None = None
        try:
            websocket.open(settings.open_timeout)
            self.stage = Stage.SUBSCRIBE
            _logger.info("connected to %s", plan.route.provider)
            exchange.begin()
            patience = self._clock() + _SUBSCRIBE_TIMEOUT
            while not self._stop.is_set():
                self._command(protocol)
                exchange.send()
                # A full inbox lets nothing be read, not even acknowledgements.
                waits = subscribed_at is None and self.reading
                failure = exchange.take_turn(patience if waits else None)
                if subscribed_at is None and self._has_subscribed(protocol):
                    subscribed_at = self._clock()
                    self._was_subscribed = True
                    self.last_error = None
                    self.connector.subscribed(plan.route.provider)
                if waits and subscribed_at is None and self._clock() >= patience:
                    # Its pings alone would keep such a connection for ever.
                    silence = Failed(Action.BACK_OFF, None, "no topic was acknowledged")
                    failure = failure or silence
                if failure is not None:
                    return self._lose(failure, protocol, subscribed_at)
            return Failed(Action.BACK_OFF, None, "closed by the client")
        except TransportError as error:
            self.last_error = error
            self._give_up_on(error)
            failure = protocol.closed(error.code, error.reason or str(error))
            # What the server announced before it closed counts more than the close itself.
            announced = exchange.report()
            if announced is not None:
                return self._lose(announced, protocol, subscribed_at)
            return self._lose(failure, protocol, subscribed_at, error)
        finally:
            websocket.close(timeout=0.0 if protocol.state is State.ENDED else 0.5)
            self._socket = None

    def _has_subscribed(self, protocol: Protocol) -> bool:
        return TopicState.SUBSCRIBED in protocol.topics.values()

    def _lose(
        self,
        failure: Failed,
        protocol: Protocol,
        subscribed_at: float | None,
        error: TransportError | None = None,
    ) -> Failed:
        _logger.info("connection lost: code %s, %s", failure.code, failure.reason)
        self.last_error = error or TransportError(
            f"The connection was lost: {failure.reason or 'no reason given'}.",
            code=failure.code,
            reason=failure.reason,
        )
        if subscribed_at is not None:
            self._backoff.lived(self._clock() - subscribed_at)
            self._listener.lost(self, failure, protocol.last_received)
        return failure

    def _command(self, protocol: Protocol) -> None:
        """Pass on what other threads asked for."""
        while self._commands:
            with self._lock:
                command = self._commands.popleft() if self._commands else None
            if command is not None:
                command(protocol)
