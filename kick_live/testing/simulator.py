"""An in-process Kick: REST, negotiation and both realtime services on one local port."""

from __future__ import annotations

import ssl
import threading
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from attrs import evolve

from kick_live.errors import InvalidChannel, KickLiveError
from kick_live.net.endpoints import Endpoints
from kick_live.testing.channel import SimulatedChannel
from kick_live.testing.inspection import Inspection
from kick_live.testing.misbehaviour import Misbehaviour
from kick_live.testing.server import RecordedRequest, SimulatorServer
from kick_live.testing.settings import Provider, Settings
from kick_live.testing.world import World

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["KickSimulator"]


class KickSimulator(Inspection, Misbehaviour):
    """Plays Kick on a port of this machine, for tests, demonstrations and offline work.

    It behaves as Kick's servers were observed to behave, on threads of its own, and can be made to
    misbehave. Every method may be called from any thread.

    Args:
        provider: What the negotiation prefers where the client accepts both.
        ping_interval: Seconds between the pings of the Centrifugo server.
        activity_timeout: Seconds of silence that Pusher allows.
        token_ttl: Seconds for which a guest token is valid.
        pong_timeout: Seconds after which a missing pong ends a Centrifugo connection.
        history_page_size: Messages on a page of chat history.
        host: The address to listen on.
        port: The port; 0 for any.
        ssl_context: A server's context, to speak https and wss.
        require_tokens: Whether Centrifugo refuses unknown and expired tokens.
        seed: Makes invented ids repeatable, not only the order of siblings.
        settings: The numbers behind the above and the rarer ones; takes the place of them all.

    Raises:
        ValueError: A number makes no sense.

    Example:
        >>> import requests
        >>> with KickSimulator() as simulator:
        ...     channel = simulator.add_channel("amber-quokka")
        ...     answer = requests.get(f"{simulator.url}/api/v2/channels/amber-quokka", timeout=5)
        >>> answer.json()["chatroom"]["id"] == channel.chatroom_id
        True
    """

    def __init__(
        self,
        provider: Provider = "centrifugo",
        ping_interval: float = 25.0,
        activity_timeout: float = 120,
        token_ttl: float = 2700,
        pong_timeout: float = 10.0,
        history_page_size: int = 25,
        host: str = "127.0.0.1",
        ssl_context: ssl.SSLContext | None = None,
        *,
        port: int = 0,
        require_tokens: bool = True,
        seed: int | None = None,
        settings: Settings | None = None,
    ) -> None:
        if settings is None:
            settings = Settings(
                provider=provider,
                ping_interval=ping_interval,
                activity_timeout=activity_timeout,
                token_ttl=token_ttl,
                pong_timeout=pong_timeout,
                history_page_size=history_page_size,
                require_tokens=require_tokens,
            )
        super().__init__(World(settings, seed))
        self._host = host
        self._port = port
        self._ssl_context = ssl_context
        self._server: SimulatorServer | None = None
        self._requests: list[RecordedRequest] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to listen; does not block, and does nothing while it is running.

        After :meth:`stop` it starts again on the same port, with the same channels.

        Raises:
            KickLiveError: The port is taken, or the address does not exist here.
        """
        with self._lock:
            if self._server is not None:
                return
            self._world.rest_faults.start()
            server = SimulatorServer(self._world, self._host, self._port, self._ssl_context)
            self._port = server.port
            scheme = "http" if self._ssl_context is None else "https"
            host = f"[{self._host}]" if ":" in self._host else self._host
            self._world.url = f"{scheme}://{host}:{self._port}"
            server.start()
            self._server = server

    def stop(self) -> None:
        """Close every socket and end every thread; idempotent.

        Open sockets are told as the real servers tell it: 3001 on Centrifugo, 4200 on Pusher.
        Blocks until all threads have ended, which takes a fraction of a second.
        """
        with self._lock:
            server, self._server = self._server, None
            if server is not None:
                server.stop()
                self._requests += server.requests

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = self._world.url if self._server is not None else "stopped"
        return f"<KickSimulator {state} channels={list(self._world.channels)}>"

    @property
    def url(self) -> str:
        """The base address, ``http://127.0.0.1:port``; it survives :meth:`stop`.

        Raises:
            KickLiveError: It has never been started.
        """
        if not self._world.url:
            raise KickLiveError(
                "the simulator has no address yet: call start(), or use it in a with statement"
            )
        return self._world.url

    @property
    def endpoints(self) -> Endpoints:
        """The endpoints that point a client at this simulator."""
        return Endpoints.at(self.url)

    def add_channel(
        self,
        slug: str,
        channel_id: int | None = None,
        chatroom_id: int | None = None,
        user_id: int | None = None,
        username: str | None = None,
        live: bool = False,
        *,
        is_banned: bool = False,
    ) -> SimulatedChannel:
        """Add a streamer.

        Args:
            slug: The name in the channel's address; ``a-b`` and ``a_b`` are two channels.
            channel_id: Its channel id.
            chatroom_id: Its chatroom id.
            user_id: The streamer's user id. Ids that are not given are invented and all different.
            username: The name as displayed; made of the slug if not given.
            live: Whether a broadcast is running.
            is_banned: Whether Kick has banned the streamer.

        Raises:
            InvalidChannel: There is such a channel already.
        """
        slug = slug.lower()
        if slug in self._world.channels:
            raise InvalidChannel(f"the simulator has a channel {slug!r} already", value=slug)
        world = self._world
        username = username or slug.replace("-", "_")
        given = (channel_id, chatroom_id, user_id)
        channel = SimulatedChannel(
            world,
            slug=slug,
            username=username,
            channel_id=world.invent("channel", avoid=given) if channel_id is None else channel_id,
            chatroom_id=world.invent("room", avoid=given) if chatroom_id is None else chatroom_id,
            user_id=world.person(username, user_id).id,
            is_banned=is_banned,
        )
        world.channels[slug] = channel
        if live:
            channel.go_live()
        return channel

    @property
    def channels(self) -> MappingProxyType[str, SimulatedChannel]:
        """The channels by slug; a live view that cannot be written to."""
        return MappingProxyType(self._world.channels)

    def channel(self, slug: str) -> SimulatedChannel:
        """Return a channel.

        Raises:
            InvalidChannel: Nobody has added it.
        """
        return self._world.existing(slug)

    @property
    def requests(self) -> list[RecordedRequest]:
        """The REST requests so far, oldest first; those for sockets are not among them."""
        server = self._server
        return [*self._requests, *(server.requests if server is not None else ())]

    def rotate_pusher_key(self, key: str) -> None:
        """Replace the Pusher application: the old key is refused (4001), negotiation names the new.

        :attr:`endpoints` keeps the old key, like a client that was built with it.
        """
        self._world.change_settings(evolve(self._world.settings, pusher_key=key))
