import json

from attrs import evolve

from kick_live import (
    Channel,
    ChatMessage,
    Connected,
    GoalAchieved,
    GoalEvent,
    GoalProgress,
    PredictionUpdated,
    SubscriptionAnnouncement,
    UnknownEvent,
    User,
    decode,
)
from kick_live.cli.selection import Digest, Selection

HERE = Channel(slug="amber-quokka", channel_id=1, chatroom_id=2)
THERE = Channel(slug="tidal-tom", channel_id=3, chatroom_id=4)
MESSAGE = ChatMessage(id="1", sender=User(username="pebble"))
CONNECTED = Connected(channels=(HERE,), transport="pusher")


def prediction(state, channel=HERE):
    event = decode("PredictionUpdated", f'{{"prediction": {{"id": "p", "state": "{state}"}}}}')
    return evolve(event, channel=channel)


def announcement(text):
    payload = {"message": {"optional_message": text}, "user": {"username": "pebble"}}
    event = decode("ChatMessageSentEvent", json.dumps(payload))
    assert isinstance(event, SubscriptionAnnouncement)
    return event


def test_everything_is_wanted_at_first():
    """Without options everything is shown, also what happens to the connection."""
    assert Selection().wants(MESSAGE)
    assert Selection().wants(CONNECTED)


def test_only_is_strict_and_counts_subclasses():
    """--only takes subclasses, and leaves out even the connection."""
    selection = Selection(only=(GoalEvent,))
    assert selection.wants(GoalProgress(id="1"))
    assert not selection.wants(MESSAGE)
    assert not selection.wants(CONNECTED)


def test_quiet_spares_what_is_named():
    """--quiet leaves out the connection, unless --only names it."""
    assert not Selection(lifecycle=False).wants(CONNECTED)
    assert Selection(lifecycle=False, only=(Connected,)).wants(CONNECTED)


def test_not_wins():
    """What --not names is not shown, whatever --only says."""
    assert not Selection(only=(GoalEvent,), without=(GoalProgress,)).wants(GoalProgress(id="1"))
    assert Selection(only=(GoalEvent,), without=(GoalProgress,)).wants(GoalAchieved(id="1"))


def test_predictions_are_told_when_their_state_changes():
    """Each state of a prediction is told once, separately for each channel."""
    digest = Digest()
    states = ["ACTIVE", "ACTIVE", "LOCKED", "LOCKED", "RESOLVED"]
    assert [digest.keeps(prediction(s)) for s in states] == [True, False, True, False, True]
    assert digest.keeps(prediction("RESOLVED", THERE))


def test_goals_are_told_when_they_move():
    """A goal's progress is told when its value changed."""
    digest = Digest()
    steps = [GoalProgress(id="1", current_value=value, channel=HERE) for value in (1, 1, 2)]
    assert [digest.keeps(step) for step in steps] == [True, False, True]


def test_an_announcement_is_told_for_its_text():
    """The sibling of a subscription is told only if the subscriber wrote something."""
    assert Digest().keeps(announcement("still here"))
    assert not Digest().keeps(announcement(None))


def test_what_is_named_is_never_left_out():
    """What the user named is shown, however often it repeats."""
    unknown = UnknownEvent(name="MoonPhase")
    assert not Digest().keeps(unknown)
    assert Digest((UnknownEvent,)).keeps(unknown)
    digest = Digest((PredictionUpdated,))
    assert digest.keeps(prediction("ACTIVE"))
    assert digest.keeps(prediction("ACTIVE"))
