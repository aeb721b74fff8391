"""Makes the events that tell what happens to connections and topics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kick_live.errors import RealtimeError
from kick_live.events.lifecycle import Connected, Disconnected, Reconnecting
from kick_live.models.channel import Channel
from kick_live.protocols.base import Failed, TopicLost

__all__ = ["connected", "disconnected", "reconnecting", "topic_refused"]


def connected(channels: Iterable[Channel], provider: str) -> Connected:
    """Every channel is being received."""
    channels = tuple(channels)
    return Connected(channels=channels, transport=provider, channel=_only(channels))


def disconnected(channels: Iterable[Channel], failure: Failed, *, comes_back: bool) -> Disconnected:
    """A socket was lost."""
    channels = tuple(channels)
    return Disconnected(
        channel=_only(channels),
        channels=channels,
        code=failure.code,
        reason=failure.reason or "the connection broke",
        will_reconnect=comes_back,
    )


def reconnecting(channels: Iterable[Channel], attempt: int, delay: float) -> Reconnecting:
    """A connection waits some seconds before its next attempt."""
    channels = tuple(channels)
    return Reconnecting(
        channel=_only(channels),
        channels=channels,
        attempt=attempt,
        delay=timedelta(seconds=delay),
    )


def topic_refused(lost: TopicLost) -> RealtimeError:
    """The error for a topic that the server does not give."""
    words = f" ({lost.message})" if lost.message else ""
    return RealtimeError(
        f"The server refused the topic {lost.topic}{words}, code {lost.code}. Events of that "
        "topic will be missing; the other topics are not affected."
    )


def _only(channels: tuple[Channel, ...]) -> Channel | None:
    return channels[0] if len(channels) == 1 else None
