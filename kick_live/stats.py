"""Figures about a client's health."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import field, frozen

from kick_live.display import as_html

__all__ = ["Stats"]


@frozen(kw_only=True)
class Stats:
    """A snapshot; ``received == dispatched + dropped + queued`` holds in each.

    Lifecycle events are not counted.

    Attributes:
        received: Events that reached the inbox, repetitions left out.
        dispatched: Events handed to listeners, iterators or ``wait_for``.
        dropped: Events that the inbox dropped because the program is slower than the stream.
        queued: Events that wait.
        duplicates: Repetitions that were left out.
        unknown: Events of unknown kinds.
        undecodable: Frames and events that could not be read; events that nobody wants are not
            read.
        repaired: Events of which a value was unusable and left out; likewise.
        reconnects: How often a connection came back.
        recovered: Events read from history after gaps.
        last_event_age: Time since the newest event arrived, or ``None`` before the first.
        latency: Of the newest chat message: arrival less Kick's time in it (whole seconds, and two
            clocks), or ``None``.
        transport: ``pusher`` or ``centrifugo``; ``None`` before the first connection.
        connections: Open sockets.
        topics: Where each topic stands: ``waiting``, ``subscribing``, ``subscribed``, ``refused``.
    """

    received: int = 0
    dispatched: int = 0
    dropped: int = 0
    queued: int = 0
    duplicates: int = 0
    unknown: int = 0
    undecodable: int = 0
    repaired: int = 0
    reconnects: int = 0
    recovered: int = 0
    last_event_age: timedelta | None = None
    latency: timedelta | None = None
    transport: str | None = None
    connections: int = 0
    # Not a MappingProxyType: that could neither be copied, pickled nor written as JSON.
    topics: Mapping[str, str] = field(factory=dict, hash=False)

    def _repr_html_(self) -> str:
        return as_html(self)
