"""What a connection tells, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kick_live.errors import KickLiveError
from kick_live.protocols.base import Failed, Publication, TopicLost

if TYPE_CHECKING:
    from kick_live.session.connection import Connection

__all__ = ["ConnectionListener"]


class ConnectionListener(Protocol):
    """Who is told what happens. Every method is called on the connection's thread."""

    def published(self, connection: Connection, items: list[Publication], now: float) -> bool:
        """Publications arrived; false asks the connection to stop reading until ``resume``."""

    def subscribed(self, connection: Connection, topic: str) -> None:
        """A topic was acknowledged."""

    def topic_interrupted(self, connection: Connection, topic: str) -> None:
        """A topic was taken away, and is asked for again."""

    def topic_lost(self, connection: Connection, lost: TopicLost) -> None:
        """A topic was refused or taken away."""

    def lost(self, connection: Connection, failure: Failed, alive_at: float) -> None:
        """The socket was lost and was subscribed before; ``alive_at`` is its last sign of life."""

    def waiting(self, connection: Connection, attempt: int, delay: float) -> None:
        """The connection waits before its next attempt."""

    def token_wanted(self, connection: Connection) -> None:
        """A new token is needed; pass it to ``Connection.refresh``."""

    def deadline(self, connection: Connection) -> float | None:
        """When ``due`` should be called."""

    def due(self, connection: Connection, now: float) -> None:
        """That time has come."""

    def ended(self, connection: Connection, error: KickLiveError | None) -> None:
        """The thread ends, for good."""
