"""Makes events for tests, without a server and without a socket."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from kick_live.arguments import check_instance
from kick_live.events.base import Event, Time, now
from kick_live.events.chat import ChatMessage, PinnedMessageCreated
from kick_live.events.lifecycle import LifecycleEvent, Reconnected
from kick_live.events.stream import LivestreamUpdated, PointsUpdated, ViewerCount
from kick_live.models.base import Value
from kick_live.models.channel import Channel
from kick_live.models.user import Badge, User
from kick_live.testing.defaults import defaults_of
from kick_live.testing.defaults.base import CHANNEL, Moment, invented_id, person
from kick_live.testing.defaults.following import follow
from kick_live.testing.defaults.topics import topic_for
from kick_live.testing.fitting import check_names, fitted, hints_of

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
#: What may be said in short, of classes that have no such field.
_SHORT: Final = {"username", "badges"}
#: Not received over a public topic.
_WITHOUT_TOPIC: Final = (LifecycleEvent, ViewerCount, LivestreamUpdated, PointsUpdated)


def make(cls: type[E], /, **values: Any) -> E:
    """Make a realistic, valid event of any class, with invented values where none are given.

    Everything that Kick usually sends is there, nested values too, and fits together: ids, topic
    and times. Each call invents ids of its own. ``raw`` stays empty, except on events of unknown
    or undecodable kind. Starts nothing, needs no extra.

    What is given stays as it is, and invented values follow it: a permanent ban has no end, and a
    drop as many receivers as it counts. The sender of a message wears a subscriber's badge;
    ``badges=()`` makes somebody without.

    Args:
        cls: An event class.
        **values: Fields of the event. A dictionary for a nested value changes only the fields it
            names, one in a list is a whole value. ``username=`` says who did it, wherever the class
            keeps that: a sender, a giver, the banned user, the author of the pinned message.
            ``badges=`` says what the sender of a message wears: types, ``(type, count)`` pairs,
            dictionaries, or ``Badge`` objects.

    Returns:
        The event, in the channel ``amber-quokka`` unless ``channel=`` names another.

    Raises:
        TypeError: The class has no such field, the field holds values of another type, or the class
            keeps no ``username`` or ``badges``.
        ValueError: A time has no zone.

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
    if not (isinstance(cls, type) and issubclass(cls, Event)):
        raise TypeError(f"cls must be an event class like ChatMessage, not {cls!r}.")
    hints = hints_of(cls)
    check_names(cls.__name__, values.keys() - _SHORT, hints)
    received_at = fitted("received_at", values.pop("received_at", None) or now(), Time)
    shared = _shared(cls, values)
    channel = shared["channel"] or CHANNEL
    moment = Moment(channel=channel, when=received_at.replace(microsecond=0))
    fields = defaults_of(cls, moment)
    if "username" in values:
        _name(cls, fields, values.pop("username"))
    if "badges" in values:
        _wear(cls, fields, values.pop("badges"))
    given = {
        name: fitted(name, value, hints[name], fields.get(name)) for name, value in values.items()
    }
    fields.update(given)
    follow(cls, fields, given, moment)
    return cls(received_at=received_at, **{**shared, **fields})


def _shared(cls: type[Event], values: dict[str, Any]) -> dict[str, Any]:
    """Channel and topic, taken out of the given values."""
    everywhere = issubclass(cls, LifecycleEvent) and not issubclass(cls, Reconnected)
    channel = None if everywhere else CHANNEL
    if "channel" in values:
        channel = fitted("channel", values.pop("channel"), Channel | None, CHANNEL)
    topic = None
    if channel is not None and not issubclass(cls, _WITHOUT_TOPIC):
        topic = topic_for(cls, channel_id=channel.channel_id, chatroom_id=channel.chatroom_id)
    return {"channel": channel, "topic": fitted("topic", values.pop("topic", topic), str | None)}


def _name(cls: type[Event], fields: dict[str, Any], username: Any) -> None:
    """Let somebody else have done it."""
    if issubclass(cls, PinnedMessageCreated):
        check_instance("username", username, (str,), "text")
        sender = person(username)
        fields["message"] = fitted("message", {"sender": sender}, ChatMessage, fields["message"])
        return
    hints = hints_of(cls)
    who = next((name for name in _WHO if name in fields and name in hints), None)
    if who is None:
        raise TypeError(f"{cls.__name__} does not say who did it, so it takes no username.")
    if isinstance(fields[who], Value):
        check_instance("username", username, (str,), "text")
        fields[who] = fitted(who, {"username": username}, hints[who], fields[who])
    else:
        fields[who] = fitted("username", username, hints[who])
    number = None if username is None else invented_id(username)
    for name in ("user_id", "gifter_id"):
        if name in fields:
            fields[name] = number
    if "user_ids" in fields:
        fields["user_ids"] = () if number is None else (number,)


def _wear(cls: type[Event], fields: dict[str, Any], badges: Any) -> None:
    """Let the sender of a message wear other badges."""
    if issubclass(cls, PinnedMessageCreated):
        message = {"sender": fields["message"].sender}
        _wear(ChatMessage, message, badges)
        fields["message"] = fitted("message", message, ChatMessage, fields["message"])
        return
    if not issubclass(cls, ChatMessage):
        raise TypeError(f"{cls.__name__} shows nobody's badges, so it takes no badges.")
    worn = fitted("badges", badges, tuple[Badge, ...])
    fields["sender"] = fitted("sender", {"identity": {"badges": worn}}, User, fields["sender"])
