import subprocess
import sys
from datetime import datetime, timedelta, timezone

import attrs
import msgspec
import pytest

from kick_live import (
    EVENT_CLASSES,
    Channel,
    ChannelSubscription,
    ChatMessage,
    Connected,
    ErrorOccurred,
    Event,
    GiftedSubscriptions,
    GiftsLeaderboardUpdated,
    KicksGifted,
    PinnedMessageCreated,
    PollUpdate,
    RewardRedeemed,
    StreamerIsLive,
    StreamHost,
    StreamHosted,
    Subscription,
    SubscriptionAnnouncement,
    UserBanned,
    ViewerCount,
)
from kick_live.models.base import Value
from kick_live.testing import make

DECODED = [cls for cls in EVENT_CLASSES if cls.wire_names]


def parts(value):
    """A value and everything inside it."""
    yield value
    if isinstance(value, tuple):
        inside = value
    elif isinstance(value, (Value, Event)):
        names = getattr(value, "__struct_fields__", None) or attrs.fields_dict(type(value))
        inside = [getattr(value, name) for name in names]
    else:
        inside = ()
    for part in inside:
        yield from parts(part)


@pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_can_be_made(cls):
    """Each event class is made without a word, as itself."""
    event = make(cls)
    assert type(event) is cls
    assert event.received_at.tzinfo is not None
    assert not event.historical


@pytest.mark.parametrize(
    "cls",
    [cls for cls in EVENT_CLASSES if cls is not ErrorOccurred],
    ids=lambda cls: cls.__name__,
)
def test_what_is_made_is_valid(cls):
    """Every field, nested ones too, holds what its type allows, and survives the decoder's check."""
    event = make(cls)
    assert msgspec.convert(msgspec.to_builtins(event), cls) == event


@pytest.mark.parametrize("cls", DECODED, ids=lambda cls: cls.__name__)
def test_what_is_made_says_something(cls):
    """An event with fields of its own has a value in at least one of them."""
    own = set(attrs.fields_dict(cls)) - set(attrs.fields_dict(Event))
    event = make(cls)
    assert not own or any(getattr(event, name) not in (None, (), "", 0) for name in own)


@pytest.mark.parametrize("cls", DECODED, ids=lambda cls: cls.__name__)
def test_ids_fit_the_channel(cls):
    """Topic, chatroom id and channel id are those of the channel that was asked for."""
    channel = Channel(slug="copper-heron", channel_id=123001, chatroom_id=456002)
    event = make(cls, channel=channel)
    assert event.channel is channel
    assert event.topic is None or "123001" in event.topic or "456002" in event.topic
    for part in parts(event):
        room = getattr(part, "chatroom_id", None)
        assert room in (None, 456002)
        if isinstance(number := getattr(part, "channel_id", None), int):
            assert number == 123001


@pytest.mark.parametrize(
    ("cls", "read"),
    [
        (ChatMessage, lambda event: event.sender.username),
        (KicksGifted, lambda event: event.username),
        (UserBanned, lambda event: event.user.username),
        (PinnedMessageCreated, lambda event: event.message.sender.username),
        (GiftedSubscriptions, lambda event: event.gifter_username),
        (StreamHost, lambda event: event.host_username),
        (StreamHosted, lambda event: event.username),
        (Subscription, lambda event: event.username),
        (SubscriptionAnnouncement, lambda event: event.username),
        (RewardRedeemed, lambda event: event.username),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_username_reaches_the_one_who_did_it(cls, read):
    """username= is a short way to whoever did it."""
    assert read(make(cls, username="Fern_Gully")) == "Fern_Gully"


def test_ids_go_with_the_name():
    """The same name has the same user id in every class, another name another one."""
    sender = make(ChatMessage, username="pebble").sender
    assert sender.slug == "pebble"
    assert make(RewardRedeemed, username="pebble").user_id == sender.id
    assert make(ChannelSubscription, username="pebble").user_ids == (sender.id,)
    assert make(GiftsLeaderboardUpdated, username="pebble").gifter_id == sender.id
    assert make(ChatMessage, username="larkspur").sender.id != sender.id


def test_a_name_keeps_the_badges():
    """Another name changes the person, not what they wear."""
    assert make(ChatMessage, username="pebble").sender.is_subscriber


@pytest.mark.parametrize("cls", [PollUpdate, ViewerCount, StreamerIsLive, Connected, Event])
def test_nobody_to_name_is_an_error(cls):
    """A class in which nobody acts takes no username, and says so."""
    with pytest.raises(TypeError, match=cls.__name__):
        make(cls, username="pebble")


def test_a_field_that_does_not_exist_is_an_error():
    """A typing mistake in a test does not pass in silence."""
    with pytest.raises(TypeError, match="contents"):
        make(ChatMessage, contents="hi")


def test_dictionaries_change_nested_fields_alone():
    """A dictionary for a nested value keeps what it does not name, at any depth."""
    gift = make(KicksGifted, gift={"amount": 7}, sender={"identity": {"color": "#000000"}})
    usual = make(KicksGifted)
    assert (gift.amount, gift.gift.gift_id) == (7, usual.gift.gift_id)
    assert (gift.sender.color, gift.username) == ("#000000", usual.username)


def test_a_nested_field_that_does_not_exist_is_an_error():
    """Mistakes inside a dictionary are noticed, too."""
    with pytest.raises(TypeError):
        make(KicksGifted, gift={"amuont": 7})


def test_times_follow_the_arrival():
    """Kick's time lies just before the arrival, and is the given one if that is given."""
    when = datetime(2026, 10, 1, 18, 0, 5, 700_000, tzinfo=timezone.utc)
    ban = make(UserBanned, received_at=when)
    assert ban.expires_at == when.replace(microsecond=0) + timedelta(minutes=5)
    assert timedelta(0) <= make(ChatMessage).latency < timedelta(seconds=5)


def test_two_messages_are_two():
    """Ids are not repeated, so code that removes repetitions keeps both."""
    assert make(ChatMessage).id != make(ChatMessage).id


def test_made_events_compare_by_their_fields():
    """The same fields make equal events."""
    first = make(ChatMessage, content="hi")
    same = make(
        ChatMessage,
        content="hi",
        id=first.id,
        received_at=first.received_at,
    )
    assert first == same


def test_shared_fields_can_be_given():
    """The fields that all events have are taken as well."""
    event = make(ChatMessage, historical=True, topic=None, raw="{}")
    assert (event.historical, event.topic, event.raw) == (True, None, "{}")


def test_no_extra_is_needed():
    """make works where the simulator's libraries are not installed."""
    code = (
        "import sys; sys.modules['werkzeug'] = sys.modules['wsproto'] = None; "
        "from kick_live.testing import make; from kick_live import ChatMessage; "
        "print(make(ChatMessage, content='hi').content)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "hi", done.stderr
