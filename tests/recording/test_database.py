"""The file of a store: whose it is, who else uses it, and what may be wrong with it."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys

import pytest

from kick_live import ChatMessage, RecordingError, User
from kick_live.recording import ChatStore
from kick_live.recording.schema import MIGRATIONS
from recording.recordings import (
    START,
    fill,
    found,
    message,
    said_by,
)


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


def test_a_missing_file_is_made_only_where_it_is_wanted(tmp_path):
    """With create=False, a mistyped path is an error, and no file appears."""
    path = tmp_path / "none.db"
    with pytest.raises(RecordingError, match=r"none\.db") as info:
        ChatStore(path, create=False)
    assert info.value.path == str(path)
    assert not path.exists()
    ChatStore(path).close()
    ChatStore(path, create=False).close()


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
