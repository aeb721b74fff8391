import subprocess
import sys
from datetime import datetime, timedelta, timezone

import attrs
import msgspec
import pytest

from kick_live import (
    EVENT_CLASSES,
    ActivityFeed,
    Channel,
    ChannelSubscription,
    ChatMessage,
    Connected,
    ErrorOccurred,
    Event,
    GiftedSubscriptions,
    GiftsLeaderboardUpdated,
    GoalAchieved,
    KicksGifted,
    PinnedMessageCreated,
    PollUpdate,
    PredictionUpdated,
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


def fields_of(event):
    """An event's fields by name."""
    return {name: getattr(event, name) for name in attrs.fields_dict(type(event))}


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


def test_badges_are_said_in_short():
    """badges= takes what the simulator's chat() takes, and no badges make a plain viewer."""
    sender = make(ChatMessage, badges=["vip", ("subscriber", 3)]).sender
    assert (sender.is_vip, sender.subscriber_months) == (True, 3)
    assert make(PinnedMessageCreated, badges=("vip",)).message.sender.is_vip
    plain = make(ChatMessage, username="pebble", badges=()).sender
    assert (plain.username, plain.badges) == ("pebble", ())
    wearing = make(ChatMessage, sender={"identity": {"badges": ["og", {"type": "vip"}]}}).sender
    assert (wearing.is_og, wearing.is_vip) == (True, True)


@pytest.mark.parametrize("cls", [UserBanned, KicksGifted, PollUpdate, Connected])
def test_badges_of_nobody_are_an_error(cls):
    """A class in which Kick sends no badges takes none, and says so."""
    with pytest.raises(TypeError, match=f"{cls.__name__}.*badges"):
        make(cls, badges=["vip"])


def test_lists_become_what_the_fields_hold():
    """Lists become tuples and the dictionaries in them values, as in what is decoded."""
    gift = make(GiftedSubscriptions, gifted_usernames=["ann_otter", "bo_finch", "cy_wren"])
    assert gift.gifted_usernames == ("ann_otter", "bo_finch", "cy_wren")
    assert hash(gift) == hash(make(GiftedSubscriptions, **fields_of(gift)))
    poll = make(PollUpdate, poll={"options": [{"label": "A", "votes": 3}, {"label": "B"}]}).poll
    assert (poll.total_votes, [option.id for option in poll.options]) == (3, [0, 1])
    made = make(PredictionUpdated, prediction={"outcomes": [{"title": "Yes"}, {"title": "No"}]})
    assert [outcome.title for outcome in made.prediction.outcomes] == ["Yes", "No"]
    assert len({outcome.id for outcome in made.prediction.outcomes}) == 2
    board = make(GiftsLeaderboardUpdated, leaderboard=[{"username": "pebble", "quantity": 4}])
    assert board.leaderboard[0].quantity == 4


def test_values_without_a_default_can_be_dictionaries():
    """A dictionary makes the nested value where the default has none."""
    gifter = make(GiftedSubscriptions, gifter={"username": "big_spruce"}).gifter
    assert (gifter.username, gifter.slug) == ("big_spruce", "big-spruce")


def test_a_name_in_a_dictionary_brings_its_id():
    """Somebody else's name does not keep the id and the slug of the default."""
    sender = make(ChatMessage, sender={"username": "pebble"}).sender
    assert sender == make(ChatMessage, username="pebble").sender
    assert make(ChatMessage, sender={"username": "pebble", "id": 7}).sender.id == 7


def test_a_channel_can_be_changed_by_a_dictionary():
    """The channel is a nested value like others."""
    event = make(ChatMessage, channel={"slug": "copper-heron", "chatroom_id": 456002})
    assert (event.channel.slug, event.topic) == ("copper-heron", "chatrooms.456002.v2")


def test_empty_texts_become_none_as_in_decoding():
    """Where the decoder reads an empty text as None, make does, too."""
    assert make(ChatMessage, thread_parent_id="").thread_parent_id is None


@pytest.mark.parametrize(
    ("cls", "values", "words"),
    [
        (ChatMessage, {"content": 5}, r"content must be text, not 5 \(int\)"),
        (ChatMessage, {"content": None}, r"content must be text, not None"),
        (ChatMessage, {"sender": "bob"}, "sender must be a User, or a dictionary of its fields"),
        (ChatMessage, {"sender": {"usernam": "bob"}}, "sender has no field 'usernam'; it has user"),
        (ChatMessage, {"sender": {"id": "7"}}, "sender.id must be a whole number, or None"),
        (ChatMessage, {"sender": {"id": True}}, "sender.id must be a whole number"),
        (ChatMessage, {"badges": "vip"}, "badges must be a list or tuple"),
        (ChatMessage, {"badges": [3]}, r"badges\[0\] must be a Badge, a type like 'vip'"),
        (ChatMessage, {"badges": [("subscriber", "3")]}, r"badges\[0\].count must be a whole"),
        (ChatMessage, {"badges": [("subscriber", 3, 4)]}, r"badges\[0\] must be a Badge"),
        (ChatMessage, {"badges": [{"text": "VIP"}]}, r"badges\[0\] needs type"),
        (ChatMessage, {"username": 7}, "username must be text"),
        (ChatMessage, {"channel": "copper-heron"}, "channel must be a Channel"),
        (ChatMessage, {"message": "hi"}, "ChatMessage has no field 'message'; it has .*content"),
        (ChatMessage, {"historical": "no"}, "historical must be True or False"),
        (ChatMessage, {"received_at": 5}, "received_at must be a datetime with a zone"),
        (UserBanned, {"duration": 600}, "duration must be a timedelta, or None, not 600"),
        (UserBanned, {"expires_at": "soon"}, "expires_at must be a datetime with a zone, or None"),
        (GiftedSubscriptions, {"gifted_usernames": "bob"}, "gifted_usernames must be a list or"),
        (GiftedSubscriptions, {"gifted_usernames": [1]}, r"gifted_usernames\[0\] must be text"),
        (PollUpdate, {"poll": {"options": {"id": 0}}}, "poll.options must be a list or tuple"),
        (PredictionUpdated, {"prediction": {"outcomes": ["Yes"]}}, r"outcomes\[0\] must be an Out"),
        (ActivityFeed, {"metadata": []}, "metadata must be a dictionary"),
        (ErrorOccurred, {"error": "bad"}, "error must be an exception"),
    ],
    ids=lambda value: "",
)
def test_values_of_a_wrong_type_are_errors(cls, values, words):
    """What the field cannot hold is refused by its name, with what is wanted."""
    with pytest.raises(TypeError, match=words):
        make(cls, **values)


def test_a_time_needs_a_zone():
    """A time without a zone fits into no event."""
    with pytest.raises(ValueError, match="expires_at must be a datetime with a zone"):
        make(UserBanned, expires_at=datetime(2026, 10, 1))


@pytest.mark.parametrize("cls", ["chat_message", ChatMessage.kind.encode(), int, None])
def test_only_event_classes_are_made(cls):
    """A kind or another class is refused in words."""
    with pytest.raises(TypeError, match="must be an event class like ChatMessage"):
        make(cls)


def test_numbers_may_be_whole_where_fractions_are():
    """A whole number fits where the field holds any."""
    outcomes = [{"title": "Yes", "return_rate": 2}]
    made = make(PredictionUpdated, prediction={"outcomes": outcomes})
    assert made.prediction.outcomes[0].return_rate == 2.0


def test_a_ban_for_good_does_not_end():
    """Duration and end follow from what is said of a ban."""
    for ban in (make(UserBanned, permanent=True), make(UserBanned, duration=None)):
        assert (ban.permanent, ban.duration, ban.expires_at) == (True, None, None)
    for_good = make(UserBanned, duration=None, permanent=True)
    assert not for_good.is_timeout


def test_a_timeout_ends_when_its_duration_is_over():
    """Either of duration and end follows from the other."""
    when = datetime(2026, 10, 1, 18, tzinfo=timezone.utc)
    hour = timedelta(hours=1)
    assert make(UserBanned, received_at=when, duration=hour).expires_at == when + hour
    assert make(UserBanned, received_at=when, expires_at=when + hour).duration == hour


def test_a_drop_has_as_many_receivers_as_it_counts():
    """Count and names follow from each other, and the giver's total holds the drop."""
    drop = make(GiftedSubscriptions, count=60)
    assert len(set(drop.gifted_usernames)) == 60
    assert drop.gifter_lifetime_total >= 60
    assert make(GiftedSubscriptions, gifted_usernames=["ann_otter"]).count == 1
    part = make(GiftedSubscriptions, count=60, gifted_usernames=["ann_otter"])
    assert (part.count, part.gifted_usernames) == (60, ("ann_otter",))
    assert make(GiftedSubscriptions, gifter_username=None).gifter_lifetime_total == 0
    assert make(GiftedSubscriptions, count=60, gifter_lifetime_total=3).gifter_lifetime_total == 3


def test_a_pinned_gift_ends_when_its_time_is_over():
    """The end of the pin follows from the gift; what is not pinned has none."""
    assert make(KicksGifted, gift={"pinned_time": timedelta(0)}).expires_at is None
    gift = make(KicksGifted, gift={"pinned_time": timedelta(minutes=1)})
    assert gift.expires_at - gift.created_at == timedelta(minutes=1)
    end = gift.expires_at
    assert make(KicksGifted, expires_at=end).expires_at == end


def test_an_achieved_goal_has_reached_its_target():
    """The value reached follows from the target."""
    assert make(GoalAchieved, target_value=900).current_value == 900
    assert make(GoalAchieved, target_value=900, current_value=950).current_value == 950


def test_no_extra_is_needed():
    """make works where the simulator's libraries are not installed."""
    code = (
        "import sys; sys.modules['werkzeug'] = sys.modules['wsproto'] = None; "
        "from kick_live.testing import make; from kick_live import ChatMessage; "
        "print(make(ChatMessage, content='hi').content)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "hi", done.stderr
