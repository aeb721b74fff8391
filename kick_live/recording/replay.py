"""Plays a recording as if it happened now."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from kick_live.events.base import Event
from kick_live.listening import EventSource
from kick_live.models.channel import Channel
from kick_live.recording.ordering import in_place
from kick_live.recording.parts import files_of
from kick_live.recording.playback import Playback, within
from kick_live.recording.sources import LineSource

__all__ = ["Replay"]

_BATCH: Final = 1000


class Replay(EventSource):
    """Plays a recording through the client's interface.

    Payloads are decoded again, so that old recordings profit from newer decoders. Repetitions are
    removed and gifts merged as in the client. Events are marked ``historical``, all of them unless
    ``mark_historical`` is false; ``received_at`` is the recorded time. The same recording always gives the same events in the same order.

    It starts no thread: files are read, and time is waited for, on the thread that takes events.
    ``run`` and ``events`` return at the recording's end.

    Args:
        path: A recording, to which its further parts belong; or several files, in order.
        speed: 1.0 for the pace of the recording, 10.0 for ten times that, ``None`` for as fast as
            events are taken.
        start: Leave out what arrived before; without a zone, UTC is meant. Where the file is not
            packed, what lies before it is not read, nor is what lies behind ``end``; damage in there
            goes unnoticed. Packed files are read from their beginning.
        end: Leave out what arrived then or later.
        longest_wait: Seconds to which longer pauses in the recording are shortened.
        skip_damaged: Leave damaged lines out, and count them, instead of raising.
        mark_historical: Mark every event ``historical``, since it is not live now; false leaves it
            to what the client had read from history when it was recorded.
        on_listener_error: As for ``KickClient``.

    Raises:
        RecordingError: There is no such file, or it is no recording; what is damaged further on is
            noticed when it is reached.
        TypeError: The speed or the wait is no number, or the start or end no datetime.
        ValueError: The speed or the wait makes no sense.

    Example:
        >>> import tempfile
        >>> from kick_live.recording import Recorder, Replay
        >>> path = tempfile.mkdtemp() + "/chat.jsonl"
        >>> with KickClient("amber-quokka", endpoints=simulator.endpoints) as client:
        ...     with Recorder(client, path):
        ...         connected = client.connect()
        ...         _ = simulator.channel("amber-quokka").chat("hello", username="Maple")
        ...         message = client.wait_for(ChatMessage, timeout=5)
        >>> with Replay(path, speed=None) as replay:
        ...     for event in replay:
        ...         if isinstance(event, ChatMessage):
        ...             print(event.sender.username, event.readable_text, event.historical)
        Maple hello True
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        speed: float | None = 1.0,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        longest_wait: float | None = None,
        skip_damaged: bool = False,
        mark_historical: bool = True,
        on_listener_error: Callable[..., object] | None = None,
    ) -> None:
        super().__init__(on_listener_error)
        if not isinstance(speed, (int, float, type(None))):
            raise TypeError(
                f"speed must be a number, or None for no waiting, not {speed!r}; None is what the "
                "command line calls max."
            )
        if speed is not None and not speed > 0:
            raise ValueError(f"speed must be above 0, or None for no waiting, not {speed!r}.")
        if not isinstance(longest_wait, (int, float, type(None))):
            raise TypeError(f"longest_wait must be a number of seconds, not {longest_wait!r}.")
        if longest_wait is not None and not longest_wait >= 0:
            raise ValueError(f"longest_wait must not be below 0, but is {longest_wait!r}.")
        self._speed = speed
        self._start, self._end = _moment("start", start), _moment("end", end)
        self._longest_wait = longest_wait
        self._paths = files_of(path)
        self._lines = LineSource(
            self._paths, start=self._start, end=self._end, skip_damaged=skip_damaged
        )
        self._playback = Playback(mark_historical=mark_historical)
        self._batches = self._read()
        self._next: tuple[datetime, list[Event]] | None = None
        self._ended = False
        self._due_at = 0.0
        self._reached: datetime | None = None
        self._video_start: datetime | None = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else "at its end" if self._ended else "open"
        return f"<Replay({', '.join(str(path) for path in self._paths)}) {state}>"

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels met so far."""
        return tuple(self._playback.channels)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read, in order."""
        return tuple(self._paths)

    @property
    def damaged(self) -> int:
        """How many lines were left out because they are damaged."""
        return self._lines.damaged

    @property
    def position(self) -> datetime | None:
        """The recorded time that was reached, or ``None`` before the first event."""
        return self._reached

    @property
    def video_start(self) -> datetime | None:
        """When the video began, once a message of its chat was read; else ``None``."""
        return self._video_start

    def close(self, timeout: float = 5.0) -> None:
        """End the replay; a ``run`` or iteration in progress ends. Repeatable, from any thread.

        Args:
            timeout: Not used; there is nothing to wait for.
        """
        self._closed.set()

    # -- what EventSource asks for

    def _begin(self) -> None:
        pass

    def _check_end(self) -> bool:
        return self._ended

    def _why_nothing_came(self) -> str:
        return "The recording may hold none, or the condition may fit nothing."

    def _fill(self, timeout: float | None) -> None:
        if self._taken or self._ended or self.closed:
            return
        limit = None if timeout is None else time.monotonic() + timeout
        while len(self._taken) < _BATCH:
            if self._next is None and not self._advance():
                return
            assert self._next is not None
            at, events = self._next
            if self._speed is not None:
                if not self._taken and not self._wait_until_due(limit):
                    return
                if self._due_at > time.monotonic():
                    return
            self._taken.extend(events)
            self._next = None
            self._reached = at
        return

    def _advance(self) -> bool:
        """Read on, and compute when what was read is due."""
        self._next = next(self._batches, None)
        if self._next is None:
            self._ended = True
            return False
        if self._speed is not None:
            if self._reached is None:
                self._due_at = time.monotonic()
            else:
                # Clocks are set back at times, and markers are written late.
                pause = max(0.0, (self._next[0] - self._reached).total_seconds()) / self._speed
                if self._longest_wait is not None:
                    pause = min(pause, self._longest_wait)
                self._due_at += pause
        return True

    def _wait_until_due(self, limit: float | None) -> bool:
        while not self.closed:
            clock = time.monotonic()
            if clock >= self._due_at:
                return True
            if limit is not None and clock >= limit:
                return False
            until = self._due_at if limit is None else min(self._due_at, limit)
            # In slices, so that Ctrl-C gets through on every system.
            self._closed.wait(min(until - clock, 0.2))
        return False

    # -- reading

    def _read(self) -> Iterator[tuple[datetime, list[Event]]]:
        last: datetime | None = None
        for line in in_place(self._lines):
            last = max(filter(None, (last, line.at)), default=None)
            self._video_start = self._video_start or line.video_start
            events = self._playback.take(line)
            wanted = [event for event in events if within(event, self._start, self._end)]
            if wanted:
                yield line.at or last or wanted[0].received_at, wanted
        rest = [e for e in self._playback.finish() if within(e, self._start, self._end)]
        if rest:
            yield last or rest[0].received_at, rest


def _moment(name: str, when: datetime | None) -> datetime | None:
    if not isinstance(when, (datetime, type(None))):
        raise TypeError(
            f"{name} must be a datetime, the time at which things arrived, not {when!r}. For a time "
            "since the beginning, add a timedelta to the received_at of the first event."
        )
    if when is None or when.tzinfo is not None:
        return when
    return when.replace(tzinfo=timezone.utc)
