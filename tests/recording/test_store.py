"""The database of chat."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from kick_live import Channel, ChatMessage, RecordingError, User, decode
from kick_live.recording import ChatStore, Recorder, Replay
from kick_live.recording.schema import APPLICATION_ID, MIGRATIONS
from kick_live.testing import run_demo
from recording.recordings import CHANNEL, OTHER, START, at, message, payload, write


@pytest.fixture
def store(tmp_path):
    with ChatStore(tmp_path / "chat.db") as store:
        yield store


@pytest.fixture
def file(tmp_path):
    return tmp_path / "chat.jsonl"


def found(store, *args, **options):
    return [message.content for message in store.search(*args, **options)]


def fill(store, file, *lines):
    write(file, *lines)
    return store.add_many(Replay(file, speed=None))


def removed(store):
    return {m.content: m.removed_by for m in store.search()}


def ban(seconds, username, *, permanent=True, id="b"):
    user = {"id": sum(map(ord, username)), "username": username}
    data = {"id": id, "user": user, "banned_by": {"id": 0, "username": "mod"}}
    return payload(seconds, "UserBannedEvent", {**data, "permanent": permanent})


def delete(seconds, message_id, *, ai=False):
    data = {"id": f"d-{message_id}", "message": {"id": message_id}, "aiModerated": ai}
    return payload(seconds, "MessageDeletedEvent", data)


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


def test_forgetting_somebody(store, file):
    """Nothing that the user wrote is left, not even in the file's free pages."""
    fill(
        store,
        file,
        message(1, "very personal", "Old", user_id=5),
        message(2, "gg", "New", user_id=5),
    )
    fill(store, file, message(3, "other"))
    assert store.forget("old") == 2
    assert found(store) == ["other"]
    assert found(store, "personal") == []
    assert store.forget(5) == 0
    store.close()
    assert b"very personal" not in store.path.read_bytes()


@pytest.mark.parametrize("odd", ["\ud83d", "a\x00b", "😀" * 500, "\u202e"])
def test_odd_text_is_stored(store, odd):
    """Whatever people write can be stored."""
    channel = Channel(**CHANNEL)
    store.add(
        ChatMessage(id="1", sender=User(username="M", id=2**70), content=odd, channel=channel)
    )
    store.add(decode("MoonPhaseChangedEvent", {"text": odd}))
    assert store.message_count == 1


def test_several_threads_and_readers(store, file, tmp_path):
    """Another connection reads while this one writes."""
    fill(store, file, message(1, "one"))
    with ChatStore(store.path) as reader:
        fill(store, tmp_path / "more.jsonl", message(2, "two"))
        assert found(reader) == ["two", "one"]


def test_a_locked_database_is_named(tmp_path):
    """A database that another program holds raises our error, saying what to do."""
    path = tmp_path / "chat.db"
    with ChatStore(path, timeout=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(RecordingError, match=r"chat\.db.*locked.*timeout") as info:
                store.add(ChatMessage(id="1", sender=User(username="M")))
        finally:
            other.close()
        assert info.value.path == str(path)
        store.add(ChatMessage(id="1", sender=User(username="M")))
        assert store.message_count == 1


def test_foreign_files_are_left_alone(tmp_path):
    """A text file, and another program's database, are refused and not changed."""
    text = tmp_path / "notes.txt"
    text.write_text("dear diary, this is long enough to be read as a header " * 20)
    with pytest.raises(RecordingError, match=r"notes\.txt.*not a database"):
        ChatStore(text)
    assert text.read_text().startswith("dear diary")
    foreign = tmp_path / "foreign.db"
    db = sqlite3.connect(foreign)
    db.execute("CREATE TABLE mine (x)")
    db.commit()
    db.close()
    before = foreign.read_bytes()
    with pytest.raises(RecordingError, match="another program"):
        ChatStore(foreign)
    assert foreign.read_bytes() == before


def test_newer_stores_are_refused(tmp_path):
    """A store of a later version says that the library is too old."""
    path = tmp_path / "chat.db"
    ChatStore(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(RecordingError, match="version 99"):
        ChatStore(path)


def test_missing_directories_are_named(tmp_path):
    """A path that cannot be opened raises our error."""
    with pytest.raises(RecordingError, match="unable to open"):
        ChatStore(tmp_path / "no" / "chat.db")


def test_a_closed_store_says_so(store):
    """After close, calls raise our error; close is repeatable."""
    store.close()
    store.close()
    with pytest.raises(RecordingError, match="closed"):
        store.search("x")


KILLED = """
import sys
from kick_live import ChatMessage, User
from kick_live.recording import ChatStore
store = ChatStore(sys.argv[1])
number = 0
while True:
    store.add(ChatMessage(id=str(number), sender=User(username="Maple", id=1), content="word"))
    print(number, flush=True)
    number += 1
"""


def test_a_kill_loses_nothing_that_was_added(tmp_path):
    """After SIGKILL every message whose add returned is there, and the index fits."""
    path = tmp_path / "chat.db"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    last = -1
    for line in process.stdout:
        last = int(line)
        if last > 300:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    with ChatStore(path) as store:
        assert store.message_count > last
        assert len(store.search("word", limit=10**6)) == store.message_count


def said_by(number, content, at):
    """A message by one of seven people."""
    return ChatMessage(
        id=str(number),
        channel=Channel(**CHANNEL),
        sender=User(username=f"user{number % 7}", id=number % 7 + 1),
        content=content,
        created_at=at,
    )


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


def test_an_older_store_becomes_a_newer_one(tmp_path):
    """A store of the first version is searched like one of today, removed messages too."""
    path = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as old:
        for statement in MIGRATIONS[0].split(";\n"):
            old.execute(statement)
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        for number, removed in ((1, None), (2, 5)):
            old.execute(
                "INSERT INTO messages (number, id, channel_id, user_id, username, at, received_at, "
                "content, type, badges, removed_at, removed_by) "
                "VALUES (?, ?, 7, 3, 'Maple', ?, 0, 'left path', 'message', '[]', ?, 'ban')",
                (number, str(number), number * 1_000_000, removed),
            )
            old.execute("INSERT INTO words (rowid, text) VALUES (?, 'left path')", (number,))
        old.execute("INSERT INTO removals VALUES ('k', 'user', 7, '3', 2000005, 'ban')")
        old.execute("UPDATE messages SET at = at - 3600000000 WHERE number = 1")
    with ChatStore(path) as store:
        assert [m.id for m in store.search("left")] == ["2", "1"]
        assert [m.id for m in store.search("left", removed=True)] == ["2"]
        assert [m.id for m in store.search(removed=True, user=3)] == ["2"]
        early = datetime.fromtimestamp(2, timezone.utc)
        assert [m.id for m in store.search("left", until=early)] == ["1"]
    with ChatStore(path) as store:
        assert store.message_count == 2


def test_forgotten_messages_are_not_found_among_the_removed(store, tmp_path):
    """What somebody wrote leaves the index of removed messages as well."""
    path = tmp_path / "chat.jsonl"
    deletion = payload(2, "MessageDeletedEvent", {"id": "d", "message": {"id": "1"}})
    write(path, message(1, "left path", "user1", id="1"), deletion)
    store.add_recording(path)
    assert [m.id for m in store.search("left", removed=True)] == ["1"]
    store.forget("user1")
    assert store.search("left", removed=True) == []
    assert store.search(removed=True) == []


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


def test_a_missing_file_is_made_only_where_it_is_wanted(tmp_path):
    """With create=False, a mistyped path is an error, and no file appears."""
    path = tmp_path / "none.db"
    with pytest.raises(RecordingError, match=r"none\.db") as info:
        ChatStore(path, create=False)
    assert info.value.path == str(path)
    assert not path.exists()
    ChatStore(path).close()
    ChatStore(path, create=False).close()


def test_channels_are_listed(store, file):
    """The channels of what was stored, by their slugs."""
    assert store.channels == ()
    fill(store, file, message(1, "x", channel=OTHER), message(2, "y"))
    assert store.channels == ("amber-quokka", "copper-heron")


@pytest.fixture
def unwritable(tmp_path):
    """A store beside which SQLite can make no file, as on a disk that is mounted read-only."""
    path = tmp_path / "disk" / "chat.db"
    path.parent.mkdir()
    with ChatStore(path) as store:
        store.add(said_by(1, "left path", START))
    path.with_name("chat.db-wal").symlink_to(tmp_path / "nowhere" / "chat.db-wal")
    return path


def test_a_store_on_a_read_only_disk_is_searched(unwritable):
    """Where nothing can be written, reading works, and writing says why not."""
    with ChatStore(unwritable, create=False) as store:
        assert found(store, "left") == ["left path"]
        assert store.message_count == 1
        with pytest.raises(RecordingError, match=r"readonly.*copy the file") as info:
            store.add(said_by(2, "more", START))
        assert info.value.path == str(unwritable)


def test_an_older_store_on_a_read_only_disk_says_what_to_do(unwritable):
    """It cannot be brought to today's tables there."""
    with contextlib.closing(sqlite3.connect(f"file:{unwritable}?immutable=1", uri=True)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    data = bytearray(unwritable.read_bytes())
    assert data[60:64] == len(MIGRATIONS).to_bytes(4, "big")
    data[60:64] = (2).to_bytes(4, "big")
    unwritable.write_bytes(data)
    with pytest.raises(RecordingError, match=r"version 2 of the tables.*copy the file"):
        ChatStore(unwritable)


def test_a_store_that_is_being_written_is_not_read_behind_its_back(unwritable):
    """What is beside the file waits to be added to it: without it, reading would be wrong."""
    unwritable.with_name("chat.db-wal").replace(unwritable.with_name("chat.db-shm"))
    unwritable.with_name("chat.db-wal").write_bytes(b"something")
    with pytest.raises(RecordingError, match="unable to open"):
        ChatStore(unwritable)


def test_a_damaged_schema_is_named(tmp_path):
    """Text that is no text in the file's own tables raises our error, too."""
    path = tmp_path / "chat.db"
    ChatStore(path).close()
    data = path.read_bytes()
    assert b"channelschannels" in data
    data = data.replace(b"channelschannels", b"\xd3hannels\xd3hannels")
    path.write_bytes(data.replace(b"CREATE TABLE channels", b"CREATE TABLX channels"))
    with pytest.raises(RecordingError, match=r"chat\.db.*damaged") as info:
        ChatStore(path)
    assert info.value.path == str(path)


def test_impossible_times_are_named(store):
    """A time that no calendar has is damage, or another program's doing."""
    store.add(said_by(1, "left", START))
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as db:
        db.execute("UPDATE messages SET at = ?", (2**62,))
    with pytest.raises(RecordingError, match="damaged"):
        store.search("left")


def test_no_word_of_a_forgotten_user_stays_in_the_index(store):
    """The index holds words apart from messages: those of theirs leave it, whenever they wrote."""
    store.add_many(said_by(7 * n, f"other words {n}", START) for n in range(3000))
    mine = "zebrasecret[emote:1:OwlSecret]?!"
    store.add(said_by(7 * 5000 + 1, mine, START))
    store.add_many(said_by(7 * n, f"more words {n}", START) for n in range(6000, 9000))
    assert found(store, "zebra*") == [mine]
    assert store.forget("user1") == 1
    assert store.message_count == len(found(store, "words", limit=10_000)) == 6000
    store.close()
    data = store.path.read_bytes()
    for word in (b"zebra", b"owlsecret", b"OwlSecret"):
        assert word not in data
