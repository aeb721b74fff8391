"""Makes events for tests, without a server and without a socket."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import attrs

from kick_live.events.base import Event, now
from kick_live.events.chat import PinnedMessageCreated
from kick_live.events.lifecycle import LifecycleEvent, Reconnected
from kick_live.events.stream import LivestreamUpdated, PointsUpdated, ViewerCount
from kick_live.models.base import Value, field_names
from kick_live.testing.defaults import defaults_of
from kick_live.testing.defaults.base import CHANNEL, Moment, invented_id, person
from kick_live.testing.defaults.topics import topic_for
from kick_live.testing.texts import slug_of

__all__ = ["make"]

E = TypeVar("E", bound=Event)

#: The fields that say who did it, in order of preference; some hold a name, some a person.
_WHO: Final = (
    "username",
    "sender",
    "user",
    "gifter_username",
    "host_username",
    "last_subscriber",
)
#: Not received over a public topic.
_WITHOUT_TOPIC: Final = (LifecycleEvent, ViewerCount, LivestreamUpdated, PointsUpdated)


def make(cls: type[E], /, **values: Any) -> E:
    """Make a realistic, valid event of any class, with invented values where none are given.

    Everything that Kick usually sends is there, nested values too, and fits together: ids, topic
    and times. Each call invents ids of its own. ``raw`` stays empty, except on events of unknown
    or undecodable kind. Starts nothing, needs no extra.

    Args:
        cls: An event class.
        **values: Fields of the event. A dictionary for a nested value changes only the fields it
            names. ``username=`` says who did it, wherever the class keeps that: a sender, a giver,
            the banned user, the author of the pinned message.

    Returns:
        The event, in the channel ``amber-quokka`` unless ``channel=`` names another.

    Raises:
        TypeError: The class has no such field, or keeps no ``username``.

    Example:
        >>> from kick_live import ChatMessage, KicksGifted
        >>> from kick_live.testing import make
        >>> message = make(ChatMessage, content="hi", username="pebble")
        >>> message.sender.username, message.content, message.channel.slug
        ('pebble', 'hi', 'amber-quokka')
        >>> gift = make(KicksGifted, gift={"amount": 50})
        >>> gift.amount, gift.gift.name
        (50, 'Hell Yeah')
    """
    received_at = values.pop("received_at", None) or now()
    shared = _shared(cls, values)
    channel = shared["channel"] or CHANNEL
    moment = Moment(channel=channel, when=received_at.replace(microsecond=0))
    fields = defaults_of(cls, moment)
    if "username" in values:
        _name(cls, fields, values.pop("username"))
    for name, value in values.items():
        default = fields.get(name)
        if isinstance(value, dict) and isinstance(default, (Value, Event)):
            value = _changed(default, value)
        fields[name] = value
    return cls(received_at=received_at, **{**shared, **fields})


def _shared(cls: type[Event], values: dict[str, Any]) -> dict[str, Any]:
    """Channel and topic, taken out of the given values."""
    everywhere = issubclass(cls, LifecycleEvent) and not issubclass(cls, Reconnected)
    channel = values.pop("channel", None if everywhere else CHANNEL)
    topic = None
    if channel is not None and not issubclass(cls, _WITHOUT_TOPIC):
        topic = topic_for(cls, channel_id=channel.channel_id, chatroom_id=channel.chatroom_id)
    return {"channel": channel, "topic": values.pop("topic", topic)}


def _name(cls: type[Event], fields: dict[str, Any], username: str) -> None:
    """Let somebody else have done it."""
    if issubclass(cls, PinnedMessageCreated):
        fields["message"] = _changed(fields["message"], {"sender": person(username)})
        return
    who = next((name for name in _WHO if name in fields and name in _field_names_of(cls)), None)
    if who is None:
        raise TypeError(f"{cls.__name__} does not say who did it, so it takes no username.")
    before = fields[who]
    if isinstance(before, Value):
        changes: dict[str, Any] = {"username": username, "id": invented_id(username)}
        if "slug" in field_names(before):
            changes["slug"] = slug_of(username)
        fields[who] = _changed(before, changes)
    else:
        fields[who] = username
    for number in ("user_id", "gifter_id"):
        if number in fields:
            fields[number] = invented_id(username)
    if "user_ids" in fields:
        fields["user_ids"] = (invented_id(username),)


def _field_names_of(cls: type[Event]) -> tuple[str, ...]:
    """The names of an event class's fields."""
    return tuple(attrs.fields_dict(cls))


def _changed(value: Any, changes: dict[str, Any]) -> Any:
    """A copy with some fields changed; dictionaries change nested values in the same way."""
    fields = {name: getattr(value, name) for name in field_names(value)}
    for name, change in changes.items():
        before = fields.get(name)
        nested = isinstance(change, dict) and isinstance(before, (Value, Event))
        fields[name] = _changed(before, change) if nested else change
    return type(value)(**fields)
