"""What all events share."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias

import msgspec
from attrs import field, fields, frozen

from kick_live.display import as_html
from kick_live.models.channel import Channel

__all__ = ["Event", "TextIfAny", "Time", "now"]

#: A time with its zone. Whatever comes without one is mended to UTC, which Kick means.
Time: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
#: A text that Kick sends empty where it has none, which becomes ``None``.
TextIfAny: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)] | None


def now() -> datetime:
    """The wall clock, in UTC with its zone."""
    return datetime.now(timezone.utc)


def _or_now(value: datetime | None) -> datetime:
    return now() if value is None else value


class _Roles(NamedTuple):
    """Which fields of an event class take part in what."""

    compared: tuple[str, ...]
    hashed: tuple[str, ...]
    shown: tuple[str, ...]


@functools.cache
def _roles(cls: Any) -> _Roles:
    return _Roles(
        compared=tuple(a.name for a in fields(cls) if a.eq),
        hashed=tuple(a.name for a in fields(cls) if (a.eq if a.hash is None else a.hash)),
        shown=tuple(a.name for a in fields(cls) if a.repr),
    )


# Comparing and printing are written once here instead of generated for each of the fifty classes,
# which made a tenth of the package's import time (November 2026).
@frozen(kw_only=True, eq=False, repr=False)
class Event:
    """The base of every event; ``on(Event)`` listens to all of them.

    Events are immutable. Fields hold what Kick sent under the same name in snake case, with units
    turned into Python types; ``None`` means that Kick did not say.

    Attributes:
        channel: The streamer's channel; ``None`` where an event belongs to no single channel.
        topic: The topic on which it came; ``None`` for what did not come over a socket.
        received_at: When it arrived, in UTC.
        historical: Whether it was read from history, or replayed, instead of received live.
        raw: The payload's text as received; not part of repr, equality or hash.
    """

    #: The name under which ``on("...")`` finds the class.
    kind: ClassVar[str] = "event"
    #: Kick's names for it, without the prefix ``App\Events\``; empty for what Kick does not send.
    wire_names: ClassVar[tuple[str, ...]] = ()

    channel: Channel | None = None
    topic: str | None = None
    # msgspec fills fields past attrs' converters, so decoding does not pay for the clock.
    received_at: datetime = field(default=None, converter=_or_now)
    historical: bool = False
    raw: str = field(default="", repr=False, eq=False)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        cls: Any = type(self)
        return all(getattr(self, name) == getattr(other, name) for name in _roles(cls).compared)

    def __hash__(self) -> int:
        cls: Any = type(self)
        return hash((cls, *(getattr(self, name) for name in _roles(cls).hashed)))

    def __repr__(self) -> str:
        cls: Any = type(self)
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _roles(cls).shown)
        return f"{cls.__name__}({shown})"

    @property
    def latency(self) -> timedelta | None:
        """Arrival less the time that Kick wrote into the event, or ``None`` where it wrote none.

        Chat's times are whole seconds, and the two clocks may disagree.
        """
        created_at = getattr(self, "created_at", None)
        return self.received_at - created_at if isinstance(created_at, datetime) else None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Rearrange a payload whose keys or units are not those of the class.

        Classes that need it override it; the others are decoded straight from the text.
        """
        return payload

    def nested(self) -> tuple[Event, ...]:
        """Events inside this one, which belong to the same channel."""
        return ()

    def _repr_html_(self) -> str:
        return as_html(self)
