"""Makes events straight from payloads, for the classes whose fields are those of the wire.

msgspec fills a struct more than twice as fast as an attrs class (1.0 against 2.5 us for a chat
message, November 2026). So the payload is read into a struct derived from the event class, with the
same fields and types, and its values are moved into the event's slots: 2.0 us with the shared fields
filled in, against 3.0.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs
import msgspec

from kick_live.events.base import Event
from kick_live.models.channel import Channel

__all__ = ["Maker", "bind", "is_straight", "maker"]

#: Takes the payload's text, and the channel, topic, time of arrival, mark and text to fill in.
#: Raises what msgspec raises if the payload does not fit.
Maker: TypeAlias = Callable[[Any, "Channel | None", "str | None", datetime, bool, str], Event]

_SHARED: Final = ("channel", "topic", "received_at", "historical", "raw")


def _slot(cls: Any, name: str) -> Callable[[Any, Any], None]:
    """What fills a slot past the freeze."""
    for base in cls.__mro__:
        if name in vars(base):
            setter: Callable[[Any, Any], None] = vars(base)[name].__set__
            return setter
    raise AttributeError(name)


_set_channel, _set_topic, _set_received_at, _set_historical, _set_raw = (
    _slot(Event, name) for name in _SHARED
)


def bind(
    event: Event,
    channel: Channel | None,
    topic: str | None,
    received_at: datetime,
    historical: bool,
    raw: str,
) -> None:
    """Fill in what an event does not learn from its payload."""
    _set_channel(event, channel)
    _set_topic(event, topic)
    _set_received_at(event, received_at)
    _set_historical(event, historical)
    _set_raw(event, raw)


def is_straight(cls: type[Event]) -> bool:
    """Whether a class's fields are those of the wire, so that nothing has to be rearranged."""
    return cls.reshape is Event.reshape and cls.nested is Event.nested


@functools.cache
def _reader(cls: Any) -> tuple[Callable[[Any], Any], tuple[Callable[[Any, Any], None], ...]]:
    hints = typing.get_type_hints(cls, include_extras=True)
    required: list[Any] = []
    optional: list[Any] = []
    for attribute in attrs.fields(cls):
        if attribute.name in _SHARED:
            continue
        hint = hints[attribute.name]
        if attribute.default is attrs.NOTHING:
            required.append((attribute.name, hint))
        else:
            optional.append((attribute.name, hint, attribute.default))
    struct = msgspec.defstruct(cls.__name__, required + optional, gc=False)
    slots = tuple(_slot(cls, name) for name in struct.__struct_fields__)
    return msgspec.json.Decoder(struct, strict=False).decode, slots


def maker(cls: type[Event]) -> Maker:
    """A function that makes events of a straight class."""
    event_class: Any = cls
    read, slots = _reader(event_class)
    new, values = object.__new__, msgspec.structs.astuple

    def make(
        data: Any,
        channel: Channel | None,
        topic: str | None,
        received_at: datetime,
        historical: bool,
        raw: str,
    ) -> Event:
        struct = read(data)
        event: Event = new(event_class)
        for fill, value in zip(slots, values(struct)):  # noqa: B905 - of one length, by nature
            fill(event, value)
        _set_channel(event, channel)
        _set_topic(event, topic)
        _set_received_at(event, received_at)
        _set_historical(event, historical)
        _set_raw(event, raw)
        return event

    return make
