"""A database of chat, to search and to query."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

from kick_live.errors import RecordingError
from kick_live.events.base import Event
from kick_live.recording.asking import Asked, who
from kick_live.recording.database import Database
from kick_live.recording.ordering import played
from kick_live.recording.parts import files_of
from kick_live.recording.rows import Rows
from kick_live.recording.searching import StoredMessage, search_messages
from kick_live.recording.sources import LineSource, Place
from kick_live.recording.storing import forget_user, store_rows

__all__ = ["ChatStore", "StoredMessage"]

_BATCH: Final = 5000
#: So many lines of a recording are read again when its import goes on: markers and gifts are stored
#: that much later than they stand in it, and what was held back until history had been read.
_OVERLAP: Final = 20_000
_PLACE: Final = "SELECT file, byte, beginning FROM sources WHERE path = ? AND beginning IS NOT NULL"


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
      count), ``color``, ``removed_at`` and ``removed_by``: ``moderator`` or ``automatic`` for a message
      that was deleted; ``ban``, ``timeout`` or ``clear`` for one that was hidden, since Kick's clients
      take what is on the screen away then: what the user, or everybody, wrote in the hour before;
      null for what was left standing.
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
        self._db = Database(self.path, timeout)

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
            rows = Rows.of(batch)
            with self._db.writing() as db:
                count += store_rows(db, rows)
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
        with self._db.reading() as db:
            row = db.execute(_PLACE, (name,)).fetchone()
        lines = LineSource(
            files_of(path),
            place=None if row is None else Place(*row),
            skip_damaged=skip_damaged,
            remember=_OVERLAP,
        )
        count = read = 0
        events = played(lines)
        while batch := list(islice(events, _BATCH)):
            rows = Rows.of(batch)
            with self._db.writing() as db:
                count += store_rows(db, rows, name, lines.place)
            read += len(batch)
            if on_progress is not None:
                on_progress(read)
        return count

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
        spaces by any part of it. A text without any word, as ``?!``, is found literally.

        Args:
            text: What to find; empty for any message.
            channel: Only in this channel: its slug or id.
            user: Only by this user: a name, also a former one, or an id.
            since: Only from this time on; without a zone, UTC is meant.
            until: Only before this time.
            removed: True for removed messages only, False for those that were left standing.
            limit: The most messages to return.
            order: ``"newest"``, or ``"best"`` for those in which the words weigh most (BM25: rare
                words, short messages) among the newest thousand that match, or ``limit`` of them if
                that is more. Beginnings weigh nothing. Without words, the newest come first.

        Raises:
            RecordingError: The database is locked or damaged.
            TypeError: An argument is of the wrong type.
            ValueError: There is no such order.
        """
        what = Asked.of(
            text,
            channel=channel,
            user=user,
            since=since,
            until=until,
            removed=removed,
            limit=limit,
            order=order,
        )
        with self._db.reading() as db:
            return search_messages(db, what)

    @property
    def channels(self) -> tuple[str, ...]:
        """The slugs of the channels in it, in alphabetical order.

        Raises:
            RecordingError: The database cannot be read.
        """
        with self._db.reading() as db:
            rows = db.execute("SELECT DISTINCT slug FROM channels ORDER BY slug").fetchall()
        return tuple(row[0] for row in rows if row[0] is not None)

    @property
    def message_count(self) -> int:
        """How many messages are stored."""
        with self._db.reading() as db:
            count: int = db.execute("SELECT count(*) FROM messages").fetchone()[0]
            return count

    def forget(self, user: str | int) -> int:
        """Remove everything that a user wrote or did, for instance because they ask for it.

        What others wrote about the user stays. Recordings are not touched, and adding one again may
        bring back what the user wrote in it. The index of words is written anew, which takes two seconds
        for a million messages. When the store is closed, nothing of the user's words is left in the file.

        Args:
            user: A name, also a former one, or an id.

        Returns:
            How many messages were removed.

        Raises:
            RecordingError: The database is locked, full or damaged.
            TypeError: It is neither a name nor an id.
        """
        somebody = who("user", user)
        with self._db.writing() as db:
            return forget_user(db, somebody)
