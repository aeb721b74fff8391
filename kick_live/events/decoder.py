"""From a name and a payload's text to an event; nothing that a server sends makes it raise."""

from __future__ import annotations

import functools
import logging
from datetime import datetime
from typing import Any

import msgspec

from kick_live.events.base import Event, now
from kick_live.events.drifting import Drift
from kick_live.events.makers import Maker, bind, make_plainly, maker, object_maker
from kick_live.events.registry import BY_WIRE_NAME, PREFIXES, short_name
from kick_live.events.tolerant import ConversionError, convert, parse_json, understand
from kick_live.events.unknown import UndecodableEvent, UnknownEvent
from kick_live.events.unread import SKIMMERS, UnreadEvent, UnreadMessage
from kick_live.models.channel import Channel

__all__ = ["Decoder", "as_text", "assign", "decode"]

_logger = logging.getLogger(__name__)


def assign(event: Event, channel: Channel) -> None:
    """Say of an event that nobody has been given yet, and of what is inside, whose it is."""
    for part in (event, *event.nested()):
        bind(part, channel, part.topic, part.received_at, part.historical, part.raw)


class Decoder:
    """Turns payloads into events and counts what it had to mend.

    Not safe for use by two threads at once; each connection has its own.

    Attributes:
        repaired: Events of which at least one value was unusable and left out.
        undecodable: Events that could not be read.
        unknown: Events of which the name is unknown.
    """

    def __init__(self) -> None:
        self.repaired = 0
        self.undecodable = 0
        self.unknown = 0
        self._makers: dict[str, Maker] = {}
        self._drifts: dict[str, Drift] = {}
        self._logged: set[tuple[str, str]] = set()

    def decode(
        self,
        name: str,
        data: Any,
        topic: str | None = None,
        channel: Channel | None = None,
        received_at: datetime | None = None,
        historical: bool = False,
    ) -> Event:
        """Make an event.

        Args:
            name: The wire name, with or without namespace.
            data: The payload's text, or what a JSON parser made of it.
            topic: The topic on which it came.
            channel: The streamer's channel.
            received_at: When it arrived; now, if not given.
            historical: Whether it comes from history or a recording.

        Returns:
            The event; an ``UnknownEvent`` for an unknown name, an ``UndecodableEvent`` if a required
            part is missing. Never raises on what a server may send.
        """
        if received_at is None:
            received_at = now()
        event: Event | None = None
        make = self._makers.get(name)
        if make is not None and isinstance(data, str):
            try:
                return make(data, channel, topic, received_at, historical, data)
            except msgspec.ValidationError as error:
                event = self._refused(name, error, received_at)
            except ConversionError as error:
                event = self._unreadable(name, str(error), received_at)
            except (ValueError, TypeError, OverflowError, RecursionError):
                pass  # not JSON, or not what it seems
        if event is None:
            event = self._decode_slowly(name, data, received_at)
        for inner in event.nested():
            bind(inner, channel, topic, received_at, historical, "")
        raw = data if isinstance(data, str) else as_text(data)
        bind(event, channel, topic, received_at, historical, raw)
        return event

    def skim(
        self,
        name: str,
        data: Any,
        topic: str | None,
        channel: Channel | None,
        received_at: datetime,
    ) -> Event:
        """Make an event that nobody wants yet: it stays unread, if possible.

        What is wrong with it beyond what is needed now is found, and counted, by ``read``.

        Args:
            name: As for ``decode``, and so on.

        Returns:
            An ``UnreadMessage`` or ``UnreadEvent``; or what ``decode`` makes of the payload, if it has
            to be read at once.
        """
        skim = SKIMMERS.get(name)
        if skim is not None and isinstance(data, str):
            try:
                return skim(name, data, topic, channel, received_at)
            except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
                pass
        return self.decode(name, data, topic, channel, received_at)

    def read(self, event: UnreadMessage | UnreadEvent) -> Event:
        """Make of an unread event what ``decode`` would have made of it."""
        return self.decode(
            event.wire_name, event.raw, event.topic, event.channel, event.received_at
        )

    def _decode_slowly(self, wire_name: str, data: Any, received_at: datetime) -> Event:
        name = short_name(wire_name)
        cls = BY_WIRE_NAME.get(name)
        if cls is None:
            self.unknown += 1
            return make_plainly(UnknownEvent, received_at, name=name, wire_name=wire_name)
        if name not in self._makers:
            self._makers.update(dict.fromkeys((prefix + name for prefix in PREFIXES), maker(cls)))
        repairs: list[str] = []
        try:
            payload = parse_json(data) if isinstance(data, (str, bytes)) else data
            if payload is None or payload == []:
                payload = {}
            if not isinstance(payload, dict):
                raise ConversionError(f"expected an object, got {type(payload).__name__} @ $")
            event = convert(cls.reshape(payload), object_maker(cls), repairs.append)
        except (ConversionError, RecursionError) as error:
            return self._unreadable(wire_name, str(error), received_at)
        if repairs:
            self._note(name, repairs)
        return event

    def _refused(
        self, wire_name: str, refused: msgspec.ValidationError, received_at: datetime
    ) -> Event | None:
        """Remember which field does not fit; or, if the payload lacks a part, say so at once."""
        name = short_name(wire_name)
        cls = BY_WIRE_NAME[name]
        complaint = understand(refused, cls)
        drift = self._drifts.get(wire_name)
        if not complaint.steps:
            # Nothing can be mended, and all of the object has been read by then. Where a field drifts
            # as well, it may be the one to be named.
            if complaint.missing and drift is None:
                return self._unreadable(wire_name, str(complaint), received_at)
            return None
        if drift is None:
            drift = self._drifts[wire_name] = Drift(
                cls,
                on_drop=functools.partial(self._note, name),
                on_calm=lambda: self._makers.update({wire_name: maker(cls)}),
            )
        if drift.learn(str(complaint.steps[0])):
            self._makers[wire_name] = drift.make
        return None

    # -- what is told about it

    def _unreadable(self, wire_name: str, error: str, received_at: datetime) -> UndecodableEvent:
        name = short_name(wire_name)
        self.undecodable += 1
        self._log_once(name, error, "an event could not be read")
        return make_plainly(
            UndecodableEvent, received_at, name=name, wire_name=wire_name, error=error
        )

    def _note(self, name: str, repairs: list[str]) -> None:
        self.repaired += 1
        for path in repairs:
            self._log_once(name, path, "an unusable value was left out")

    def _log_once(self, name: str, detail: str, what: str) -> None:
        key = (name, detail)
        if key not in self._logged and len(self._logged) < 1000:
            self._logged.add(key)
            _logger.info("%s: %s: %r", name, what, detail[:200])


def as_text(data: Any) -> str:
    """A payload as text, whatever it was."""
    if isinstance(data, bytes):
        return data.decode("utf-8", "replace")
    try:
        return msgspec.json.encode(data).decode()
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        pass
    try:
        return repr(data)
    except (ValueError, RecursionError):
        # Python refuses to write out numbers of thousands of digits.
        return f"<{type(data).__name__}>"


def decode(name: str, data: Any, topic: str | None = None) -> Event:
    r"""Turn a wire name and a payload into an event, as the client does.

    It never raises on what a server may send. Parts of a large gift stay single here; the client
    merges them.

    Args:
        name: The wire name, with or without ``App\Events\``.
        data: The payload's text, or what a JSON parser made of it.
        topic: The topic on which it came, if known.

    Returns:
        An event; ``UnknownEvent`` for an unknown name, ``UndecodableEvent`` if a required part is
        missing.

    Example:
        >>> decode("App\\Events\\SubscriptionEvent", '{"username": "copperkite", "months": 13}').months
        13
    """
    return _default_decoder().decode(name, data, topic=topic)


@functools.cache
def _default_decoder() -> Decoder:
    return Decoder()
