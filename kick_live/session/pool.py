"""The connections of one client, over which topics are spread."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from kick_live.errors import KickLiveError
from kick_live.protocols.base import Provider, TopicState
from kick_live.session.connection import Connection
from kick_live.session.connection_listener import ConnectionListener
from kick_live.session.connection_settings import ConnectionSettings
from kick_live.session.connector import Connector, Transport
from kick_live.session.pace import Pace
from kick_live.session.routes import Routes

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Pool"]

#: Sockets that are opened together, and the seconds between those after them.
_AT_ONCE: Final = 4
_INTERVAL: Final = 0.25


class Pool:
    """Makes connections as they are needed. The caller keeps two threads from using it at once.

    Args:
        api: For negotiations and tokens.
        within: A context in which requests are made.
        transport: What the user chose.
        settings: How connections behave.
        listener: Told what happens on them.
    """

    def __init__(
        self,
        api: KickAPI,
        within: AbstractContextManager[object],
        transport: Transport,
        settings: ConnectionSettings,
        listener: ConnectionListener,
    ) -> None:
        self._api = api
        self._within = within
        self._transport = transport
        self._settings = settings
        self._listener = listener
        self._routes = Routes(time.monotonic)
        self._pace = Pace(_AT_ONCE, _INTERVAL)
        self._turns = threading.Lock()
        self._number = 0
        self._connections: list[Connection] = []
        self._leaving: list[Connection] = []

    def __iter__(self) -> Iterator[Connection]:
        """All whose threads may run, those that were removed included."""
        return iter([*self._connections, *self._leaving])

    def holds(self, connection: Connection) -> bool:
        """Whether it is one of these, and was not removed."""
        return connection in self._connections

    def with_room(self, count: int) -> tuple[Connection, bool]:
        """A connection that takes so many more topics.

        Returns:
            The connection, and whether it is new, so that it has to be started.
        """
        for connection in self._connections:
            if connection.room >= count:
                return connection, False
        self._number += 1
        connector = Connector(
            self._api, self._transport, time.monotonic, within=self._within, routes=self._routes
        )
        connection = Connection(
            self._number,
            connector,
            self._listener,
            self._settings,
            pace=self._pace,
            turns=self._turns,
        )
        self._connections.append(connection)
        return connection, True

    def give_up(self, topics: Collection[str]) -> list[Connection]:
        """Unsubscribe from topics, wherever they were moved to.

        Returns:
            Connections that have no topic left: they are forgotten, and to be stopped.
        """
        idle = []
        for connection in list(self._connections):
            if connection.remove_topics(topics) and connection.is_idle:
                self.remove(connection)
                idle.append(connection)
        return idle

    def remove(self, connection: Connection) -> None:
        """Forget a connection, which is going to be stopped."""
        self._connections.remove(connection)
        self._leaving = [c for c in self._leaving if c.thread.is_alive()]
        self._leaving.append(connection)

    @property
    def threads(self) -> list[threading.Thread]:
        """The connections' threads."""
        return [connection.thread for connection in self]

    @property
    def provider(self) -> Provider | None:
        """The first one that is in use."""
        return next((c.provider for c in self._connections if c.provider), None)

    @property
    def last_error(self) -> KickLiveError | None:
        """The last failure of the newest connection that had one."""
        errors = [c.last_error for c in self._connections if c.last_error is not None]
        return errors[-1] if errors else None

    @property
    def topics(self) -> dict[str, TopicState]:
        """Where each topic stands."""
        topics: dict[str, TopicState] = {}
        for connection in self._connections:
            topics.update(connection.topic_states)
        return topics

    @property
    def open(self) -> int:
        """How many sockets are open."""
        return sum(connection.is_open for connection in self._connections)

    @property
    def undecodable(self) -> int:
        """Frames that made no sense."""
        return sum(connection.undecodable for connection in self._connections)
