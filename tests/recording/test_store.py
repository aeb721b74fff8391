"""What a store keeps of a chat."""

from __future__ import annotations

import sqlite3

import pytest

from kick_live import Channel, ChatMessage, RecordingError, User, decode
from kick_live.recording import Recorder, Replay
from kick_live.testing import run_demo
from recording.recordings import (
    CHANNEL,
    OTHER,
    START,
    at,
    fill,
    found,
    message,
    payload,
    write,
)


def removed(store):
    return {m.content: m.removed_by for m in store.search()}


def ban(seconds, username, *, permanent=True, id="b"):
    user = {"id": sum(map(ord, username)), "username": username}
    data = {"id": id, "user": user, "banned_by": {"id": 0, "username": "mod"}}
    return payload(seconds, "UserBannedEvent", {**data, "permanent": permanent})


def delete(seconds, message_id, *, ai=False):
    data = {"id": f"d-{message_id}", "message": {"id": message_id}, "aiModerated": ai}
    return payload(seconds, "MessageDeletedEvent", data)


def test_deletions_and_bans_are_marks(store, file):
    """What was removed stays, marked with when and why; what came later is untouched."""
    lines = [
        message(1, "deleted", "Maple", id="x"),
        message(2, "spam", "Fern", id="y"),
        delete(3, "x"),
        delete(3.5, "y", ai=True),
        message(4, "rude", "Birch"),
        ban(5, "Birch"),
        message(6, "again", "Birch"),
        message(7, "loud", "Cedar"),
        ban(8, "Cedar", permanent=False, id="c"),
    ]
    fill(store, file, *lines)
    marks = removed(store)
    assert marks == {
        "deleted": "moderator",
        "spam": "automatic",
        "rude": "ban",
        "again": None,
        "loud": "timeout",
    }
    assert found(store, removed=False) == ["again"]
    assert found(store, "rude", removed=True) == ["rude"]
    assert store.search("rude")[0].removed_at == at(5)


def test_marks_do_not_depend_on_the_order(store, file, tmp_path):
    """A deletion or ban that is stored first marks the message all the same."""
    fill(store, file, delete(3, "x"), ban(5, "Birch"))
    fill(
        store,
        tmp_path / "later.jsonl",
        message(1, "deleted", id="x"),
        message(4, "rude", "Birch"),
        message(6, "again", "Birch"),
    )
    assert removed(store) == {"deleted": "moderator", "rude": "ban", "again": None}


def test_a_ban_or_deletion_keeps_to_its_channel(store, file):
    """A ban in one channel marks nothing in another."""
    fill(store, file, message(1, "there", "Birch", channel=OTHER), ban(5, "Birch"))
    assert removed(store) == {"there": None}


def test_clearing_marks_everything_before(store, file):
    """A cleared chat marks what stood there."""
    fill(
        store,
        file,
        message(1, "before"),
        payload(2, "ChatroomClearEvent", {"id": "c"}),
        message(3, "after"),
    )
    assert removed(store) == {"before": "clear", "after": None}


def test_adding_again_changes_nothing(store, client, channel, tmp_path, take_until):
    """A recording added twice, or added to what was stored live, is stored once."""
    path = tmp_path / "evening.jsonl"
    client.on("event", store.add)
    with Recorder(client, path):
        client.connect()
        run_demo(channel, rate=0, count=200)
        channel.gift_subs(["a", "b"], chunks=2)
        channel.chat("end")
        seen = take_until("end")
    live = dump(store)
    assert store.add_many(Replay(path, speed=None)) == 0
    assert store.add_recording(path) == 0
    assert dump(store) == live
    assert store.message_count == sum(isinstance(e, ChatMessage) for e in seen)
    others = {
        (e.kind, e.received_at, e.topic, e.raw) for e in seen if not isinstance(e, ChatMessage)
    }
    assert len(live["events"]) == len(others) > 20


def dump(store):
    with sqlite3.connect(store.path) as db:
        tables = ("messages", "events", "users", "removals", "channels", "names")
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    db.close()
    return rows


def test_an_import_goes_on_where_it_was(store, file):
    """A recording that grew is read from where the last import ended."""
    lines = [message(n * 60, f"m{n}") for n in range(20)]
    write(file, *lines[:10])
    assert store.add_recording(file) == 10
    lines[0] = "{damaged, but not read again"
    write(file, *lines)
    with pytest.raises(RecordingError):
        list(Replay(file, speed=None))
    assert store.add_recording(file, skip_damaged=True) == 10
    assert store.message_count == 20


def test_everything_else_is_in_events(store, file):
    """Other events keep their payload, with name and amount to query."""
    fill(
        store,
        file,
        payload(1, "SubscriptionEvent", {"username": "copperkite", "months": 13}),
        message(2, "x"),
    )
    with sqlite3.connect(store.path) as db:
        rows = db.execute("SELECT kind, username, amount, at FROM events").fetchall()
        (chat,) = db.execute("SELECT time, channel, username, content FROM chat").fetchall()
    db.close()
    assert rows == [("subscription", "copperkite", 13, int(START.timestamp() + 1) * 1_000_000)]
    assert chat == ("2026-10-05 18:00:02", "amber-quokka", "Maple", "x")


@pytest.mark.parametrize("odd", ["\ud83d", "a\x00b", "😀" * 500, "\u202e"])
def test_odd_text_is_stored(store, odd):
    """Whatever people write can be stored."""
    channel = Channel(**CHANNEL)
    store.add(
        ChatMessage(id="1", sender=User(username="M", id=2**70), content=odd, channel=channel)
    )
    store.add(decode("MoonPhaseChangedEvent", {"text": odd}))
    assert store.message_count == 1


def test_channels_are_listed(store, file):
    """The channels of what was stored, by their slugs."""
    assert store.channels == ()
    fill(store, file, message(1, "x", channel=OTHER), message(2, "y"))
    assert store.channels == ("amber-quokka", "copper-heron")
