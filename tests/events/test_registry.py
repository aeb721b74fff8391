"""Which names belong to which event class."""

from __future__ import annotations

import inspect

import pytest

import kick_live
from kick_live import EVENT_CLASSES, ChatMessage, Event, UnknownEventName
from kick_live.events.registry import BY_WIRE_NAME, SYNONYMS, event_class, short_name


@pytest.mark.parametrize("cls", EVENT_CLASSES)
def test_every_class_is_public_and_found_by_its_names(cls: type[Event]) -> None:
    """By the class, its name, its kind and each of Kick's names."""
    assert getattr(kick_live, cls.__name__) is cls
    assert event_class(cls) is cls
    assert event_class(cls.__name__) is cls
    assert event_class(cls.kind) is cls
    for name in cls.wire_names:
        assert BY_WIRE_NAME[name] is cls


def test_kinds_and_wire_names_are_unique() -> None:
    """No two classes answer to the same name."""
    kinds = [cls.kind for cls in EVENT_CLASSES]
    names = [name for cls in EVENT_CLASSES for name in cls.wire_names]
    assert len(kinds) == len(set(kinds))
    assert len(names) == len(set(names))


def test_every_class_documents_its_fields_and_names() -> None:
    """The docstring tells each field that the class adds, and each wire name or its source."""
    for cls in EVENT_CLASSES:
        assert cls.__doc__
        for name in inspect.get_annotations(cls):
            if name not in ("kind", "wire_names"):
                assert f"{name}:" in cls.__doc__, f"{cls.__name__}.{name}"


@pytest.mark.parametrize(
    "name",
    [
        *("ChatMessage", "chat_message", "chatMessage", "CHAT-MESSAGE", "chat message"),
        *("ChatMessageEvent", "App\\Events\\ChatMessageEvent", " chatmessage "),
    ],
)
def test_names_match_loosely(name: str) -> None:
    """Case and separators do not matter, nor does Kick's prefix."""
    assert event_class(name) is ChatMessage


@pytest.mark.parametrize("name", ["*", "event", "Event"])
def test_a_star_means_everything(name: str) -> None:
    """All events are events."""
    assert event_class(name) is Event


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("chat_mesage", "chat_message"),
        ("userBaned", "user_banned"),
        ("giftSubs", "gifted_subscriptions"),
        ("qqqqqqqq", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_an_unknown_name_raises_and_suggests_the_nearest(name: str, suggestion: str | None) -> None:
    """A typo is told at once, not by silence."""
    with pytest.raises(UnknownEventName) as caught:
        event_class(name)
    assert (caught.value.name, caught.value.suggestion) == (name, suggestion)
    assert (suggestion or "EVENT_CLASSES") in str(caught.value)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("comment", ["chat_message"]),
        ("onComment", ["chat_message"]),
        ("message", ["chat_message"]),
        ("gift", ["gifted_subscriptions", "kicks_gifted"]),
        ("follow", ["followers_updated"]),
        ("raid", ["stream_host", "stream_hosted"]),
        ("ban", ["user_banned"]),
        ("room_user", ["viewer_count"]),
        ("live", ["streamer_is_live"]),
        ("polls", ["poll_update"]),
    ],
)
def test_the_words_of_other_platforms_are_understood(name: str, kinds: list[str]) -> None:
    """Who comes from another platform is told Kick's word, though it is spelt quite differently."""
    with pytest.raises(UnknownEventName) as caught:
        event_class(name)
    assert caught.value.suggestion == kinds[0]
    assert f"Did you mean {' or '.join(map(repr, kinds))}?" in str(caught.value)


@pytest.mark.parametrize("name", ["like", "onLike", "share", "join"])
def test_what_kick_does_not_send_gets_no_suggestion(name: str) -> None:
    """Nothing that happens to be spelt alike is offered in its place."""
    with pytest.raises(UnknownEventName, match="Kick sends nothing like it") as caught:
        event_class(name)
    assert caught.value.suggestion is None


def test_every_suggestion_exists() -> None:
    """A class that is renamed takes its synonyms along."""
    for kinds in SYNONYMS.values():
        assert [event_class(kind).kind for kind in kinds] == list(kinds)


def test_a_function_in_place_of_a_kind() -> None:
    """The decorator without brackets is answered with how to write it, not with an address."""

    def show(message: object) -> None:
        """Called by nobody."""

    with pytest.raises(UnknownEventName, match=r"@client\.on\(ChatMessage\)") as caught:
        event_class(show)  # type: ignore[arg-type]
    assert "0x" not in str(caught.value)


@pytest.mark.parametrize("name", [None, 7, int, object()])
def test_what_is_no_name_raises_the_same_error(name: object) -> None:
    """The message says what may be given."""
    with pytest.raises(UnknownEventName, match="neither an event class nor"):
        event_class(name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wire", "short"), [("A", "A"), ("App\\Events\\A", "A"), ("a\\b\\", ""), ("", "")]
)
def test_the_namespace_is_what_stands_before_the_last_backslash(wire: str, short: str) -> None:
    """However deep it is."""
    assert short_name(wire) == short
