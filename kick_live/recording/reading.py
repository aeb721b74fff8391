"""Reads the lines of one file of a recording."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kick_live.errors import RecordingError
from kick_live.recording.codecs import Damaged, codec_by_content, members
from kick_live.recording.lines import VERSION, Line, parse_line
from kick_live.recording.locks import is_claimed

__all__ = [
    "EVENTS_ONLY",
    "SKIP_DAMAGED",
    "check_header",
    "holds_events",
    "parsed",
    "raw_lines",
    "tell_torn",
    "unreadable",
]

_logger = logging.getLogger(__name__)

#: What to do about damage, for those who write programs.
SKIP_DAMAGED: Final = "pass skip_damaged=True"
#: What is said of a file in which ``holds_events`` finds some.
EVENTS_ONLY: Final = (
    "holds events for programs, as --json and export write them, and is no recording: what Kick sent "
    "is not in it. Recordings are made by kick-live record, or by Recorder in a program."
)
_EVENT: Final = re.compile(rb'\s*\{\s*"(?:type|message_id)"\s*:')
_CHUNK: Final = 256 * 1024
_HEADER: Final = b'"kick_live_recording"'
#: Within so many bytes a header says that it is one.
_BEGINNING: Final = 200


class _Torn(Exception):
    """The file ends before what was packed last does."""


def unreadable(path: Path, error: OSError) -> RecordingError:
    """The error for a file that cannot be opened or read."""
    reason = error.strerror or str(error)
    return RecordingError(
        f"{path} cannot be read ({reason}). Check the path and the permissions.", path=str(path)
    )


def raw_lines(
    path: Path, begin: int = 0, end: int | None = None, *, skip_damaged: bool = False
) -> Iterator[tuple[int, bytes, bool]]:
    """The lines of a file, unpacked, without reading what they say.

    A file may end anywhere, as after a kill. Where it ends in the middle, of a line or of what was
    packed together, the last line is not complete; it may be empty then.

    Args:
        path: The file.
        begin: The byte with which the first line begins, in what is unpacked.
        end: The byte behind the last line, likewise; ``None`` for the end of the file.
        skip_damaged: Whether packed bytes that are damaged end the file instead of raising.

    Yields:
        The line's number, counted from 1 where the reading begins, the line without its end, and whether it is complete.

    Raises:
        RecordingError: The file cannot be read, or is damaged.
        MissingExtra: The file is packed with zstd, and zstandard is not installed.
    """
    number, rest, torn = 0, b"", False
    try:
        for chunk in _chunks(path, begin, end):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            for line in lines:
                number += 1
                yield number, line, True
    except OSError as error:
        raise unreadable(path, error) from error
    except _Torn:
        torn = True
    except Damaged as error:
        if not skip_damaged:
            raise RecordingError(
                f"{path} is damaged after line {number}: {error}. Everything before it is intact; "
                f"{SKIP_DAMAGED} to read that.",
                path=str(path),
                line=number + 1,
            ) from error
        _logger.warning("%s is damaged after line %d: %s", path, number, error)
    if rest or torn:
        yield number + 1, rest, False


def _chunks(path: Path, begin: int, end: int | None) -> Iterator[bytes]:
    with path.open("rb") as file:
        codec = codec_by_content(file.read(8))
        if not codec.packed:
            file.seek(begin)
            left = _CHUNK if end is None else end - begin
            while chunk := file.read(min(_CHUNK, left)):
                left -= 0 if end is None else len(chunk)
                yield chunk
            return
        file.seek(0)
        whole, at = True, 0
        for data, member_end in members(file, codec):
            whole = member_end is not None
            before, at = at, at + len(data)
            if at > begin:
                yield data[max(0, begin - before) : None if end is None else end - before]
            if end is not None and at >= end:
                return
        if not whole:
            raise _Torn


def is_recording(path: Path) -> bool:
    """Whether a file is there and begins as a recording does, packed or not."""
    try:
        line = _first_line(path)
        return parse_line(line).is_header or newer_version(line) is not None
    except (RecordingError, ValueError):
        return False


def holds_events(path: Path) -> bool:
    """Whether a file begins with an event as ``--json`` and exports write them, packed or not."""
    try:
        return _EVENT.match(_first_line(path)) is not None
    except RecordingError:
        return False


def _first_line(path: Path) -> bytes:
    if not path.is_file():  # a pipe would be emptied by looking into it
        return b""
    return next(raw_lines(path), (0, b"", False))[1]


def check_header(path: Path, line: bytes, number: int = 1) -> Line:
    """Read the first line of a file, or of a later session in it.

    Raises:
        RecordingError: It does not begin a recording, or one of a newer format.
    """
    try:
        header = parse_line(line)
    except ValueError:
        header = Line()
    version = header.kick_live_recording or newer_version(line)
    if version is None and _EVENT.match(line):
        raise RecordingError(f"{path} {EVENTS_ONLY}", path=str(path), line=1)
    if version is None:
        raise RecordingError(
            f"{path} is no recording of kick_live: its first line is not a header. Choose another "
            'file; a recording begins with {"kick_live_recording": 1, ...}.',
            path=str(path),
            line=1,
        )
    if version > VERSION:
        raise RecordingError(
            f"{path} was written in version {version} of the format; this library reads up to "
            f"version {VERSION}. Upgrade kick-live.",
            path=str(path),
            line=number,
        )
    return header


def newer_version(line: bytes) -> int | None:
    """The version of a header that is newer than this library, whatever else is in the line."""
    if _HEADER not in line[:_BEGINNING]:
        return None
    try:
        values = json.loads(line)
        version = values.get("kick_live_recording") if isinstance(values, dict) else None
    except (ValueError, RecursionError):
        return None
    return version if isinstance(version, int) and version > VERSION else None


def tell_torn(path: Path, number: int, last: str) -> None:
    """Log a warning that a file ends in the middle, unless a recorder is still writing it.

    Args:
        path: The file.
        number: How many complete lines there were.
        last: The time of the last that had one, as it stands in the file; may be empty.
    """
    if is_claimed(path):
        return
    when = f" ({last[:10]} {last[11:19]} UTC)" if last else ""
    _logger.warning(
        "%s ends in the middle, after line %d%s: everything up to there is read. Either it is a copy "
        "that is not complete, then copy it again; or its recorder was killed, then this is all "
        "there is.",
        path,
        number,
        when,
    )


def parsed(path: Path, number: int, line: bytes, complete: bool) -> Line | None:
    """Read a line.

    Returns:
        The line, or ``None`` for an empty one and for the torn end of a file.

    Raises:
        RecordingError: It is no line of a recording.
    """
    if number == 1:
        if not line and not complete:
            raise RecordingError(
                f"{path} ends before its first line does. Either it is a copy that is not complete, "
                "then copy it again; or its recorder was killed before anything was written.",
                path=str(path),
                line=1,
            )
        return check_header(path, line)
    if not line:
        return None
    try:
        read = parse_line(line)
        if read.is_header:
            return check_header(path, line, number)
        if read.is_payload or read.is_marker:
            return read
        reason = "neither a payload nor a marker"
    except ValueError as error:
        if newer_version(line):
            check_header(path, line, number)
        reason = str(error)
    if not complete:
        return None
    raise RecordingError(
        f"{path}, line {number}, is damaged: {reason}. The lines before and after it may be intact; "
        f"{SKIP_DAMAGED} to read them.",
        path=str(path),
        line=number,
    )
