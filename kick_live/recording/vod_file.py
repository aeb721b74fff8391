"""A recording of a past broadcast's chat, which can be continued after an interruption."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from kick_live.errors import RecordingError
from kick_live.models.video import Video
from kick_live.recording.lines import stamp, stamp_of
from kick_live.recording.reading import raw_lines
from kick_live.recording.vod import VodMessage, VodPosition
from kick_live.recording.writing import RecordingFile

__all__ = ["VodFile"]

_NAME: Final = "App\\Events\\ChatMessageEvent"


class VodFile:
    r"""Writes the chat of a video as a recording, so that all that reads recordings reads it, too.

    Each line is that of a payload, at the time when the message was written, and has two keys more:
    ``offset``, the seconds into the video, and ``video``, its UUID. Opening an existing file mends
    a torn end and finds out where to go on.

    Used by one thread at a time. Close it to bring the rest to the disk.

    Args:
        path: The file, by custom ``*.jsonl``; packed by ``*.jsonl.gz`` or ``*.jsonl.zst``.
        video: Whose chat it holds.

    Attributes:
        position: Where an earlier reading stopped, for ``VodChat(resume=)``; ``None`` in a new file.

    Raises:
        RecordingError: It cannot be written, is being written by another, or holds something else.
        MissingExtra: It is packed with zstd, and zstandard is not installed.

    Example:
        >>> import tempfile
        >>> from kick_live import KickAPI
        >>> from kick_live.recording import VodChat
        >>> made = simulator.channel("amber-quokka").add_video(
        ...     duration=60, messages=[(2.5, "Maple", "hello"), (59, "Fern", "bye")])
        >>> with KickAPI(simulator.endpoints, min_interval=0) as api:
        ...     video = api.video(made["uuid"])
        ...     with VodFile(tempfile.mkdtemp() + "/chat.jsonl", video) as file:
        ...         for message in VodChat(api, video, resume=file.position):
        ...             file.write(message)
        ...     file.position.offset.total_seconds()
        59.0
    """

    def __init__(self, path: str | os.PathLike[str], video: Video) -> None:
        self.path = Path(path)
        self._video = video
        self._file = RecordingFile(self.path)
        try:
            self.position = self._find_position()
        except BaseException:
            self._file.close()
            raise

    def write(self, message: VodMessage) -> None:
        """Add a message; it may stay in memory until ``flush``.

        Raises:
            RecordingError: It cannot be written.
        """
        offset, event = message
        values: dict[str, Any] = {
            "at": stamp(self._video.start_time + offset),
            "channel": event.channel,
            "topic": None,
            "name": _NAME,
            "raw": event.raw,
            "historical": True,
            "offset": offset.total_seconds(),
            "video": self._video.uuid,
        }
        try:
            line = msgspec.json.encode(values)
        except UnicodeError:  # half a surrogate pair
            line = json.dumps(msgspec.to_builtins(values)).encode()
        self._file.write(line + b"\n")
        last = self.position
        same = last.ids if last is not None and last.offset == offset else ()
        self.position = VodPosition(offset=offset, ids=(*same, event.id))

    def flush(self) -> None:
        """Bring everything to the disk; blocks until it is there.

        Raises:
            RecordingError: It cannot be written.
        """
        self._file.flush()

    def close(self) -> None:
        """Bring everything to the disk, and close the file; repeatable.

        Raises:
            RecordingError: The rest cannot be written.
        """
        self._file.close()

    def __enter__(self) -> VodFile:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _find_position(self) -> VodPosition | None:
        last: list[bytes] = []
        when = b""
        for _, line, _ in raw_lines(self.path):
            at = stamp_of(line)
            if not at:
                continue
            if at != when:
                last, when = [], at
            last.append(line)
        if not last:
            return None
        try:
            rows = [json.loads(line) for line in last]
            if {row["video"] for row in rows} == {self._video.uuid}:
                ids = tuple(str(json.loads(row["raw"])["id"]) for row in rows)
                return VodPosition(offset=timedelta(seconds=rows[-1]["offset"]), ids=ids)
        except (KeyError, TypeError, ValueError):
            pass
        raise RecordingError(
            f"{self.path} holds something else than the chat of the video {self._video.uuid}. "
            "Choose another file, or the video that it was begun with.",
            path=str(self.path),
        )
