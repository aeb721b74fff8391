"""From the lines of a recording to events, as the client made them; without files and clocks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

import attrs

from kick_live.events.base import Event
from kick_live.events.decoder import Decoder
from kick_live.events.lifecycle import Disconnected, Reconnected
from kick_live.models.channel import Channel
from kick_live.recording.lines import Line
from kick_live.recording.markers import event_of
from kick_live.session.feed import Feed

__all__ = ["Playback"]


class Playback:
    """Decodes lines, removes repetitions, merges gifts, and puts history where it belongs.

    Time is that of the recording, so the same lines always give the same events.

    Args:
        mark_historical: Whether every event is marked ``historical``, or only what was when it was
            recorded.

    Attributes:
        channels: The channels met so far, in order of appearance.
    """

    def __init__(self, *, mark_historical: bool = True) -> None:
        self._mark = mark_historical
        self._decoder = Decoder()
        self._feeds: dict[int, Feed] = {}
        self._missed: dict[int, list[Event]] = {}
        self.channels: list[Channel] = []

    def take(self, line: Line) -> list[Event]:
        """Take a line in.

        Returns:
            What is delivered now, perhaps nothing.
        """
        if line.is_header:
            return self.finish()
        if line.at is None:
            return []
        time = line.at.timestamp()
        events = self._due(time)
        events += self._marker(line, time) if line.name is None else self._payload(line, time)
        return events

    def finish(self) -> list[Event]:
        """What still waits for more lines, at the end of a session."""
        events = self._due(math.inf)
        for feed in self._feeds.values():
            if feed.recovering:
                events += self._release(feed, 0.0, ())
        return events

    def _due(self, time: float) -> list[Event]:
        events: list[Event] = []
        for feed in self._feeds.values():
            deadline = feed.deadline()
            if deadline is not None and deadline <= time:
                events += feed.due(time)
        return events

    def _payload(self, line: Line, time: float) -> Iterable[Event]:
        event = self._decoder.decode(
            line.name or "",
            line.raw,
            topic=line.topic,
            channel=line.channel,
            received_at=line.at,
            historical=self._mark or line.historical,
        )
        channel = line.channel or self._owner(event)
        if channel is None:
            return (event,)
        if line.channel is None:
            event = attrs.evolve(event, channel=channel)
        feed = self._feed(channel)
        if not line.historical:
            events = list(feed.accept(event, time))
            if feed.overfull:
                # As in the client, which waits for history no longer then.
                events += self._release(feed, time, ())
            return events
        if feed.recovering:
            self._missed.setdefault(channel.channel_id, []).append(event)
            return ()
        return feed.release([event], time)[0]

    def _marker(self, line: Line, time: float) -> Iterable[Event]:
        event = event_of(line, historical=self._mark)
        if isinstance(event, Disconnected) and event.will_reconnect:
            # From here to Reconnected the client held live events back, until history was read.
            for channel in event.channels:
                feed = self._feed(channel)
                feed.interrupt()
                feed.recovering = True
        elif isinstance(event, Reconnected) and event.channel is not None:
            return self._release(self._feed(event.channel), time, (event,))
        return (event,)

    def _release(self, feed: Feed, time: float, between: Iterable[Event]) -> list[Event]:
        missed, held = feed.release(self._missed.pop(feed.channel.channel_id, []), time)
        return [*missed, *between, *held]

    def _feed(self, channel: Channel) -> Feed:
        feed = self._feeds.get(channel.channel_id)
        if feed is None:
            feed = self._feeds[channel.channel_id] = Feed(channel)
            self.channels.append(channel)
        return feed

    def _owner(self, event: Event) -> Channel | None:
        """Whose event it is where the line does not say: its ids tell, as they did the client."""
        room = getattr(event, "chatroom_id", None)
        number = getattr(event, "channel_id", None)
        for channel in self.channels:
            if channel.chatroom_id == room or channel.channel_id == number:
                return channel
        return None


def within(event: Event, start: datetime | None, end: datetime | None) -> bool:
    """Whether an event arrived in a span; the end does not belong to it."""
    return (start is None or event.received_at >= start) and (
        end is None or event.received_at < end
    )
