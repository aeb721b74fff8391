"""Finds stored messages."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from kick_live.recording.rows import moment
from kick_live.recording.words import query

__all__ = ["Found", "StoredMessage", "search_messages", "user_ids"]

_COLUMNS: Final = (
    "SELECT m.number, m.id, channels.slug, m.channel_id, m.username, m.user_id, m.at, m.content, "
    "m.type, m.reply_to, m.removed_at, m.removed_by"
)
_EARLIEST: Final = -(2**62)
_LATEST: Final = 2**62
_BOUNDS: Final = f"""
SELECT min(block) * 1000, max(block) * 1000 + 999 FROM spans
WHERE latest >= coalesce(?, {_EARLIEST}) AND earliest < coalesce(?, {_LATEST})
"""  # nosec B608  # a constant of ours
#: To weigh every message with a common word takes half a second for a million messages.
_WEIGHED: Final = 5_000
_CHANNELS: Final = "LEFT JOIN channels ON channels.id = m.channel_id"


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
        removed_by: ``moderator``, ``automatic``, ``ban``, ``timeout``, ``clear``, or ``None``.
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


@frozen(kw_only=True)
class Found:
    """What to find; times as they are stored, everything else as for ``ChatStore.search``."""

    text: str
    channel: str | int | None
    user: str | int | None
    since: int | None
    until: int | None
    removed: bool | None
    limit: int
    best: bool


def search_messages(db: sqlite3.Connection, what: Found) -> list[StoredMessage]:
    """Find messages, those stored last first, or those that fit best.

    Raises:
        sqlite3.Error: The database cannot be read.
    """
    words = query(what.text)
    conditions: list[str] = []
    lowest = highest = None
    values: list[Any] = []
    users = [] if what.user is None else user_ids(db, what.user)
    channels = _channel_ids(db, what.channel)
    if what.user is not None:
        _among(conditions, values, "m.user_id", users)
    if what.channel is not None:
        # The plus sign hides the channel's index where there is something rarer to go by.
        rarer = words or what.user is not None or what.removed
        _among(conditions, values, "+m.channel_id" if rarer else "m.channel_id", channels)
    if what.since is not None or what.until is not None:
        # The index goes by number: without these bounds every match outside the span is looked at.
        lowest, highest = db.execute(_BOUNDS, (what.since, what.until)).fetchone()
        conditions += ["+m.at >= ?", "+m.at < ?", "m.number BETWEEN ? AND ?"]
        values += [_or(what.since, _EARLIEST), _or(what.until, _LATEST), lowest, highest]
    if what.removed is not None:
        conditions.append(f"m.removed_at IS {'NOT ' if what.removed else ''}NULL")
    if what.text.strip() and not words:
        conditions.append("instr(m.content, ?) > 0")
        values.append(what.text.strip())
    if words:
        index = "removed_words" if what.removed else "words"
        match = f"text : ({words})"
        if what.user is not None:
            match += _tokens("author", "u", users)
        if lowest is not None:
            conditions.append("w.rowid BETWEEN ? AND ?")
            values += [lowest, highest]
        if what.channel is not None:
            match += _tokens("channel", "c", channels)
        values.insert(0, match)
        where = " AND ".join([f"{index} MATCH ?", *conditions])
        order = "w.rowid DESC"
        found = f"FROM {index} AS w CROSS JOIN messages AS m ON m.number = w.rowid"
        if what.best:
            # The match's other columns say who and where; they weigh nothing.
            order = f"bm25({index}, 1.0, 0.0, 0.0), w.rowid DESC"
            plain = found if conditions else f"FROM {index} AS w"
            oldest = db.execute(
                f"SELECT w.rowid {plain} WHERE {where} ORDER BY w.rowid DESC LIMIT 1 OFFSET ?",
                (*values, _WEIGHED - 1),
            ).fetchone()
            where += " AND w.rowid >= ?"
            values.append(_EARLIEST if oldest is None else oldest[0])
        sql = f"{_COLUMNS} {found} {_CHANNELS} WHERE {where} ORDER BY {order} LIMIT ?"
    else:
        where = " AND ".join(conditions) or "1"
        sql = f"{_COLUMNS} FROM messages AS m {_CHANNELS} WHERE {where} ORDER BY m.number DESC LIMIT ?"
    return [_message(row) for row in db.execute(sql, (*values, max(0, what.limit)))]


def user_ids(db: sqlite3.Connection, user: str | int) -> list[int]:
    """The ids that a name stands for, perhaps several, since names change hands; or the id itself.

    Raises:
        sqlite3.Error: The database cannot be read.
    """
    if isinstance(user, int):
        return [user]
    rows = db.execute("SELECT user_id FROM names WHERE username = ?", (user.removeprefix("@"),))
    return [row[0] for row in rows]


def _channel_ids(db: sqlite3.Connection, channel: str | int | None) -> list[int]:
    if channel is None or isinstance(channel, int):
        return [] if channel is None else [channel]
    slug = channel.removeprefix("@").lower()
    return [row[0] for row in db.execute("SELECT id FROM channels WHERE lower(slug) = ?", (slug,))]


def _among(conditions: list[str], values: list[Any], column: str, ids: list[int]) -> None:
    conditions.append(f"{column} IN ({', '.join('?' * len(ids))})")
    values += ids


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _tokens(column: str, prefix: str, ids: list[int]) -> str:
    # The index itself leaves the others out, so that a common word by a rare user is found fast.
    return f" AND {column} : ({' OR '.join(f'{prefix}{number}' for number in ids)})" if ids else ""


def _message(row: tuple[Any, ...]) -> StoredMessage:
    _, id, channel, _, username, user_id, at, content, type, reply_to, removed_at, removed_by = row
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
