"""Makes events from payloads of which the same fields do not fit, again and again.

Kick changes a field now and then, and from then on every payload of that kind needs mending, or some
of them do. Mending a whole payload costs six times what reading a good one does (6.5 against 1.1 us,
November 2026). So the fields that did not fit are remembered: these are read as whatever stands
there, and mended by themselves, while the others are read as always (4 us). Where only some payloads
drift, each is read as always first.

Nothing is remembered of the values but the types of those that no value of their type could have
spared, such as null for a name: the next one of that type is mended without being tried first. Each is
judged anew apart from that, and one that fits is taken as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from kick_live.events.base import Event
from kick_live.events.makers import Maker, compile_maker, field_specs, maker, shaper, target
from kick_live.events.prepared import one_at_a_time, prepare
from kick_live.events.tolerant import ConversionError, Refusal, Target, convert
from kick_live.models.channel import Channel

__all__ = ["Drift"]

#: After so many payloads in a row that fit, the drift is over.
_CALM_AFTER: Final = 50
#: After so many in a row that do not, it is no use to read them as always first.
_CERTAIN_AFTER: Final = 2


class Drift:
    """Which fields of a class's payloads did not fit lately, and what makes events of the rest.

    Not safe for use by two threads at once.

    Args:
        cls: The class.
        on_drop: Called with the paths of a payload's values that were of no use, if there are any.
        on_calm: Called when payloads have fitted for a while.
    """

    def __init__(
        self,
        cls: type[Event],
        on_drop: Callable[[list[str]], None],
        on_calm: Callable[[], None],
    ) -> None:
        self._cls: Any = cls
        self._names = frozenset(field_specs(cls))
        self._on_drop = on_drop
        self._on_calm = on_calm
        self._fields: frozenset[str] = frozenset()
        self._reading: _Reading | None = None
        self._refusals: list[Refusal] = []
        self._make_as_always = maker(cls)
        self._calm = 0
        self._missed = 0

    def learn(self, field: str) -> bool:
        """Remember a field that did not fit.

        Returns:
            Whether the class has it, so that ``make`` may be called.
        """
        if field not in self._names:
            return False
        self._fields |= {field}
        self._reading = _reading(self._cls, self._fields)
        self._calm = 0
        return True

    def make(
        self,
        data: str,
        channel: Channel | None,
        topic: str | None,
        received_at: datetime,
        historical: bool,
        raw: str,
    ) -> Event:
        """Make an event, mending the fields that are known to drift; a ``Maker``.

        Raises:
            ConversionError: A required part is missing or unusable.
            msgspec.MsgspecError: Something else than the known fields does not fit.
        """
        if self._missed < _CERTAIN_AFTER:
            try:
                event = self._make_as_always(data, channel, topic, received_at, historical, raw)
            except msgspec.ValidationError:
                self._missed += 1
            else:
                self._fitted()
                return event
        return self._mend(data, channel, topic, received_at, historical, raw)

    def _fitted(self) -> None:
        self._missed = 0
        self._calm += 1
        if self._calm == _CALM_AFTER:
            self._on_calm()

    def _mend(
        self,
        data: str,
        channel: Channel | None,
        topic: str | None,
        received_at: datetime,
        historical: bool,
        raw: str,
    ) -> Event:
        reading = self._reading
        assert reading is not None
        struct = reading.read(data)
        found = reading.collect(struct)
        if self._refusals and any(refusal.meets(found) for refusal in self._refusals):
            part = self._convert(found)
        else:
            try:
                part = reading.part.make(found)
            except msgspec.ValidationError as error:
                # In here, because an error that is kept holds this frame, and this frame the error:
                # such a cycle for each payload is work for the garbage collector.
                part = self._convert(found, error)
            except (RecursionError, TypeError, OverflowError, ValueError) as error:
                raise ConversionError(f"{error} @ $") from None
            else:
                self._fitted()
        return reading.fill((struct, part), channel, topic, received_at, historical, raw)

    def _convert(self, found: Any, refused: msgspec.ValidationError | None = None) -> Any:
        assert self._reading is not None
        self._calm = 0
        dropped: list[str] = []
        part = convert(found, self._reading.part, dropped.append, refused, self._refusals)
        if dropped:
            self._on_drop(dropped)
        return part


class _Reading(NamedTuple):
    """How payloads are read of which some fields drift."""

    #: From text to a struct with those fields as whatever stood there, and the others as they are.
    read: Callable[[str], Any]
    #: From that struct to those fields, as far as they were there.
    collect: Callable[[Any], dict[str, Any]]
    #: From those to a struct of them alone.
    part: Target[Any]
    #: From both structs to the event.
    fill: Maker


# Shared by all connections. Few fields drift, but a server that tries them all, in every order, must
# not fill the memory.
@functools.lru_cache(maxsize=128)
def _reading(cls: Any, drifting: frozenset[str]) -> _Reading:
    specs = field_specs(cls)
    if cls.reshape is not Event.reshape:
        # Parsed as a whole before it is reshaped, so there is nothing that could be read as always.
        return _Reading(
            read=shaper(cls),
            collect=lambda payload: payload,
            part=target(cls),
            fill=compile_maker(cls, "struct, part = data", mended=specs),
        )
    loose = [(name, Any, msgspec.UNSET) for name in specs if name in drifting]
    kept = [spec for name, spec in specs.items() if name not in drifting]
    lenient = msgspec.defstruct(cls.__name__, [*kept, *loose], kw_only=True, gc=False)
    strict_specs = [spec for name, spec in specs.items() if name in drifting]
    strict = msgspec.defstruct(cls.__name__, strict_specs, gc=False)
    prepare(strict)
    decoder = one_at_a_time(lambda: msgspec.json.Decoder(lenient, strict=False))
    return _Reading(
        read=decoder.decode,
        collect=_collector(cls, drifting),
        part=Target(functools.partial(msgspec.convert, type=strict, strict=False), strict),
        fill=compile_maker(cls, "struct, part = data", mended=drifting),
    )


def _collector(cls: Any, drifting: frozenset[str]) -> Callable[[Any], dict[str, Any]]:
    # Written out as the makers are; nothing but names of fields goes into the text.
    lines = "".join(
        f"    if struct.{name} is not unset:\n        found[{name!r}] = struct.{name}\n"
        for name in drifting
    )
    source = f"def collect(struct):\n    found = {{}}\n{lines}    return found\n"
    space: dict[str, Any] = {"unset": msgspec.UNSET}
    exec(compile(source, f"<collector of {cls.__name__}>", "exec"), space)  # nosec B102
    collect: Callable[[Any], dict[str, Any]] = space["collect"]
    return collect
