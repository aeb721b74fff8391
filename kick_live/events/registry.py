"""Which names belong to which event class."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kick_live.errors import UnknownEventName
from kick_live.events import (
    chat,
    chatroom,
    gifts,
    goals,
    lifecycle,
    moderation,
    polls,
    predictions,
    stream,
    subscriptions,
    unknown,
)
from kick_live.events.base import Event

__all__ = ["BY_WIRE_NAME", "EVENT_CLASSES", "event_class", "short_name"]

_MODULES: Final = (
    chat,
    moderation,
    subscriptions,
    gifts,
    polls,
    goals,
    predictions,
    chatroom,
    stream,
    lifecycle,
    unknown,
)

#: Every event class, by family, bases included.
EVENT_CLASSES: Final[tuple[type[Event], ...]] = (
    Event,
    *(
        value
        for module in _MODULES
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Event)
        and value.__module__ == module.__name__
    ),
)

#: Kick's names, without namespace, and the classes that they become.
BY_WIRE_NAME: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {name: cls for cls in EVENT_CLASSES for name in cls.wire_names}
)

_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")


def short_name(wire_name: str) -> str:
    r"""Kick's name for an event without its namespace.

    Example:
        >>> short_name("App\\Events\\ChatMessageEvent")
        'ChatMessageEvent'
    """
    return wire_name.rpartition("\\")[2]


def _loose(name: str) -> str:
    return _SEPARATORS.sub("", short_name(name).lower())


def _names() -> dict[str, type[Event]]:
    names: dict[str, type[Event]] = {}
    for cls in EVENT_CLASSES:
        for name in (cls.kind, cls.__name__, *cls.wire_names):
            names.setdefault(_loose(name), cls)
    return names


_BY_LOOSE_NAME: Final = _names()


def event_class(name: type[Event] | str) -> type[Event]:
    """Find an event class by name; case, underscores and Kick's own names do not matter.

    Raises:
        UnknownEventName: No event has that name; the message suggests the nearest.

    Example:
        >>> event_class("chatMessage").__name__
        'ChatMessage'
    """
    if isinstance(name, type) and issubclass(name, Event):
        return name
    if not isinstance(name, str):
        raise UnknownEventName(
            f"{name!r} is neither an event class nor the name of one; "
            "pass a class like ChatMessage or a name like 'chat_message'.",
            name=repr(name),
        )
    loose = _loose(name)
    found = _BY_LOOSE_NAME.get("event" if name == "*" else loose)
    if found is not None:
        return found
    nearest = difflib.get_close_matches(loose, _BY_LOOSE_NAME, n=1, cutoff=0.5)
    suggestion = _BY_LOOSE_NAME[nearest[0]].kind if nearest else None
    hint = f" Did you mean {suggestion!r}?" if suggestion else ""
    raise UnknownEventName(
        f"There is no event named {name!r}.{hint} kick_live.EVENT_CLASSES lists them all.",
        name=name,
        suggestion=suggestion,
    )
