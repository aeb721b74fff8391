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

__all__ = [
    "BY_WIRE_NAME",
    "EVENT_CLASSES",
    "PREFIXES",
    "SYNONYMS",
    "event_class",
    "full_names",
    "short_name",
]

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

#: The namespaces under which Kick has sent events.
PREFIXES: Final = ("", "App\\Events\\")

_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")


def short_name(wire_name: str) -> str:
    r"""Kick's name for an event without its namespace.

    Example:
        >>> short_name("App\\Events\\ChatMessageEvent")
        'ChatMessageEvent'
    """
    return wire_name.rpartition("\\")[2]


def full_names(cls: type[Event]) -> tuple[str, ...]:
    """Under which names, namespaces included, events of a class come."""
    return tuple(prefix + name for prefix in PREFIXES for name in cls.wire_names)


def _loose(name: str) -> str:
    return _SEPARATORS.sub("", short_name(name).lower())


#: What other platforms and their libraries call what Kick has, for suggestions only: a synonym that
#: worked would hide that the event has other fields. Empty for what Kick has not.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **dict.fromkeys(("comment", "message", "msg", "chat", "privmsg"), ("chat_message",)),
        **dict.fromkeys(("delete", "deleted", "clearmsg", "messagedelete"), ("message_deleted",)),
        **dict.fromkeys(("clear", "clearchat"), ("chatroom_clear",)),
        **dict.fromkeys(("pin", "pinned"), ("pinned_message_created",)),
        **dict.fromkeys(("unpin", "unpinned"), ("pinned_message_deleted",)),
        **dict.fromkeys(("ban", "banned", "timeout", "mute"), ("user_banned",)),
        **dict.fromkeys(("unban", "unbanned", "untimeout"), ("user_unbanned",)),
        **dict.fromkeys(("sub", "subscribe", "subscriber", "resub"), ("subscription",)),
        **dict.fromkeys(("gift", "gifts", "gifted"), ("gifted_subscriptions", "kicks_gifted")),
        **dict.fromkeys(("subgift", "giftsub", "giftedsub"), ("gifted_subscriptions",)),
        **dict.fromkeys(("donation", "tip", "cheer", "bits", "superchat"), ("kicks_gifted",)),
        **dict.fromkeys(("reward", "redemption", "redeem"), ("reward_redeemed",)),
        **dict.fromkeys(("follow", "follower", "followers"), ("followers_updated",)),
        **dict.fromkeys(("host", "raid"), ("stream_host", "stream_hosted")),
        **dict.fromkeys(("viewer", "viewers", "roomuser"), ("viewer_count",)),
        **dict.fromkeys(("live", "online", "streamstart", "livestart"), ("streamer_is_live",)),
        **dict.fromkeys(("offline", "liveend", "streamoffline"), ("stream_end",)),
        "poll": ("poll_update",),
        **dict.fromkeys(("connect", "ready", "open"), ("connected",)),
        **dict.fromkeys(("disconnect", "close", "closed"), ("disconnected",)),
        **dict.fromkeys(("reconnect", "resume"), ("reconnected",)),
        **dict.fromkeys(("like", "likes", "share", "join", "joined", "leave", "part"), ()),
    }
)


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
    given: object = name
    if callable(given) and not isinstance(given, type):
        function = getattr(given, "__name__", None) or type(given).__name__
        raise UnknownEventName(
            f"The function {function} was given where a kind of event belongs. As a decorator, write "
            "@client.on(ChatMessage), with a class or a name in the brackets.",
            name=function,
        )
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
    written = (loose, loose.removeprefix("on"), loose.removesuffix("s"))
    synonyms = next((SYNONYMS[word] for word in written if word in SYNONYMS), None)
    kinds = _nearest(loose) if synonyms is None else synonyms
    if kinds:
        hint = f" Did you mean {' or '.join(map(repr, kinds))}?"
    else:
        hint = "" if synonyms is None else " Kick sends nothing like it."
    raise UnknownEventName(
        f"There is no event named {name!r}.{hint} kick_live.EVENT_CLASSES lists them all.",
        name=name,
        suggestion=kinds[0] if kinds else None,
    )


#: How alike two names must be: below, "nonsense" would suggest ``unknown_event``.
_NEAR: Final = 0.58


def _nearest(loose: str) -> tuple[str, ...]:
    nearest = difflib.get_close_matches(loose, _BY_LOOSE_NAME, n=1, cutoff=_NEAR)
    return tuple(_BY_LOOSE_NAME[name].kind for name in nearest)
