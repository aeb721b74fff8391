"""The client: what a user sees of the library."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kick_live.arguments import (
    check_choice,
    check_flag,
    check_seconds,
    check_text,
    check_timeout,
    check_whole,
)
from kick_live.display import as_html, client_made, live_view
from kick_live.errors import (
    ClientClosed,
    ConnectTimeout,
    InvalidChannel,
    RateLimited,
    Unreachable,
)
from kick_live.events.base import Event
from kick_live.events.lifecycle import Connected, Disconnected, LifecycleEvent
from kick_live.events.stream import ViewerCount
from kick_live.listening import EventSource
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.endpoints import Endpoints, check_endpoints
from kick_live.net.proxies import check_proxy, require_socks
from kick_live.net.resolver import Resolver, parse_channel
from kick_live.session.process import is_foreign
from kick_live.stats import Stats

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI
    from kick_live.session.connector import Transport
    from kick_live.session.inbox import Inbox, Overflow
    from kick_live.session.session import Session
    from kick_live.session.taps import Tap

__all__ = ["KickClient"]

_logger = logging.getLogger(__name__)

_DEFAULT_ENDPOINTS: Final = Endpoints()
#: Seconds. A wait on a lock cannot be interrupted by Ctrl-C on Windows; and a signal's handler that closes
#: the client just before the wait is not noticed by it.
_SLICE: Final = 0.2
#: Messages; in pages of 25 and at a request a second that takes 40 seconds a channel.
_MOST_HISTORY: Final = 1000
_TRANSPORTS: Final = ("auto", "centrifugo", "pusher")
_OVERFLOWS: Final = ("drop_oldest", "drop_newest", "block")


class KickClient(EventSource):
    """Receives what happens in the chat and stream of one or more Kick channels.

    Constructing it starts nothing. ``connect``, or the first ``run``, ``poll``, ``events`` or
    ``wait_for``, starts background threads that own the sockets; listeners run on the thread that
    calls one of these, never on another. Use one thread for these calls; ``close``, ``on``,
    ``off``, ``add_channel``, ``remove_channel`` and ``stats`` may be called from any.

    Every event passes the listeners exactly once, whichever of these calls takes it.

    Args:
        *channels: Names, ``@names``, addresses on kick.com, or ``ChannelRef`` with ids.
        transport: ``"auto"`` asks Kick which provider to use and falls back to the other;
            ``"centrifugo"`` or ``"pusher"`` use that one alone. ``"pusher"`` needs no request to
            Kick once the ids are known.
        endpoints: Where Kick's servers are; ignored if ``api`` is given.
        api: A ``KickAPI`` of your own, for instance with your own session; it is not closed.
        proxy: A proxy for requests and sockets, but with ``api`` for the sockets alone: the API has
            its own, and what it asks for goes past this one. ``""`` switches the environment's
            proxies off, ``None`` leaves them on.
        queue_size: The most events that wait for the program; as many again may have been taken
            already and wait for its listeners, and with ``"block"`` one read of a socket comes on top.
        overflow: What happens beyond that: ``"drop_oldest"``, ``"drop_newest"``, or ``"block"``,
            which stops reading the sockets and lets the server hold, or cut, the stream.
        backfill: Whether messages missed in a gap are read from history.
        history: How many of the latest messages of each channel are read to begin with, at most
            1000. They come oldest first, marked ``historical``, before the channel's first live
            message; ``connect`` does not wait for them. If they cannot be read, or not all, an
            ``ErrorOccurred`` with the channel says why, and live messages go on.
        viewer_interval: Seconds between two polls of viewer counts, which happen only while there
            is a listener for ``ViewerCount``; 0 switches them off.
        on_listener_error: Given what a listener raises, and the event if it needs a second argument,
            or has one that is called ``event``. Without it, the first error is raised from ``run`` or
            ``poll`` after the other listeners have run.
        activity_timeout: Seconds of silence after which a Pusher server is asked for a sign of
            life; the server's own value counts if it is smaller.
        pong_timeout: Seconds to wait for that sign before reconnecting.
        ping_margin: Seconds beyond a Centrifugo server's ping interval after which the connection
            counts as dead.
        ca_bundle: A file of certificates to trust instead of the usual ones. An API that was given
            has its own.
        remember_ids: Whether ids that were looked up are remembered on disk.

    Raises:
        InvalidChannel: A channel makes no sense.
        TypeError: Another argument is of another type than it must be.
        ValueError: Another argument makes no sense.
        MissingExtra: The proxy speaks SOCKS, requests to Kick are the client's own, and the extra
            ``socks`` is not installed.

    Example:
        >>> client = KickClient("amber-quokka", endpoints=simulator.endpoints)
        >>> @client.on(ChatMessage)
        ... def show(message):
        ...     print(f"{message.sender.username}: {message.readable_text}")
        ...     client.close()
        >>> connected = client.connect()
        >>> _ = simulator.channel("amber-quokka").chat("hello", username="Maple")
        >>> client.run()
        Maple: hello
    """

    def __init__(
        self,
        *channels: str | ChannelRef | Channel,
        transport: Transport = "auto",
        endpoints: Endpoints = _DEFAULT_ENDPOINTS,
        api: KickAPI | None = None,
        proxy: str | None = None,
        queue_size: int = 100_000,
        overflow: Overflow = "drop_oldest",
        backfill: bool = True,
        history: int = 0,
        viewer_interval: float = 60.0,
        on_listener_error: Callable[..., object] | None = None,
        activity_timeout: float = 120.0,
        pong_timeout: float = 30.0,
        ping_margin: float = 10.0,
        ca_bundle: str | None = None,
        remember_ids: bool = True,
    ) -> None:
        super().__init__(on_listener_error)
        check_choice("transport", transport, _TRANSPORTS)
        check_choice("overflow", overflow, _OVERFLOWS)
        check_endpoints(endpoints)
        if api is not None and not isinstance(getattr(api, "endpoints", None), Endpoints):
            raise TypeError(f"api must be a KickAPI or None, not a {type(api).__name__}.")
        check_proxy("proxy", proxy)
        if api is None:
            require_socks(proxy)
        check_text("ca_bundle", ca_bundle, "certificates.pem")
        check_whole("queue_size", queue_size, 1)
        check_whole("history", history, 0, _MOST_HISTORY)
        check_flag("backfill", backfill)
        check_flag("remember_ids", remember_ids)
        check_seconds("viewer_interval", viewer_interval)
        check_seconds("activity_timeout", activity_timeout, zero=False)
        check_seconds("pong_timeout", pong_timeout, zero=False)
        check_seconds("ping_margin", ping_margin)
        self._refs = [parse_channel(channel) for channel in channels]
        self._endpoints = endpoints if api is None else api.endpoints
        self._own_api = api is None
        self._api = api
        self._proxy = proxy
        self._queue_size = queue_size
        self._overflow = overflow
        self._remember_ids = remember_ids
        # On first use: the session makes a fifth of the package's import time.
        from kick_live.session.connection_settings import ConnectionSettings
        from kick_live.session.session import SessionSettings

        self._settings = SessionSettings(
            transport=transport,
            backfill=backfill,
            history=history,
            viewer_interval=viewer_interval,
            connection=ConnectionSettings(
                activity_timeout=activity_timeout,
                pong_timeout=pong_timeout,
                ping_margin=ping_margin,
                proxy=proxy,
                ca_bundle=ca_bundle,
            ),
        )
        self._lock = threading.RLock()
        self._session: Session | None = None
        self._inbox: Inbox | None = None
        self._connected: Connected | None = None
        self._viewer_waits = 0
        self._closing: set[int] = set()
        self._process = 0
        self._taps: tuple[Tap, ...] = ()
        self._farewell: Disconnected | None = None
        self._last_stats = Stats()
        client_made(self, [ref.slug or ref.channel_id for ref in self._refs])

    def __repr__(self) -> str:
        names = ", ".join(repr(ref.slug or ref.channel_id) for ref in self._refs)
        state = "closed" if self.closed else "connected" if self._connected else "not connected"
        return f"<KickClient({names}) {state}>"

    def _repr_html_(self) -> str:
        return as_html(self)

    def live_view(self, *, last: int = 50, minutes: int = 30, height: int = 300) -> Any:
        """Show chat and a chart that follow along, in a notebook; needs the extra ``notebook``.

        Connects first, which blocks. Give it as the last line of a cell.

        Args:
            last: How many messages are shown.
            minutes: How many minutes the chart shows.
            height: Of the chat, in pixels.

        Returns:
            A ``kick_live.notebook.LiveView``.

        Raises:
            MissingExtra: ipywidgets is not installed.
            KickLiveError: There is no Jupyter kernel, or the connection failed.
        """
        return live_view(self, last=last, minutes=minutes, height=height)

    # -- connecting and closing

    def connect(self, timeout: float = 30.0) -> Connected:
        """Connect, and wait until every channel's chat is being received.

        Blocks. Channels are received whether they are live or not. If it is connected already, it
        waits for the channels that were added since, or returns at once; if these take too long, the
        others go on, and one that cannot be found is told by an ``ErrorOccurred`` event alone. After
        a failure it may be called again. Temporary failures are retried within the time-out.

        Args:
            timeout: Seconds.

        Returns:
            The event that listeners for ``Connected`` get, too (once: not for channels that are
            added); it has ``channels``, and the ``room_id`` of the first.

        Raises:
            ConnectTimeout: Time ran out; ``stage`` says how far it got.
            NotFound: Kick knows no such channel.
            Blocked: Kick's protection refused the lookup; the message names ways out.
            InvalidChannel: There is no channel to connect to, or none any more.
            RealtimeError: The server turned the client down for good.
            Unreachable: A proxy wants a name and a password, or others; or ``ca_bundle`` cannot be
                read.
            TransportError: The same, told by the WebSocket.
            ClientClosed: The client was closed, before or meanwhile.
            TypeError: ``timeout`` is not a number.
        """
        check_timeout(timeout, none=False)
        ended = self._session
        if ended is not None and ended.error is not None and self._connected is not None:
            self._tear_down(ended, 2.0)  # whoever takes events was told why it ended
        session = self._start()
        deadline = time.monotonic() + timeout
        try:
            connected = session.wait_until_connected(deadline, _SLICE)
        except BaseException:
            if self._connected is None or session.error is not None:
                self._tear_down(session, 2.0)
            raise
        if connected is None:
            stage, last_error = session.stage, session.last_error
            if self._connected is None:
                # Without a goodbye, whose answer would be waited for beyond the time-out.
                session.stop()
                session.abort()
                self._tear_down(session, 2.0)
            raise _connect_timeout(stage, timeout, last_error) from last_error
        self._connected = connected
        return connected

    def _start(self) -> Session:
        with self._lock:
            if self._closed.is_set():
                raise ClientClosed("The client is closed; make a new KickClient to connect again.")
            if self._session is not None:
                return self._session
            if not self._refs:
                raise InvalidChannel(
                    "There is no channel to connect to: pass one to KickClient, or call "
                    "add_channel first.",
                    value=None,
                )
            # On first use: these make a fifth of the package's import time.
            from kick_live.net.api import KickAPI
            from kick_live.net.id_cache import IdCache
            from kick_live.session.inbox import Inbox
            from kick_live.session.session import Session

            if self._own_api:
                self._api = KickAPI(
                    self._endpoints,
                    proxy=self._proxy,
                    ca_bundle=self._settings.connection.ca_bundle,
                )
            assert self._api is not None
            cache = IdCache() if self._remember_ids else None
            inbox = self._inbox = Inbox(self._queue_size, self._overflow, self._make_room)
            resolver = Resolver(self._api, cache)
            session = Session(
                self._api,
                resolver,
                inbox,
                self._settings,
                dropped=self._forget,
                unwanted=self._unwanted,
            )
            session.taps = self._taps
            self._session, self._process = session, os.getpid()
            session.follow(*self._refs)
            session.want_viewers(self._wants_viewers())
        # By a signal's handler, in the middle of this.
        if self.closed:
            self._tear_down(session, 2.0)
            raise ClientClosed("The client was closed while it began to connect.")
        return session

    def _forget(self, ref: ChannelRef) -> None:
        """A channel could not be found: it may be added again."""
        with self._lock:
            self._refs = [other for other in self._refs if other != ref]

    def _make_room(self) -> None:
        if self._session is not None:
            self._session.make_room()

    def _tear_down(self, session: Session, timeout: float) -> None:
        """End a session and everything that belongs to it."""
        thread = threading.get_ident()
        if thread in self._closing:
            return  # a signal's handler, in the middle of what goes on afterwards
        self._closing.add(thread)
        try:
            self._end(session, timeout)
        finally:
            self._closing.discard(thread)

    def _end(self, session: Session, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        session.stop()
        if self._own_api and self._api is not None:
            self._api.close()
        if session.is_entered:
            # The session stays, so that the next ``close`` waits for its threads.
            self._connected = None
            if self._inbox is not None:
                self._inbox.end()
            return
        gentle = time.monotonic() + timeout / 2
        if not session.join(min(gentle, deadline)):
            session.abort()
            if not session.join(deadline):
                _logger.warning("a background thread did not end within %.1f s", timeout)
        with self._lock:
            self._last_stats = session.stats(self._taken_and_counted(), self._reader)
            if self._session is session:
                self._session = None
                self._connected = None
        if self._inbox is not None:
            self._inbox.end()

    def close(self, timeout: float = 5.0) -> None:
        """Close the sockets and end the background threads.

        Blocks until they have ended; but a signal's handler does not wait for threads that cannot end
        before the call that it interrupted goes on. Repeatable; may be called from any thread, from a
        listener, before or during ``connect``. A ``run`` or iteration in progress ends. Events that
        wait are not delivered any more.

        Args:
            timeout: The longest wait in seconds.

        Raises:
            TypeError: ``timeout`` is not a number.
        """
        check_timeout(timeout, none=False)
        if self._is_foreign:
            # Locks may be held for ever by threads that stayed in the parent, whose sockets these are.
            self._closed.set()
            self._connected = None
            return
        with self._lock:
            first = not self._closed.is_set()
            self._closed.set()
            session = self._session
            if first and session is not None:
                channels = self.channels
                self._farewell = Disconnected(
                    reason="closed by the client",
                    channels=channels,
                    channel=channels[0] if len(channels) == 1 else None,
                )
        if session is not None:
            self._tear_down(session, timeout)
        # Again, for a ``close`` that was interrupted in the middle.
        if self._inbox is not None:
            self._inbox.end()

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels whose ids are known, in the order in which they were given."""
        session = self._session
        return () if session is None or self._is_foreign else tuple(session.channels)

    # -- what EventSource asks for

    @property
    def _is_foreign(self) -> bool:
        """Whether the process was forked after the client connected."""
        return self._session is not None and is_foreign(self._process)

    def _begin(self) -> None:
        if self._connected is None:
            if self._session is not None and not self.closed:
                self._check_end()
            self.connect()

    def _fill(self, timeout: float | None) -> None:
        """Take what waits in the inbox, if everything taken before was used up."""
        inbox = self._inbox
        if not self._taken and inbox is not None and not self.closed:
            self._taken.extend(inbox.get(timeout))
        if self.closed:
            self._say_farewell()

    def _taken_and_counted(self) -> int:
        return sum(not isinstance(event, LifecycleEvent) for event in list(self._taken))

    def _check_end(self) -> bool:
        inbox = self._inbox
        if inbox is not None and inbox.ended and inbox.error is not None and not self.closed:
            raise inbox.error
        return False

    def _say_farewell(self) -> None:
        with self._lock:
            farewell, self._farewell = self._farewell, None
        if farewell is not None:
            error = self._fire(farewell)
            if error is not None:
                raise error

    def _wants_viewers(self) -> bool:
        return self._viewer_waits > 0 or self._dispatcher.has(ViewerCount)

    def _waiting(self, cls: type[Event], change: int) -> None:
        if cls is ViewerCount:
            self._viewer_waits += change
            self._listeners_changed()

    def _listeners_changed(self) -> None:
        session = self._session
        if session is not None:
            session.want_viewers(self._wants_viewers())

    def _why_nothing_came(self) -> str:
        return (
            "The channel may be quiet, or the condition may fit nothing; client.stats tells whether "
            "events arrive at all."
        )

    # -- recording

    def add_tap(self, tap: Tap) -> None:
        """Show what arrives to a function, before repetitions are removed and gifts merged.

        For recordings. Whatever the inbox drops, taps see.

        Args:
            tap: Called on a background thread with a sequence of ``Arrival``; must be quick. An error
                that it raises is logged.
        """
        with self._lock:
            self._taps += (tap,)
            self._set_taps()

    def remove_tap(self, tap: Tap) -> None:
        """Stop showing what arrives to a function.

        Args:
            tap: What was given to ``add_tap``; an unknown one is ignored.
        """
        with self._lock:
            self._taps = tuple(other for other in self._taps if other != tap)
            self._set_taps()

    def _set_taps(self) -> None:
        if self._session is not None:
            self._session.taps = self._taps

    # -- channels and figures

    def add_channel(self, channel: str | ChannelRef | Channel) -> None:
        """Receive one more channel, over the same sockets; returns at once.

        A channel that is received already is not added again. If the lookup fails later, an
        ``ErrorOccurred`` event says why, and the channel may be added again. What is said before
        the server has acknowledged the channel's topics, which ``connect`` waits for and
        ``stats.topics`` shows as ``subscribed``, is not received.

        Args:
            channel: A name, ``@name``, address on kick.com, or ``ChannelRef`` with ids.

        Raises:
            InvalidChannel: The channel makes no sense.
            ClientClosed: The client is closed.
        """
        ref = parse_channel(channel)
        with self._lock:
            if self.closed:
                raise ClientClosed("The client is closed; no channel can be added.")
            if ref in self._refs:
                return
            self._refs.append(ref)
            if self._session is not None:
                self._session.follow(ref)

    def remove_channel(self, channel: str | ChannelRef | Channel) -> None:
        """Stop receiving a channel; returns at once. Events that wait are still delivered.

        Args:
            channel: As for ``add_channel``; once it was looked up, its name and its ids serve alike.

        Raises:
            InvalidChannel: The channel makes no sense, or is not received.
        """
        ref = parse_channel(channel)
        with self._lock:
            found = self._session.unfollow(ref) if self._session is not None else ()
            before = len(self._refs)
            gone = (ref, *found)
            self._refs = [o for o in self._refs if not any(_same(o, name) for name in gone)]
            if not found and len(self._refs) == before:
                raise InvalidChannel(f"{channel!r} is not being received.", value=channel)

    @property
    def stats(self) -> Stats:
        """Figures about the client's health, as of now; after ``close`` the last ones."""
        if self._is_foreign:
            return self._last_stats
        with self._lock:
            session = self._session
            return (
                self._last_stats
                if session is None
                else session.stats(self._taken_and_counted(), self._reader)
            )


def _same(one: ChannelRef, other: ChannelRef) -> bool:
    if one.channel_id is not None and other.channel_id is not None:
        return one.channel_id == other.channel_id
    return one.slug is not None and one.slug == other.slug


def _connect_timeout(stage: str, timeout: float, last: BaseException | None) -> ConnectTimeout:
    doing = {
        "resolve": "looking up the channel",
        "negotiate": "negotiating with Kick",
        "open": "opening the WebSocket",
        "subscribe": "subscribing to the chat",
    }[stage]
    because = f" The last failure: {last}" if last is not None else ""
    return ConnectTimeout(
        f"No connection within {timeout:g} s; it was still {doing}.{because}{_advice(stage, last)}",
        stage=stage,
        timeout=timeout,
        last_error=last,
    )


def _advice(stage: str, last: BaseException | None) -> str:
    """What may help besides what the last failure says, which ends with advice if it is a request's."""
    if isinstance(last, (Unreachable, RateLimited)) or (stage == "resolve" and last is not None):
        return ""
    begin = "Check the network, and try" if last is None else "Try"
    other = "" if stage == "resolve" else " or another transport"
    return f" {begin} a longer timeout{other}."
