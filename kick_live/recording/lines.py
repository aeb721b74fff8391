r"""The lines of a recording.

Each line is an object of JSON. The first is a header, and so is the first of every later session,
so that recordings can be joined end to end:

    {"kick_live_recording": 1, "created_at": "2026-10-05T18:00:00.000000+00:00", "library": "..."}

Then come payloads as they arrived, and what happened to the connection:

    {"at": "...", "channel": {...}, "topic": "chatrooms.7712045.v2", "name": "App\\Events\\...",
     "raw": "{...}"}                                          also "historical": true
                                       and "offset": 65.0 in the chat of a video, in seconds
    {"at": "...", "channel": {...}, "event": "reconnected", "fields": {...}}
    {"at": "...", "lost": 12}                                 so many lines are missing here

``at`` is the time of arrival in UTC, always written with six decimals and first in its line, so that
the times can be compared without reading the lines. Readers ignore keys that they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from importlib import metadata
from typing import Any, Final

import msgspec
from attrs import frozen

from kick_live.events.base import Event, Time
from kick_live.models.channel import Channel
from kick_live.session.taps import Arrival

__all__ = [
    "VERSION",
    "Line",
    "arrival_line",
    "bare_stamp",
    "header_line",
    "loss_line",
    "marker_line",
    "parse_line",
    "stamp",
    "stamp_of",
]

#: The version of the format. A reader refuses what is newer than itself.
VERSION: Final = 1
_PREFIX: Final = b'{"at":"'
_STAMP: Final = slice(len(_PREFIX), len(_PREFIX) + 26)


@frozen(kw_only=True)
class Line:
    """One line; which attributes are set says what it is.

    Attributes:
        at: When it arrived.
        channel: Whose it is.
        topic: On which topic it came.
        name: Kick's name for the event; only on payloads.
        raw: The payload's text; only on payloads.
        historical: Whether it was read from history.
        offset: Seconds since a video's beginning; only in the chat of videos.
        event: The kind of an event of the library; only on markers.
        fields: That event's own fields.
        lost: How many lines are missing here.
        kick_live_recording: The format's version; only on headers.
        created_at: When the session began; only on headers.
        library: What wrote it; only on headers.
    """

    at: Time | None = None
    channel: Channel | None = None
    topic: str | None = None
    name: str | None = None
    raw: str | None = None
    historical: bool = False
    offset: float | None = None
    event: str | None = None
    fields: dict[str, Any] | None = None
    lost: int | None = None
    kick_live_recording: int | None = None
    created_at: Time | None = None
    library: str | None = None

    @property
    def is_header(self) -> bool:
        """Whether a session begins here."""
        return self.kick_live_recording is not None

    @property
    def is_payload(self) -> bool:
        """Whether it holds a payload."""
        return self.at is not None and self.name is not None and self.raw is not None

    @property
    def video_start(self) -> datetime | None:
        """When the video began, in a line of its chat."""
        if self.at is None or self.offset is None:
            return None
        try:
            return self.at - timedelta(seconds=self.offset)
        except OverflowError:  # no offset that was ever written
            return None

    @property
    def is_marker(self) -> bool:
        """Whether it tells of the connection, or of a loss."""
        return self.at is not None and (self.event is not None or self.lost is not None)


_read: Final[Callable[[bytes], Line]] = msgspec.json.Decoder(Line).decode


def parse_line(line: bytes) -> Line:
    """Read a line.

    Raises:
        ValueError: It is not JSON, or not a line of a recording.
    """
    try:
        return _read(line)
    except (msgspec.MsgspecError, UnicodeError):
        pass
    # A payload with half a surrogate pair is refused above, but is what Kick sent.
    try:
        return msgspec.convert(json.loads(line), Line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def stamp(when: datetime) -> str:
    """A time as it is written in a line."""
    return when.astimezone(timezone.utc).isoformat(timespec="microseconds")


def bare_stamp(when: datetime) -> bytes:
    """A time as ``stamp_of`` finds it in a line, to be compared with it."""
    return stamp(when)[:26].encode()


def stamp_of(line: bytes) -> bytes:
    """The time at a line's beginning without its zone, or nothing where there is none."""
    return line[_STAMP] if line.startswith(_PREFIX) else b""


def header_line(created_at: datetime) -> bytes:
    """The line with which a session begins."""
    values = {
        "kick_live_recording": VERSION,
        "created_at": stamp(created_at),
        "library": f"kick_live {metadata.version('kick-live')}",
    }
    return _line(values)


def arrival_line(arrival: Arrival) -> bytes:
    """The line for a payload."""
    values: dict[str, Any] = {
        "at": stamp(arrival.received_at),
        "channel": arrival.channel,
        "topic": arrival.topic,
        "name": arrival.name,
        "raw": arrival.raw,
    }
    if arrival.historical:
        values["historical"] = True
    return _line(values)


def marker_line(event: Event, fields: dict[str, Any]) -> bytes:
    """The line for an event of the library.

    Args:
        event: Gives time, channel and kind.
        fields: Its own fields.
    """
    return _line(
        {
            "at": stamp(event.received_at),
            "channel": event.channel,
            "event": event.kind,
            "fields": fields,
        }
    )


def loss_line(at: datetime, count: int) -> bytes:
    """The line that says how many others are missing."""
    return _line({"at": stamp(at), "lost": count})


def _line(values: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(values) + b"\n"
    except UnicodeError:  # half a surrogate pair
        plain = msgspec.to_builtins(values)
        return json.dumps(plain, separators=(",", ":")).encode() + b"\n"
