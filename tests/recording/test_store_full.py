"""A store on a full disk says so, keeps what it has, and goes on when there is room."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys

import pytest

from kick_live.recording import ChatStore

pytest.importorskip("resource")

FULL = """
import resource, signal, sys
from kick_live import ChatMessage, RecordingError, User
from kick_live.recording import ChatStore

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = ChatStore(sys.argv[1])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, hard))

def add(first):
    sender = User(id=1, username="Maple")
    store.add_many(
        ChatMessage(id=str(n), sender=sender, content=f"word {n} " + "x" * 300)
        for n in range(first, first + 100)
    )

stored = 0
try:
    while stored < 100_000:
        add(stored)
        stored += 100
except RecordingError as error:
    print(stored, error)
assert store.message_count == len(store.search("word", limit=100_000)) == stored
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
add(stored)
store.close()
"""


def test_a_full_disk_costs_what_comes_then_alone(tmp_path):
    """The error names the file and the cause; what was stored before is found, now and later."""
    path = tmp_path / "chat.db"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert not done.returncode, done.stderr
    number, _, error = done.stdout.partition(" ")
    assert str(path) in error
    assert "free some space" in error.lower()
    stored = int(number)
    assert stored >= 100
    with ChatStore(path) as store:
        assert store.message_count == len(store.search("word", limit=10_000)) == stored + 100
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
