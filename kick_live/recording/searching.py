"""Finds stored messages."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any, Final

from attrs import define, field, frozen

from kick_live.recording.asking import Asked, ids
from kick_live.recording.rows import moment
from kick_live.recording.words import expression, query

__all__ = ["StoredMessage", "search_messages", "user_ids"]

_COLUMNS: Final = (
    "m.id, channels.slug, m.username, m.user_id, m.at, m.content, m.type, m.reply_to, m.removed_at, "
    "m.removed_by"
)
_EARLIEST: Final = -(2**62)
_LATEST: Final = 2**62
_BOUNDS: Final = f"""
SELECT min(block) * 1000, max(block) * 1000 + 999 FROM spans
WHERE latest >= coalesce(?, {_EARLIEST}) AND earliest < coalesce(?, {_LATEST})
"""  # nosec B608  # a constant of ours
#: Weighing reads a page of the disk for each message: with 5,000 of them a search among a million took
#: up to 230 ms where nothing was in memory, with 1,000 up to 90 (November 2026).
_WEIGHED: Final = 1_000


#: Asks the index of what was removed, which is small, and not the messages themselves.
_STOOD: Final = (
    " AND NOT EXISTS (SELECT 1 FROM messages AS gone INDEXED BY messages_gone "
    "WHERE gone.number = w.rowid AND gone.removed_at IS NOT NULL)"
)


@frozen(kw_only=True)
class StoredMessage:
    """A message from a store.

    Attributes:
        id: The message's id.
        channel: The channel's slug, or ``None``.
        username: Who wrote it, by the name of that time.
        user_id: Their id, or ``None``.
        at: Kick's time, or, without one, the arrival.
        content: The text as sent, with emote tokens.
        type: ``message``, ``reply``, ``celebration``.
        reply_to: The answered message's id, or ``None``.
        removed_at: When it was removed from chat, or ``None``.
        removed_by: ``moderator`` or ``automatic`` where it was deleted; ``ban``, ``timeout`` or
            ``clear`` where it was hidden with what else the user, or everybody, had written in the hour
            before; or ``None``.
    """

    id: str
    channel: str | None
    username: str
    user_id: int | None
    at: datetime
    content: str
    type: str
    reply_to: str | None
    removed_at: datetime | None
    removed_by: str | None


def search_messages(db: sqlite3.Connection, what: Asked) -> list[StoredMessage]:
    """Find messages, those stored last first, or those that fit best.

    Raises:
        sqlite3.Error: The database cannot be read.
    """
    users = None if what.user is None else user_ids(db, what.user)
    channels = None if what.channel is None else _channel_ids(db, what.channel)
    if users == [] or channels == []:
        return []
    asked, literally = expression(what.text)
    where = _Where()
    if what.since is not None or what.until is not None:
        _within(db, where, what)
    if literally:
        where.add("instr(m.content, ?) > 0", literally)
    if asked:
        numbers, values = _by_words(db, what, where, asked, users, channels)
    else:
        numbers, values = _by_rows(what, where, users, channels)
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM ({numbers}) AS found CROSS JOIN messages AS m "  # nosec B608  # question marks
        "ON m.number = found.number LEFT JOIN channels ON channels.id = m.channel_id "
        "ORDER BY found.weight, m.number DESC",
        values,
    )
    return [_message(row) for row in rows]


@define
class _Where:
    """Conditions on a message ``m``, and their values."""

    conditions: list[str] = field(factory=list)
    values: list[Any] = field(factory=list)

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values += values


def _within(db: sqlite3.Connection, where: _Where, what: Asked) -> None:
    # The index goes by number: without these bounds every match outside the span is looked at.
    lowest, highest = db.execute(_BOUNDS, (what.since, what.until)).fetchone()
    where.add("m.number BETWEEN ? AND ?", lowest, highest)
    where.add("+m.at >= ?", _EARLIEST if what.since is None else what.since)
    where.add("+m.at < ?", _LATEST if what.until is None else what.until)


def _by_rows(
    what: Asked, where: _Where, users: list[int] | None, channels: list[int] | None
) -> tuple[str, list[Any]]:
    """The numbers of messages without help from the index of words."""
    if users is not None:
        where.add(f"m.user_id IN ({', '.join('?' * len(users))})", *users)
    if channels is not None:
        # The plus sign hides the channel's index where there is something rarer to go by.
        rarer = users is not None or what.removed
        among = f"IN ({', '.join('?' * len(channels))})"
        where.add(f"{'+' if rarer else ''}m.channel_id {among}", *channels)
    if what.removed is not None:
        where.add(f"m.removed_at IS {'NOT ' if what.removed else ''}NULL")
    conditions = " AND ".join(where.conditions) or "1"
    numbers = (
        f"SELECT m.number AS number, 0 AS weight FROM messages AS m WHERE {conditions} "  # nosec B608  # question marks
        "ORDER BY m.number DESC LIMIT ?"
    )
    return numbers, [*where.values, what.limit]


def _by_words(
    db: sqlite3.Connection,
    what: Asked,
    where: _Where,
    asked: str,
    users: list[int] | None,
    channels: list[int] | None,
) -> tuple[str, list[Any]]:
    """The numbers of messages from the index of words, which knows users and channels as well."""
    index = "removed_words" if what.removed else "words"
    author = _tokens("author", "u", users)
    # Rows of messages are read here only where the index does not know enough, since each may be a
    # page of the disk.
    source = f"FROM {index} AS w"
    if where.conditions:
        source += " CROSS JOIN messages AS m ON m.number = w.rowid"
    conditions = " AND ".join([f"{index} MATCH ?", *where.conditions])
    if what.removed is False:
        conditions += _STOOD
    conditions = conditions.replace("m.number BETWEEN", "w.rowid BETWEEN")
    values = [asked + author + _tokens("channel", "c", channels), *where.values]
    weighed = query(what.text, beginnings=False) if what.best else ""
    if weighed:
        newest = db.execute(
            f"SELECT w.rowid {source} WHERE {conditions} ORDER BY w.rowid DESC LIMIT ?",  # nosec B608  # question marks
            (*values, max(_WEIGHED, what.limit)),
        ).fetchall()
        return _best(index, f"text : ({weighed}){author}", [row[0] for row in newest], what.limit)
    numbers = (
        f"SELECT w.rowid AS number, 0 AS weight {source} WHERE {conditions} "  # nosec B608  # question marks
        "ORDER BY w.rowid DESC LIMIT ?"
    )
    return numbers, [*values, what.limit]


def _best(index: str, weighed: str, numbers: list[int], limit: int) -> tuple[str, list[Any]]:
    """The best of some messages.

    The author narrows down what is looked at, and weighs nothing. The channel would narrow down little,
    and all of its messages would be counted to weigh it.
    """
    # The plus sign keeps SQLite from asking the index once for each number.
    best = (
        f"SELECT w.rowid AS number, bm25({index}, 1.0, 0.0, 0.0, 0.0) AS weight FROM {index} AS w "  # nosec B608  # numbers
        f"WHERE {index} MATCH ? AND w.rowid BETWEEN ? AND ? "
        f"AND +w.rowid IN ({', '.join(map(str, numbers))}) ORDER BY weight, w.rowid DESC LIMIT ?"
    )
    return best, [weighed, min(numbers, default=0), max(numbers, default=0), limit]


def user_ids(db: sqlite3.Connection, user: str | int) -> list[int]:
    """The ids that a name stands for, perhaps several, since names change hands; or the id itself.

    Raises:
        sqlite3.Error: The database cannot be read.
    """
    if isinstance(user, int):
        return ids(user)
    rows = db.execute("SELECT user_id FROM names WHERE username = ?", (user,))
    return [row[0] for row in rows]


def _channel_ids(db: sqlite3.Connection, channel: str | int) -> list[int]:
    if isinstance(channel, int):
        return ids(channel)
    slug = channel.lower()
    return [row[0] for row in db.execute("SELECT id FROM channels WHERE lower(slug) = ?", (slug,))]


def _tokens(column: str, prefix: str, ids: list[int] | None) -> str:
    # The index itself leaves the others out, so that a common word by a rare user is found fast.
    if ids is None:
        return ""
    tokens = " OR ".join(f'"{prefix}{number}"' for number in ids)
    return f" AND {column} : ({tokens})"


def _message(row: tuple[Any, ...]) -> StoredMessage:
    id, channel, username, user_id, at, content, type, reply_to, removed_at, removed_by = row
    return StoredMessage(
        id=id,
        channel=channel,
        username=username,
        user_id=user_id,
        at=moment(at),
        content=content,
        type=type,
        reply_to=reply_to,
        removed_at=None if removed_at is None else moment(removed_at),
        removed_by=removed_by,
    )
