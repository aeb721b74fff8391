"""The files of a recording that was divided by size or time."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from kick_live.errors import RecordingError
from kick_live.recording.reading import unreadable

__all__ = ["files_of", "next_part", "parts_of"]


def parts_of(path: Path) -> list[Path]:
    """The existing files of a recording in order: the file itself, then ``name.0002.jsonl`` and on.

    Raises:
        OSError: The directory cannot be read.
    """
    stem, ending = _split(path)
    pattern = re.compile(re.escape(stem) + r"\.(\d{4,})" + re.escape(ending))
    numbered = []
    for sibling in path.parent.iterdir():
        match = pattern.fullmatch(sibling.name)
        if match is not None and int(match[1]) >= 2:
            numbered.append((int(match[1]), sibling))
    first = [path] if path.exists() else []
    return first + [part for _, part in sorted(numbered)]


def next_part(path: Path) -> Path:
    """The file that follows the last one of a recording."""
    existing = parts_of(path)
    stem, ending = _split(path)
    number = 2
    if existing and existing[-1] != path:
        number = int(existing[-1].name[len(stem) + 1 : -len(ending) or None]) + 1
    return path.with_name(f"{stem}.{number:04}{ending}")


def _split(path: Path) -> tuple[str, str]:
    """A name before and from its suffixes: ``chat`` and ``.jsonl.gz``."""
    packing = path.suffix if path.suffix.lower() in (".gz", ".gzip", ".zst", ".zstd") else ""
    inner = Path(path.name[: len(path.name) - len(packing)])
    return inner.stem, inner.suffix + packing


def files_of(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    """The files to be read for a recording's path, or for several files, in order.

    Raises:
        RecordingError: None was given, one of them is empty, or the directory cannot be read.
    """
    if not isinstance(path, (str, os.PathLike)):
        files = [Path(each) for each in path]
    else:
        try:
            files = parts_of(Path(path))
        except OSError as error:
            raise unreadable(Path(path), error) from error
        files = files or [Path(path)]
    if not files:
        raise RecordingError("No file was given; pass the path of a recording.")
    for file in files:
        if file.is_file() and not file.stat().st_size:
            raise RecordingError(f"{file} is empty; nothing was recorded in it.", path=str(file))
    return files
