"""Writes down what a client receives, as it arrives."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from kick_live.arguments import check_seconds, check_whole
from kick_live.client import KickClient
from kick_live.errors import RecordingError
from kick_live.events.base import Event, now
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.stream import ViewerCount
from kick_live.recording.lines import arrival_line, loss_line, marker_line
from kick_live.recording.markers import fields_of, is_recorded
from kick_live.recording.parts import next_part, parts_of
from kick_live.recording.writing import RecordingFile
from kick_live.session.taps import Arrival

__all__ = ["Recorder"]

_logger = logging.getLogger(__name__)

#: Seconds that written lines may wait for the disk; a kill loses at most a second.
_FLUSH_AFTER: Final = 0.5


class Recorder:
    """Records every payload that a client receives, with its time of arrival and its channel.

    Constructing it opens the file, or continues it, and begins to listen; a background thread
    writes. Payloads are recorded as they arrive, also those that the client's inbox drops. What
    happens to the connection is recorded while somebody takes the client's events. Whatever is
    written is on the disk within a second, or as soon as a slow disk has taken what came before, so
    that not even a kill loses more. Tokens and addresses of servers are not recorded.

    Args:
        client: The client; it may be connected already.
        path: The file, by custom ``*.jsonl``; packed by ``*.jsonl.gz`` or ``*.jsonl.zst``. An
            existing recording is continued.
        max_bytes: Begin another file, ``name.0002.jsonl`` and so on, when one has this size.
        max_seconds: Begin another file when one is this old.
        viewer_counts: Whether viewer counts are recorded, for which the client has to ask Kick once
            a minute.
        queue_size: The most lines that wait for a slow disk. What is beyond that is counted in
            ``lost``, and the recording says where it is missing.

    Raises:
        RecordingError: The file cannot be written, is no recording, or is being written by another
            recorder.
        MissingExtra: It is to be packed with zstd, and zstandard is not installed.
        TypeError: A limit is not a number.
        ValueError: A limit makes no sense.

    Example:
        >>> import tempfile
        >>> from kick_live.recording import Recorder
        >>> path = tempfile.mkdtemp() + "/chat.jsonl.gz"
        >>> with KickClient("amber-quokka", endpoints=simulator.endpoints) as client:
        ...     with Recorder(client, path) as recorder:
        ...         connected = client.connect()
        ...         _ = simulator.channel("amber-quokka").chat("hello")
        ...         message = client.wait_for(ChatMessage, timeout=5)
        >>> recorder.recorded, recorder.lost
        (2, 0)
    """

    def __init__(
        self,
        client: KickClient,
        path: str | os.PathLike[str],
        *,
        max_bytes: int | None = None,
        max_seconds: float | None = None,
        viewer_counts: bool = False,
        queue_size: int = 100_000,
    ) -> None:
        if max_bytes is not None:
            check_whole("max_bytes", max_bytes, 1)
        if max_seconds is not None:
            check_seconds("max_seconds", max_seconds, zero=False)
        check_whole("queue_size", queue_size, 1)
        self._client = client
        self._base = Path(path)
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._queue_size = queue_size
        self._lock = threading.RLock()  # a signal's handler may close in the middle
        self._changed = threading.Condition(self._lock)
        self._waiting: list[Arrival | Event] = []
        self._closing = False
        self._recorded = 0
        self._lost = 0
        self._lost_unwritten = 0
        self._error: RecordingError | None = None
        self._raised = False
        self._thread: threading.Thread | None = None
        self._file = RecordingFile(self._newest())
        self._kinds: list[type[Event]] = [LifecycleEvent]
        if viewer_counts:
            self._kinds.append(ViewerCount)
        client.add_tap(self._tap)
        for kind in self._kinds:
            client.on(kind, self._listen)

    def _newest(self) -> Path:
        try:
            existing = parts_of(self._base)
        except OSError as error:
            raise RecordingError(
                f"{self._base} cannot be written ({error.strerror or error}). Make the directory, or "
                "choose another path.",
                path=str(self._base),
            ) from error
        return existing[-1] if existing else self._base

    def __repr__(self) -> str:
        return f"<Recorder({str(self._file.path)!r}) {self._recorded} recorded>"

    @property
    def path(self) -> Path:
        """The file that is being written."""
        return self._file.path

    @property
    def recorded(self) -> int:
        """How many payloads and markers were written."""
        return self._recorded

    @property
    def lost(self) -> int:
        """How many were not, because the disk was too slow, or failed."""
        return self._lost

    @property
    def error(self) -> RecordingError | None:
        """What ended the recording before ``close``, or ``None``; ``close`` raises it."""
        return self._error

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, and close the file; the client goes on.

        Blocks until it is on the disk. Repeatable, from any thread.

        Args:
            timeout: The longest wait in seconds.

        Raises:
            RecordingError: The recording ended early; only once.
        """
        self._client.remove_tap(self._tap)
        for kind in self._kinds:
            self._client.off(kind, self._listen)
        with self._lock:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is None:
            self._finish()
        elif thread is not threading.current_thread():
            thread.join(timeout)
            if thread.is_alive():
                _logger.warning("%s was not written within %.1f s", self.path, timeout)
        if self._error is not None and not self._raised:
            self._raised = True
            raise self._error

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except RecordingError:
            if exc is None:
                raise

    # -- on the client's threads: only hand over

    def _tap(self, arrivals: Sequence[Arrival]) -> None:
        self._hand_over(arrivals)

    def _listen(self, event: Event) -> None:
        if is_recorded(event):
            self._hand_over((event,))

    def _hand_over(self, items: Sequence[Arrival | Event]) -> None:
        with self._lock:
            room = self._queue_size - len(self._waiting)
            if self._closing or self._error is not None:
                room = 0
            self._waiting += items[:room]
            lost = len(items) - max(0, min(room, len(items)))
            if not self._closing:
                self._lost += lost
                self._lost_unwritten += lost
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(
                    target=self._write, name="kick-live-recorder", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    # -- on the recorder's thread

    def _write(self) -> None:
        try:
            while self._write_once():
                pass
        except RecordingError as error:
            self._fail(error)
        self._finish()

    def _write_once(self) -> bool:
        """Write what waits, and flush half a second after the first line of it."""
        flush_at: float | None = None
        while True:
            with self._lock:
                while not self._waiting and not self._closing:
                    wait = None if flush_at is None else flush_at - time.monotonic()
                    if wait is not None and wait <= 0:
                        break
                    self._changed.wait(wait)
                items, self._waiting = self._waiting, []
                lost, self._lost_unwritten = self._lost_unwritten, 0
                closing = self._closing
            if items or lost:
                data = b"".join(map(_line, items))
                if lost:
                    data += loss_line(now(), lost)
                self._file.write(data)
                self._recorded += len(items)
                flush_at = flush_at or time.monotonic() + _FLUSH_AFTER
            if flush_at is not None and (closing or time.monotonic() >= flush_at):
                self._file.flush()
                self._divide()
                flush_at = None
            if closing:
                return False

    def _divide(self) -> None:
        too_large = self._max_bytes is not None and self._file.size >= self._max_bytes
        too_old = self._max_seconds is not None and self._file.age >= self._max_seconds
        if too_large or too_old:
            self._file.close()
            self._file = RecordingFile(next_part(self._base))

    def _fail(self, error: RecordingError) -> None:
        _logger.error("the recording ended: %s", error)
        with self._lock:
            self._error = error
            self._lost += len(self._waiting)
            self._waiting.clear()
        self._client.remove_tap(self._tap)
        self._file.abandon()

    def _finish(self) -> None:
        try:
            self._file.close()
        except RecordingError as error:
            self._fail(error)


def _line(item: Arrival | Event) -> bytes:
    if isinstance(item, Arrival):
        return arrival_line(item)
    return marker_line(item, fields_of(item))
