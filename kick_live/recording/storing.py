"""Writes rows into the tables of a store, and takes a user's out again."""

from __future__ import annotations

import sqlite3
from typing import Final

from kick_live.recording.removals import HIDDEN, OWN
from kick_live.recording.rows import Rows
from kick_live.recording.schema import INDEXED
from kick_live.recording.searching import user_ids
from kick_live.recording.sources import Place

__all__ = ["WORDS", "forget_user", "mark", "store_rows"]

_MESSAGE: Final = """
INSERT OR IGNORE INTO messages (id, channel_id, user_id, username, at, received_at, content, type,
    reply_to, badges, color)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_CHANNEL: Final = """
INSERT INTO channels (id, slug, chatroom_id, user_id, username) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, chatroom_id = excluded.chatroom_id,
    user_id = coalesce(excluded.user_id, user_id), username = coalesce(excluded.username, username)
"""
_USER: Final = """
INSERT INTO users (id, username, slug, color, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    username = CASE WHEN excluded.last_seen >= last_seen THEN excluded.username ELSE username END,
    slug = CASE WHEN excluded.last_seen >= last_seen THEN excluded.slug ELSE slug END,
    color = CASE WHEN excluded.last_seen >= last_seen THEN excluded.color ELSE color END,
    first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)
"""
_NAME: Final = "INSERT OR IGNORE INTO names (user_id, username) VALUES (?, ?)"
_EVENT: Final = """
INSERT OR IGNORE INTO events (key, kind, channel_id, at, received_at, username, amount, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_REMOVAL: Final = """
INSERT OR IGNORE INTO removals (key, scope, channel_id, target, at, reason) VALUES (?, ?, ?, ?, ?, ?)
"""
#: Indexes the messages after a number, up to another.
WORDS: Final = f"""
INSERT INTO words (rowid, text, marks, author, channel)
SELECT {INDEXED} FROM messages WHERE number > ? AND number <= ?
"""  # nosec B608  # a constant of ours
_SPANS: Final = """
INSERT INTO spans SELECT number / 1000, min(at), max(at) FROM messages WHERE number > ? GROUP BY 1
ON CONFLICT (block) DO UPDATE SET
    earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)
"""
_SOURCE: Final = """
INSERT INTO sources (path, until, file, byte, beginning) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET until = excluded.until, file = excluded.file, byte = excluded.byte,
    beginning = excluded.beginning
"""
_HIDDEN: Final = int(HIDDEN.total_seconds()) * 1_000_000
_OWN: Final = ", ".join(f"'{reason}'" for reason in OWN)
#: New messages meet removals that are known already: their own deletion, else what hides them first.
_MARK_NEW: Final = tuple(
    "UPDATE messages SET (removed_at, removed_by) = "
    f"(SELECT at, reason FROM removals WHERE {match} ORDER BY at, reason LIMIT 1) "  # nosec B608  # constants of ours
    f"WHERE number > ? AND number <= ? AND removed_at IS NULL AND EXISTS (SELECT 1 FROM removals WHERE {match})"
    for match in (
        "scope = 'message' AND removals.channel_id = messages.channel_id AND target = messages.id",
        "scope IN ('user', 'room') AND removals.channel_id = messages.channel_id "
        "AND target IN (CAST(messages.user_id AS TEXT), '') "
        f"AND removals.at >= messages.at AND removals.at < messages.at + {_HIDDEN}",
    )
)
_FIRST: Final = f"removed_by NOT IN ({_OWN}) AND (removed_at, removed_by) > (:at, :reason)"
#: New removals meet messages that are known already.
_MARK_OLD: Final = {
    "message": "id = :target AND channel_id = :channel AND (removed_at IS NULL "
    f"OR removed_by NOT IN ({_OWN}) OR (removed_at, removed_by) > (:at, :reason))",
    # The plus signs keep SQLite from going through the whole channel, or all that was written then.
    "user": "user_id = CAST(:target AS INTEGER) AND +channel_id = :channel "
    f"AND +at <= :at AND +at > :at - {_HIDDEN} AND (removed_at IS NULL OR {_FIRST})",
    "room": f"+channel_id = :channel AND at <= :at AND at > :at - {_HIDDEN} "
    f"AND (removed_at IS NULL OR {_FIRST})",
}


def store_rows(
    db: sqlite3.Connection, rows: Rows, source: str | None = None, place: Place | None = None
) -> int:
    """Store rows, in the transaction of the caller; what is there already stays as it is.

    Args:
        db: The database.
        rows: What to store.
        source: The recording that they are from, to note how far it was read.
        place: Where to go on in it.

    Returns:
        How many messages were new.

    Raises:
        sqlite3.Error: The database cannot be written.
    """
    before = db.execute("SELECT coalesce(max(number), 0) FROM messages").fetchone()[0]
    db.executemany(_CHANNEL, rows.channels.values())
    db.executemany(_USER, rows.users.values())
    db.executemany(_NAME, rows.names)
    db.executemany(_EVENT, rows.events)
    added = db.executemany(_MESSAGE, rows.messages).rowcount if rows.messages else 0
    fresh = [row for row in rows.removals if db.execute(_REMOVAL, row).rowcount]
    if added:
        db.execute(WORDS, (before, before + added))
        db.execute(_SPANS, (before,))
        mark(db, before, before + added)
    for _, scope, channel, target, at, reason in fresh:
        db.execute(
            f"UPDATE messages SET removed_at = :at, removed_by = :reason WHERE {_MARK_OLD[scope]}",  # nosec B608  # a constant of ours
            {"channel": channel, "target": target, "at": at, "reason": reason},
        )
    if source is not None and place is not None:
        where = (place.file, place.byte, place.beginning)
        db.execute(_SOURCE, (source, rows.until, *where))
    return max(0, added)


def mark(db: sqlite3.Connection, after: int, last: int) -> None:
    """Mark which messages were removed, by what is known of removals.

    Args:
        db: The database.
        after: The number of the message before the first.
        last: The number of the last.

    Raises:
        sqlite3.Error: The database cannot be written.
    """
    for statement in _MARK_NEW:
        db.execute(statement, (after, last))


def forget_user(db: sqlite3.Connection, user: str | int) -> int:
    """Remove what a user wrote or did, in the transaction of the caller.

    Returns:
        How many messages were removed.

    Raises:
        sqlite3.Error: The database cannot be written.
    """
    ids = user_ids(db, user)
    among = f"IN ({', '.join('?' * len(ids))})"
    for index, some in (("words", ""), ("removed_words", "AND removed_at IS NOT NULL")):
        db.execute(
            f"INSERT INTO {index} ({index}, rowid, text, marks, author, channel) "  # nosec B608  # question marks
            f"SELECT 'delete', {INDEXED} FROM messages WHERE user_id {among} {some}",
            ids,
        )
        # Until it is merged, the index notes what left it, and keeps the words as well.
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")  # nosec B608  # a name of ours
    count = db.execute(f"DELETE FROM messages WHERE user_id {among}", ids).rowcount  # nosec B608  # question marks
    names = f"SELECT username FROM names WHERE user_id {among}"  # nosec B608  # question marks
    db.execute(f"DELETE FROM events WHERE username COLLATE NOCASE IN ({names})", ids)  # nosec B608  # question marks
    db.execute(f"DELETE FROM names WHERE user_id {among}", ids)  # nosec B608  # question marks
    db.execute(f"DELETE FROM users WHERE id {among}", ids)  # nosec B608  # question marks
    return count
