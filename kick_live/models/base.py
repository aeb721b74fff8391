"""The base of the values inside events."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Value", "field_names"]


class Value(msgspec.Struct, frozen=True, gc=False):
    """Something inside an event: a user, a badge, a poll. Immutable, compared by its fields.

    These are msgspec structs, while events are attrs classes: a chat message holds half a dozen of
    them, and as attrs classes they made decoding it 2.3 times as expensive (3.3 against 7.7 us,
    November 2026), mostly by the work they gave to the garbage collector. They hold no cycles, so
    the collector need not look at them.
    """


def field_names(value: Any) -> tuple[str, ...]:
    """The names of the fields of an event, or of a value inside one; none for anything else."""
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    attributes = getattr(type(value), "__attrs_attrs__", ())
    return tuple(attribute.name for attribute in attributes)
