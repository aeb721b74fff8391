"""What searches in a store find."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from kick_live import Channel, ChatMessage, User
from recording.recordings import (
    CHANNEL,
    OTHER,
    START,
    at,
    fill,
    found,
    message,
    said_by,
)


def test_search_finds_words(store, file):
    """Words are found whatever their case and accents, phrases and beginnings too, newest first."""
    fill(
        store,
        file,
        message(1, "Take the LEFT path"),
        message(2, "left or right?"),
        message(3, "Où est le café"),
    )
    assert found(store, "left") == ["left or right?", "Take the LEFT path"]
    assert found(store, "left take") == ["Take the LEFT path"]
    assert found(store, '"left path"') == ["Take the LEFT path"]
    assert found(store, '"path left"') == []
    assert found(store, "rig*") == ["left or right?"]
    assert found(store, "rig") == []
    assert found(store, "CAFE") == ["Où est le café"]
    assert found(store) == ["Où est le café", "left or right?", "Take the LEFT path"]


def test_search_finds_emotes_pictures_and_other_scripts(store, file):
    """Emotes by name, emoji, and any part of text without spaces."""
    fill(
        store,
        file,
        message(1, "hello[emote:39001:WaveHi]all"),
        message(2, "great song🎶!"),
        message(3, "今日の配信も楽しかった"),
    )
    for text in ("wavehi", ":WaveHi:", "wave*", "[emote:39001:WaveHi]", "hello :WaveHi: all"):
        assert found(store, text) == ["hello[emote:39001:WaveHi]all"]
    assert found(store, "39001") == []
    assert found(store, "🎶") == ["great song🎶!"]
    assert found(store, "配信") == ["今日の配信も楽しかった"]
    assert found(store, "信配") == []


@pytest.mark.parametrize(
    "text", ['"', "*", "AND", "a OR", "NEAR(", "-x", "col:x", "!!!", "'", "(("]
)
def test_odd_searches_are_no_errors(store, file, text):
    """What means something to SQLite is searched for as it is."""
    fill(store, file, message(1, f"so {text} it is"), message(2, "other"))
    assert "other" not in found(store, text) or not text.strip('"*(')


def test_search_by_channel_user_and_time(store, file):
    """Each filter narrows the result; limit cuts it."""
    fill(
        store,
        file,
        message(1, "gg one", "Maple"),
        message(2, "gg two", "Fern", channel=OTHER),
        message(3, "gg three", "Fern"),
    )
    assert found(store, "gg", channel="copper-heron") == ["gg two"]
    assert found(store, "gg", channel=7733190) == ["gg three", "gg one"]
    assert found(store, "gg", user="@fern") == ["gg three", "gg two"]
    assert found(store, "gg", user=sum(map(ord, "Maple"))) == ["gg one"]
    assert found(store, user="fern", channel="amber-quokka") == ["gg three"]
    assert found(store, "gg", user="nobody") == []
    assert found(store, "gg", since=at(2), until=at(3)) == ["gg two"]
    assert found(store, since=at(2).replace(tzinfo=None)) == ["gg three", "gg two"]
    assert found(store, "gg", limit=1) == ["gg three"]


def test_what_is_found_is_complete(store, file):
    """A found message carries everything that is stored of it."""
    fill(store, file, message(1, "hello", "Maple", id="x"))
    (one,) = store.search("hello")
    assert (one.id, one.channel, one.username, one.at) == ("x", "amber-quokka", "Maple", at(1))
    assert (one.user_id, one.type, one.reply_to) == (sum(map(ord, "Maple")), "message", None)
    assert (one.removed_at, one.removed_by) == (None, None)


def test_a_former_name_still_finds(store, file):
    """Somebody who changed names is found by both."""
    fill(store, file, message(1, "a", "Old", user_id=5), message(2, "b", "New", user_id=5))
    assert found(store, user="old") == found(store, user="NEW") == ["b", "a"]


def test_the_best_come_first(store):
    """Those that say the words often, and little else."""
    texts = [
        "left or right",
        "left",
        "left and then left and left again",
        "lantern",
        "lantern left",
    ]
    store.add_many(said_by(n, text, START + timedelta(seconds=n)) for n, text in enumerate(texts))
    found = [message.content for message in store.search("left", order="best")]
    assert found.index("left") < found.index("left or right")
    assert found[0] == "left and then left and left again"
    assert set(found) == set(texts) - {"lantern"}
    best = [message.content for message in store.search("lan* left", order="best", user="user4")]
    assert best == ["lantern left"]
    with pytest.raises(ValueError, match="'newest', 'best', not 'oldest'"):
        store.search("left", order="oldest")


def test_only_so_many_are_weighed(store):
    """Of a common word the newest thousand messages, so that weighing stays fast."""
    store.add_many(
        said_by(n, "left" if n == 0 else f"left word{n}", START + timedelta(seconds=n))
        for n in range(1_001)
    )
    assert "left" not in {m.content for m in store.search("left", order="best")}
    assert store.search("left", order="best", limit=2_000)[0].content == "left"
    store.add(said_by(20_000, "left", START))
    assert store.search("left", order="best")[0].content == "left"
    early = store.search("left", order="best", until=START + timedelta(seconds=3), limit=5)
    assert {m.content for m in early} == {"left", "left word1", "left word2"}


def test_spans_hold_whatever_the_order(store):
    """A recording that is added late is found by its time."""
    day = timedelta(days=1)
    for number, days in enumerate((3, 1, 2, 0)):
        first = number * 1500
        store.add_many(
            said_by(first + n, "gg", START + days * day + timedelta(seconds=n)) for n in range(1500)
        )
    for days in range(4):
        found = store.search(
            "gg", since=START + days * day, until=START + (days + 1) * day, limit=9000
        )
        assert {m.at.date() for m in found} == {(START + days * day).date()}
        assert len(found) == 1500
    assert len(store.search(since=START + 2 * day, limit=9000)) == 3000
    assert len(store.search("gg", until=START + day, limit=9000)) == 1500


def test_search_is_fast(store):
    """A hundred thousand messages are searched in a fraction of a second, common words too."""
    channel = Channel(**CHANNEL)
    words = [
        "the",
        "quick",
        "brown",
        "fox",
        "jumps",
        "over",
        "lazy",
        "dogs",
        "sleep",
        "in",
        "peace",
    ]
    store.add_many(
        ChatMessage(
            id=str(n),
            channel=channel,
            sender=User(username=f"user{n % 997}", id=n % 997 + 1),
            content=f"{words[n % 11]} {words[n % 5]} {words[n % 7]} n{n}",
            created_at=START + timedelta(seconds=n),
        )
        for n in range(100_000)
    )
    for options in ({"text": "fox"}, {"text": "n77777"}, {"text": "the", "user": "user5"}):
        begun = time.perf_counter()
        assert store.search(**options)
        assert time.perf_counter() - begun < 0.5
