"""Everything that runs in the background for one client: channels, connections, recovery."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from kick_live.errors import (
    ClientClosed,
    InvalidChannel,
    KickLiveError,
)
from kick_live.events.decoder import Decoder
from kick_live.events.lifecycle import (
    Connected,
    ErrorOccurred,
)
from kick_live.latch import Latch, is_held
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.resolver import Resolver
from kick_live.protocols.base import Failed, Publication, TopicLost, TopicState
from kick_live.session.announcing import connected, disconnected, reconnecting, topic_refused
from kick_live.session.connection import Connection, Stage
from kick_live.session.connection_settings import ConnectionSettings
from kick_live.session.connector import Transport
from kick_live.session.feed import Feed
from kick_live.session.followed import Followed
from kick_live.session.inbox import Inbox
from kick_live.session.intake import Intake
from kick_live.session.lookup import Lookup
from kick_live.session.outlet import Outlet
from kick_live.session.pool import Pool
from kick_live.session.process import check_process, is_foreign
from kick_live.session.recovering import Recovering
from kick_live.session.taps import Tap, Taps
from kick_live.session.tokens import Tokens
from kick_live.session.topics import chat_topic, topics_of
from kick_live.session.viewers import ViewerPoller
from kick_live.session.worker import Worker
from kick_live.stats import Stats

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Session", "SessionSettings"]

_logger = logging.getLogger(__name__)


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
        dropped: Told, on a background thread, which channel was given up because it cannot be
            found, before its error is delivered.
        unwanted: Which kinds nobody wants, by their names; asked on the connections' threads.
    """

    def __init__(
        self,
        api: KickAPI,
        resolver: Resolver,
        inbox: Inbox,
        settings: SessionSettings,
        dropped: Callable[[ChannelRef], object],
        unwanted: Callable[[], Collection[str]],
    ) -> None:
        self._inbox = inbox
        self._dropped = dropped
        self._settings = settings
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._channels: list[Followed] = []
        self._taps = Taps()
        self._outlet = Outlet(inbox, self._lock)
        # The API may be shared: stopping ends this session's requests, and no others.
        self._caller = api.caller()
        self._worker = Worker(within=self._caller)
        self._urgent = Worker(within=self._caller, name="kick-live-tokens")
        self._tokens = Tokens(self._urgent)
        self._lookup = Lookup(resolver, self._worker, self._found, self._reject, self._wants)
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
            lock=self._lock,
            outlet=self._outlet,
            taps=self._taps,
            wanted=self._wants,
        )
        self._intake = Intake(
            self._lock,
            self._outlet,
            self._taps,
            self._recovering,
            self._viewers.noticed,
            unwanted,
        )
        self._stopping = Latch()
        self._connected: Connected | None = None
        self._error: KickLiveError | None = None
        self._pool = Pool(api, self._caller, settings.transport, settings.connection, self)
        self._duplicates = 0

    # -- channels

    def follow(self, *refs: ChannelRef) -> None:
        """Begin to receive channels; returns at once."""
        new = [Followed(ref, recent=self._settings.history) for ref in refs]
        # All of them before the first begins: else it may be subscribed, and the client be taken for
        # connected, before the last is known.
        with self._lock:
            self._channels += new
        for followed in new:
            self._lookup.begin(followed)

    def _wants(self, followed: Followed) -> bool:
        return followed in self._channels

    def _reject(self, followed: Followed, error: KickLiveError) -> None:
        with self._lock:
            if followed not in self._channels:
                return  # it was removed meanwhile, and perhaps added again
            self._channels.remove(followed)
            self._changed.notify_all()
            before_connected = self._connected is None
        if before_connected:
            self._fail(error)
        else:
            # First, so that a listener for the error may add the channel again.
            self._dropped(followed.ref)
            self.report(error)

    def _found(self, followed: Followed, channel: Channel) -> None:
        with self._lock:
            if followed not in self._channels or self._stopping.is_set():
                return
            same = next((other for other in self._channels if other.is_of(channel)), None)
            if same is not None:
                same.aliases.append(followed.ref)
                self._channels.remove(followed)
                self._check_connected()
                return
            feed = followed.feed = Feed(channel)
            self._recovering.await_history(followed, feed)
            self._intake.add(followed, channel)
            topics = topics_of(channel)
            connection, is_new = self._pool.with_room(len(topics))
            followed.connection = connection
            connection.add_topics(topics)
        if is_new:
            connection.start()

    def unfollow(self, ref: ChannelRef) -> Sequence[ChannelRef]:
        """Stop receiving a channel; returns all names under which it was, or none."""
        with self._lock:
            followed = next((c for c in self._channels if c.is_named(ref)), None)
            if followed is None:
                return ()
            idle = self._drop(followed)
        for connection in idle:
            connection.stop()
        return followed.names

    def _drop(self, followed: Followed) -> list[Connection]:
        """Take a channel out; the lock is held. Returns connections that are to be stopped."""
        self._channels.remove(followed)
        self._check_connected()
        if followed.feed is None:
            return []
        self._intake.remove(followed.feed.channel)
        self._duplicates += followed.feed.duplicates.count
        return self._pool.give_up(topics_of(followed.feed.channel))

    @property
    def channels(self) -> Sequence[Channel]:
        """The channels whose ids are known."""
        with self._lock:
            return [c.feed.channel for c in self._channels if c.feed is not None]

    # -- waiting for the beginning, and the end

    def wait_until_connected(self, deadline: float | None, slice_: float) -> Connected | None:
        """Wait until every channel's chat topic is acknowledged, those of added ones included.

        Args:
            deadline: On the monotonic clock, or ``None``.
            slice_: The longest single wait in seconds, so that Ctrl-C gets through everywhere.

        Returns:
            The event, one with the channels of now if some were added; or ``None`` if time ran out.

        Raises:
            KickLiveError: What ended the session.
            InvalidChannel: All channels were removed.
            ClientClosed: The client was closed meanwhile, or the process was forked.
        """
        check_process(self._process)
        with self._lock:
            while True:
                if self._error is not None:
                    raise self._error
                is_waited_for = not self._channels or any(c.is_new for c in self._channels)
                if self._connected is not None and not is_waited_for:
                    channels = tuple(self.channels)
                    if channels and channels != self._connected.channels:
                        self._connected = connected(channels, self._pool.provider or "")
                    return self._connected
                if self._stopping.is_set():
                    raise ClientClosed("The client was closed while it was connecting.")
                if not self._channels:
                    raise InvalidChannel(
                        "There is no channel to connect to: every one was removed. Call add_channel "
                        "first.",
                        value=None,
                    )
                remaining = slice_ if deadline is None else deadline - time.monotonic()
                if remaining <= 0:
                    return None
                self._changed.wait(min(remaining, slice_))

    @property
    def error(self) -> KickLiveError | None:
        """What ended the session for good, or ``None``."""
        return self._error

    @property
    def stage(self) -> str:
        """How far the slowest channel got: resolve, negotiate, open or subscribe."""
        order = (Stage.NEGOTIATE, Stage.OPEN, Stage.SUBSCRIBE)
        with self._lock:
            if any(followed.feed is None for followed in self._channels):
                return "resolve"
            waiting = [c.connection for c in self._channels if not c.ready]
            stages = [c.stage for c in waiting if c is not None]
            return min(stages, key=order.index, default=Stage.SUBSCRIBE)

    @property
    def last_error(self) -> KickLiveError | None:
        """The last failure that is being retried."""
        with self._lock:
            return self._caller.retrying or self._pool.last_error or self._lookup.last_error

    def stop(self) -> None:
        """Begin to close everything; returns at once."""
        if is_foreign(self._process):
            return  # the sockets are shared with the parent, which goes on using them
        self._stopping.set()
        with self._lock:
            self._changed.notify_all()
            connections = list(self._pool)
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
        with self._lock:
            threads = self._pool.threads
        threads += [w.thread for w in (self._worker, self._urgent) if w.thread is not None]
        current = threading.current_thread()
        for thread in threads:
            if thread is not current and thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(t.is_alive() for t in threads if t is not current)

    @property
    def is_entered(self) -> bool:
        """Whether the calling thread is in here already: a signal's handler interrupted it.

        The threads cannot end before what it interrupted lets go of its lock.
        """
        if is_held(self._changed):
            return True
        return any(part.is_entered for part in (self._worker, self._urgent, *self._pool))

    def abort(self) -> None:
        """Break whatever the threads are blocked in."""
        with self._lock:
            connections = list(self._pool)
        for connection in connections:
            connection.abort()

    def _fail(self, error: KickLiveError) -> None:
        with self._lock:
            self._error = self._error or error
            self._changed.notify_all()
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
        with self._lock:
            followed = self._intake.owner(topic)
            if followed is None or followed.feed is None or not followed.has_chat(topic):
                return
            followed.ready = True
            followed.is_new = False
            self._recovering.begin(followed, followed.feed)
            self._check_connected()

    def _check_connected(self) -> None:
        if self._connected is None and self._channels and all(c.ready for c in self._channels):
            self._connected = connected(self.channels, self._pool.provider or "")
            self._outlet.put([self._connected])
        self._changed.notify_all()

    def topic_interrupted(self, connection: Connection, topic: str) -> None:
        """A topic was taken away for a while: messages of that while are read from history."""
        with self._lock:
            followed = self._intake.owner(topic)
            if followed is not None and followed.feed is not None and followed.has_chat(topic):
                self._recovering.open_gap(followed, followed.feed, time.monotonic())
                self._recovering.await_history(followed, followed.feed)

    def topic_lost(self, connection: Connection, lost: TopicLost) -> None:
        """A topic was refused: report it, or move it if there were too many; the others go on."""
        with self._lock:
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
                followed.is_new = False
                self._changed.notify_all()
                self._recovering.open_gap(followed, followed.feed, time.monotonic())
                # The other topics do not wait for a recovery that may never come.
                missed, held = followed.feed.release((), time.monotonic())
                self._outlet.hand_over(connection, [*missed, *held])
        error = topic_refused(lost)
        if is_chat and self._connected is None:
            self._fail(error)
        else:
            self.report(error, channel)

    def _move(self, full: Connection, followed: Followed, topic: str) -> None:
        """Take a topic to a connection that holds fewer."""
        full.remove_topics([topic])
        full.limit_topics()
        connection, is_new = self._pool.with_room(1)
        if followed.has_chat(topic):
            followed.connection = connection
        connection.add_topics([topic])
        if is_new:
            connection.start()

    def lost(self, connection: Connection, failure: Failed, alive_at: float) -> None:
        """The socket was lost: remember since when each channel may have missed something."""
        with self._lock:
            channels = self._channels_of(connection)
            for followed in self._channels:
                if followed.connection is connection and followed.feed is not None:
                    self._recovering.open_gap(followed, followed.feed, alive_at)
                    followed.socket_lost = True
                    self._recovering.await_history(followed, followed.feed)
        comes_back = not self._stopping.is_set()
        self._outlet.put([disconnected(channels, failure, comes_back=comes_back)])

    def _channels_of(self, connection: Connection) -> list[Channel]:
        return [
            followed.feed.channel
            for followed in list(self._channels)
            if followed.connection is connection and followed.feed is not None
        ]

    def waiting(self, connection: Connection, attempt: int, delay: float) -> None:
        """The connection waits before its next attempt."""
        if self._connected is not None:
            self._outlet.put([reconnecting(self._channels_of(connection), attempt, delay)])

    def token_wanted(self, connection: Connection) -> None:
        """A token runs out soon."""
        self._tokens.fetch(connection)

    def deadline(self, connection: Connection) -> float | None:
        """When a divided gift is due."""
        return self._intake.deadline(connection)

    def due(self, connection: Connection, now: float) -> None:
        """Deliver divided gifts whose missing parts are not waited for any longer."""
        self._intake.due(connection, now)

    def ended(self, connection: Connection, error: KickLiveError | None) -> None:
        """A connection's thread ends; if for good, its channels are given up, and the others go on."""
        self._intake.forget(connection)
        if error is None:
            return
        with self._lock:
            if not self._pool.holds(connection):
                return  # its channels were removed, and it with them
            lost = [c for c in self._channels if c.connection is connection]
            idle: list[Connection] = []
            goes_on = self._connected is not None and any(
                c.connection is not None for c in self._channels if c not in lost
            )
            if goes_on:
                self._pool.remove(connection)
                for followed in lost:
                    idle += self._drop(followed)
        if not goes_on:
            self._fail(error)
            return
        for unused in idle:
            unused.stop()
        for followed in lost:
            for name in followed.names:
                self._dropped(name)
            self.report(error, followed.feed.channel if followed.feed is not None else None)
        if not lost:
            self.report(error)

    # -- figures

    def stats(self, dispatched_later: int, late: Decoder) -> Stats:
        """A snapshot.

        Args:
            dispatched_later: How many events were taken from the inbox but not dispatched yet.
            late: What reads messages after they left the session.
        """
        with self._lock:
            counts = self._inbox.counts
            kept = self._outlet.kept
            feeds = [c.feed for c in self._channels if c.feed is not None]
            read = self._intake.counts.plus(late)
            return Stats(
                received=counts.received + kept,
                dispatched=counts.delivered - dispatched_later,
                dropped=counts.dropped,
                queued=counts.queued + kept + dispatched_later,
                duplicates=self._duplicates + sum(feed.duplicates.count for feed in feeds),
                unknown=read.unknown,
                undecodable=read.undecodable + self._pool.undecodable,
                repaired=read.repaired,
                reconnects=self._recovering.reconnects,
                recovered=self._recovering.recovered,
                last_event_age=self._intake.last_event_age,
                latency=self._intake.latency,
                transport=self._pool.provider,
                connections=self._pool.open,
                topics={topic: state.value for topic, state in self._pool.topics.items()},
            )
