"""Reads the lines of a recording's files, from a place or within a span."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from attrs import frozen

from kick_live.errors import RecordingError
from kick_live.recording.lines import Line, bare_stamp, stamp_of
from kick_live.recording.reading import parsed, raw_lines, tell_torn
from kick_live.recording.seeking import lines_before, part_within, shifted

__all__ = ["LineSource", "Place"]

#: Read so much before the beginning, so that repetitions and parts of gifts are recognised, and so
#: much around the span, since markers may be written late.
_MARGIN: Final = timedelta(minutes=2)
#: By so many bytes a line is recognised: its time and its channel.
_RECOGNISED: Final = 64


@frozen
class Place:
    """Where a line stands in a recording.

    Attributes:
        file: The number of the file, from 0.
        byte: The byte with which it begins, in what was unpacked.
        beginning: Its first bytes, by which the place is recognised: the file may be another by now.
    """

    file: int
    byte: int
    beginning: bytes


class LineSource:
    """The lines of a recording's files, read once.

    Args:
        paths: The files, in order.
        start: The earliest time that is wanted, or ``None``; some more may come.
        end: The latest, likewise.
        place: Begin with the line that stands there; if it does not any more, with the first.
        skip_damaged: Leave damaged lines out, and count them, instead of raising.
        remember: Of so many lines, those that were read last, it is known where they stand.

    Raises:
        RecordingError: A file is not there, or is no recording.

    Attributes:
        damaged: How many lines were left out because they are damaged.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        place: Place | None = None,
        skip_damaged: bool = False,
        remember: int = 0,
    ) -> None:
        self._paths = paths
        self._start = None if start is None else shifted(start, -_MARGIN)
        self._end = None if end is None else shifted(end, _MARGIN)
        self._skip_damaged = skip_damaged
        self._places: deque[Place] = deque(maxlen=remember)
        self.damaged = 0
        for path in paths:
            for number, line, complete in raw_lines(path, skip_damaged=skip_damaged):
                self._parse(path, number, line, complete, 0)
                break
        self._place = place

    @property
    def place(self) -> Place | None:
        """Where the earliest line stands of those that are remembered; ``None`` before the first."""
        return self._places[0] if self._places else None

    def __iter__(self) -> Iterator[Line]:
        file, begin = self._beginning()
        if begin:
            # What is left out belongs to a session, and a header begins one.
            yield from self._header(self._paths[file])
            yield from self._lines(file, begin, None)
            file += 1
        for number in range(file, len(self._paths)):
            path = self._paths[number]
            begin, end = part_within(path, self._start, self._end)
            if begin:
                yield from self._header(path)
            yield from self._lines(number, begin, end)

    def _beginning(self) -> tuple[int, int]:
        """The file and the byte to begin with."""
        place = self._place
        if place is None or place.file >= len(self._paths):
            return 0, 0
        lines = raw_lines(self._paths[place.file], place.byte, skip_damaged=True)
        _, line, _ = next(lines, (0, b"", False))
        return (place.file, place.byte) if line[:_RECOGNISED] == place.beginning else (0, 0)

    def _header(self, path: Path) -> Iterator[Line]:
        number, raw, complete = next(raw_lines(path))
        header = self._parse(path, number, raw, complete, 0)
        if header is not None:
            yield header

    def _lines(self, file: int, begin: int, end: int | None) -> Iterator[Line]:
        path = self._paths[file]
        first = b"" if self._start is None else bare_stamp(self._start)
        last = b"~" if self._end is None else bare_stamp(self._end)
        reached, byte = b"", begin
        for number, raw, complete in raw_lines(path, begin, end, skip_damaged=self._skip_damaged):
            if self._places.maxlen:
                self._places.append(Place(file, byte, raw[:_RECOGNISED]))
                byte += len(raw) + 1
            when = stamp_of(raw)
            wanted = not when or first <= when <= last
            if complete:
                reached = when or reached
                if not wanted:
                    continue
            line = self._parse(path, number, raw, complete, begin)
            if line is None and not complete:
                before = number - 1 + lines_before(path, begin)
                tell_torn(path, before, reached.decode(errors="replace"))
            elif line is not None and wanted:
                yield line

    def _parse(
        self, path: Path, number: int, raw: bytes, complete: bool, begin: int
    ) -> Line | None:
        """Read a line, whose number counts from a byte on."""
        try:
            return parsed(path, number + 1 if begin else number, raw, complete)
        except RecordingError:
            if self._skip_damaged and (begin or number > 1):
                self.damaged += 1
                return None
            if begin:
                # Only now is it worth counting.
                parsed(path, number + lines_before(path, begin), raw, complete)
            raise
