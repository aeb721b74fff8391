"""Makes an older store a newer one."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final

from kick_live.events.base import Event
from kick_live.events.decoder import decode
from kick_live.events.goals import GoalEvent
from kick_live.events.stream import LivestreamUpdated
from kick_live.recording.describe import describe
from kick_live.recording.schema import APPLICATION_ID, MIGRATIONS, VERSION
from kick_live.recording.storing import WORDS, mark

__all__ = ["upgrade"]

_logger = logging.getLogger(__name__)

#: Messages at a time: between them a Ctrl-C is heard.
_BLOCK: Final = 5000
#: So many take a second or more.
_MANY: Final = 50_000


def upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a store of an older version, or an empty file, to the newest.

    The connection must know the functions ``fold`` and ``marks``. It is one transaction, so that a
    kill, a full disk, or another program that does the same, leaves what was there before.

    Args:
        connection: The database.
        path: Its file, to name it.

    Raises:
        sqlite3.Error: The database cannot be written.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for script in MIGRATIONS[version:]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        if 0 < version < 3:
            _to_third(connection, path)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {max(version, VERSION)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _to_third(db: sqlite3.Connection, path: Path) -> None:
    """Index all messages again, and mark by today's rule which were removed; put goals right."""
    count, last = db.execute("SELECT count(*), coalesce(max(number), 0) FROM messages").fetchone()
    level = logging.WARNING if count >= _MANY else logging.INFO
    _logger.log(
        level,
        "%s is brought to the tables of this version, once; its %s messages take about %.0f s. It may "
        "be interrupted: nothing is lost, and it begins again next time",
        path,
        f"{count:,}",
        max(1.0, count / 40_000),
    )
    db.execute(
        "UPDATE messages SET removed_at = NULL, removed_by = NULL WHERE removed_at IS NOT NULL"
    )
    for number in range(0, last, _BLOCK):
        db.execute(WORDS, (number, number + _BLOCK))
        mark(db, number, number + _BLOCK)
    _mend_times(db)
    _logger.log(level, "%s is ready", path)


def _mend_times(db: sqlite3.Connection) -> None:
    """Give goals and changes of a broadcast the time when they came, and goals where they stood.

    At first they were stored with the time at which the goal was set, or the broadcast began.
    """
    classes: tuple[type[Event], ...] = (*GoalEvent.__subclasses__(), LivestreamUpdated)
    kinds = {cls.kind: cls for cls in classes}
    among = f"IN ({', '.join('?' * len(kinds))})"
    db.execute(f"UPDATE events SET at = received_at WHERE kind {among}", tuple(kinds))  # nosec B608  # question marks
    rows = db.execute(
        f"SELECT number, kind, data FROM events WHERE amount IS NULL AND kind {among}",  # nosec B608  # question marks
        tuple(kinds),
    ).fetchall()
    for number, kind, data in rows:
        event = decode(kinds[kind].wire_names[0], data)
        if isinstance(event, GoalEvent):
            amount = describe(event).amount
            db.execute("UPDATE events SET amount = ? WHERE number = ?", (amount, number))
