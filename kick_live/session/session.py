"""Everything that runs in the background for one client: channels, connections, recovery."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs
from attrs import frozen

from kick_live.errors import (
    APIError,
    ClientClosed,
    InvalidChannel,
    KickLiveError,
    NegotiationFailed,
    NotFound,
    RateLimited,
    RealtimeError,
    ServerError,
    Unreachable,
)
from kick_live.events.decoder import Decoder
from kick_live.events.lifecycle import (
    Connected,
    Disconnected,
    ErrorOccurred,
    Reconnecting,
)
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.resolver import Resolver
from kick_live.protocols.base import Action, Failed, Publication, TopicLost, TopicState
from kick_live.session.connection import Connection, ConnectionSettings, Stage
from kick_live.session.connector import Connector, Transport
from kick_live.session.feed import Feed
from kick_live.session.followed import Followed
from kick_live.session.inbox import Inbox
from kick_live.session.intake import Intake
from kick_live.session.outlet import Outlet
from kick_live.session.pace import Pace
from kick_live.session.process import check_process, is_foreign
from kick_live.session.recovering import Recovering
from kick_live.session.routes import Routes
from kick_live.session.taps import Tap, Taps
from kick_live.session.topics import chat_topic, topics_of
from kick_live.session.viewers import ViewerPoller
from kick_live.session.worker import Worker
from kick_live.stats import Stats

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Session", "SessionSettings"]

_logger = logging.getLogger(__name__)

_RETRY_RESOLVE: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
_TOKEN_RETRIES: Final = (1.0, 3.0)
#: Sockets that are opened together, and the seconds between those after them.
_SOCKETS_AT_ONCE: Final = 4
_SOCKET_INTERVAL: Final = 0.25
_CLOSED: Final = Failed(Action.BACK_OFF, None, "closed by the client")


@frozen(kw_only=True)
class SessionSettings:
    """What a session is told by the client.

    Attributes:
        transport: What the user chose.
        backfill: Whether gaps are filled from history.
        history: How many of the latest messages of each channel are read to begin with.
        viewer_interval: Seconds between two polls of viewer counts.
        connection: How connections behave.
    """

    transport: Transport = "auto"
    backfill: bool = True
    history: int = 0
    viewer_interval: float = 60.0
    connection: ConnectionSettings = attrs.field(factory=ConnectionSettings)


class Session:
    """Resolves channels, spreads their topics over connections, and feeds the inbox.

    Methods without another note may be called from any thread.

    Args:
        api: For all requests.
        resolver: Finds channels' ids.
        inbox: Takes the events.
        settings: How to behave.
    """

    def __init__(
        self, api: KickAPI, resolver: Resolver, inbox: Inbox, settings: SessionSettings
    ) -> None:
        self._api = api
        self._resolver = resolver
        self._inbox = inbox
        self._settings = settings
        self._process = os.getpid()
        self._condition = threading.Condition(threading.RLock())
        self._channels: list[Followed] = []
        self._connections: list[Connection] = []
        self._taps = Taps()
        self._outlet = Outlet(inbox, self._condition)
        # The API may be shared: stopping ends this session's requests, and no others.
        self._caller = api.caller()
        self._worker = Worker(within=self._caller)
        # History of many channels, at one request a second, would keep tokens waiting too long.
        self._urgent = Worker(within=self._caller, name="kick-live-tokens")
        self._viewers = ViewerPoller(
            api,
            self._worker,
            lambda: self.channels,
            self._outlet.put,
            self.report,
            settings.viewer_interval,
        )
        self._recovering = Recovering(
            api,
            self._worker,
            backfill=settings.backfill,
            lock=self._condition,
            outlet=self._outlet,
            taps=self._taps,
            wanted=lambda followed: followed in self._channels,
        )
        self._intake = Intake(
            self._condition, self._outlet, self._taps, self._recovering, self._viewers.noticed
        )
        self._stopping = threading.Event()
        self._connected: Connected | None = None
        self._error: KickLiveError | None = None
        self._last_error: KickLiveError | None = None
        self._number = 0
        self._routes = Routes(time.monotonic)
        self._pace = Pace(_SOCKETS_AT_ONCE, _SOCKET_INTERVAL)
        self._duplicates = 0

    # -- channels

    def follow(self, ref: ChannelRef) -> None:
        """Begin to receive a channel; returns at once."""
        followed = Followed(ref, recent=self._settings.history)
        with self._condition:
            self._channels.append(followed)
        if ref.is_complete:
            self._resolve(followed, 0)
        else:
            self._worker.submit(lambda: self._resolve(followed, 0))

    def _resolve(self, followed: Followed, attempt: int) -> None:
        try:
            channel = self._resolver.resolve(followed.ref).channel
        except ClientClosed:
            return
        except (Unreachable, ServerError, RateLimited) as error:
            self._last_error = error
            wait = _RETRY_RESOLVE[min(attempt, len(_RETRY_RESOLVE) - 1)] * (0.5 + random.random())
            if isinstance(error, RateLimited):
                wait = max(wait, error.retry_after or 0.0)
            self._worker.submit(lambda: self._resolve(followed, attempt + 1), wait)
        except (InvalidChannel, NotFound, APIError) as error:
            self._reject(followed, error)
        else:
            self._found(followed, channel)

    def _reject(self, followed: Followed, error: KickLiveError) -> None:
        with self._condition:
            if followed in self._channels:
                self._channels.remove(followed)
            before_connected = self._connected is None
        if before_connected:
            self._fail(error)
        else:
            self.report(error)

    def _found(self, followed: Followed, channel: Channel) -> None:
        with self._condition:
            if followed not in self._channels or self._stopping.is_set():
                return
            if any(
                other.feed is not None and other.feed.channel == channel for other in self._channels
            ):
                self._channels.remove(followed)
                self._check_connected()
                return
            feed = followed.feed = Feed(channel)
            self._recovering.await_history(followed, feed)
            self._intake.add(followed, channel)
            topics = topics_of(channel)
            connection = followed.connection = self._connection_with_room(len(topics))
            is_new = connection not in self._connections
            if is_new:
                self._connections.append(connection)
            connection.add_topics(topics)
        if is_new:
            connection.start()

    def _connection_with_room(self, count: int) -> Connection:
        """A connection that takes so many more topics; perhaps a new one, not started yet."""
        for connection in self._connections:
            if connection.room >= count:
                return connection
        self._number += 1
        connector = Connector(
            self._api,
            self._settings.transport,
            time.monotonic,
            within=self._caller,
            routes=self._routes,
        )
        connection = Connection(
            self._number, connector, self, self._settings.connection, pace=self._pace
        )
        self._intake.decoders[connection] = Decoder()
        return connection

    def unfollow(self, ref: ChannelRef) -> bool:
        """Stop receiving a channel; false if it was not received."""
        with self._condition:
            followed = next((c for c in self._channels if c.is_named(ref)), None)
            if followed is None:
                return False
            self._channels.remove(followed)
            if followed.feed is None:
                return True
            topics = topics_of(followed.feed.channel)
            self._intake.remove(followed.feed.channel)
            self._duplicates += followed.feed.duplicates.count
            connection = followed.connection
            if connection is None:
                return True
            if any(c.connection is connection for c in self._channels):
                connection.remove_topics(topics)
                return True
            self._connections.remove(connection)
        connection.stop()
        return True

    @property
    def channels(self) -> Sequence[Channel]:
        """The channels whose ids are known."""
        with self._condition:
            return [c.feed.channel for c in self._channels if c.feed is not None]

    # -- waiting for the beginning, and the end

    def wait_until_connected(self, deadline: float | None, slice_: float) -> Connected | None:
        """Wait until every channel's chat topic is acknowledged.

        Args:
            deadline: On the monotonic clock, or ``None``.
            slice_: The longest single wait in seconds, so that Ctrl-C gets through everywhere.

        Returns:
            The event, or ``None`` if time ran out.

        Raises:
            KickLiveError: What ended the session.
            ClientClosed: The client was closed meanwhile, or the process was forked.
        """
        check_process(self._process)
        with self._condition:
            while True:
                if self._error is not None:
                    raise self._error
                if self._connected is not None:
                    return self._connected
                if self._stopping.is_set():
                    raise ClientClosed("The client was closed while it was connecting.")
                remaining = slice_ if deadline is None else deadline - time.monotonic()
                if remaining <= 0:
                    return None
                self._condition.wait(min(remaining, slice_))

    @property
    def stage(self) -> str:
        """How far the slowest channel got: resolve, negotiate, open or subscribe."""
        order = (Stage.NEGOTIATE, Stage.OPEN, Stage.SUBSCRIBE)
        with self._condition:
            if any(followed.feed is None for followed in self._channels):
                return "resolve"
            waiting = [c.connection for c in self._channels if not c.ready]
            stages = [c.stage for c in waiting if c is not None]
            return min(stages, key=order.index, default=Stage.SUBSCRIBE)

    @property
    def last_error(self) -> KickLiveError | None:
        """The last failure that is being retried."""
        with self._condition:
            errors = [c.last_error for c in self._connections if c.last_error is not None]
            return errors[-1] if errors else self._last_error

    def stop(self) -> None:
        """Begin to close everything; returns at once."""
        if is_foreign(self._process):
            return  # the sockets are shared with the parent, which goes on using them
        self._stopping.set()
        with self._condition:
            self._condition.notify_all()
            connections = list(self._connections)
        self._worker.stop()
        self._urgent.stop()
        self._caller.close()
        for connection in connections:
            connection.stop()

    def join(self, deadline: float) -> bool:
        """Wait for the threads to end.

        Args:
            deadline: On the monotonic clock.

        Returns:
            Whether all have ended.
        """
        if is_foreign(self._process):
            return True
        with self._condition:
            threads = [connection.thread for connection in self._connections]
        threads += [w.thread for w in (self._worker, self._urgent) if w.thread is not None]
        current = threading.current_thread()
        for thread in threads:
            if thread is not current and thread.ident is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(t.is_alive() for t in threads if t is not current)

    def abort(self) -> None:
        """Break whatever the threads are blocked in."""
        with self._condition:
            connections = list(self._connections)
        for connection in connections:
            connection.abort()

    def _fail(self, error: KickLiveError) -> None:
        with self._condition:
            self._error = self._error or error
            self._condition.notify_all()
        self._inbox.end(error)
        self.stop()

    # -- events

    def report(self, error: KickLiveError, channel: Channel | None = None) -> None:
        """Deliver an error that does not end the session."""
        _logger.info("%s", error)
        self._outlet.put([ErrorOccurred(error=error, channel=channel)])

    def want_viewers(self, wanted: bool) -> None:
        """Somebody listens for viewer counts, or nobody does any more."""
        self._viewers.want(wanted)

    def make_room(self) -> None:
        """The inbox has room again: deliver what was kept back, and read on."""
        self._outlet.make_room()

    @property
    def taps(self) -> tuple[Tap, ...]:
        """The functions that are shown what arrives."""
        return self._taps.functions

    @taps.setter
    def taps(self, functions: tuple[Tap, ...]) -> None:
        self._taps.functions = functions

    # -- what connections tell, on their threads

    def published(self, connection: Connection, items: list[Publication], now: float) -> bool:
        """Publications arrived."""
        return self._intake.take(connection, items, now)

    def subscribed(self, connection: Connection, topic: str) -> None:
        """A topic was acknowledged."""
        with self._condition:
            followed = self._intake.owner(topic)
            if followed is None or followed.feed is None or not followed.has_chat(topic):
                return
            followed.ready = True
            self._recovering.begin(followed, followed.feed)
            self._check_connected()

    def _check_connected(self) -> None:
        if self._connected is None and self._channels and all(c.ready for c in self._channels):
            channels = tuple(self.channels)
            provider = self._connections[0].provider or ""
            self._connected = Connected(
                channels=channels,
                transport=provider,
                channel=channels[0] if len(channels) == 1 else None,
            )
            self._outlet.put([self._connected])
            self._condition.notify_all()

    def topic_interrupted(self, connection: Connection, topic: str) -> None:
        """A topic was taken away for a while: messages of that while are read from history."""
        with self._condition:
            followed = self._intake.owner(topic)
            if followed is not None and followed.feed is not None and followed.has_chat(topic):
                self._recovering.open_gap(followed, followed.feed, time.monotonic())
                self._recovering.await_history(followed, followed.feed)

    def topic_lost(self, connection: Connection, lost: TopicLost) -> None:
        """A topic was refused: report it, or move it if there were too many; the others go on."""
        with self._condition:
            followed = self._intake.owner(lost.topic)
            # A server that is full before it took any topic would be full on every connection.
            if (
                lost.full
                and followed is not None
                and TopicState.SUBSCRIBED in connection.topic_states.values()
            ):
                self._move(connection, followed, lost.topic)
                return
            channel = followed.feed.channel if followed is not None and followed.feed else None
            is_chat = channel is not None and lost.topic == chat_topic(channel)
            if is_chat and followed is not None and followed.feed is not None:
                self._recovering.open_gap(followed, followed.feed, time.monotonic())
                # The other topics do not wait for a recovery that may never come.
                missed, held = followed.feed.release((), time.monotonic())
                self._outlet.hand_over(connection, [*missed, *held])
        words = f" ({lost.message})" if lost.message else ""
        error = RealtimeError(
            f"The server refused the topic {lost.topic}{words}, code {lost.code}. Events of that "
            "topic will be missing; the other topics are not affected."
        )
        if is_chat and self._connected is None:
            self._fail(error)
        else:
            self.report(error, channel)

    def _move(self, full: Connection, followed: Followed, topic: str) -> None:
        """Take a topic to a connection that holds fewer."""
        full.remove_topics([topic])
        full.limit_topics()
        connection = self._connection_with_room(1)
        is_new = connection not in self._connections
        if is_new:
            self._connections.append(connection)
        if followed.has_chat(topic):
            followed.connection = connection
        connection.add_topics([topic])
        if is_new:
            connection.start()

    def lost(self, connection: Connection, failure: Failed, alive_at: float) -> None:
        """The socket was lost: remember since when each channel may have missed something."""
        with self._condition:
            channels = []
            for followed in self._channels:
                if followed.connection is not connection or followed.feed is None:
                    continue
                channels.append(followed.feed.channel)
                self._recovering.open_gap(followed, followed.feed, alive_at)
                followed.socket_lost = True
                self._recovering.await_history(followed, followed.feed)
        stopping = self._stopping.is_set()
        self._outlet.put(
            [
                Disconnected(
                    channel=channels[0] if len(channels) == 1 else None,
                    channels=tuple(channels),
                    code=failure.code,
                    reason=failure.reason or "the connection broke",
                    will_reconnect=not stopping,
                )
            ]
        )

    def waiting(self, connection: Connection, attempt: int, delay: float) -> None:
        """The connection waits before its next attempt."""
        if self._connected is None:
            return
        channels = tuple(
            c.feed.channel
            for c in list(self._channels)
            if c.connection is connection and c.feed is not None
        )
        self._outlet.put(
            [
                Reconnecting(
                    channel=channels[0] if len(channels) == 1 else None,
                    channels=channels,
                    attempt=attempt,
                    delay=timedelta(seconds=delay),
                )
            ]
        )

    def token_wanted(self, connection: Connection) -> None:
        """Fetch a token in the background, so that the socket is read meanwhile."""
        self._urgent.submit(lambda: self._fetch_token(connection, 0))

    def _fetch_token(self, connection: Connection, attempt: int) -> None:
        try:
            token = connection.connector.token()
        except ClientClosed:
            return
        except (APIError, NegotiationFailed) as error:
            _logger.info("fetching a new token failed: %s", error)
            if attempt < len(_TOKEN_RETRIES):
                self._urgent.submit(
                    lambda: self._fetch_token(connection, attempt + 1), _TOKEN_RETRIES[attempt]
                )
            # Otherwise the server will end the connection, and the next one gets a new token.
            return
        connection.refresh(token.value)

    def deadline(self, connection: Connection) -> float | None:
        """When a divided gift is due."""
        return self._intake.deadline(connection)

    def due(self, connection: Connection, now: float) -> None:
        """Deliver divided gifts whose missing parts are not waited for any longer."""
        self._intake.due(connection, now)

    def ended(self, connection: Connection, error: KickLiveError | None) -> None:
        """A connection's thread ends."""
        if error is not None:
            self._fail(error)

    # -- figures

    def stats(self, dispatched_later: int) -> Stats:
        """A snapshot; ``dispatched_later`` were taken from the inbox but not dispatched yet."""
        with self._condition:
            counts = self._inbox.counts
            kept = self._outlet.kept
            feeds = [c.feed for c in self._channels if c.feed is not None]
            decoders = list(self._intake.decoders.values())
            topics: dict[str, TopicState] = {}
            for connection in self._connections:
                topics.update(connection.topic_states)
            last = self._intake.last_event
            return Stats(
                received=counts.received + kept,
                dispatched=counts.delivered - dispatched_later,
                dropped=counts.dropped,
                queued=counts.queued + kept + dispatched_later,
                duplicates=self._duplicates + sum(feed.duplicates.count for feed in feeds),
                unknown=sum(d.unknown for d in decoders),
                undecodable=sum(d.undecodable for d in decoders)
                + sum(c.undecodable for c in self._connections),
                repaired=sum(d.repaired for d in decoders),
                reconnects=self._recovering.reconnects,
                recovered=self._recovering.recovered,
                last_event_age=None
                if last is None
                else timedelta(seconds=time.monotonic() - last[0]),
                latency=None if last is None else last[1],
                transport=next((c.provider for c in self._connections if c.provider), None),
                connections=sum(c.stage == Stage.SUBSCRIBE for c in self._connections),
                topics={topic: state.value for topic, state in topics.items()},
            )
