"""A database of chat, to search and to query."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

from kick_live.errors import RecordingError
from kick_live.events.base import Event
from kick_live.recording.replay import Replay
from kick_live.recording.rows import Rows, microseconds, moment
from kick_live.recording.schema import APPLICATION_ID, VERSION, migrate
from kick_live.recording.searching import Found, StoredMessage, search_messages, user_ids
from kick_live.recording.words import fold

__all__ = ["ChatStore", "StoredMessage"]

_BATCH: Final = 5000
#: So much of a recording is read again when its import goes on: events come up to so much late.
_OVERLAP: Final = timedelta(minutes=2)

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
_WORDS: Final = """
INSERT INTO words (rowid, text, author, channel)
SELECT number, fold(content), 'u' || user_id, 'c' || channel_id FROM messages WHERE number > ?
"""
_SPANS: Final = """
INSERT INTO spans SELECT number / 1000, min(at), max(at) FROM messages WHERE number > ? GROUP BY 1
ON CONFLICT (block) DO UPDATE SET
    earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)
"""
#: New messages meet removals that are known already.
_MARK_NEW: Final = """
UPDATE messages SET removed_at = (SELECT at FROM removals WHERE {match} ORDER BY at LIMIT 1),
    removed_by = (SELECT reason FROM removals WHERE {match} ORDER BY at LIMIT 1)
WHERE number > ? AND removed_at IS NULL AND EXISTS (SELECT 1 FROM removals WHERE {match})
"""
_MATCHES: Final = (
    "scope = 'message' AND removals.channel_id = messages.channel_id AND target = messages.id",
    "scope = 'user' AND removals.channel_id = messages.channel_id "
    "AND target = CAST(messages.user_id AS TEXT) AND removals.at >= messages.at",
    "scope = 'room' AND removals.channel_id = messages.channel_id AND target = '' "
    "AND removals.at >= messages.at",
)
#: New removals meet messages that are known already.
_MARK_OLD: Final = {
    "message": "id = :target AND channel_id = :channel",
    # The plus signs keep SQLite from going through the whole channel, or all of the time before.
    "user": "user_id = CAST(:target AS INTEGER) AND +channel_id = :channel AND +at <= :at",
    "room": "channel_id = :channel AND at <= :at",
}


class ChatStore:
    """Keeps chat in one SQLite file, for searching it and for queries of your own.

    Storing something again changes nothing, so overlapping recordings may be added, and an
    interrupted import goes on where it was. The file may be read by others while it is written
    (WAL). Methods may be called from any thread; they block while the database is busy.

    The tables, which any program that reads SQLite may query; times are microseconds since 1970,
    UTC, and a ``channel_id`` of 0 stands for no channel:

    * ``messages``: ``number`` (in the order of storing), ``id``, ``channel_id``, ``user_id``,
      ``username`` (at the time), ``at`` (Kick's time, else the arrival), ``received_at``,
      ``content``, ``type``, ``reply_to`` (a message's id), ``badges`` (JSON: pairs of type and
      count), ``color``, ``removed_at`` and ``removed_by`` (``moderator``, ``automatic``, ``ban``,
      ``timeout``, ``clear``; null for what was left standing).
    * ``users``: ``id``, ``username``, ``slug``, ``color`` (the newest known), ``first_seen``,
      ``last_seen``; ``names``: every ``username`` that a ``user_id`` ever had.
    * ``channels``: ``id``, ``slug``, ``chatroom_id``, ``user_id``, ``username``.
    * ``events``: everything else: ``number``, ``key`` (what makes it unique), ``kind``,
      ``channel_id``, ``at``, ``received_at``, ``username``, ``amount`` (subscriptions, Kicks,
      months, viewers), ``data`` (the payload).
    * ``removals``: what deletions, bans and clearings removed.
    * ``words``: the full-text index (FTS5, its rowid is a message's ``number``);
      ``removed_words``: the same of removed messages; ``spans``: the times in which each thousand of
      messages was written.
    * ``chat``: a view of time, channel, username, content, removed_by, id, to read.

    Args:
        path: The file; made if there is none.
        timeout: Seconds to wait for another program that writes to it.
        create: Whether a missing file is made; false suits those who only search, since a mistyped
            path is an error then.

    Raises:
        RecordingError: The file cannot be opened, is no store, or is a newer one; or there is none,
            and none is to be made.

    Example:
        >>> import tempfile
        >>> from kick_live.recording import ChatStore
        >>> with KickClient("amber-quokka", endpoints=simulator.endpoints) as client:
        ...     with ChatStore(tempfile.mkdtemp() + "/chat.db") as store:
        ...         listener = client.on("chat_message", store.add)
        ...         connected = client.connect()
        ...         _ = simulator.channel("amber-quokka").chat("take the left path")
        ...         message = client.wait_for(ChatMessage, timeout=5)
        ...         [found.content for found in store.search("left")]
        ['take the left path']
    """

    def __init__(
        self, path: str | os.PathLike[str], *, timeout: float = 5.0, create: bool = True
    ) -> None:
        self.path = Path(path)
        if not create and not self.path.is_file():
            raise RecordingError(
                f"There is no database {self.path}. Check the path; ChatStore(path) without "
                "create=False makes one, and so does kick-live store.",
                path=str(self.path),
            )
        self._lock = threading.RLock()
        with self._translated():
            self._db = sqlite3.connect(
                self.path, timeout=timeout, isolation_level=None, check_same_thread=False
            )
        try:
            with self._translated():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        db = self._db
        version = db.execute("PRAGMA user_version").fetchone()[0]
        owner = db.execute("PRAGMA application_id").fetchone()[0]
        tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if owner != APPLICATION_ID and (owner or tables):
            raise RecordingError(
                f"{self.path} is a database of another program. Choose another path.",
                path=str(self.path),
            )
        if version > VERSION:
            raise RecordingError(
                f"{self.path} was written by a newer kick-live (version {version} of the tables; "
                f"this library knows {VERSION}). Upgrade kick-live.",
                path=str(self.path),
            )
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA secure_delete = ON")
        # In KiB: ids are random, so that each new one belongs to another page of their index.
        db.execute("PRAGMA cache_size = -65536")
        db.create_function("fold", 1, fold, deterministic=True)
        if version < VERSION:
            migrate(db)

    def __repr__(self) -> str:
        return f"<ChatStore({str(self.path)!r})>"

    def __enter__(self) -> ChatStore:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; repeatable. Everything added is in it."""
        with self._lock:
            self._db.close()

    # -- adding

    def add(self, event: Event) -> None:
        """Store an event; fits as a listener, ``client.on(Event, store.add)``.

        Raises:
            RecordingError: The database is locked, full or damaged.
        """
        self.add_many((event,))

    def add_many(self, events: Iterable[Event]) -> int:
        """Store events, for instance those of a ``Replay``, in batches of some thousands.

        Returns:
            How many messages were new.

        Raises:
            RecordingError: The database is locked, full or damaged; the batches before are stored.
        """
        count, iterator = 0, iter(events)
        while batch := list(islice(iterator, _BATCH)):
            count += self._store(Rows.of(batch))
        return count

    def add_recording(
        self,
        path: str | os.PathLike[str],
        *,
        skip_damaged: bool = False,
        on_progress: Callable[[int], object] | None = None,
    ) -> int:
        """Store a recording, or what has come to it since the last time.

        Interrupted, it goes on where it was when it is called again.

        Args:
            path: A recording; its further parts belong to it.
            skip_damaged: Leave damaged lines out instead of raising.
            on_progress: Called now and then with the number of events that were read.

        Returns:
            How many messages were new.

        Raises:
            RecordingError: The recording cannot be read, or the database cannot be written.
        """
        name = str(Path(path).resolve())
        with self._lock, self._translated():
            row = self._db.execute("SELECT until FROM sources WHERE path = ?", (name,)).fetchone()
        start = None if row is None else moment(row[0]) - _OVERLAP
        count = read = 0
        with Replay(path, speed=None, start=start, skip_damaged=skip_damaged) as replay:
            iterator = iter(replay)
            while batch := list(islice(iterator, _BATCH)):
                count += self._store(Rows.of(batch), name)
                read += len(batch)
                if on_progress is not None:
                    on_progress(read)
        return count

    def _store(self, rows: Rows, source: str | None = None) -> int:
        with self._lock, self._transaction() as db:
            before = db.execute("SELECT coalesce(max(number), 0) FROM messages").fetchone()[0]
            db.executemany(_CHANNEL, rows.channels.values())
            db.executemany(_USER, rows.users.values())
            db.executemany(_NAME, rows.names)
            db.executemany(_EVENT, rows.events)
            added = db.executemany(_MESSAGE, rows.messages).rowcount if rows.messages else 0
            fresh = [row for row in rows.removals if db.execute(_REMOVAL, row).rowcount]
            if added:
                db.execute(_WORDS, (before,))
                db.execute(_SPANS, (before,))
                for match in _MATCHES:
                    db.execute(_MARK_NEW.format(match=match), (before,))
            for _, scope, channel, target, at, reason in fresh:
                db.execute(
                    "UPDATE messages SET removed_at = :at, removed_by = :reason WHERE "
                    f"removed_at IS NULL AND {_MARK_OLD[scope]}",  # nosec B608  # a constant of ours
                    {"channel": channel, "target": target, "at": at, "reason": reason},
                )
            if source is not None:
                db.execute(
                    "INSERT INTO sources VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET "
                    "until = max(until, excluded.until)",
                    (source, rows.until),
                )
        return max(0, added)

    # -- searching

    def search(
        self,
        text: str = "",
        *,
        channel: str | int | None = None,
        user: str | int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        removed: bool | None = None,
        limit: int = 100,
        order: Literal["newest", "best"] = "newest",
    ) -> list[StoredMessage]:
        """Find messages, those stored last first, or those that fit best.

        Case and accents do not matter. Every word must occur; ``"words in quotes"`` stand together;
        ``beginn*`` finds beginnings. Emotes are found by their names, and text in scripts without
        spaces by any part of it.

        Args:
            text: What to find; empty for any message.
            channel: Only in this channel: its slug or id.
            user: Only by this user: a name, also a former one, or an id.
            since: Only from this time on; without a zone, UTC is meant.
            until: Only before this time.
            removed: True for removed messages only, False for those that were left standing.
            limit: The most messages to return.
            order: ``"newest"``, or ``"best"`` for those in which the words weigh most (BM25: rare
                words, short messages). Of words that are all over the chat, the newest five thousand
                messages are weighed. Without words, the newest come first.

        Raises:
            RecordingError: The database is locked or damaged.
            ValueError: There is no such order.
        """
        if order not in ("newest", "best"):
            raise ValueError(f"order must be 'newest' or 'best', not {order!r}.")
        what = Found(
            text=text,
            channel=channel,
            user=user,
            since=_stored(since),
            until=_stored(until),
            removed=removed,
            limit=limit,
            best=order == "best",
        )
        with self._lock, self._translated():
            return search_messages(self._db, what)

    @property
    def channels(self) -> tuple[str, ...]:
        """The slugs of the channels in it, in alphabetical order.

        Raises:
            RecordingError: The database cannot be read.
        """
        with self._lock, self._translated():
            rows = self._db.execute("SELECT DISTINCT slug FROM channels ORDER BY slug").fetchall()
        return tuple(row[0] for row in rows if row[0] is not None)

    @property
    def message_count(self) -> int:
        """How many messages are stored."""
        with self._lock, self._translated():
            count: int = self._db.execute("SELECT count(*) FROM messages").fetchone()[0]
            return count

    def forget(self, user: str | int) -> int:
        """Remove everything that a user wrote or did, for instance because they ask for it.

        What others wrote about the user stays; recordings are not touched.

        Args:
            user: A name, also a former one, or an id.

        Returns:
            How many messages were removed.

        Raises:
            RecordingError: The database is locked, full or damaged.
        """
        with self._lock, self._transaction() as db:
            ids = user_ids(db, user)
            among = f"IN ({', '.join('?' * len(ids))})"
            for index, some in (("words", ""), ("removed_words", "AND removed_at IS NOT NULL")):
                db.execute(
                    f"INSERT INTO {index} ({index}, rowid, text, author, channel) "  # nosec B608  # question marks
                    "SELECT 'delete', number, fold(content), 'u' || user_id, 'c' || channel_id "
                    f"FROM messages WHERE user_id {among} {some}",
                    ids,
                )
            count = db.execute(f"DELETE FROM messages WHERE user_id {among}", ids).rowcount  # nosec B608  # question marks
            names = f"SELECT username FROM names WHERE user_id {among}"  # nosec B608  # question marks
            db.execute(f"DELETE FROM events WHERE username COLLATE NOCASE IN ({names})", ids)  # nosec B608  # question marks
            db.execute(f"DELETE FROM names WHERE user_id {among}", ids)  # nosec B608  # question marks
            db.execute(f"DELETE FROM users WHERE id {among}", ids)  # nosec B608  # question marks
        return count

    # -- errors

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            # BEGIN and COMMIT are inside: a signal can raise right after the one, or before the other.
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RecordingError(
                f"{self.path}: {error}. {_advice(str(error))}", path=str(self.path)
            ) from error


def _advice(message: str) -> str:
    if "locked" in message or "busy" in message:
        return (
            "Another program is writing to it. Close that program, or pass a longer timeout to "
            "ChatStore; nothing is lost, the same events can be added again."
        )
    if "full" in message:
        return "Free some space; what was stored before is safe."
    if "not a database" in message or "malformed" in message:
        return (
            "The file is no store, or is damaged. Choose another path; a recording is put into a "
            "store by add_recording, or by kick-live store FILE --sqlite DB."
        )
    if "fts5" in message:
        return "This Python's SQLite lacks full-text search (FTS5); use another build of Python."
    if "closed" in message:
        return "The store was closed; open it again."
    return "Check the path, the permissions and the disk."


def _stored(when: datetime | None) -> int | None:
    if when is None:
        return None
    return microseconds(when if when.tzinfo is not None else when.replace(tzinfo=timezone.utc))
