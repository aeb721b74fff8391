"""Moves lines back to where the client had them, and plays them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from kick_live.events.base import Event
from kick_live.events.lifecycle import Disconnected
from kick_live.models.channel import Channel
from kick_live.recording.lines import Line
from kick_live.recording.playback import Playback

__all__ = ["in_place", "played"]

_LOOK_AHEAD: Final = 2000


def played(lines: Iterable[Line]) -> Iterator[Event]:
    """The events of lines, without regard to time."""
    playback = Playback()
    for line in in_place(lines):
        yield from playback.take(line)
    yield from playback.finish()


def in_place(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, moved back to where the client had them.

    Markers are written when the program takes the client's events, which may be late, while payloads
    are written when they arrive. The history that a client begins with is read after the first live
    payloads have come, which wait for it.
    """
    waiting: deque[Line] = deque()
    #: The session's header, while it is early enough for the history that a client begins with.
    header: Line | None = None
    for line in lines:
        place = len(waiting)
        if line.is_header:
            header = line
        elif line.event is not None and line.at is not None:
            while place > 0 and (before := waiting[place - 1]).at is not None:
                if before.at <= line.at:
                    break
                place -= 1
            if line.event == Disconnected.kind:
                header = None
        elif line.historical and header is not None:
            place = _first_live(waiting, line.channel)
        waiting.insert(place, line)
        if len(waiting) > _LOOK_AHEAD:
            first = waiting.popleft()
            if first is header:
                header = None
            yield first
    yield from waiting


def _first_live(waiting: deque[Line], channel: Channel | None) -> int:
    """Where a channel's first live payload since the session's header waits, or the end."""
    first = len(waiting)
    for place in range(len(waiting) - 1, -1, -1):
        line = waiting[place]
        if line.is_header:
            break
        if line.is_payload and not line.historical and line.channel == channel:
            first = place
    return first
