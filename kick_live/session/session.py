"""Everything that runs in the background for one client: channels, connections, recovery."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
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
from kick_live.events.base import Event, now
from kick_live.events.chat import ChatMessage
from kick_live.events.decoder import Decoder, as_text
from kick_live.events.gifts import GiftedSubscriptions
from kick_live.events.lifecycle import (
    Connected,
    Disconnected,
    ErrorOccurred,
    Reconnected,
    Reconnecting,
)
from kick_live.events.stream import StreamEnd, StreamerIsLive
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.resolver import Resolver
from kick_live.protocols.base import Action, Failed, Publication, TopicLost, TopicState
from kick_live.session.backfill import Gap, Recovery, recover
from kick_live.session.connection import Connection, ConnectionSettings, Stage
from kick_live.session.connector import Connector, Transport
from kick_live.session.feed import Feed
from kick_live.session.inbox import Inbox
from kick_live.session.pace import Pace
from kick_live.session.process import check_process, is_foreign
from kick_live.session.routes import Routes
from kick_live.session.taps import Arrival, Tap
from kick_live.session.topics import chat_topic, topic_scope, topics_of
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
        viewer_interval: Seconds between two polls of viewer counts.
        connection: How connections behave.
    """

    transport: Transport = "auto"
    backfill: bool = True
    viewer_interval: float = 60.0
    connection: ConnectionSettings = attrs.field(factory=ConnectionSettings)


@attrs.define(eq=False)
class _Followed:
    """A channel that is being received."""

    ref: ChannelRef
    feed: Feed | None = None
    connection: Connection | None = None
    ready: bool = False
    losses: int = 0
    socket_lost: bool = False
    lost_at: float | None = None
    gap: Gap | None = None


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
        self._channels: list[_Followed] = []
        self._connections: list[Connection] = []
        self._decoders: dict[Connection, Decoder] = {}
        self._backlogs: dict[Connection, list[Event]] = {}
        self._by_topic: dict[str, _Followed] = {}
        self._retired: set[str] = set()
        self._divided_gifts: set[_Followed] = set()
        self.taps: tuple[Tap, ...] = ()
        # The API may be shared: stopping ends this session's requests, and no others.
        self._caller = api.caller()
        self._worker = Worker(within=self._caller)
        self._viewers = ViewerPoller(
            api,
            self._worker,
            lambda: self.channels,
            self._put,
            self.report,
            settings.viewer_interval,
        )
        self._stopping = threading.Event()
        self._connected: Connected | None = None
        self._error: KickLiveError | None = None
        self._last_error: KickLiveError | None = None
        self._number = 0
        self._routes = Routes(time.monotonic)
        self._pace = Pace(_SOCKETS_AT_ONCE, _SOCKET_INTERVAL)
        self._reconnects = 0
        self._recovered = 0
        self._given_up = 0
        self._duplicates = 0
        self._last_event: tuple[float, timedelta | None] | None = None

    # -- channels

    def follow(self, ref: ChannelRef) -> None:
        """Begin to receive a channel; returns at once."""
        followed = _Followed(ref)
        with self._condition:
            self._channels.append(followed)
        if ref.is_complete:
            self._resolve(followed, 0)
        else:
            self._worker.submit(lambda: self._resolve(followed, 0))

    def _resolve(self, followed: _Followed, attempt: int) -> None:
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

    def _reject(self, followed: _Followed, error: KickLiveError) -> None:
        with self._condition:
            if followed in self._channels:
                self._channels.remove(followed)
            before_connected = self._connected is None
        if before_connected:
            self._fail(error)
        else:
            self.report(error)

    def _found(self, followed: _Followed, channel: Channel) -> None:
        with self._condition:
            if followed not in self._channels or self._stopping.is_set():
                return
            if any(
                other.feed is not None and other.feed.channel == channel for other in self._channels
            ):
                self._channels.remove(followed)
                self._check_connected()
                return
            followed.feed = Feed(channel)
            topics = topics_of(channel)
            self._by_topic.update(dict.fromkeys(topics, followed))
            self._retired.difference_update(topics)
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
        self._decoders[connection] = Decoder()
        return connection

    def unfollow(self, ref: ChannelRef) -> bool:
        """Stop receiving a channel; false if it was not received."""
        with self._condition:
            followed = next((c for c in self._channels if _names(c, ref)), None)
            if followed is None:
                return False
            self._channels.remove(followed)
            if followed.feed is None:
                return True
            topics = topics_of(followed.feed.channel)
            for topic in topics:
                self._by_topic.pop(topic, None)
            self._retired.update(topics)
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
        if self._worker.thread is not None:
            threads.append(self._worker.thread)
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

    def _put(self, events: list[Event]) -> None:
        self._inbox.put(events)

    def report(self, error: KickLiveError, channel: Channel | None = None) -> None:
        """Deliver an error that does not end the session."""
        _logger.info("%s", error)
        self._put([ErrorOccurred(error=error, channel=channel)])

    def want_viewers(self, wanted: bool) -> None:
        """Somebody listens for viewer counts, or nobody does any more."""
        self._viewers.want(wanted)

    def make_room(self) -> None:
        """The inbox has room again: deliver what was kept back, and read on."""
        with self._condition:
            backlogs = list(self._backlogs.items())
        for connection, backlog in backlogs:
            with self._condition:
                rest = list(self._inbox.put(backlog))
                self._backlogs[connection] = rest
                if rest:
                    continue
                del self._backlogs[connection]
            connection.resume()

    # -- what connections tell, on their threads

    def published(self, connection: Connection, items: list[Publication], now: float) -> bool:
        """Decode, remove doubles, hand over in one go."""
        decoder = self._decoders[connection]
        arrived = _wall_clock()
        batch: list[Event] = []
        if self.taps:
            self._show(
                Arrival(
                    received_at=arrived,
                    channel=self._channel_of(item.topic),
                    topic=item.topic,
                    name=item.name,
                    raw=item.data if isinstance(item.data, str) else as_text(item.data),
                )
                for item in items
            )
        decode = decoder.decode
        with self._condition:
            given_up = self._given_up
            followed_by_topic = self._by_topic.get
            for item in items:
                topic, name, data = item.topic, item.name, item.data
                followed = followed_by_topic(topic) if topic is not None else None
                if followed is None or followed.feed is None:
                    self._route(connection, decoder, topic, name, data, arrived, now, batch)
                    continue
                feed = followed.feed
                event = decode(name, data, topic, feed.channel, arrived)
                if type(event) is ChatMessage and not feed.recovering:  # by far the most
                    if feed.accept_message(event):
                        batch.append(event)
                    continue
                if isinstance(event, (StreamerIsLive, StreamEnd)):
                    self._viewers.noticed(event)
                self._take_in(followed, feed, event, now, batch)
            if batch:
                self._last_event = (now, _latency(batch) or (self._last_event or (0, None))[1])
            return self._hand_over(connection, batch, lifecycle=self._given_up != given_up)

    def _take_in(
        self, followed: _Followed, feed: Feed, event: Event, now: float, batch: list[Event]
    ) -> None:
        batch += feed.accept(event, now)
        if feed.overfull:
            batch += self._give_up(followed, feed, now)
        if isinstance(event, GiftedSubscriptions) and feed.deadline() is not None:
            self._divided_gifts.add(followed)

    def _channel_of(self, topic: str | None) -> Channel | None:
        followed = self._by_topic.get(topic) if topic is not None else None
        return followed.feed.channel if followed is not None and followed.feed is not None else None

    def _show(self, arrivals: Iterable[Arrival]) -> None:
        shown = tuple(arrivals)
        for tap in self.taps:
            try:
                tap(shown)
            except Exception:
                _logger.exception("a tap raised")

    def _hand_over(
        self, connection: Connection, batch: list[Event], *, lifecycle: bool = True
    ) -> bool:
        backlog = self._backlogs.get(connection)
        if backlog is not None:
            backlog += batch
            return False
        rest = self._inbox.put(batch, lifecycle=lifecycle)
        if rest:
            self._backlogs[connection] = list(rest)
            return False
        return True

    def _route(
        self,
        connection: Connection,
        decoder: Decoder,
        topic: str | None,
        name: str,
        data: object,
        arrived: datetime,
        now: float,
        batch: list[Event],
    ) -> None:
        """A publication whose topic is missing or not ours: its ids say where it belongs."""
        if topic in self._retired:
            return
        event = decoder.decode(name, data, topic=topic, received_at=arrived)
        followed = self._owner(connection, event)
        if followed is None or followed.feed is None:
            batch.append(event)
            return
        feed = followed.feed
        self._take_in(followed, feed, attrs.evolve(event, channel=feed.channel), now, batch)

    def _owner(self, connection: Connection, event: Event) -> _Followed | None:
        mine = [c for c in self._channels if c.connection is connection and c.feed is not None]
        scope = topic_scope(event.topic) if event.topic else None
        room = getattr(event, "chatroom_id", None)
        number = getattr(event, "channel_id", None)
        if scope is not None:
            room, number = (scope[1], None) if scope[0] == "room" else (None, scope[1])
        for followed in mine:
            assert followed.feed is not None
            channel = followed.feed.channel
            if room == channel.chatroom_id or number == channel.channel_id:
                return followed
        known = isinstance(room, int) or isinstance(number, int)
        return mine[0] if len(mine) == 1 and not known else None

    def subscribed(self, connection: Connection, topic: str) -> None:
        """A topic was acknowledged."""
        with self._condition:
            followed = self._by_topic.get(topic)
            if (
                followed is None
                or followed.feed is None
                or topic != chat_topic(followed.feed.channel)
            ):
                return
            followed.ready = True
            if followed.lost_at is not None:
                self._begin_recovery(followed, time.monotonic() - followed.lost_at)
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
            self._put([self._connected])
            self._condition.notify_all()

    def topic_interrupted(self, connection: Connection, topic: str) -> None:
        """A topic was taken away for a while: messages of that while are read from history."""
        with self._condition:
            followed = self._by_topic.get(topic)
            if (
                followed is not None
                and followed.feed is not None
                and topic == chat_topic(followed.feed.channel)
            ):
                self._open_gap(followed, followed.feed, time.monotonic())
                followed.feed.recovering = self._settings.backfill

    def topic_lost(self, connection: Connection, lost: TopicLost) -> None:
        """A topic was refused: report it, or move it if there were too many; the others go on."""
        with self._condition:
            followed = self._by_topic.get(lost.topic)
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
                self._open_gap(followed, followed.feed, time.monotonic())
                # The other topics do not wait for a recovery that may never come.
                _, held = followed.feed.release((), time.monotonic())
                self._hand_over(connection, held)
        words = f" ({lost.message})" if lost.message else ""
        error = RealtimeError(
            f"The server refused the topic {lost.topic}{words}, code {lost.code}. Events of that "
            "topic will be missing; the other topics are not affected."
        )
        if is_chat and self._connected is None:
            self._fail(error)
        else:
            self.report(error, channel)

    def _move(self, full: Connection, followed: _Followed, topic: str) -> None:
        """Take a topic to a connection that holds fewer."""
        full.remove_topics([topic])
        full.limit_topics()
        connection = self._connection_with_room(1)
        is_new = connection not in self._connections
        if is_new:
            self._connections.append(connection)
        if followed.feed is not None and topic == chat_topic(followed.feed.channel):
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
                self._open_gap(followed, followed.feed, alive_at)
                followed.socket_lost = True
                if followed.gap is not None:
                    followed.feed.recovering = self._settings.backfill
        stopping = self._stopping.is_set()
        self._put(
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

    def _open_gap(self, followed: _Followed, feed: Feed, alive_at: float) -> None:
        """Messages may be missed from now on; a gap that is open already grows."""
        feed.interrupt()
        if not followed.ready:
            return
        followed.ready = False
        followed.losses += 1
        if followed.gap is None:
            followed.lost_at = alive_at
            since = feed.last_message_at
            if since is None:
                since = now() - timedelta(seconds=time.monotonic() - alive_at)
            followed.gap = Gap(
                last_message_id=feed.last_message_id,
                since=since,
                alive_at=alive_at,
            )

    def _begin_recovery(self, followed: _Followed, seconds: float) -> None:
        self._reconnects += followed.socket_lost
        followed.socket_lost = False
        length = timedelta(seconds=seconds)
        losses = followed.losses
        if not self._settings.backfill:
            recovery = Recovery(reason="backfill is switched off")
            self._finish_recovery(followed, losses, length, recovery)
            return
        self._worker.submit(lambda: self._recover(followed, losses, length))

    def _recover(self, followed: _Followed, losses: int, length: timedelta) -> None:
        feed = followed.feed

        def stopped() -> bool:
            return self._stopping.is_set() or followed.losses != losses or followed.gap is None

        gap = followed.gap
        if feed is None or gap is None or stopped():
            return
        recovery = recover(self._api, feed, gap, stopped=stopped)
        if self.taps:
            self._show(
                Arrival(
                    received_at=event.received_at,
                    channel=feed.channel,
                    topic=None,
                    name=event.wire_names[0],
                    raw=event.raw,
                    historical=True,
                )
                for event in recovery.events
                if event.raw
            )
        self._finish_recovery(followed, losses, length, recovery)

    def _finish_recovery(
        self, followed: _Followed, losses: int, length: timedelta, recovery: Recovery
    ) -> None:
        feed = followed.feed
        if feed is None:
            return
        with self._condition:
            if followed not in self._channels:
                return
            if followed.gap is None or followed.losses != losses or not followed.ready:
                # Given up. Or lost again meanwhile, and perhaps back already: the next recovery covers both
                # gaps. This one may have read history before the second began.
                return
            missed, held = feed.release(
                [attrs.evolve(event, channel=feed.channel) for event in recovery.events],
                time.monotonic(),
            )
            followed.gap = followed.lost_at = None
            recovered = sum(event.historical for event in missed)
            self._recovered += recovered
            reconnected = Reconnected(
                channel=feed.channel,
                gap=length,
                recovered=recovered,
                complete=recovery.complete,
                reason=recovery.reason,
            )
            connection = followed.connection
            if connection is not None:
                self._hand_over(connection, [*missed, reconnected, *held])

    def _give_up(self, followed: _Followed, feed: Feed, now: float) -> list[Event]:
        """Too much waits for history: what waits is worth more than what may be in history."""
        self._given_up += 1
        missed, held = feed.release((), now)
        since, followed.gap, followed.lost_at = followed.lost_at, None, None
        followed.ready = True  # it is received, whether the server has acknowledged it or not
        reconnected = Reconnected(
            channel=feed.channel,
            gap=timedelta(seconds=0.0 if since is None else now - since),
            complete=False,
            reason="more live events came while history was read than can be kept waiting",
        )
        return [*missed, reconnected, *held]

    def waiting(self, connection: Connection, attempt: int, delay: float) -> None:
        """The connection waits before its next attempt."""
        if self._connected is None:
            return
        channels = tuple(
            c.feed.channel
            for c in list(self._channels)
            if c.connection is connection and c.feed is not None
        )
        self._put(
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
        self._worker.submit(lambda: self._fetch_token(connection, 0))

    def _fetch_token(self, connection: Connection, attempt: int) -> None:
        try:
            token = connection.connector.token()
        except ClientClosed:
            return
        except (APIError, NegotiationFailed) as error:
            _logger.info("fetching a new token failed: %s", error)
            if attempt < len(_TOKEN_RETRIES):
                self._worker.submit(
                    lambda: self._fetch_token(connection, attempt + 1), _TOKEN_RETRIES[attempt]
                )
            # Otherwise the server will end the connection, and the next one gets a new token.
            return
        connection.refresh(token.value)

    def deadline(self, connection: Connection) -> float | None:
        """When a divided gift is due."""
        if not self._divided_gifts:
            return None
        with self._condition:
            times = [c.feed.deadline() for c in self._divided(connection) if c.feed is not None]
        return min((at for at in times if at is not None), default=None)

    def due(self, connection: Connection, now: float) -> None:
        """Deliver divided gifts whose missing parts are not waited for any longer."""
        with self._condition:
            batch: list[Event] = []
            for followed in self._divided(connection):
                if followed.feed is not None:
                    batch += followed.feed.due(now)
                    if followed.feed.deadline() is None:
                        self._divided_gifts.discard(followed)
            self._hand_over(connection, batch)

    def _divided(self, connection: Connection) -> list[_Followed]:
        return [c for c in self._divided_gifts if c.connection is connection]

    def ended(self, connection: Connection, error: KickLiveError | None) -> None:
        """A connection's thread ends."""
        if error is not None:
            self._fail(error)

    # -- figures

    def stats(self, dispatched_later: int) -> Stats:
        """A snapshot; ``dispatched_later`` were taken from the inbox but not dispatched yet."""
        with self._condition:
            counts = self._inbox.counts
            kept = sum(len(backlog) for backlog in self._backlogs.values())
            feeds = [c.feed for c in self._channels if c.feed is not None]
            decoders = list(self._decoders.values())
            topics: dict[str, TopicState] = {}
            for connection in self._connections:
                topics.update(connection.topic_states)
            last = self._last_event
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
                reconnects=self._reconnects,
                recovered=self._recovered,
                last_event_age=None
                if last is None
                else timedelta(seconds=time.monotonic() - last[0]),
                latency=None if last is None else last[1],
                transport=next((c.provider for c in self._connections if c.provider), None),
                connections=sum(c.stage == Stage.SUBSCRIBE for c in self._connections),
                topics={topic: state.value for topic, state in topics.items()},
            )


_wall_clock: Callable[[], datetime] = now


def _latency(batch: list[Event]) -> timedelta | None:
    newest = batch[-1]
    return newest.latency if isinstance(newest, ChatMessage) else None


def _names(followed: _Followed, ref: ChannelRef) -> bool:
    channel = followed.feed.channel if followed.feed is not None else None
    if ref.channel_id is not None:
        mine = channel.channel_id if channel is not None else followed.ref.channel_id
        return mine == ref.channel_id
    if ref.slug is None:
        return False
    slugs = {followed.ref.slug, channel.slug if channel is not None else None}
    return ref.slug in slugs
