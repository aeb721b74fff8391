"""The channel in which invented events happen, and the people in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

from attrs import frozen

from kick_live.events.base import Event
from kick_live.models.channel import Channel
from kick_live.models.user import Badge, Identity, User
from kick_live.testing.texts import Ids, colour_of, slug_of

__all__ = [
    "CHANNEL",
    "IDS",
    "LIFETIME_TOTAL",
    "LIVESTREAM",
    "Defaults",
    "Fields",
    "Moment",
    "acorns",
    "invented_id",
    "person",
]

#: The channel in which everything happens.
CHANNEL: Final = Channel(
    slug="amber-quokka",
    channel_id=7733190,
    chatroom_id=7712045,
    user_id=7401882,
    username="amber_quokka",
)
#: The livestream id of its broadcast.
LIVESTREAM: Final = 88211907
#: What the one who gives subscriptions has given in all.
LIFETIME_TOTAL: Final = 41
#: Invents ids that never repeat.
IDS: Final = Ids()


@frozen
class Moment:
    """Where and when an event happens.

    Attributes:
        channel: The channel, also where the event itself names none.
        when: When Kick made it, in whole seconds.
    """

    channel: Channel
    when: datetime


Fields: TypeAlias = dict[str, Any]
Defaults: TypeAlias = dict[type[Event], Callable[[Moment], Fields]]


def person(username: str, *badges: Badge) -> User:
    """Somebody in chat; the same name always has the same id, slug and colour."""
    return User(
        id=invented_id(username),
        username=username,
        slug=slug_of(username),
        identity=Identity(color=colour_of(username), badges=badges),
    )


def acorns(count: int) -> tuple[str, ...]:
    """The names of so many who receive a subscription."""
    return tuple(f"acorn_{number:03d}" for number in range(1, count + 1))


def invented_id(username: str) -> int:
    """The user id that belongs to a name.

    Example:
        >>> invented_id("pebble") == invented_id("Pebble") != invented_id("pebbles")
        True
    """
    number = 0
    for character in username.lower():
        number = (number * 131 + ord(character)) % 8_000_000
    return 1_000_000 + number
