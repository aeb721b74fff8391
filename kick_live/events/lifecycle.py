"""What happens to the connection; these come from the library, and the inbox never drops them."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from attrs import field, frozen

from kick_live.events.base import Event
from kick_live.models.channel import Channel

__all__ = [
    "Connected",
    "Disconnected",
    "ErrorOccurred",
    "EventsDropped",
    "LifecycleEvent",
    "Reconnected",
    "Reconnecting",
]


@frozen(kw_only=True, eq=False, repr=False)
class LifecycleEvent(Event):
    """The base of all events about the connection; ``on(LifecycleEvent)`` listens to all."""

    kind: ClassVar[str] = "lifecycle"


@frozen(kw_only=True, eq=False, repr=False)
class Connected(LifecycleEvent):
    """Every channel's chat topic was acknowledged, for the first time.

    Attributes:
        channels: The channels, in the order in which they were given.
        transport: ``pusher`` or ``centrifugo``.
    """

    kind: ClassVar[str] = "connected"

    channels: tuple[Channel, ...]
    transport: str

    @property
    def room_id(self) -> int:
        """The chatroom id of the first channel."""
        return self.channels[0].chatroom_id


@frozen(kw_only=True, eq=False, repr=False)
class Disconnected(LifecycleEvent):
    """A socket was lost, or the client was closed.

    Attributes:
        channels: The channels on that socket.
        reason: What happened, in words.
        code: The close code, where there was one.
        will_reconnect: Whether the client comes back by itself.
    """

    kind: ClassVar[str] = "disconnected"

    reason: str
    channels: tuple[Channel, ...] = ()
    code: int | None = None
    will_reconnect: bool = False


@frozen(kw_only=True, eq=False, repr=False)
class Reconnecting(LifecycleEvent):
    """The client waits before its next attempt.

    Attributes:
        attempt: From 1.
        delay: How long it waits.
        channels: The channels on that socket.
    """

    kind: ClassVar[str] = "reconnecting"

    attempt: int
    delay: timedelta
    channels: tuple[Channel, ...] = ()


@frozen(kw_only=True, eq=False, repr=False)
class Reconnected(LifecycleEvent):
    """A channel is received again; what was recovered of the gap was delivered before this.

    Attributes:
        gap: From the last sign of life of the old connection to the new subscription.
        recovered: Messages and gifts that were read from history.
        complete: Whether all chat messages of the gap were recovered.
        reason: Why it is not complete, or ``None``.
    """

    kind: ClassVar[str] = "reconnected"

    gap: timedelta
    recovered: int = 0
    complete: bool = False
    reason: str | None = None


@frozen(kw_only=True, eq=False, repr=False)
class EventsDropped(LifecycleEvent):
    """The inbox was full because listeners are slower than the stream.

    Attributes:
        count: How many events were dropped since the last such event.
    """

    kind: ClassVar[str] = "events_dropped"

    count: int


@frozen(kw_only=True, eq=False, repr=False)
class ErrorOccurred(LifecycleEvent):
    """Something failed without ending the client: a refused topic, a failed poll of viewers.

    Attributes:
        error: What failed.
    """

    kind: ClassVar[str] = "error"

    error: Exception = field(eq=False)
