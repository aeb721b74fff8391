"""Events of any kind, every text in which is as nasty as a test wants."""

from __future__ import annotations

import typing
from datetime import datetime, timedelta, timezone

import attrs


def filled(cls, nasty):
    """An instance of a class with a value in every field, and every text nasty."""
    hints = typing.get_type_hints(cls)
    return cls(**{name: value(hints[name], nasty) for name in names(cls)})


def names(cls):
    """The fields of an event, or of a value inside one; none for anything else."""
    if attrs.has(cls):
        return [field.name for field in attrs.fields(cls)]
    return getattr(cls, "__struct_fields__", ())


def value(hint, nasty):
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        return value(arguments[0], nasty)
    if typing.get_origin(hint) is tuple:
        return (value(arguments[0], nasty),)
    if typing.get_origin(hint) is dict:
        return {nasty: nasty}
    if names(hint):
        return filled(hint, nasty)
    simple = {
        str: nasty,
        int: 3,
        float: 0.5,
        bool: True,
        timedelta: timedelta(seconds=3),
        datetime: datetime(2026, 10, 1, tzinfo=timezone.utc),
        Exception: RuntimeError(nasty),
    }
    return simple[hint]
