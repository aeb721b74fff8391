"""Fits given values to the fields of events, in words that name the field."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kick_live.arguments import check_instance
from kick_live.events.base import Event, TextIfAny
from kick_live.models.base import Value, field_names
from kick_live.models.channel import Channel
from kick_live.models.user import Badge
from kick_live.testing.defaults.base import IDS, invented_id
from kick_live.testing.payloads.chat import badge
from kick_live.testing.texts import slug_of

__all__ = ["check_names", "fitted", "hints_of"]

_WORDS: Final[dict[Any, str]] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    datetime: "a datetime with a zone",
    timedelta: "a timedelta",
    dict: "a dictionary",
    Exception: "an exception",
    Badge: "a Badge, a type like 'vip', a pair like ('subscriber', 3), or a dictionary of its fields",
}


def hints_of(cls: type[Any]) -> dict[str, Any]:
    """The types of the fields of an event class, or of the class of a value inside one."""
    known: Any = cls
    return _hints_of(known)


@functools.cache
def _hints_of(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = (item for item in hints.items() if typing.get_origin(item[1]) is not typing.ClassVar)
    return dict(fields)


def check_names(where: str, names: Iterable[str], hints: Mapping[str, Any]) -> None:
    """Refuse names that are none of the fields.

    Raises:
        TypeError: There is one; the message lists the fields.
    """
    for name in names:
        if name not in hints:
            raise TypeError(f"{where} has no field {name!r}; it has {', '.join(hints)}.")


def fitted(name: str, value: Any, hint: Any, default: Any = None, place: int | None = None) -> Any:
    """A value as a field holds it.

    Lists become tuples, and dictionaries the values whose fields they name. Texts and numbers are
    not turned into each other: a test that mixes them up has a mistake.

    Args:
        name: The field, with those around it.
        value: What was given.
        hint: The field's type.
        default: What a dictionary changes; without it, the dictionary is the whole value.
        place: Where the value stands in a list.

    Raises:
        TypeError: It is something else, or lacks a field.
        ValueError: It is a time without a zone.
    """
    if hint == TextIfAny and value == "":
        return None
    wanted, none = _without_none(hint)
    if wanted is Any or (value is None and none):
        return value
    origin = typing.get_origin(wanted)
    if origin is tuple:
        inside = typing.get_args(wanted)[0]
        check_instance(name, value, (list, tuple), "a list or tuple")
        return tuple(
            fitted(f"{name}[{index}]", part, inside, None, index)
            for index, part in enumerate(value)
        )
    if issubclass(origin or wanted, (Value, Event, Channel)) and not isinstance(value, wanted):
        return _made(name, value, wanted, none, default, place)
    wanted = origin or wanted
    accepted = (int, float) if wanted is float else (wanted,)
    check_instance(name, value, accepted, _words(wanted, none))
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{name} must be {_words(wanted, none)}, not {value!r}.")
    return float(value) if wanted is float else value


def _without_none(hint: Any) -> tuple[Any, bool]:
    """A type without None and without conditions, and whether None was in it."""
    options = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
    wanted = options[0]
    if typing.get_origin(wanted) is typing.Annotated:
        wanted = typing.get_args(wanted)[0]
    return wanted, options[0] is not hint


def _words(wanted: Any, none: bool) -> str:
    words = _WORDS.get(wanted)
    if words is None:
        article = "an" if wanted.__name__[0] in "AEIO" else "a"
        words = f"{article} {wanted.__name__}, or a dictionary of its fields"
    return f"{words}, or None" if none else words


def _made(name: str, value: Any, cls: Any, none: bool, default: Any, place: int | None) -> Any:
    """A nested value from a dictionary, or from a badge in short."""
    if cls is Badge and _is_badge_in_short(value):
        value = badge(value)
    check_instance(name, value, (Mapping,), _words(cls, none))
    hints = hints_of(cls)
    check_names(name, value, hints)
    fields = {field: getattr(default, field) for field in field_names(default)}
    if isinstance(value.get("username"), str):
        _rename(fields, value["username"], hints)
    for field, given in value.items():
        fields[field] = fitted(f"{name}.{field}", given, hints[field], fields.get(field))
    parameters = inspect.signature(cls).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.name not in fields]
    if needed == ["id"] and place is not None:
        fields["id"] = place if hints["id"] is int else IDS.uuid()
    elif needed:
        raise TypeError(f"{name} needs {', '.join(needed)}.")
    return cls(**fields)


def _is_badge_in_short(value: Any) -> bool:
    pair = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
    return pair or isinstance(value, str)


def _rename(fields: dict[str, Any], username: str, hints: Mapping[str, Any]) -> None:
    """Give somebody another name, with the id and the slug that go with it."""
    for number in ("id", "user_id"):
        if number in hints:
            fields[number] = invented_id(username)
    if "slug" in hints:
        fields["slug"] = slug_of(username)
