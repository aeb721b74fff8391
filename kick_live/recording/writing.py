"""Writes one file of a recording, and mends what a kill left behind."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import time
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from kick_live.errors import RecordingError
from kick_live.events.base import now
from kick_live.recording.codecs import Codec, Damaged, codec_by_content, codec_by_name, members
from kick_live.recording.lines import header_line, parse_line
from kick_live.recording.locks import lock
from kick_live.recording.reading import check_header, raw_lines

__all__ = ["RecordingFile"]

_logger = logging.getLogger(__name__)

_MEMBER: Final = 8 * 1024 * 1024
_TAIL: Final = 64 * 1024
_FULL: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})


class RecordingFile:
    """A file that is written to its end; used by one thread at a time.

    Opening an existing recording continues it: a torn end is mended first, by cutting an incomplete
    last line off, or, where the file is packed, by packing what can be read of the torn end again.

    Args:
        path: The file; made if there is none. Its suffix says how a new one is packed.

    Attributes:
        path: The file.
        size: Bytes in the file.
        created_at: When the recording in it began.

    Raises:
        RecordingError: It cannot be written, is no recording, or is being written by another.
        MissingExtra: It is packed with zstd, and zstandard is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        codec = codec_by_name(path)
        try:
            self._file = self._open()
            try:
                self.created_at, codec = self._prepare(codec)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise self._failure(error) from error
        self._codec: Codec = codec
        self._packer = codec.packer()
        self._in_member = 0
        self._opened = time.monotonic()
        self.size = self._file.seek(0, os.SEEK_END)
        try:
            self.write(header_line(now()))
            self.flush()
        except RecordingError:
            self._file.close()
            raise

    def _open(self) -> IO[bytes]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        if not lock(descriptor):
            os.close(descriptor)
            raise RecordingError(
                f"{self.path} is being written by another recorder. Choose another path, or stop "
                "the other one.",
                path=str(self.path),
            )
        return os.fdopen(descriptor, "r+b", buffering=0)

    def _prepare(self, codec: Codec) -> tuple[datetime, Codec]:
        """Look at what the file holds, and mend its end."""
        beginning = self._file.read(8)
        if not beginning.strip(b"\0") and self._is_blank():
            self._file.truncate(0)
            return now(), codec
        codec = codec_by_content(beginning)
        if not codec.packed and not self._file.seek(0, os.SEEK_END):
            return now(), codec
        first = next(raw_lines(self.path), None)
        if first is None:
            # Killed before even the header was written: there is nothing to keep.
            self._file.truncate(0)
            return now(), codec_by_name(self.path)
        number, line, complete = first
        if not complete and number == 1 and b'{"kick_live_recording"'.startswith(line[:22]):
            self._file.truncate(0)
            return now(), codec_by_name(self.path)
        header = check_header(self.path, line)
        if codec.packed:
            self._mend_packed(codec)
        else:
            self._mend_plain()
        return header.created_at or now(), codec

    def _is_blank(self) -> bool:
        """Whether there is nothing in the file, or zeros, as some systems leave after a power cut."""
        size = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        return all(not self._file.read(_TAIL).strip(b"\0") for _ in range(0, size, _TAIL))

    def _mend_plain(self) -> None:
        size = self._file.seek(0, os.SEEK_END)
        tail, start = b"", size
        while start > 0 and b"\n" not in tail:
            step = min(_TAIL, start)
            start -= step
            self._file.seek(start)
            tail = self._file.read(step) + tail
        torn = tail[tail.rfind(b"\n") + 1 :]
        if not torn:
            return
        try:
            parse_line(torn)
        except ValueError:
            _logger.info("%s ended in the middle of a line, which was cut off", self.path)
            self._file.truncate(size - len(torn))
            return
        self._file.seek(0, os.SEEK_END)
        self._write_all(b"\n")

    def _mend_packed(self, codec: Codec) -> None:
        self._file.seek(0)
        sound, torn, damaged = 0, bytearray(), False
        try:
            for data, end in members(self._file, codec):
                torn += data
                if end is not None:
                    sound, torn = end, bytearray()
        except Damaged as error:
            damaged = True
            _logger.warning("%s is damaged behind byte %d: %s", self.path, sound, error)
        if sound == self._file.seek(0, os.SEEK_END):
            return
        # The file is replaced as a whole, so that a kill while mending loses nothing.
        packer = codec.packer()
        kept = bytes(torn[: torn.rfind(b"\n") + 1])
        mended = self.path.with_name(self.path.name + ".mended")
        try:
            with mended.open("wb") as file:
                self._file.seek(0)
                left = sound
                while left > 0 and (chunk := self._file.read(min(left, _MEMBER))):
                    file.write(chunk)
                    left -= len(chunk)
                if kept:
                    file.write(packer.compress(kept) + packer.finish())
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            mended.unlink(missing_ok=True)
            raise
        self._file.close()
        if damaged:
            # More than a kill can do: what lies behind may be worth an expert's look.
            self._keep_aside(self.path.with_name(f"{self.path.name}.damaged-{sound}"))
        mended.replace(self.path)
        self._file = self._open()
        _logger.info("%s ended in the middle of a member, which was packed again", self.path)

    def _keep_aside(self, name: Path) -> None:
        """Give the file a second name, so that it never has none; or another, where that is all."""
        try:
            os.link(self.path, name)
        except FileExistsError:  # killed right after that, the last time
            pass
        except OSError:
            self.path.replace(name)

    @property
    def age(self) -> float:
        """Seconds since the recording in it began; a clock that is set back makes it no younger."""
        by_the_clock = (now() - self.created_at).total_seconds()
        return max(by_the_clock, time.monotonic() - self._opened)

    def write(self, data: bytes) -> None:
        """Add whole lines; what is packed may stay in memory until ``flush``.

        Raises:
            RecordingError: They cannot be written. Plain lines that could be stay; of packed ones
                the file is left as it was before.
        """
        self._in_member += len(data)
        self._add(self._packer.compress(data))
        if self._codec.packed and self._in_member >= _MEMBER:
            # A damaged byte costs no more than a member, and a torn one is mended in memory.
            self._add(self._packer.finish())
            self._packer, self._in_member = self._codec.packer(), 0

    def flush(self) -> None:
        """Bring everything to the disk; blocks until it is there.

        Raises:
            RecordingError: It cannot be written.
        """
        self._add(self._packer.sync() if self._in_member else b"")
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Bring everything to the disk, and close the file; repeatable.

        Raises:
            RecordingError: The rest cannot be written.
        """
        if self._file.closed:
            return
        try:
            if self._in_member:
                self._add(self._packer.finish())
            self._in_member = 0
            self.flush()
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close the file after a failure, as it is."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _add(self, data: bytes) -> None:
        if not data:
            return
        try:
            self._file.seek(0, os.SEEK_END)
            self._write_all(data)
        except OSError as error:
            with contextlib.suppress(OSError):
                if not self._codec.packed:
                    written = max(0, self._file.tell() - self.size)
                    self.size += data.rfind(b"\n", 0, written) + 1
                self._file.truncate(self.size)
            raise self._failure(error) from error
        self.size += len(data)

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]

    def _failure(self, error: OSError) -> RecordingError:
        if error.errno in _FULL:
            advice = (
                "The disk is full, or a limit is reached. Free some space, then record to the same "
                "path again: it is continued"
            )
        else:
            advice = "Check the path, the permissions and the disk"
        return RecordingError(
            f"{self.path} cannot be written ({error.strerror or error}). {advice}; nothing that is "
            "in the file is lost.",
            path=str(self.path),
        )
