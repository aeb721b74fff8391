"""Finds the part of a file in which a span of time is, without reading all of it."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Final

from kick_live.recording.codecs import codec_by_content
from kick_live.recording.lines import bare_stamp, stamp_of
from kick_live.recording.reading import raw_lines, unreadable

__all__ = ["lines_before", "part_within", "shifted"]

#: A look at a file is taken every so many bytes, or more seldom, so that there are at most so many.
_STEP: Final = 1024 * 1024
_LOOKS: Final = 512
_CHUNK: Final = 16 * 1024
#: By so much may times go back between two looks without anything being missed.
_SLACK: Final = timedelta(minutes=10)


def part_within(path: Path, start: datetime | None, end: datetime | None) -> tuple[int, int | None]:
    """The part of a file that holds what arrived in a span.

    Times mostly rise in a recording, but a clock may be set back, and recordings may be joined in any
    order. So this is no bisection, which would take one wrong time for a proof: it looks at the file in
    even steps, and begins before the first time that is not too early, and ends behind the last that is
    not too late. What a clock that was wrong by more than ten minutes dated into the span is missed
    only where it lies between two looks, both of which are outside.

    Packed files, and those whose lines do not begin with their times, have to be read as a whole.

    Args:
        path: The file.
        start: The earliest time that is wanted, or ``None``.
        end: The latest, or ``None``.

    Returns:
        The byte with which the first line of it begins, and that behind the last, or ``None`` for the
        end of the file.

    Raises:
        RecordingError: The file cannot be read.
    """
    if start is None and end is None:
        return 0, None
    try:
        with path.open("rb") as file:
            if codec_by_content(file.read(8)).packed:
                return 0, None
            looks = _looks(file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise unreadable(path, error) from error
    first, last = 0, len(looks) - 1
    if start is not None:
        earliest = bare_stamp(shifted(start, -_SLACK))
        first = next((n for n, (_, when) in enumerate(looks) if when >= earliest), len(looks))
    if end is not None:
        latest = bare_stamp(shifted(end, _SLACK))
        last = next((n for n in range(last, -1, -1) if looks[n][1] <= latest), 0)
    begin = looks[first - 1][0] if first > 1 else 0
    return begin, max(begin, looks[last + 1][0]) if last + 1 < len(looks) else None


def shifted(when: datetime, by: timedelta) -> datetime:
    """A time in UTC, later by so much, or as far as times go."""
    try:
        return when.astimezone(timezone.utc) + by
    except OverflowError:
        end = datetime.max if by > timedelta() else datetime.min
        return end.replace(tzinfo=timezone.utc)


def lines_before(path: Path, byte: int) -> int:
    """How many lines there are before a byte of a file, counted in what is unpacked.

    Raises:
        RecordingError: The file cannot be read.
    """
    return sum(1 for _ in raw_lines(path, 0, byte, skip_damaged=True)) if byte else 0


def _looks(file: IO[bytes], size: int) -> list[tuple[int, bytes]]:
    """Places at which lines begin, evenly spread, and the times of those lines."""
    step = max(_STEP, size // _LOOKS)
    looks = []
    for at in range(0, size, step):
        look = _look(file, at, min(at + step, size))
        if look is not None:
            looks.append(look)
    return looks


def _look(file: IO[bytes], at: int, limit: int) -> tuple[int, bytes] | None:
    """The first line with a time that begins in a range of bytes: where it begins, and its time."""
    # From one byte earlier, so that a line that begins right here is seen to begin.
    position = max(0, at - 1)
    file.seek(position)
    held, inside = b"", at > 0
    while position < limit and (chunk := file.read(_CHUNK)):
        lines = (held + chunk).split(b"\n")
        start = position - len(held)
        for line in lines[:-1]:
            when = b"" if inside else stamp_of(line)
            if when:
                return (start, when) if start < limit else None
            inside = False
            start += len(line) + 1
        position += len(chunk)
        # Of a long line in whose middle the look was taken nothing is needed.
        held = b"" if inside else lines[-1]
        if not inside and len(held) > _CHUNK and (when := stamp_of(held)):
            return (start, when) if start < limit else None
    return None
