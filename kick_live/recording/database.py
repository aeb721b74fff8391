"""Opens the file of a store, and says in our words what SQLite says in its own."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kick_live.errors import RecordingError
from kick_live.recording.schema import APPLICATION_ID, VERSION
from kick_live.recording.upgrading import upgrade
from kick_live.recording.words import fold, marks

__all__ = ["Database"]


class Database:
    """A connection to the file of a store, used by one thread at a time.

    Args:
        path: The file; made if there is none.
        timeout: Seconds to wait for another program that writes to it.

    Raises:
        RecordingError: The file cannot be opened, is no store, or is a newer one.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._timeout = timeout
        with self._translated():
            self._connection = self._connect(path)
        try:
            with self._translated():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _connect(self, name: Path | str, *, uri: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(
            name, uri=uri, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )

    def _version(self) -> tuple[int, bool]:
        """The version of the tables, and whether they can only be read."""
        ask = "PRAGMA user_version"
        try:
            return self._connection.execute(ask).fetchone()[0], False
        except sqlite3.OperationalError as error:
            beside = self.path.with_name(f"{self.path.name}-wal")
            waiting = beside.exists() and beside.stat().st_size
            if "unable to open" not in str(error) or not self.path.is_file() or waiting:
                raise
        # On a disk that cannot be written to, no file can be made beside it, without which SQLite
        # only opens what it may take to be unchanging.
        self._connection.close()
        self._connection = self._connect(f"{self.path.absolute().as_uri()}?immutable=1", uri=True)
        return self._connection.execute(ask).fetchone()[0], True

    def _prepare(self) -> None:
        version, only_read = self._version()
        db = self._connection
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
        if only_read and version < VERSION:
            raise RecordingError(
                f"{self.path} has version {version} of the tables and has to be brought to version "
                f"{VERSION}, but cannot be written. {_COPY}.",
                path=str(self.path),
            )
        if not only_read:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")
        # In KiB: ids are random, so that each new one belongs to another page of their index.
        db.execute("PRAGMA cache_size = -65536")
        db.create_function("fold", 1, fold, deterministic=True)
        db.create_function("marks", 1, marks, deterministic=True)
        if version < VERSION:
            upgrade(db, self.path)

    def close(self) -> None:
        """Close the file; repeatable."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for questions.

        Raises:
            RecordingError: In place of SQLite's errors.
        """
        with self._lock, self._translated():
            yield self._connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection in a transaction, which is undone where anything is raised.

        Raises:
            RecordingError: In place of SQLite's errors.
        """
        with self._lock, self._translated():
            # BEGIN and COMMIT are inside: a signal can raise right after the one, or before the other.
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RecordingError(
                f"{self.path}: {error}. {_advice(str(error))}", path=str(self.path)
            ) from error
        except (UnicodeDecodeError, OverflowError) as error:
            raise RecordingError(
                f"{self.path} holds what nobody stored ({error}). {_DAMAGED}", path=str(self.path)
            ) from error


_COPY: Final = (
    "Make the file and its directory writable, or copy the file to where it can be written"
)


_DAMAGED: Final = (
    "The file is no store, or is damaged. Choose another path; a recording is put into a store by "
    "add_recording, or by kick-live store FILE --sqlite DB."
)


def _advice(message: str) -> str:
    if "readonly" in message:
        return f"{_COPY}; searching works where it is."
    if "locked" in message or "busy" in message:
        return (
            "Another program is writing to it. Close that program, or pass a longer timeout to "
            "ChatStore; nothing is lost, the same events can be added again."
        )
    if "full" in message:
        return "Free some space; what was stored before is safe."
    if "disk I/O" in message:
        return (
            "A limit for space or for the size of files may be reached: free some space, or raise it; "
            "or the disk fails. What was stored before is safe."
        )
    if "not a database" in message or "malformed" in message:
        return _DAMAGED
    if "fts5" in message:
        return "This Python's SQLite lacks full-text search (FTS5); use another build of Python."
    if "closed" in message:
        return "The store was closed; open it again."
    return "Check the path, the permissions and the disk."
