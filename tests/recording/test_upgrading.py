"""Stores of older versions become stores of today."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from datetime import datetime, timezone

import pytest

from kick_live import RecordingError
from kick_live.recording import ChatStore, upgrading
from kick_live.recording.schema import APPLICATION_ID, MIGRATIONS
from kick_live.recording.words import fold

HOUR = 3_600_000_000
GOAL = {"id": "g", "type": "followers", "current_value": 71, "target_value": 100}


def older(path, version):
    """Make a store of that version with three messages, a time-out and a goal."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.create_function("fold", 1, fold, deterministic=True)
        for script in MIGRATIONS[:version]:
            for statement in script.split(";\n"):
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {version}")
        for number, (at, content) in enumerate(
            [(0, "long ago: left"), (10 * HOUR, "left path!!"), (11 * HOUR, "later")], 1
        ):
            # As the first two versions marked: everything before the time-out.
            removed = (10 * HOUR + 5, "timeout") if number < 3 else (None, None)
            db.execute(
                "INSERT INTO messages (number, id, channel_id, user_id, username, at, received_at, "
                "content, type, badges, removed_at, removed_by) "
                "VALUES (?, ?, 7, 3, 'Maple', ?, ?, ?, 'message', '[]', ?, ?)",
                (number, str(number), at, at, content, *removed),
            )
            db.execute(
                "INSERT INTO words (rowid, text, author, channel) VALUES (?, ?, 'u3', 'c7')",
                (number, content),
            )
        db.execute(
            "INSERT INTO removals VALUES ('k', 'user', 7, '3', ?, 'timeout')", (10 * HOUR + 5,)
        )
        if version > 1:
            db.execute("INSERT INTO spans VALUES (0, 0, ?)", (11 * HOUR,))
        db.execute("INSERT INTO names VALUES ('Maple', 3)")
        db.execute(
            "INSERT INTO events VALUES (1, 'k', 'goal_progress', 7, 5, ?, NULL, NULL, ?)",
            (HOUR, json.dumps(GOAL)),
        )
    return path


def ids(store, *words, **options):
    return [message.id for message in store.search(*words, **options)]


def check(path):
    with ChatStore(path) as store:
        assert ids(store, "left") == ["2", "1"]
        assert ids(store, "l*") == ["3", "2", "1"]
        assert ids(store, "!!") == ["2"]
        assert ids(store, removed=True) == ids(store, "left", removed=True) == ["2"]
        assert ids(store, "left", removed=False) == ["1"]
        assert ids(store, "left", user="maple") == ["2", "1"]
        assert ids(store, until=datetime.fromtimestamp(9 * 3600, timezone.utc)) == ["1"]
    with contextlib.closing(sqlite3.connect(path)) as db:
        goal = db.execute("SELECT at, amount FROM events").fetchone()
        assert goal == (HOUR, 71)
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_store_is_searched_marked_and_timed_like_one_of_today(tmp_path, version):
    """Beginnings and signs are found, a time-out hides an hour, a goal has the time when it came."""
    path = older(tmp_path / "chat.db", version)
    check(path)
    check(path)


def test_an_interrupted_upgrade_changes_nothing_and_begins_again(tmp_path, monkeypatch):
    """After a Ctrl-C in the middle the store is the older one, complete; the next opening upgrades it."""
    path = older(tmp_path / "chat.db", 2)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(upgrading, "mark", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ChatStore(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        marked = db.execute("SELECT count(*) FROM messages WHERE removed_by = 'timeout'")
        assert marked.fetchone() == (2,)
        found = db.execute("SELECT count(*) FROM words WHERE words MATCH 'left'")
        assert found.fetchone() == (2,)
    check(path)


def test_a_long_upgrade_is_told(tmp_path, monkeypatch, caplog):
    """Whoever opens a large older store reads how long it takes, and that it may be interrupted."""
    path = older(tmp_path / "chat.db", 2)
    monkeypatch.setattr(upgrading, "_MANY", 3)
    with caplog.at_level(logging.WARNING, "kick_live"):
        ChatStore(path).close()
    assert "chat.db is brought to the tables of this version, once; its 3 messages" in caplog.text
    assert "may be interrupted" in caplog.text
    caplog.clear()
    ChatStore(path).close()
    assert not caplog.records


def test_two_that_open_an_older_store_do_not_harm_it(tmp_path):
    """While another program upgrades, or writes, the second says so, and finds it upgraded later."""
    path = older(tmp_path / "chat.db", 2)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordingError, match="locked"):
            ChatStore(path, timeout=0.05)
    check(path)
